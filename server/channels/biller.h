// A contract with a bank that asks and pays over its own protocol, from the request's parameters to
// the answer's bytes. Threading: immutable; Answer() blocks for as long as the core takes.
#ifndef LADON_SERVER_CHANNELS_BILLER_H_
#define LADON_SERVER_CHANNELS_BILLER_H_

#include <memory>
#include <string>

#include "server/channels/core.h"
#include "server/channels/protocol.h"

namespace ladon::channels {

struct BillerAnswer {
  std::string body;
  Verdict verdict = Verdict::kOk;
  Verb verb = Verb::kCheck;
  std::string fault;
};

class Biller {
 public:
  // `token`: of the checksum that every request must bring (callback_signature.h); empty: none.
  Biller(Asked asked, std::unique_ptr<Protocol> protocol, std::string token)
      : asked_(std::move(asked)), protocol_(std::move(protocol)), token_(std::move(token)) {}

  [[nodiscard]] BillerAnswer Answer(const Core& core, const QueryParameters& parameters) const;
  // Of a request that could not be read at all.
  [[nodiscard]] BillerAnswer Refuse(Verdict verdict) const;
  [[nodiscard]] Charset charset() const { return asked_.charset; }
  [[nodiscard]] const std::string& contract() const { return asked_.contract; }

 private:
  Asked asked_;
  std::unique_ptr<Protocol> protocol_;
  std::string token_;
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_BILLER_H_

// Reads the parameters of a request one by one. The first thing that is wrong is the verdict; what
// follows is still read as far as it can be, for the answer names the payment. Internal to the
// protocols. Threading: plain values.
#ifndef LADON_SERVER_CHANNELS_READER_H_
#define LADON_SERVER_CHANNELS_READER_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "server/channels/protocol.h"

namespace ladon::channels {

class Reader {
 public:
  explicit Reader(const QueryParameters& parameters) : parameters_(parameters) {}

  // nullopt: missing, twice, or longer than any value may be.
  [[nodiscard]] std::optional<std::string> Value(std::string_view name) const;
  [[nodiscard]] bool Has(std::string_view name) const;

  // Each sets the verdict when what is there is wrong; `needed`: also when there is nothing.
  [[nodiscard]] std::string PaymentId(std::string_view name, bool needed);
  [[nodiscard]] std::optional<int64_t> Amount(std::string_view name, bool needed);
  // `form` has the digits of Y, m, d, H, M and S at their places, as "YYYYmmddHHMMSS"; every other
  // sign stands for itself.
  [[nodiscard]] std::optional<absl::Time> Date(std::string_view name, std::string_view form,
                                               const absl::TimeZone& zone, bool needed);
  // What was typed; what is there, fits the pattern and is no account is not refused: see Question.
  [[nodiscard]] std::string Account(std::string_view name, const re2::RE2* pattern,
                                    std::optional<base::PaymentAccount>* account);

  void Fail(Verdict verdict) {
    if (verdict_ == Verdict::kOk) verdict_ = verdict;
  }
  [[nodiscard]] Verdict verdict() const { return verdict_; }

 private:
  const QueryParameters& parameters_;
  Verdict verdict_ = Verdict::kOk;
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_READER_H_

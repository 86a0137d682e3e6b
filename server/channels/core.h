// Asks the core what a bank wants to know, and says what came of it in the channels' own words.
//
// Nothing is kept here: an answer is made of what the core has written down. What is not known to
// be decided (the core is away, busy, or did not answer in time) is kTemporary, and its repeat asks
// again. Threading: any thread; Ask() blocks for at most kAskTimeout.
#ifndef LADON_SERVER_CHANNELS_CORE_H_
#define LADON_SERVER_CHANNELS_CORE_H_

#include <chrono>
#include <string>

#include "ladon/v1/channel_service.pb.h"
#include "server/channels/protocol.h"
#include "server/client/call.h"

namespace ladon::channels {

// Banks wait for 60 s; a child's parent does not.
inline constexpr std::chrono::milliseconds kAskTimeout{10'000};

// What a repeated payment is answered.
enum class Repeat : uint8_t {
  kSame,   // The same bytes as the first time.
  kCode8,  // The channel's own code for what was booked before, with the first ids and sum.
};

struct Asked {
  std::string contract;  // As the core knows it.
  Charset charset = Charset::kUtf8;
  Repeat repeat = Repeat::kSame;
};

class Core {
 public:
  explicit Core(client::ChannelPtr channel) : channel_(std::move(channel)) {}

  [[nodiscard]] Reply Ask(const Asked& asked, const Question& question) const;

  // One attempt each; the status is the server's or gRPC's own.
  template <class Request, class Response>
  [[nodiscard]] grpc::Status Call(const Request& request, Response* response) const {
    return client::Call(channel_, request, response, kAskTimeout);
  }

 private:
  [[nodiscard]] Reply Check(const Asked& asked, const Question& question) const;
  [[nodiscard]] Reply Pay(const Asked& asked, const Question& question) const;
  [[nodiscard]] Reply Status(const Asked& asked, const Question& question) const;
  [[nodiscard]] Reply Cancel(const Asked& asked, const Question& question) const;

  client::ChannelPtr channel_;
};

// What a refused call comes to. Of a definite one the reason tells; anything else is kTemporary.
[[nodiscard]] Verdict VerdictOf(const grpc::Status& status);
// What a verdict is called to a payer, in Russian; the same for the same verdict, always.
[[nodiscard]] std::string CommentOf(Verdict verdict);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_CORE_H_

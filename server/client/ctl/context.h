// What every command of ladonctl shares: global options, the channel, calls, outcomes, printing.
//
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_CTL_CONTEXT_H_
#define LADON_SERVER_CLIENT_CTL_CONTEXT_H_

#include <google/protobuf/message.h>

#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/base/messages.h"
#include "server/client/connection.h"

namespace ladon::ctl {

using Json = nlohmann::ordered_json;

// The exit codes, stable for scripts.
enum ExitCode : int { kDone = 0, kRefused = 1, kUsage = 2, kNoAnswer = 3, kLocalTrouble = 4 };

// A list longer than this is cut off with a message: no school or region is so large.
inline constexpr int kPagesMax = 1'000;
inline constexpr int kPageSize = 1'000;

class Context {
 public:
  Context(base::Language language, std::ostream* out, std::ostream* err)
      : language_(language), out_(out), err_(err) {}

  client::ConnectionOptions connection;
  bool json = false;
  int timeout_ms = 10'000;
  std::string request_id_hex;   // empty: drawn at random
  std::function<int()> action;  // the command that was chosen

  [[nodiscard]] base::Language language() const { return language_; }
  [[nodiscard]] std::string Say(std::string_view key,
                                std::initializer_list<std::string_view> arguments = {}) const {
    return base::Text(key, language_, arguments);
  }
  [[nodiscard]] std::string Money(int64_t kopecks) const {
    return base::FormatKopecks(kopecks, language_);
  }

  // The request id of a mutating call: the one given, or 16 random bytes.
  [[nodiscard]] std::string RequestId() const;

  // One call; trouble is printed and becomes the exit code.
  int Call(const google::protobuf::Message& request, google::protobuf::Message* response);
  // The same, patiently (client::CallPatiently), and nothing is printed. OpenChannel() comes first.
  grpc::Status CallPatiently(const google::protobuf::Message& request,
                             google::protobuf::Message* response) const;

  // All pages of a list; `take` gets each response.
  template <class Response, class Request, class Take>
  int List(Request request, Take take) {
    request.set_page_size(kPageSize);
    for (int page = 0; page < kPagesMax; ++page) {
      Response response;
      if (const int code = Call(request, &response); code != kDone) return code;
      take(response);
      if (response.next_page_token().empty()) return kDone;
      request.set_page_token(response.next_page_token());
    }
    return Fail(absl::ResourceExhaustedError("the list has too many pages"));
  }

  // Good after OpenChannel().
  [[nodiscard]] const client::ChannelPtr& channel() const { return channel_; }
  // Connects once. kLocalTrouble: the identity is not usable.
  int OpenChannel();
  // Prints a refusal or an unknown fate, with what to do; `request_id` is empty for queries.
  // `repeat` is the command that repeats the call, where that is not the same one with
  // --request-id.
  int Report(const grpc::Status& status, const std::string& request_id,
             const std::string& repeat = "");
  // Prints trouble on this machine: kLocalTrouble, or kUsage for InvalidArgument.
  int Fail(const absl::Status& status);
  int Usage(const std::string& sentence);
  // One of the two, as --json says. Returns kDone.
  int Print(const Json& machine, const std::string& people);
  [[nodiscard]] std::ostream& err() const { return *err_; }

 private:
  const base::Language language_;
  std::ostream* const out_;
  std::ostream* const err_;
  client::ChannelPtr channel_;
};

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_CONTEXT_H_

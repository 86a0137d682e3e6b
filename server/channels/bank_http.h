// The line to a bank's order API, or to whoever listens for events: one HTTP request, one bounded
// answer.
//
// Redirections are not followed, certificates are verified, no answer is longer than
// kBankAnswerBytesMax. What was sent may have been done though no answer came, so a failure here
// never means that nothing happened. Threading: any thread; a request blocks for about
// kBankTimeout at each of its steps.
#ifndef LADON_SERVER_CHANNELS_BANK_HTTP_H_
#define LADON_SERVER_CHANNELS_BANK_HTTP_H_

#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/channels/bank_url.h"

namespace ladon::channels {

inline constexpr std::chrono::seconds kBankTimeout{10};

struct BankHttpOptions {
  BankUrl url;
  std::string ca_file;  // Whom to trust; empty: whom the system does.
  std::string user;     // Of HTTP Basic; empty: none.
  std::string password;
};

struct BankAnswer {
  int status = 0;
  std::string body;
};

using Form = std::vector<std::pair<std::string, std::string>>;

class BankHttp {
 public:
  explicit BankHttp(BankHttpOptions options) : options_(std::move(options)) {}
  BankHttp(const BankHttp&) = delete;
  BankHttp& operator=(const BankHttp&) = delete;

  // `path` stands behind the bank's own. Unavailable: no whole answer, for whatever reason.
  [[nodiscard]] absl::StatusOr<BankAnswer> PostForm(const std::string& path, const Form& form);
  [[nodiscard]] absl::StatusOr<BankAnswer> PostJson(const std::string& path, std::string body,
                                                    const Form& headers = {});
  [[nodiscard]] absl::StatusOr<BankAnswer> Get(const std::string& path);

  // Ends what is under way and what comes later, each with Unavailable. Idempotent.
  void Interrupt();
  [[nodiscard]] const BankUrl& url() const { return options_.url; }

 private:
  struct Content {
    std::string type;
    std::string body;
    Form headers;
  };
  [[nodiscard]] absl::StatusOr<BankAnswer> Send(const char* method, const std::string& path,
                                                Content content);
  // Remembers a connection so that Interrupt() finds it; Release() forgets what this returned.
  int Hold(int socket);
  void Release(const std::vector<int>& held);

  const BankHttpOptions options_;
  std::mutex mutex_;
  bool interrupted_ = false;
  std::set<int> held_;  // Descriptors of our own for the sockets of requests under way.
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_BANK_HTTP_H_

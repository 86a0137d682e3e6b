#include "server/channels/bank_http.h"

#include <fcntl.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

#include "server/channels/bank_json.h"

namespace ladon::channels {
namespace {

std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      out += c;
    } else {
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return out;
}

}  // namespace

absl::StatusOr<BankAnswer> BankHttp::PostForm(const std::string& path, const Form& form) {
  std::string body;
  for (const auto& [name, value] : form) {
    if (!body.empty()) body += '&';
    body.append(PercentEncoded(name)).append("=").append(PercentEncoded(value));
  }
  return Send("POST", path, {"application/x-www-form-urlencoded", std::move(body), {}});
}

absl::StatusOr<BankAnswer> BankHttp::PostJson(const std::string& path, std::string body,
                                              const Form& headers) {
  return Send("POST", path, {"application/json", std::move(body), headers});
}

absl::StatusOr<BankAnswer> BankHttp::Get(const std::string& path) {
  return Send("GET", path, {});
}

absl::StatusOr<BankAnswer> BankHttp::Send(const char* method, const std::string& path,
                                          Content content) {
  httplib::Client client(options_.url.origin);
  if (!options_.ca_file.empty()) client.set_ca_cert_path(options_.ca_file);
  client.set_connection_timeout(kBankTimeout);
  client.set_read_timeout(kBankTimeout);
  client.set_write_timeout(kBankTimeout);
  client.set_tcp_nodelay(true);
  if (!options_.user.empty()) client.set_basic_auth(options_.user, options_.password);
  std::vector<int> held;
  client.set_socket_options([&](int socket) { held.push_back(Hold(socket)); });

  httplib::Request request;
  request.method = method;
  request.path = options_.url.path + path;
  request.body = std::move(content.body);
  if (!content.type.empty()) request.set_header("Content-Type", content.type);
  for (const auto& [name, value] : content.headers) request.set_header(name.c_str(), value);
  BankAnswer answer;
  request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
    if (answer.body.size() + size > kBankAnswerBytesMax) return false;
    answer.body.append(data, size);
    return true;
  };
  const httplib::Result result = client.send(request);
  Release(held);
  if (!result) {
    return absl::UnavailableError("bank: no answer (" + httplib::to_string(result.error()) + ")");
  }
  answer.status = result->status;
  return answer;
}

int BankHttp::Hold(int socket) {
  // A descriptor of our own: the library may close its own, and its number may be another's by the
  // time that Interrupt() comes.
  const int own = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  const std::lock_guard lock(mutex_);
  if (own >= 0) held_.insert(own);
  // Also of a request that begins when all is over: it fails at once.
  if (interrupted_) shutdown(socket, SHUT_RDWR);
  return own;
}

void BankHttp::Release(const std::vector<int>& held) {
  const std::lock_guard lock(mutex_);
  for (const int own : held) {
    if (held_.erase(own) > 0) close(own);
  }
}

void BankHttp::Interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  for (const int own : held_) shutdown(own, SHUT_RDWR);
}

}  // namespace ladon::channels

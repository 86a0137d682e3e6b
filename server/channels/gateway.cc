#include "server/channels/gateway.h"

#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "server/client/trace.h"

namespace ladon::channels {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kNotFound = 404;
constexpr int kAddressTooLong = 414;
constexpr int kFirstRefusal = 400;
constexpr int kConnectionsWaitingMax = 512;

// The library lets five connections wait, which fifteen banks' lines at once are more than.
class HttpServer final : public httplib::Server {
 public:
  void LetWait(int connections) { ::listen(svr_sock_, connections); }
};

// How many parameters stand in "a=1&b=2".
size_t CountOf(std::string_view query) {
  size_t count = 0;
  while (!query.empty()) {
    const size_t end = query.find('&');
    if (end != 0) ++count;
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return count;
}

HttpRequest RequestOf(const httplib::Request& from) {
  HttpRequest request{.posted = from.method == "POST",
                      .parameters = {from.params.begin(), from.params.end()},
                      .body = from.body,
                      .signature = from.get_header_value("Signature"),
                      .visitor = {.address = from.remote_addr,
                                  .authorization = from.get_header_value("Authorization"),
                                  .real_address = from.get_header_value("X-Real-IP"),
                                  .certificate_verdict = from.get_header_value("X-Client-Verify"),
                                  .certificate_dn = from.get_header_value("X-Client-DN")}};
  const size_t mark = from.target.find('?');
  size_t sent =
      mark == std::string::npos ? 0 : CountOf(std::string_view(from.target).substr(mark + 1));
  const std::string type = from.get_header_value("Content-Type");
  if (type.rfind("application/x-www-form-urlencoded", 0) == 0) sent += CountOf(from.body);
  request.parameters_whole = sent == request.parameters.size();
  return request;
}

void Send(const HttpAnswer& answer, httplib::Response* to) {
  to->status = answer.status;
  for (const auto& [name, value] : answer.headers) to->set_header(name, value);
  to->set_content(answer.body, answer.content_type);
}

}  // namespace

class Gateway::Impl {
 public:
  explicit Impl(Options options) : options_(std::move(options)) {}
  ~Impl() { Stop(); }

  absl::Status Start() {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_payload_max_length(kBodyBytesMax);
    server_.set_read_timeout(kSilenceMax);
    server_.set_write_timeout(kSilenceMax);
    constexpr size_t kRequestsOfAConnectionMax = 1'000;
    server_.set_keep_alive_max_count(kRequestsOfAConnectionMax);
    server_.set_tcp_nodelay(true);
    const auto serve = [this](const httplib::Request& request, httplib::Response& response) {
      Serve(request, &response);
    };
    server_.Get("/.*", serve);
    server_.Post("/.*", serve);
    server_.set_error_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (response.body.empty()) Refuse(request, &response);
    });
    const bool any = options_.port == 0;
    port_ = any ? server_.bind_to_any_port(options_.host) : options_.port;
    if (any ? port_ <= 0 : !server_.bind_to_port(options_.host, port_)) {
      return absl::UnavailableError("cannot listen on " + options_.host + ":" +
                                    std::to_string(options_.port) +
                                    ": no address of this machine, or another program has it");
    }
    server_.LetWait(kConnectionsWaitingMax);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // Stop() before that is forgotten.
    return absl::OkStatus();
  }

  void Stop() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] int port() const { return port_; }

 private:
  [[nodiscard]] const Endpoint* Find(const std::string& path) const {
    const auto it = options_.endpoints.find(path);
    return it == options_.endpoints.end() ? nullptr : it->second.get();
  }

  void Serve(const httplib::Request& request, httplib::Response* response) {
    const Clock::time_point begin = Clock::now();
    const client::TraceScope trace;  // The core is asked on this thread.
    const Endpoint* const endpoint = Find(request.path);
    if (endpoint == nullptr)
      return Answer(nullptr, {.status = kNotFound, .body = "not found\n"}, begin, response);
    Answer(endpoint, endpoint->Serve(RequestOf(request)), begin, response);
  }

  void Refuse(const httplib::Request& request, httplib::Response* response) {
    const Clock::time_point begin = Clock::now();
    if (const Endpoint* const endpoint = Find(request.path); endpoint != nullptr) {
      return Answer(endpoint, endpoint->Refuse(response->status), begin, response);
    }
    // Of an address that is too long nothing is known, nor who sent it: every bank finds its own
    // code in this, and reads it only with a status of success.
    if (response->status == kAddressTooLong) {
      return Answer(nullptr,
                    {.status = 200,
                     .content_type = "text/xml; charset=utf-8",
                     .body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><response><result>300"
                             "</result><CODE>300</CODE></response>",
                     .verdict = "address-too-long"},
                    begin, response);
    }
    Answer(nullptr, {.status = std::max(response->status, kFirstRefusal), .body = "refused\n"},
           begin, response);
  }

  void Answer(const Endpoint* endpoint, const HttpAnswer& answer, Clock::time_point begin,
              httplib::Response* response) {
    Send(answer, response);
    if (!options_.on_answer) return;
    options_.on_answer({.contract = endpoint == nullptr ? std::string() : endpoint->contract(),
                        .verb = answer.verb,
                        .verdict = answer.verdict,
                        .fault = answer.fault,
                        .trace = client::TraceScope::current(),
                        .status = answer.status,
                        .took = Clock::now() - begin});
  }

  const Options options_;
  HttpServer server_;
  int port_ = 0;
  std::thread thread_;
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::~Gateway() = default;

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(Options options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (absl::Status s = impl->Start(); !s.ok()) return s;
  return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

int Gateway::port() const {
  return impl_->port();
}

void Gateway::Stop() {
  impl_->Stop();
}

}  // namespace ladon::channels

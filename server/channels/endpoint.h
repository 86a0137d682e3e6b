// What answers at one path of the gateway. Requests and answers are plain values here, so that an
// endpoint is tried without a network. Threading: Serve() and Refuse() from any thread, at once.
#ifndef LADON_SERVER_CHANNELS_ENDPOINT_H_
#define LADON_SERVER_CHANNELS_ENDPOINT_H_

#include <string>
#include <utility>
#include <vector>

#include "server/channels/guard.h"
#include "server/channels/protocol.h"

namespace ladon::channels {

struct HttpRequest {
  bool posted = false;
  QueryParameters parameters;  // Of the address and, of a form, of the body.
  // Whether the count of parameters is that of what was sent: two of one name and value are one.
  bool parameters_whole = true;
  std::string body;
  std::string signature;  // Of the header that webhooks are signed in.
  Visitor visitor;
};

struct HttpAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // For the log: what was asked and what came of it, in words of ours.
  std::string verb;
  std::string verdict;
  std::string fault;
};

class Endpoint {
 public:
  virtual ~Endpoint() = default;
  [[nodiscard]] virtual HttpAnswer Serve(const HttpRequest& request) const = 0;
  // Of a request for this path that HTTP itself could not take (its status: 4xx or 5xx).
  [[nodiscard]] virtual HttpAnswer Refuse(int status) const = 0;
  // The contract, for the log.
  [[nodiscard]] virtual const std::string& contract() const = 0;
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_ENDPOINT_H_

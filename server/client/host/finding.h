// What `ladonctl doctor` found: one thing that is wrong or risky, what it means and how it is
// mended. Threading: plain values.
#ifndef LADON_SERVER_CLIENT_HOST_FINDING_H_
#define LADON_SERVER_CLIENT_HOST_FINDING_H_

#include <string>
#include <utility>
#include <vector>

namespace ladon::host {

enum class Severity {
  kNote,     // Works; an officer would ask about it.
  kWarning,  // Works today.
  kError,    // The server does not start, or what it must not lose or show is open.
};

struct Finding {
  std::string id;  // The catalogue has "doctor.<id>", what it is, and "doctor.<id>.cure".
  Severity severity = Severity::kError;
  std::vector<std::string> arguments;  // Of both texts; none is personal or secret.
};

class Findings {
 public:
  void Error(std::string id, std::vector<std::string> arguments = {}) {
    all_.push_back({std::move(id), Severity::kError, std::move(arguments)});
  }
  void Warning(std::string id, std::vector<std::string> arguments = {}) {
    all_.push_back({std::move(id), Severity::kWarning, std::move(arguments)});
  }
  void Note(std::string id, std::vector<std::string> arguments = {}) {
    all_.push_back({std::move(id), Severity::kNote, std::move(arguments)});
  }
  [[nodiscard]] const std::vector<Finding>& all() const { return all_; }

 private:
  std::vector<Finding> all_;
};

}  // namespace ladon::host

#endif  // LADON_SERVER_CLIENT_HOST_FINDING_H_

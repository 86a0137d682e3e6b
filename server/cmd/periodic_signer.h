// Signs what has become durable, once in a while as long as there is any.
//
// A disk that takes no checkpoint is told once, until one is kept again; a tree that does not
// continue what was signed is fatal, and nothing more is signed.
// Threading: a thread of its own from the constructor to the destructor; the callbacks run on it.
#ifndef LADON_SERVER_CMD_PERIODIC_SIGNER_H_
#define LADON_SERVER_CMD_PERIODIC_SIGNER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "ledger/checkpointer.h"

namespace ladon {

class PeriodicSigner {
 public:
  struct Options {
    ledger::Checkpointer* checkpointer = nullptr;
    std::chrono::seconds every{1};
    // Told the newest note each time, new or not. May be empty.
    std::function<void(const std::string& note)> on_signed;
    std::function<void(const absl::Status&)> on_not_kept;
    std::function<void(const absl::Status&)> on_fatal;
  };

  explicit PeriodicSigner(Options options);
  ~PeriodicSigner();
  PeriodicSigner(const PeriodicSigner&) = delete;
  PeriodicSigner& operator=(const PeriodicSigner&) = delete;

 private:
  void Run();

  const Options options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool told_ = false;  // The thread's own.
  std::thread thread_;
};

}  // namespace ladon

#endif  // LADON_SERVER_CMD_PERIODIC_SIGNER_H_

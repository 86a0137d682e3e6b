// A progress bar for people on standard error; silent when nobody looks at it.
//
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_TEXT_PROGRESS_H_
#define LADON_SERVER_CLIENT_TEXT_PROGRESS_H_

#include <cstdint>
#include <string>

namespace ladon::client {

class Progress {
 public:
  Progress(std::string title, int64_t total);
  // Clears its line, so that what follows starts clean.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Advance(int64_t done);

 private:
  const std::string title_;
  const int64_t total_;
  const bool visible_;
  int percent_ = -1;
};

}  // namespace ladon::client

#endif  // LADON_SERVER_CLIENT_TEXT_PROGRESS_H_

// A file descriptor that is closed on the way out, also by an early return.
// Threading: a plain value.
#ifndef LADON_SERVER_BASE_DESCRIPTOR_H_
#define LADON_SERVER_BASE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace ladon::base {

class Descriptor {
 public:
  // Negative: nothing was opened, and nothing is closed.
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  // The caller closes it.
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_DESCRIPTOR_H_

#include "matcher/secret_memory.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "absl/status/status.h"

namespace ladon::matcher {
namespace {

// The number is the same on every architecture; old libc headers lack the name.
constexpr long kMemfdSecretCall = 447;
constexpr size_t kPageBytes = 4096;

uint8_t* MapSecretFile() {
  const long fd = syscall(kMemfdSecretCall, 0U);
  if (fd < 0) return nullptr;
  void* address = MAP_FAILED;
  if (ftruncate(static_cast<int>(fd), kPageBytes) == 0) {
    address =
        mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, static_cast<int>(fd), 0);
  }
  close(static_cast<int>(fd));
  return address == MAP_FAILED ? nullptr : static_cast<uint8_t*>(address);
}

uint8_t* MapLockedPage() {
  void* address =
      mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) return nullptr;
  if (mlock(address, kPageBytes) != 0 || madvise(address, kPageBytes, MADV_DONTDUMP) != 0) {
    munmap(address, kPageBytes);
    return nullptr;
  }
  return static_cast<uint8_t*>(address);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SecretMemory>> SecretMemory::Allocate(size_t bytes,
                                                                     Request request) {
  static_assert(kBytesMax == kPageBytes);
  if (bytes == 0 || bytes > kBytesMax) {
    return absl::InvalidArgumentError("secret memory: size out of range");
  }
  SecretBacking backing = SecretBacking::kMemfdSecret;
  uint8_t* address = request == Request::kBest ? MapSecretFile() : nullptr;
  if (address == nullptr) {
    backing = SecretBacking::kLockedPage;
    address = MapLockedPage();
  }
  if (address == nullptr) {
    return absl::ResourceExhaustedError("secret memory: cannot lock a page; raise RLIMIT_MEMLOCK");
  }
  if (madvise(address, kPageBytes, MADV_DONTFORK) != 0) {
    munmap(address, kPageBytes);
    return absl::ResourceExhaustedError("secret memory: cannot keep a page from children");
  }
  return std::unique_ptr<SecretMemory>(new SecretMemory(address, bytes, backing));
}

SecretMemory::~SecretMemory() {
  OPENSSL_cleanse(address_, size_);
  munmap(address_, kPageBytes);
}

}  // namespace ladon::matcher

#include "storage/direct_io.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>

namespace ladon::storage {

bool TakesDirectWrites(const std::string& path) {
  constexpr size_t kBlockBytes = 4'096;  // What RocksDB aligns to when the device tells no other.
  alignas(kBlockBytes) static constexpr std::array<char, kBlockBytes> kZeros{};
  const int file = open(path.c_str(), O_TMPFILE | O_WRONLY | O_DIRECT | O_CLOEXEC, 0600);
  if (file < 0) {
    return false;
  }
  const bool taken = write(file, kZeros.data(), kZeros.size()) == ssize_t{kBlockBytes};
  close(file);
  return taken;
}

}  // namespace ladon::storage

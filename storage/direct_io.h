// Whether the file system under a store takes writes past the page cache (O_DIRECT).
// Threading: a pure function of the file system.
#ifndef LADON_STORAGE_DIRECT_IO_H_
#define LADON_STORAGE_DIRECT_IO_H_

#include <string>

namespace ladon::storage {

// Tried with a nameless file in directory `path`. False also when it cannot be tried: writing
// through the page cache is always right, only dearer.
[[nodiscard]] bool TakesDirectWrites(const std::string& path);

}  // namespace ladon::storage

#endif  // LADON_STORAGE_DIRECT_IO_H_

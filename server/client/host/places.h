// What a check asks about a file or a directory. Threading: pure functions over the file system.
#ifndef LADON_SERVER_CLIENT_HOST_PLACES_H_
#define LADON_SERVER_CLIENT_HOST_PLACES_H_

#include <sys/stat.h>

#include <optional>
#include <string>

namespace ladon::host {

// Follows links. nullopt: nothing there, or not to be looked at.
[[nodiscard]] std::optional<struct stat> StatOf(const std::string& path);
[[nodiscard]] bool IsDirectory(const std::string& path);
// Group or others have any right. A path that is not there is not open.
[[nodiscard]] bool IsOpenToOthers(const std::string& path);
// "0644"
[[nodiscard]] std::string ModeOf(const std::string& path);
// Name of the owner, or the number.
[[nodiscard]] std::string OwnerOf(const std::string& path);
[[nodiscard]] bool OnOneDisk(const std::string& a, const std::string& b);
// Of the disk that `path` lies on, 0..100; 100 when it cannot be told.
[[nodiscard]] int FreePercent(const std::string& path);

}  // namespace ladon::host

#endif  // LADON_SERVER_CLIENT_HOST_PLACES_H_

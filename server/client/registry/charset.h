// Charsets of banks' files, by iconv. Strict, unlike what the gateway does with a request: a file
// that is not what its profile says is refused whole, before a letter of it is believed.
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_REGISTRY_CHARSET_H_
#define LADON_SERVER_CLIENT_REGISTRY_CHARSET_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ladon::registry {

enum class Charset : unsigned char { kUtf8, kWindows1251, kKoi8R, kCp866 };

// "utf-8", "windows-1251", "koi8-r", "cp866"; nullopt: another.
[[nodiscard]] std::optional<Charset> CharsetOf(std::string_view name);
[[nodiscard]] std::string_view NameOf(Charset charset);

// `bytes` as UTF-8 (RFC 3629), without the byte order mark that UTF-8 may begin with.
// InvalidArgument, naming the line: a byte that is not of the charset. FailedPrecondition: this
// system cannot convert from it.
[[nodiscard]] absl::StatusOr<std::string> Utf8Of(std::string_view bytes, Charset charset);

}  // namespace ladon::registry

#endif  // LADON_SERVER_CLIENT_REGISTRY_CHARSET_H_

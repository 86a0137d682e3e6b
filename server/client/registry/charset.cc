#include "server/client/registry/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "server/client/registry/text.h"

namespace ladon::registry {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::array kCharsets = {Charset::kUtf8, Charset::kWindows1251, Charset::kKoi8R,
                                  Charset::kCp866};

// Where a letter beyond U+10FFFF begins, which iconv of glibc takes for one; text.size(): nowhere.
size_t BeyondUnicode(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte > 0xF4) return at;
    if (byte == 0xF4 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) > 0x8F) {
      return at;
    }
  }
  return text.size();
}

absl::Status NotOf(Charset charset, std::string_view bytes, size_t at) {
  const auto line = 1 + std::count(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(at), '\n');
  return Refused(static_cast<size_t>(line),
                 absl::StrFormat("the byte 0x%02X there is no %s",
                                 static_cast<unsigned>(static_cast<unsigned char>(bytes[at])),
                                 std::string(NameOf(charset))));
}

struct Close {
  void operator()(void* converter) const { iconv_close(converter); }
};

}  // namespace

std::optional<Charset> CharsetOf(std::string_view name) {
  for (const Charset charset : kCharsets) {
    if (NameOf(charset) == name) return charset;
  }
  return std::nullopt;
}

std::string_view NameOf(Charset charset) {
  switch (charset) {
    case Charset::kUtf8:
      return "utf-8";
    case Charset::kWindows1251:
      return "windows-1251";
    case Charset::kKoi8R:
      return "koi8-r";
    case Charset::kCp866:
      return "cp866";
  }
  assert(false && "no charset");
  return {};
}

absl::StatusOr<std::string> Utf8Of(std::string_view bytes, Charset charset) {
  const std::string name(NameOf(charset));
  const iconv_t opened = iconv_open("UTF-8", name.c_str());
  if (reinterpret_cast<intptr_t>(opened) == -1) {
    return absl::FailedPreconditionError("this system cannot convert " + name + " (iconv)");
  }
  const std::unique_ptr<void, Close> converter(opened);
  if (charset == Charset::kUtf8 && bytes.starts_with(kByteOrderMark)) {
    bytes.remove_prefix(kByteOrderMark.size());
  }
  std::string text;
  text.reserve(bytes.size());
  char* from = const_cast<char*>(bytes.data());  // iconv only reads it.
  size_t from_left = bytes.size();
  std::array<char, 4096> buffer;
  while (from_left > 0) {
    char* to = buffer.data();
    size_t to_left = buffer.size();
    const size_t done = iconv(converter.get(), &from, &from_left, &to, &to_left);
    const bool refused = done == static_cast<size_t>(-1) && errno != E2BIG;
    text.append(buffer.data(), buffer.size() - to_left);
    if (!refused) continue;
    return NotOf(charset, bytes, bytes.size() - from_left);
  }
  if (charset == Charset::kUtf8) {
    if (const size_t at = BeyondUnicode(bytes); at < bytes.size()) return NotOf(charset, bytes, at);
  }
  return text;
}

}  // namespace ladon::registry

#include "server/channels/charset.h"

#include <iconv.h>

#include <cerrno>
#include <cstdint>

namespace ladon::channels {
namespace {

const char* NameOf(Charset charset) {
  return charset == Charset::kUtf8 ? "UTF-8" : "WINDOWS-1251";
}

struct Conversion {
  std::string text;
  bool whole = true;  // Nothing had to become '?'.
};

// Letter by letter, so that one that does not fit costs itself alone.
Conversion Convert(const std::string& text, Charset from, Charset to) {
  const iconv_t converter = iconv_open(NameOf(to), NameOf(from));
  if (reinterpret_cast<intptr_t>(converter) == -1) return {.text = {}, .whole = false};
  Conversion out;
  std::string in = text;
  char* at = in.data();
  size_t left = in.size();
  while (left > 0) {
    char buffer[64];
    char* to_at = buffer;
    size_t room = sizeof(buffer);
    const size_t done = iconv(converter, &at, &left, &to_at, &room);
    out.text.append(buffer, static_cast<size_t>(to_at - buffer));
    if (done != static_cast<size_t>(-1) || errno == E2BIG) continue;
    out.text += '?';
    out.whole = false;
    const bool of_bytes = from == Charset::kWindows1251;
    do {  // The rest of this letter.
      ++at;
      --left;
    } while (!of_bytes && left > 0 && (static_cast<unsigned char>(*at) & 0xC0) == 0x80);
  }
  iconv_close(converter);
  return out;
}

}  // namespace

std::string Encoded(const std::string& utf8, Charset charset) {
  return Convert(utf8, Charset::kUtf8, charset).text;
}

std::string Utf8Of(const std::string& text, Charset charset) {
  if (charset == Charset::kUtf8) {
    Conversion as_is = Convert(text, Charset::kUtf8, Charset::kUtf8);
    if (as_is.whole) return as_is.text;
  }
  return Convert(text, Charset::kWindows1251, Charset::kUtf8).text;
}

}  // namespace ladon::channels

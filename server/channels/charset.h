// Charsets of banks' requests and answers, by iconv. Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_CHARSET_H_
#define LADON_SERVER_CHANNELS_CHARSET_H_

#include <string>

namespace ladon::channels {

enum class Charset : unsigned char { kUtf8, kWindows1251 };

// Of UTF-8; a letter that the charset does not have, or what is no letter, becomes '?'.
[[nodiscard]] std::string Encoded(const std::string& utf8, Charset charset);
// Of what came as `charset`. A text that is no UTF-8 is read as windows-1251 whatever it came as:
// in that every byte is something, but for one, which becomes '?'.
[[nodiscard]] std::string Utf8Of(const std::string& text, Charset charset);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_CHARSET_H_

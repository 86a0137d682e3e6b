#include "server/channels/answer_xml.h"

#include <iconv.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <sstream>

namespace ladon::channels {
namespace {

// Letter by letter, so that one that does not fit costs itself alone.
std::string Converted(const std::string& text, const char* from, const char* to) {
  const iconv_t converter = iconv_open(to, from);
  if (reinterpret_cast<intptr_t>(converter) == -1) return {};
  std::string out;
  std::string in = text;
  char* at = in.data();
  size_t left = in.size();
  while (left > 0) {
    char buffer[64];
    char* to_at = buffer;
    size_t room = sizeof(buffer);
    const size_t done = iconv(converter, &at, &left, &to_at, &room);
    out.append(buffer, static_cast<size_t>(to_at - buffer));
    if (done != static_cast<size_t>(-1) || errno == E2BIG) continue;
    out += '?';
    do {  // The rest of this letter.
      ++at;
      --left;
    } while (left > 0 && (static_cast<unsigned char>(*at) & 0xC0) == 0x80);
  }
  iconv_close(converter);
  return out;
}

}  // namespace

void AnswerXml::Add(const char* name, std::string_view text) {
  std::string plain;
  for (const char c : Converted(std::string(text), "UTF-8", "UTF-8")) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) plain += c;
  }
  root_.append_child(name).text().set(plain.c_str());
}

std::string AnswerXml::Render(Charset charset) const {
  std::ostringstream body;
  document_.save(body, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
  if (charset == Charset::kUtf8) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + body.str();
  }
  return "<?xml version=\"1.0\" encoding=\"windows-1251\"?>" +
         Converted(body.str(), "UTF-8", "WINDOWS-1251");
}

}  // namespace ladon::channels

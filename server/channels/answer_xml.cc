#include "server/channels/answer_xml.h"

#include <sstream>

namespace ladon::channels {

void AnswerXml::Add(const char* name, std::string_view text) {
  std::string plain;
  for (const char c : Encoded(std::string(text), Charset::kUtf8)) {
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
  return "<?xml version=\"1.0\" encoding=\"windows-1251\"?>" + Encoded(body.str(), charset);
}

}  // namespace ladon::channels

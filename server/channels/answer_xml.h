// An answer in XML, by pugixml: one element after the other under a root, escaped, in the charset
// that the contract says. Internal to the protocols. Threading: plain values.
#ifndef LADON_SERVER_CHANNELS_ANSWER_XML_H_
#define LADON_SERVER_CHANNELS_ANSWER_XML_H_

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "server/channels/protocol.h"

namespace ladon::channels {

class AnswerXml {
 public:
  explicit AnswerXml(const char* root) : root_(document_.append_child(root)) {}

  // `text` is UTF-8; what no XML may hold is left out, and what is no UTF-8 becomes '?'.
  void Add(const char* name, std::string_view text);
  // Without line ends. A letter that the charset does not have becomes '?'.
  [[nodiscard]] std::string Render(Charset charset) const;

 private:
  pugi::xml_document document_;
  pugi::xml_node root_;
};

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_ANSWER_XML_H_

// Text for a page, whatever it is: nothing of it can become markup, or turn the text around it.
// Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_HTML_TEXT_H_
#define LADON_SERVER_CHANNELS_HTML_TEXT_H_

#include <string>
#include <string_view>

namespace ladon::channels {

// For element content and quoted attributes. What is no UTF-8, and what has no picture of its own
// (control, right-to-left, zero-width), becomes U+FFFD.
[[nodiscard]] std::string HtmlOf(std::string_view text);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_HTML_TEXT_H_

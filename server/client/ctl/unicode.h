// The little of Unicode that school lists need: is it UTF-8, how long is it, are two names the
// same but for case and ё, are two classes the same but for spelling.
//
// Case folding covers ASCII and the Cyrillic blocks U+0400..U+052F (Russian, Tatar, Bashkir, …).
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_UNICODE_H_
#define LADON_SERVER_CLIENT_CTL_UNICODE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ladon::ctl {

// nullopt: not well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
[[nodiscard]] std::optional<std::u32string> DecodeUtf8(std::string_view text);
[[nodiscard]] std::string EncodeUtf8(std::u32string_view text);

// Lower case, ё as е, runs of blanks as one, none at the ends. Input must be UTF-8.
[[nodiscard]] std::string FoldName(std::string_view name);
// "5 а", "5-А", «5"А"» and "5A" with a Latin A fold alike: lower case, letters and digits only,
// Latin letters that look Cyrillic taken for Cyrillic.
[[nodiscard]] std::string FoldClass(std::string_view class_name);
// The folded class one grade on: "5а" -> "6а"; empty when it does not begin with a grade 0..10.
[[nodiscard]] std::string NextClass(std::string_view folded_class);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_UNICODE_H_

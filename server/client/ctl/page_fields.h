// How a page shows the fields of a JSON object. A field that is absent, null or of another shape is
// shown as nothing: a page is read by people, and one gap must not hide the rest.
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_PAGE_FIELDS_H_
#define LADON_SERVER_CLIENT_CTL_PAGE_FIELDS_H_

#include <string>
#include <string_view>

#include "server/base/messages.h"
#include "server/client/ctl/context.h"

namespace ladon::ctl {

// The object or list under `name`; an empty one when there is none.
[[nodiscard]] const Json& ObjectAt(const Json& object, std::string_view name);
[[nodiscard]] const Json& ListAt(const Json& object, std::string_view name);

// A text as it is, a number in digits, true and false as words.
[[nodiscard]] std::string TextAt(const Json& object, std::string_view name,
                                 base::Language language);
// "2026-11-25" and "2026-11-25T10:00:00Z" as people of the language write them; else as TextAt().
[[nodiscard]] std::string DateAt(const Json& object, std::string_view name,
                                 base::Language language);
[[nodiscard]] std::string MoneyAt(const Json& object, std::string_view name,
                                  base::Language language);
// The catalogue's word for the value, looked up under `head` + value; else as TextAt().
[[nodiscard]] std::string WordAt(const Json& object, std::string_view name, std::string_view head,
                                 base::Language language);
// The texts of a list, parted by "; ".
[[nodiscard]] std::string JoinedAt(const Json& object, std::string_view name,
                                   base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_PAGE_FIELDS_H_

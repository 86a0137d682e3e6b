// A caterer's price list from a CSV file.
//
// Columns by head: item_id (may be absent or empty), category, name, price in roubles. Without an
// item id one is derived from caterer and name, so that the same dish keeps its id from list to
// list: the first 16 bytes of SHA-256(caterer id, name).
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_PRICE_LIST_H_
#define LADON_SERVER_CLIENT_CTL_PRICE_LIST_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ladon/v1/admin_service.pb.h"
#include "server/base/id.h"
#include "server/base/messages.h"
#include "server/client/ctl/csv_file.h"

namespace ladon::ctl {

inline constexpr size_t kPriceItemsMax = 500;
inline constexpr uint32_t kCategoryMax = 9'999;
inline constexpr size_t kItemNameCharactersMax = 100;

[[nodiscard]] base::ItemId DeriveItemId(const base::CatererId& caterer, std::string_view name);

// InvalidArgument: a sentence that names the line.
[[nodiscard]] absl::StatusOr<v1::PriceList> PriceListOf(const CsvTable& table,
                                                        const base::CatererId& caterer,
                                                        const v1::Date& valid_from,
                                                        base::Language language);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_PRICE_LIST_H_

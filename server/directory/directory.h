// Schools, terminals, caterers and price lists: what must be known to judge a request, none of it
// personal data.
//
// Invariants: what is in memory is what the batches handed to the committer say; everything is
// loaded at Open(). Put…() runs on the applier thread, inside a submission's `changes`, so it
// becomes durable with the journal entry of the same call.
// Threading: finders from any thread, they return copies or shared immutable lists.
#ifndef LADON_SERVER_DIRECTORY_DIRECTORY_H_
#define LADON_SERVER_DIRECTORY_DIRECTORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/id.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::directory {

inline constexpr size_t kPriceListItemsMax = 500;
inline constexpr size_t kNameBytesMax = 400;  // 200 characters of Cyrillic.

// YYYYMMDD in the school's own time zone.
using Day = uint32_t;

struct SchoolSettings {
  std::string name;
  std::string time_zone;  // IANA name, checked on entry.
  bool biometrics = false;
  std::string biometrics_document_id;
  bool show_balance_at_till = false;
  int64_t low_money_kopecks = 0;
  int64_t free_amount_max_kopecks = 0;
  int64_t unknown_liveness_max_kopecks = 0;
  uint32_t cancel_window_seconds = 0;
};

struct School {
  base::SchoolId id;
  SchoolSettings settings;
  base::AccountId cash_desk_account;
};

enum class TerminalState : uint8_t { kActive = 1, kBlocked = 2 };

struct Terminal {
  base::TerminalId id;
  base::SchoolId school;
  std::string label;
  TerminalState state = TerminalState::kActive;
};

struct Caterer {
  base::CatererId id;
  base::SchoolId school;
  std::string name;
  base::AccountId payable_account;
};

struct PriceListItem {
  base::ItemId id;
  uint16_t category = 0;
  std::string name;
  int64_t unit_price_kopecks = 0;
};

struct PriceList {
  base::CatererId caterer;
  Day valid_from = 0;
  std::vector<PriceListItem> items;

  [[nodiscard]] const PriceListItem* Find(const base::ItemId& id) const;
};

class Directory {
 public:
  // DataLoss: a record does not decode, or stands under another's key. Otherwise the store's error.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Directory>> Open(const storage::Store& store);

  [[nodiscard]] std::optional<School> FindSchool(const base::SchoolId& id) const;
  [[nodiscard]] std::optional<Terminal> FindTerminal(const base::TerminalId& id) const;
  [[nodiscard]] std::optional<Caterer> FindCaterer(const base::CatererId& id) const;
  // The list in force on `day`: the latest that began on or before it. nullptr: none.
  [[nodiscard]] std::shared_ptr<const PriceList> FindPriceList(const base::CatererId& caterer,
                                                               Day day) const;

  // Pages in order of id, ids greater than `after` (zero = from the start), at most `limit`.
  [[nodiscard]] std::vector<School> ListSchools(const base::SchoolId& after, size_t limit) const;
  [[nodiscard]] std::vector<Terminal> ListTerminals(const base::SchoolId& school,
                                                    const base::TerminalId& after,
                                                    size_t limit) const;
  [[nodiscard]] std::vector<Caterer> ListCaterers(const base::SchoolId& school,
                                                  const base::CatererId& after, size_t limit) const;

  void PutSchool(const School& school, storage::Overlay* overlay);
  void PutTerminal(const Terminal& terminal, storage::Overlay* overlay);
  void PutCaterer(const Caterer& caterer, storage::Overlay* overlay);
  void PutPriceList(const PriceList& list, storage::Overlay* overlay);

 private:
  Directory() = default;
  absl::Status Load(char kind, std::string_view key, std::string_view value);

  mutable std::shared_mutex mutex_;
  std::map<base::SchoolId, School> schools_;
  std::map<base::TerminalId, Terminal> terminals_;
  std::map<base::CatererId, Caterer> caterers_;
  std::map<std::pair<base::CatererId, Day>, std::shared_ptr<const PriceList>> price_lists_;
};

}  // namespace ladon::directory

#endif  // LADON_SERVER_DIRECTORY_DIRECTORY_H_

#include "server/directory/directory.h"

#include <algorithm>
#include <mutex>
#include <string_view>

#include "server/base/codec.h"
#include "server/directory/records.h"

namespace ladon::directory {
namespace {

// The first byte of a key tells what the record is.
constexpr char kSchoolKind = 'S';
constexpr char kTerminalKind = 'T';
constexpr char kCatererKind = 'C';
constexpr char kPriceListKind = 'P';

std::string KeyOf(char kind, std::string_view id) {
  return std::string(1, kind).append(id);
}

std::string PriceListKey(const base::CatererId& caterer, Day day) {
  base::Encoder out;
  out.Put(caterer);
  out.U32(day);
  return KeyOf(kPriceListKind, out.Take());
}

// The values of `map` with keys above `after` that `wanted` accepts, at most `limit`.
template <class Map, class Id, class Wanted>
auto Page(const Map& map, const Id& after, size_t limit, Wanted wanted) {
  std::vector<typename Map::mapped_type> page;
  for (auto it = map.upper_bound(after); it != map.end() && page.size() < limit; ++it) {
    if (wanted(it->second)) page.push_back(it->second);
  }
  return page;
}

template <class Map, class Id>
std::optional<typename Map::mapped_type> FindIn(const Map& map, const Id& id) {
  const auto it = map.find(id);
  if (it == map.end()) return std::nullopt;
  return it->second;
}

}  // namespace

const PriceListItem* PriceList::Find(const base::ItemId& id) const {
  const auto it = std::find_if(items.begin(), items.end(),
                               [&](const PriceListItem& item) { return item.id == id; });
  return it == items.end() ? nullptr : &*it;
}

absl::Status Directory::Load(char kind, std::string_view key, std::string_view value) {
  const auto misplaced = [&key] {
    return absl::DataLossError("directory: another record stands under key " + base::HexOf(key));
  };
  switch (kind) {
    case kSchoolKind: {
      absl::StatusOr<School> school = DecodeSchool(value);
      if (!school.ok()) return school.status();
      if (key != KeyOf(kind, school->id.view())) return misplaced();
      schools_.insert_or_assign(school->id, *school);
      return absl::OkStatus();
    }
    case kTerminalKind: {
      absl::StatusOr<Terminal> terminal = DecodeTerminal(value);
      if (!terminal.ok()) return terminal.status();
      if (key != KeyOf(kind, terminal->id.view())) return misplaced();
      terminals_.insert_or_assign(terminal->id, *terminal);
      return absl::OkStatus();
    }
    case kCatererKind: {
      absl::StatusOr<Caterer> caterer = DecodeCaterer(value);
      if (!caterer.ok()) return caterer.status();
      if (key != KeyOf(kind, caterer->id.view())) return misplaced();
      caterers_.insert_or_assign(caterer->id, *caterer);
      return absl::OkStatus();
    }
    case kPriceListKind: {
      absl::StatusOr<PriceList> list = DecodePriceList(value);
      if (!list.ok()) return list.status();
      if (key != PriceListKey(list->caterer, list->valid_from)) return misplaced();
      const std::pair<base::CatererId, Day> at = {list->caterer, list->valid_from};
      price_lists_[at] = std::make_shared<const PriceList>(*list);
      return absl::OkStatus();
    }
    default:
      return absl::DataLossError("directory: record of an unknown kind under key " +
                                 base::HexOf(key));
  }
}

absl::StatusOr<std::unique_ptr<Directory>> Directory::Open(const storage::Store& store) {
  std::unique_ptr<Directory> directory(new Directory());
  const std::unique_ptr<storage::Scan> scan = store.NewScan(storage::Family::kDirectory);
  for (scan->Seek(""); scan->Valid(); scan->Next()) {
    const char kind = scan->key().empty() ? '\0' : scan->key().front();
    if (absl::Status s = directory->Load(kind, scan->key(), scan->value()); !s.ok()) return s;
  }
  if (absl::Status s = scan->status(); !s.ok()) return s;
  return directory;
}

std::optional<School> Directory::FindSchool(const base::SchoolId& id) const {
  const std::shared_lock lock(mutex_);
  return FindIn(schools_, id);
}

std::optional<Terminal> Directory::FindTerminal(const base::TerminalId& id) const {
  const std::shared_lock lock(mutex_);
  return FindIn(terminals_, id);
}

std::optional<Caterer> Directory::FindCaterer(const base::CatererId& id) const {
  const std::shared_lock lock(mutex_);
  return FindIn(caterers_, id);
}

std::shared_ptr<const PriceList> Directory::FindPriceList(const base::CatererId& caterer,
                                                          Day day) const {
  const std::shared_lock lock(mutex_);
  auto it = price_lists_.upper_bound({caterer, day});
  if (it == price_lists_.begin()) return nullptr;
  --it;
  return it->first.first == caterer ? it->second : nullptr;
}

std::vector<School> Directory::ListSchools(const base::SchoolId& after, size_t limit) const {
  const std::shared_lock lock(mutex_);
  return Page(schools_, after, limit, [](const School&) { return true; });
}

std::vector<Terminal> Directory::ListTerminals(const base::SchoolId& school,
                                               const base::TerminalId& after, size_t limit) const {
  const std::shared_lock lock(mutex_);
  return Page(terminals_, after, limit, [&](const Terminal& t) { return t.school == school; });
}

std::vector<Caterer> Directory::ListCaterers(const base::SchoolId& school,
                                             const base::CatererId& after, size_t limit) const {
  const std::shared_lock lock(mutex_);
  return Page(caterers_, after, limit, [&](const Caterer& c) { return c.school == school; });
}

void Directory::PutSchool(const School& school, storage::Overlay* overlay) {
  overlay->Put(storage::Family::kDirectory, KeyOf(kSchoolKind, school.id.view()), Encode(school));
  const std::unique_lock lock(mutex_);
  schools_[school.id] = school;
}

void Directory::PutTerminal(const Terminal& terminal, storage::Overlay* overlay) {
  overlay->Put(storage::Family::kDirectory, KeyOf(kTerminalKind, terminal.id.view()),
               Encode(terminal));
  const std::unique_lock lock(mutex_);
  terminals_[terminal.id] = terminal;
}

void Directory::PutCaterer(const Caterer& caterer, storage::Overlay* overlay) {
  overlay->Put(storage::Family::kDirectory, KeyOf(kCatererKind, caterer.id.view()),
               Encode(caterer));
  const std::unique_lock lock(mutex_);
  caterers_[caterer.id] = caterer;
}

void Directory::PutPriceList(const PriceList& list, storage::Overlay* overlay) {
  overlay->Put(storage::Family::kDirectory, PriceListKey(list.caterer, list.valid_from),
               Encode(list));
  const std::unique_lock lock(mutex_);
  price_lists_[{list.caterer, list.valid_from}] = std::make_shared<const PriceList>(list);
}

}  // namespace ladon::directory

#include "server/flow/reports.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "server/flow/export.h"
#include "server/flow/on_worker.h"
#include "server/flow/payer.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"

namespace ladon::flow {
namespace {

constexpr size_t kDirectoryPage = 1'000;
// From the call on, the wait for the exporter included: also a stop waits no longer.
constexpr uint64_t kReportNsMax = uint64_t{30} * 1'000'000'000;

// Runs `make` on the exporter. Reports count among the exports: as few wait at a time.
template <class Report>
void Make(const House& house, access::Caller caller, const Object& about, const ReportDays& days,
          Done<Report> done, std::function<absl::StatusOr<Report>(ReportReader*)> make) {
  caller.deadline_ns = std::min(caller.deadline_ns, house.now_ns() + kReportNsMax);
  if (absl::Status wrong = CheckReportDays(days); !wrong.ok()) {
    return Reply<Report>(house, caller, about, std::move(wrong), std::move(done));
  }
  if (!house.exports->Enter(caller.principal.id)) {
    return Reply<Report>(house, caller, about, Refuse(Reason::kOverloaded), std::move(done));
  }
  const Done<Report> leave = [&house, whose = caller.principal.id,
                              done = std::move(done)](absl::StatusOr<Report> report) {
    house.exports->Leave(whose);
    done(std::move(report));
  };
  OnPool<Report>(house.exporter, house, caller, leave,
                 [&house, caller, about, days, make = std::move(make)](Done<Report> tell) {
                   ReportReader reader(&house, &caller, days);
                   Reply<Report>(house, caller, about, make(&reader), std::move(tell));
                 });
}

bool IsPurse(const House& house, const ledger::AccountId& account) {
  const auto view = house.ledger->FindAccount(account);
  return view && view->terms.code == ledger::AccountCode::kWallet;
}

// Which of its owner's purses it is. It stays so when the owner is forgotten.
uint8_t NumberOf(const House& house, const ledger::AccountId& purse) {
  const auto view = house.ledger->FindAccount(purse);
  return view ? view->terms.purse : uint8_t{0};
}

// Today in a school. What is still going on there is not told: two answers a minute apart would
// tell the child who bought in between.
absl::StatusOr<uint32_t> TodayOf(const House& house, const directory::School& school) {
  return ServiceDay(house.now_ns(), school.settings.time_zone);
}

std::vector<directory::Caterer> CaterersOf(const House& house, const base::SchoolId& school) {
  std::vector<directory::Caterer> all;
  base::CatererId after;
  for (;;) {
    const auto page = house.directory->ListCaterers(school, after, kDirectoryPage);
    all.insert(all.end(), page.begin(), page.end());
    if (page.size() < kDirectoryPage) return all;
    after = page.back().id;
  }
}

void AddPlaces(const House& house, const directory::School& school, Places* places) {
  places->insert(
      {ToLedger(school.cash_desk_account), {.school = school.id, .kind = PlaceKind::kCashDesk}});
  for (const directory::Caterer& caterer : CaterersOf(house, school.id)) {
    places->insert(
        {ToLedger(caterer.payable_account), {.school = school.id, .kind = PlaceKind::kCaterer}});
  }
}

// --- a caterer -----------------------------------------------------------------------------------

class CatererTally {
 public:
  CatererTally(const House& house, const directory::Caterer& caterer)
      : house_(house), caterer_(caterer) {
    places_[ToLedger(caterer.payable_account)] = {.school = caterer.school,
                                                  .kind = PlaceKind::kCaterer};
  }

  absl::Status Add(const ledger::Entry& entry) {
    // The line of the present meal: its second part has none of its own.
    const ledger::LineDetail* line = nullptr;
    return VisitMovements(
        entry, places_, [](const ledger::AccountId&) { return false; },
        [&](const Movement& movement) {
          if (movement.line != nullptr) line = movement.line;
          const ledger::LineDetail detail = line == nullptr ? ledger::LineDetail{} : *line;
          ProductSales& product = Product(entry.leaf, detail);
          const int64_t portions = movement.line == nullptr ? 0 : int64_t{detail.quantity};
          for (SalesFigures* const sales : {&product.sales, &total_}) {
            (movement.taken_back ? sales->cancelled_portions : sales->portions) += portions;
            (movement.taken_back ? sales->cancelled_kopecks : sales->kopecks) += movement.kopecks;
          }
        });
  }
  [[nodiscard]] size_t lines() const { return products_.size(); }
  [[nodiscard]] CatererReport Report() {
    CatererReport report{.total = total_};
    for (auto& [key, product] : products_) report.products.push_back(std::move(product));
    return report;
  }

 private:
  ProductSales& Product(const ledger::Leaf& leaf, const ledger::LineDetail& line) {
    const auto key = std::tuple(leaf.service_date, line.category, line.item);
    const auto [found, is_new] = products_.try_emplace(key);
    ProductSales& product = found->second;
    if (!is_new) return product;
    product.day = leaf.service_date;
    product.item = {line.item.bytes};
    product.category = line.category;
    const auto list = house_.directory->FindPriceList(caterer_.id, leaf.effective_date);
    const directory::PriceListItem* const item =
        list == nullptr ? nullptr : list->Find(product.item);
    if (item != nullptr) product.name = item->name;
    return product;
  }

  const House& house_;
  const directory::Caterer& caterer_;
  Places places_;
  std::map<std::tuple<uint32_t, uint16_t, ledger::ItemId>, ProductSales> products_;
  SalesFigures total_;
};

absl::StatusOr<CatererReport> MakeCatererReport(const House& house,
                                                const directory::Caterer& caterer, size_t lines_max,
                                                ReportReader* reader) {
  const ledger::AccountId payable = ToLedger(caterer.payable_account);
  CatererTally tally(house, caterer);
  absl::Status read = reader->ReadAccount(payable, [&](const ledger::Entry& entry) {
    absl::Status added = tally.Add(entry);
    if (added.ok() && tally.lines() > lines_max) return RefuseMoreThan(lines_max, "lines");
    return added;
  });
  if (!read.ok()) return read;
  CatererReport report = tally.Report();
  const auto view = house.ledger->FindAccount(payable);
  if (view) report.owed_kopecks = view->balance_kopecks;
  return report;
}

// --- schools -------------------------------------------------------------------------------------

// Every day of every school on which something happened.
class MealTally {
 public:
  using Key = std::pair<uint32_t, base::SchoolId>;  // By day, then by school.

  explicit MealTally(const House& house) : house_(house) {}

  absl::Status Add(const ledger::Entry& entry, const Places& places) {
    DayCell* sold_at = nullptr;
    absl::Status read = VisitMovements(
        entry, places,
        [this](const ledger::AccountId& account) { return IsPurse(house_, account); },
        [&](Movement movement) {
          movement.purse_number = NumberOf(house_, movement.purse);
          DayCell& cell = cells_[{entry.leaf.service_date, movement.place.school}];
          cell.Add(movement);
          if (movement.place.kind == PlaceKind::kCaterer && !movement.taken_back) sold_at = &cell;
        });
    if (sold_at != nullptr) sold_at->CountDebit();
    return read;
  }
  [[nodiscard]] const std::map<Key, DayCell>& cells() const { return cells_; }

 private:
  const House& house_;
  std::map<Key, DayCell> cells_;
};

using CellIterator = std::map<MealTally::Key, DayCell>::const_iterator;

// Which of the cells `begin` .. `end` are left out, in their order: those that are not over, and of
// the others what LeaveOut() says.
template <class IsOver>
std::vector<bool> LeftOutOf(CellIterator begin, CellIterator end, IsOver is_over) {
  std::vector<size_t> weights;
  for (CellIterator it = begin; it != end; ++it) {
    weights.push_back(is_over(it->first) ? it->second.weight() : 0);
  }
  std::vector<bool> left_out = LeaveOut(weights);
  for (size_t i = 0; begin != end; ++i, ++begin) {
    if (!is_over(begin->first)) left_out[i] = true;
  }
  return left_out;
}

absl::StatusOr<SchoolReport> MakeSchoolReport(const House& house, const directory::School& school,
                                              ReportReader* reader) {
  const absl::StatusOr<uint32_t> today = TodayOf(house, school);
  if (!today.ok()) return today.status();
  Places places;
  AddPlaces(house, school, &places);
  MealTally tally(house);
  for (const auto& place : places) {
    // An entry that touched two places is read twice, and each time for the one that is asked.
    const Places one = {place};
    absl::Status read = reader->ReadAccount(
        place.first, [&](const ledger::Entry& entry) { return tally.Add(entry, one); });
    if (!read.ok()) return read;
  }
  const std::vector<bool> left_out =
      LeftOutOf(tally.cells().begin(), tally.cells().end(),
                [&](const MealTally::Key& key) { return key.first < *today; });
  SchoolReport report;
  FiguresSum total;
  for (const auto& [key, cell] : tally.cells()) {
    const bool leave_out = left_out[report.days.size()];
    FiguresSum day;
    day.Add(cell, leave_out);
    total.Add(cell, leave_out);
    report.days.push_back({.day = key.first, .figures = day.Figures()});
  }
  report.total = total.Figures();
  return report;
}

absl::StatusOr<MunicipalReport> MakeMunicipalReport(const House& house, size_t lines_max,
                                                    ReportReader* reader) {
  Places places;
  std::map<base::SchoolId, std::string> names;
  std::map<base::SchoolId, uint32_t> todays;
  for (base::SchoolId after;;) {
    const auto page = house.directory->ListSchools(after, kDirectoryPage);
    for (const directory::School& school : page) {
      AddPlaces(house, school, &places);
      names[school.id] = school.settings.name;
      const absl::StatusOr<uint32_t> today = TodayOf(house, school);
      if (!today.ok()) return today.status();
      todays[school.id] = *today;
    }
    if (page.size() < kDirectoryPage) break;
    after = page.back().id;
  }
  MealTally tally(house);
  absl::Status read =
      reader->ReadAll([&](const ledger::Entry& entry) { return tally.Add(entry, places); });
  if (!read.ok()) return read;
  // Day by day, so that what is left out of a day does not hang on the days asked for.
  std::map<base::SchoolId, FiguresSum> schools;
  FiguresSum total;
  const auto& cells = tally.cells();
  for (auto day = cells.begin(); day != cells.end();) {
    const auto next = std::find_if(
        day, cells.end(), [&](const auto& cell) { return cell.first.first != day->first.first; });
    const std::vector<bool> left_out = LeftOutOf(
        day, next, [&](const MealTally::Key& key) { return key.first < todays[key.second]; });
    for (size_t i = 0; day != next; ++i, ++day) {
      schools[day->first.second].Add(day->second, left_out[i]);
      total.Add(day->second, left_out[i]);
    }
  }
  if (schools.size() > lines_max) return RefuseMoreThan(lines_max, "schools");
  MunicipalReport report;
  for (const auto& [school, sum] : schools) {
    report.schools.push_back({.school = school, .name = names[school], .figures = sum.Figures()});
  }
  report.total = total.Figures();
  return report;
}

}  // namespace

void GetCatererReport(const House& house, const access::Caller& caller, const ReportDays& days,
                      Done<CatererReport> done) {
  const Object about = caller.principal.id.bytes;
  const auto own = house.directory->FindCaterer({about});
  if (!own || own->school != caller.principal.school) {
    return Reply<CatererReport>(house, caller, about, Refuse(Reason::kNotPermitted),
                                std::move(done));
  }
  Make<CatererReport>(house, caller, about, days, std::move(done),
                      [&house, own = *own, days](ReportReader* reader) {
                        return MakeCatererReport(house, own, days.lines_max, reader);
                      });
}

void GetMunicipalReport(const House& house, const access::Caller& caller, const ReportDays& days,
                        Done<MunicipalReport> done) {
  // As an operator's own matrix may grant it: sums of all schools are not for one of them.
  if (caller.scope != access::Scope::kAllSchools || !caller.principal.school.IsZero()) {
    return Reply<MunicipalReport>(house, caller, {}, Refuse(Reason::kNotPermitted),
                                  std::move(done));
  }
  Make<MunicipalReport>(house, caller, {}, days, std::move(done),
                        [&house, days](ReportReader* reader) {
                          return MakeMunicipalReport(house, days.lines_max, reader);
                        });
}

void GetSchoolReport(const House& house, const access::Caller& caller, const ReportDays& days,
                     Done<SchoolReport> done) {
  const Object about = caller.principal.school.bytes;
  const auto school = house.directory->FindSchool(caller.principal.school);
  if (!school) {
    return Reply<SchoolReport>(house, caller, about, Refuse(Reason::kSchoolUnknown),
                               std::move(done));
  }
  Make<SchoolReport>(house, caller, about, days, std::move(done),
                     [&house, school = *school](ReportReader* reader) {
                       return MakeSchoolReport(house, school, reader);
                     });
}

}  // namespace ladon::flow

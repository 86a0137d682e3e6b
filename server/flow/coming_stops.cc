#include "server/flow/coming_stops.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "server/flow/mutate.h"
#include "server/flow/on_worker.h"
#include "server/flow/principals.h"
#include "server/flow/service_day.h"

namespace ladon::flow {
namespace {

constexpr size_t kPage = 1'000;
constexpr uint8_t kRepresentative = 1;  // As vault::ConsentRecord::signer has it.
constexpr uint32_t kFullAge = 18;

struct Window {
  registers::Day today = 0;
  registers::Day last = 0;

  [[nodiscard]] bool Holds(registers::Day day) const { return today <= day && day <= last; }
};

// Counts of one school by kind, with the soonest day of each.
class Counts {
 public:
  explicit Counts(const base::SchoolId& school) : school_(school) {}

  void Add(ComingStopKind kind, registers::Day day) {
    ComingStop& stop = by_kind_[kind];
    stop.kind = kind;
    stop.school = school_;
    stop.first_day = stop.count == 0 ? day : std::min(stop.first_day, day);
    ++stop.count;
  }
  void MoveTo(std::vector<ComingStop>* all) const {
    for (const auto& [kind, stop] : by_kind_) all->push_back(stop);
  }

 private:
  const base::SchoolId school_;
  std::map<ComingStopKind, ComingStop> by_kind_;
};

absl::Status CountSubject(const House& house, const vault::SubjectRef& subject,
                          const vault::SubjectRecord& record, const Window& window,
                          Counts* counts) {
  if (record.left_on != 0) return absl::OkStatus();
  bool palms = false;
  for (const auto& [kind, stop] :
       {std::pair(vault::ConsentKind::kPersonalData, ComingStopKind::kPersonalDataConsentEnds),
        std::pair(vault::ConsentKind::kBiometric, ComingStopKind::kBiometricConsentEnds)}) {
    const auto consent = house.vault->ReadConsent(house.vault->store(), subject, kind);
    if (!consent.ok()) return consent.status();
    if (!consent->has_value() || !(*consent)->ValidOn(window.today)) continue;
    const registers::Day first_day = base::AddDays((*consent)->valid_until, 1);
    if (window.Holds(first_day)) counts->Add(stop, first_day);
    palms =
        palms || (kind == vault::ConsentKind::kBiometric && (*consent)->signer == kRepresentative);
  }
  if (!palms || record.birth_day == 0) return absl::OkStatus();
  const registers::Day birthday = base::BirthdayOf(record.birth_day, kFullAge);
  if (window.Holds(birthday)) counts->Add(ComingStopKind::kRepresentativeLapses, birthday);
  return absl::OkStatus();
}

absl::Status CountSubjects(const House& house, const base::SchoolId& school, const Window& window,
                           std::vector<ComingStop>* all) {
  Counts counts(school);
  base::SubjectId after;
  while (true) {
    const auto page = house.vault->ListSubjects(school, after, kPage);
    if (!page.ok()) return page.status();
    for (const auto& [subject, record] : *page) {
      if (absl::Status s = CountSubject(house, subject, record, window, &counts); !s.ok()) return s;
    }
    if (page->size() < kPage) break;
    after = page->back().first.subject;
  }
  counts.MoveTo(all);
  return absl::OkStatus();
}

// The tills of a school that may work, as principals.
void EachTill(const House& house, const base::SchoolId& school,
              const std::function<void(const base::Principal&)>& take) {
  base::TerminalId after;
  while (true) {
    const auto page = house.directory->ListTerminals(school, after, kPage);
    for (const directory::Terminal& till : page) {
      if (till.state != directory::TerminalState::kActive) continue;
      base::Principal principal;
      principal.role = base::Role::kTerminal;
      principal.school = school;
      principal.id = base::ActorId{till.id.bytes};
      take(principal);
    }
    if (page.size() < kPage) return;
    after = page.back().id;
  }
}

void AddIdleTills(const House& house, const base::SchoolId& school, const Window& window,
                  std::vector<ComingStop>* all) {
  EachTill(house, school, [&](const base::Principal& till) {
    const registers::Day idle = IdleFrom(house, till, window.today, window.last);
    if (idle == 0) return;
    all->push_back({.kind = ComingStopKind::kTillIdle,
                    .school = school,
                    .first_day = idle,
                    .count = 1,
                    .terminal = till.id});
  });
}

// Every school, a page at a time. Stops at the first that is refused.
absl::Status EachSchool(const House& house,
                        const std::function<absl::Status(const base::SchoolId&)>& take) {
  base::SchoolId after;
  while (true) {
    const auto page = house.directory->ListSchools(after, kPage);
    for (const directory::School& school : page) {
      if (absl::Status s = take(school.id); !s.ok()) return s;
      after = school.id;
    }
    if (page.size() < kPage) return absl::OkStatus();
  }
}

absl::StatusOr<std::vector<ComingStop>> FindComingStops(const House& house, uint32_t days) {
  std::vector<ComingStop> all;
  const absl::Status looked = EachSchool(house, [&](const base::SchoolId& school) {
    const auto today = TodayAt(house, school, house.now_ns());
    if (!today.ok()) return today.status();
    const Window window{*today, base::AddDays(*today, static_cast<int32_t>(days))};
    if (absl::Status s = CountSubjects(house, school, window, &all); !s.ok()) return s;
    AddIdleTills(house, school, window, &all);
    return absl::OkStatus();
  });
  if (!looked.ok()) return looked;
  std::sort(all.begin(), all.end(), [](const ComingStop& a, const ComingStop& b) {
    return std::tie(a.first_day, a.school, a.kind) < std::tie(b.first_day, b.school, b.kind);
  });
  return all;
}

TillCounts CountEveryTill(const House& house) {
  TillCounts counts;
  const registers::Day today = UtcDay(house.now_ns());
  const absl::Status counted = EachSchool(house, [&](const base::SchoolId& school) {
    EachTill(house, school, [&](const base::Principal& till) {
      ++counts.working;
      counts.seen_today += house.registers->LastSeen(till.id) == today ? 1 : 0;
    });
    return absl::OkStatus();
  });
  static_cast<void>(counted);  // Nobody refused.
  return counts;
}

}  // namespace

void CountTills(const House& house, const access::Caller& caller, Done<TillCounts> done) {
  OnPool<TillCounts>(house.officers, house, caller, std::move(done),
                     [&house, caller](const Done<TillCounts>& answer) {
                       Reply<TillCounts>(house, caller, {}, CountEveryTill(house), answer);
                     });
}

void ListComingStops(const House& house, const access::Caller& caller, uint32_t days,
                     Done<std::vector<ComingStop>> done) {
  OnPool<std::vector<ComingStop>>(
      house.exporter, house, caller, std::move(done),
      [&house, caller, days](const Done<std::vector<ComingStop>>& answer) {
        Reply<std::vector<ComingStop>>(house, caller, {}, FindComingStops(house, days), answer);
      });
}

}  // namespace ladon::flow

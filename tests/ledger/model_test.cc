// Goal: every verdict, every balance and every list is what the rules say, over
// a long life. Method: an independent, naive ledger (naive_ledger.h) predicts
// the answer to each of many random requests (model_workload.h); the real one
// gets them in groups of random size, is reopened now and then, and must agree.
// Its journal is read back entry by entry, checked by itself, and what queries
// answer is compared with a scan over all of it. The seed is printed.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "tests/ledger/model_workload.h"
#include "tests/ledger/naive_ledger.h"
#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::IdOf;
using ::ladon::testing::IsOk;
using ::ladon::testing::OperationOf;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TestLedger;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr uint64_t kOperations = 30'000;  // Sanitizers are slow, and every rule is still met.
#else
constexpr uint64_t kOperations = 1'000'000;
#endif
constexpr uint64_t kOperationsForAll = 30'000;  // In fewer, not every result can be expected.
constexpr uint64_t kEachResult = 10'000;        // Operations, in which each is met once or more.
constexpr uint64_t kAccountNumbers = ModelWorkload::kAccountsUnknown;
constexpr uint64_t kChecks = 12;  // How often queries are compared; more often in long runs.
constexpr uint64_t kCheckEveryMax = 200'000;
constexpr int kQueries = 8;  // Of each sort.
constexpr uint64_t kReopenings = 24;
constexpr uint64_t kReopenEveryMax = 50'000;
constexpr uint64_t kPowerCuts = 5;          // One reopening out of this many is after a power cut.
constexpr size_t kScanVisitsMax = 100'000;  // Kept of one account for comparisons.

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* wanted = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return wanted == nullptr ? otherwise : std::strtoull(wanted, nullptr, 10);
}

// The journal as one reader after the other would see it: what each entry did
// to each account.
class JournalScan {
 public:
  struct Visit {
    uint64_t index = 0;
    uint64_t booked_at_ns = 0;
    uint64_t last_sequence = 0;  // The last one that the entry used of the account.
    int64_t balance = 0;         // After the entry.
    uint64_t touched = 0;        // All accounts of the entry, a bit for each.
    EntryKind kind = EntryKind::kOrigin;
  };
  struct History {
    std::vector<Visit> visits;  // The oldest may have been dropped.
    bool complete = true;       // None was.
    int64_t balance = 0;
    int64_t pending[2] = {0, 0};  // Debits, credits.
    uint64_t last_sequence = 0;
  };

  JournalScan() {
    for (uint64_t account = 1; account <= kAccountNumbers; ++account) {
      numbers_[IdOf<AccountId>(account)] = account;
    }
  }

  // Reads on to the head; each entry must follow from those before it.
  void ReadOn(const Sequencer& ledger) {
    for (const uint64_t head = ledger.Head().first; next_ < head; ++next_) {
      ASSERT_OK_AND_ASSIGN(const Entry entry, ledger.ReadEntry(next_));
      ASSERT_EQ(entry.leaf.index, next_);
      ASSERT_GT(entry.leaf.booked_at_ns, last_ns_);
      last_ns_ = entry.leaf.booked_at_ns;
      ASSERT_NO_FATAL_FAILURE(Take(entry)) << "entry " << next_;
    }
  }

  [[nodiscard]] const History& Of(uint64_t account) const { return histories_[account]; }
  [[nodiscard]] uint64_t last_ns() const { return last_ns_; }

 private:
  void Take(const Entry& entry) {
    uint64_t touched = 0;
    for (const Opening& opening : entry.openings) {
      const auto [id, sequence] = SequenceOf(opening);
      if (sequence == 0) continue;
      const auto found = numbers_.find(id);
      if (found == numbers_.end()) {  // Idle since it was opened.
        ASSERT_EQ(sequence, 1u);
        continue;
      }
      const uint64_t account = found->second;
      History& history = histories_[account];
      touched |= uint64_t{1} << account;
      ASSERT_EQ(sequence, ++history.last_sequence);
      if (const auto* posting = std::get_if<Posting>(&opening)) {
        history.balance += posting->amount_kopecks;
        ASSERT_EQ(posting->balance_kopecks, history.balance);
      }
      if (const auto* reservation = std::get_if<Reservation>(&opening)) {
        int64_t& pending = history.pending[reservation->credit ? 1 : 0];
        pending += reservation->amount_kopecks;
        ASSERT_EQ(reservation->pending_kopecks, pending);
      }
    }
    for (uint64_t account = 1; account <= kAccountNumbers; ++account) {
      if ((touched >> account & 1) != 0) Visited(entry, touched, &histories_[account]);
    }
  }

  static void Visited(const Entry& entry, uint64_t touched, History* history) {
    if (history->visits.size() >= kScanVisitsMax) {
      history->visits.erase(history->visits.begin(), history->visits.begin() + kScanVisitsMax / 2);
      history->complete = false;
    }
    history->visits.push_back({.index = entry.leaf.index,
                               .booked_at_ns = entry.leaf.booked_at_ns,
                               .last_sequence = history->last_sequence,
                               .balance = history->balance,
                               .touched = touched,
                               .kind = entry.leaf.kind});
  }

  std::map<AccountId, uint64_t> numbers_;
  std::array<History, kAccountNumbers + 1> histories_;
  uint64_t next_ = 0;
  uint64_t last_ns_ = 0;
};

class ModelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(real_.Open(), IsOk());
    naive_.emplace(real_.now_ns);
  }

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool OneIn(uint64_t count) { return Below(count) == 0; }

  static std::vector<NaiveLedger::Touch> TouchesOf(const Entry& entry) {
    std::vector<NaiveLedger::Touch> touches;
    for (const Opening& opening : entry.openings) {
      const auto [account, sequence] = SequenceOf(opening);
      if (sequence == 0) continue;
      touches.push_back({.account = account, .sequence = sequence});
      NaiveLedger::Touch& touch = touches.back();
      if (const auto* posting = std::get_if<Posting>(&opening)) {
        touch.amount = posting->amount_kopecks;
        touch.after = posting->balance_kopecks;
      } else if (const auto* reservation = std::get_if<Reservation>(&opening)) {
        touch.amount = reservation->amount_kopecks;
        touch.after = reservation->pending_kopecks;
      } else if (const auto* use = std::get_if<EntitlementUse>(&opening)) {
        touch.amount = use->amount_kopecks;
        touch.after = use->uses_today;
      }
    }
    return touches;
  }

  // One group of requests to both.
  void RunGroup() {
    real_.now_ns = workload_.NextTime(real_.now_ns);
    std::vector<Submission> group;
    std::vector<NaiveLedger::Answer> expected;
    std::vector<size_t> commands;
    for (uint64_t size = workload_.GroupSize(); group.size() < size;) {
      group.push_back(workload_.Next(real_.now_ns));
      commands.push_back(group.back().command.index());
      expected.push_back(naive_->Submit(group.back(), real_.now_ns));
      workload_.Answered(group.back(), expected.back().code, expected.back().booked_at_ns);
    }
    const auto answers = real_.CallAll(std::move(group));
    for (size_t i = 0; i < answers.size(); ++i, ++done_) {
      ASSERT_THAT(answers[i].first, IsOk()) << "operation " << done_;
      const Outcome& outcome = answers[i].second;
      ASSERT_EQ(ResultName(outcome.code), ResultName(expected[i].code))
          << "operation " << done_ << ", command " << commands[i];
      ASSERT_EQ(outcome.replayed, expected[i].replayed) << "operation " << done_;
      ASSERT_EQ(outcome.burnt, expected[i].burnt) << "operation " << done_;
      ASSERT_EQ(outcome.entry != nullptr, expected[i].index.has_value()) << "operation " << done_;
      if (outcome.entry != nullptr) {
        ASSERT_EQ(outcome.index, *expected[i].index) << "operation " << done_;
        ASSERT_EQ(outcome.entry->leaf.booked_at_ns, expected[i].booked_at_ns)
            << "operation " << done_;
        if (!outcome.replayed) {
          ASSERT_EQ(TouchesOf(*outcome.entry), expected[i].touches) << "operation " << done_;
        }
      }
      ++seen_[outcome.code];
    }
    ASSERT_EQ(real_.sequencer().Head().first, naive_->entries());
    for (; forgotten_ + ModelWorkload::kNamedWindow < workload_.next_number(); ++forgotten_) {
      if (forgotten_ % ModelWorkload::kNamedForEver != 0) naive_->Forget(OperationOf(forgotten_));
      naive_->Forget(ModelWorkload::NonceOf(forgotten_));
    }
  }

  void CompareAccounts() {
    int64_t sum = 0;
    int64_t pending = 0;
    for (uint64_t number = 1; number <= kAccountNumbers; ++number) {
      const auto id = IdOf<AccountId>(number);
      const NaiveLedger::Account* naive = naive_->Find(id);
      const auto view = real_.sequencer().FindAccount(id);
      ASSERT_EQ(view.has_value(), naive != nullptr) << "account " << number;
      if (naive == nullptr) continue;
      SCOPED_TRACE(absl::StrCat("account ", number, ", operation ", done_));
      ASSERT_EQ(view->balance_kopecks, naive->money.balance);
      ASSERT_EQ(view->debits_pending_kopecks, naive->money.debits_pending);
      ASSERT_EQ(view->credits_pending_kopecks, naive->money.credits_pending);
      ASSERT_EQ(view->last_sequence, naive->money.last_sequence);
      ASSERT_EQ(view->terms, naive->terms);
      ASSERT_EQ(view->entitlements, naive->entitlements);
      sum += view->balance_kopecks;
      pending += view->debits_pending_kopecks - view->credits_pending_kopecks;
    }
    ASSERT_EQ(sum, 0) << "money appeared or vanished";
    ASSERT_EQ(pending, 0) << "something is reserved on one side only";
    for (uint64_t school = 1; school <= ModelWorkload::kSchools; ++school) {
      const auto id = IdOf<SchoolId>(school);
      ASSERT_EQ(real_.sequencer().FindSchoolLimits(id), naive_->SchoolLimitsOf(id));
    }
  }

  // After an ordinary stop every account is on its page; after a power cut they
  // are where the last round through the pages left them.
  void Reopen() {
    const auto head = real_.sequencer().Head();
    if (OneIn(kPowerCuts)) {
      real_.PowerCut();
    } else {
      real_.Close();
    }
    ASSERT_THAT(real_.Open(), IsOk());
    ASSERT_EQ(real_.sequencer().Head(), head);
  }

  void CompareQueries() {
    ASSERT_NO_FATAL_FAILURE(scan_.ReadOn(real_.sequencer()));
    for (uint64_t number = 1; number <= kAccountNumbers; ++number) {
      const JournalScan::History& history = scan_.Of(number);
      const NaiveLedger::Account* naive = naive_->Find(IdOf<AccountId>(number));
      ASSERT_EQ(history.last_sequence, naive == nullptr ? 0 : naive->money.last_sequence);
      ASSERT_EQ(history.balance, naive == nullptr ? 0 : naive->money.balance);
    }
    for (int i = 0; i < kQueries; ++i) {
      const uint64_t number = 1 + Below(kAccountNumbers);
      SCOPED_TRACE(absl::StrCat("account ", number, ", operation ", done_));
      ASSERT_NO_FATAL_FAILURE(CompareOperation(OperationOf(workload_.AnyNumber())));
      const JournalScan::History& history = scan_.Of(number);
      if (history.visits.empty()) {
        ASSERT_THAT(real_.sequencer().BalanceAt(IdOf<AccountId>(number), scan_.last_ns()),
                    StatusIs(absl::StatusCode::kNotFound));
        continue;
      }
      ASSERT_NO_FATAL_FAILURE(CompareStatement(number, history));
      ASSERT_NO_FATAL_FAILURE(CompareList(number, history));
      ASSERT_NO_FATAL_FAILURE(CompareBalanceAt(number, history));
    }
  }

  uint64_t RandomSequence(const JournalScan::History& history) {
    const uint64_t first = history.complete ? 0 : history.visits.front().last_sequence;
    return 1 + first + Below(history.last_sequence - first + 2);
  }
  // Of an entry of the account, or beside it, or any.
  uint64_t RandomTime(const JournalScan::History& history) {
    const JournalScan::Visit& visit = history.visits[Below(history.visits.size())];
    if (OneIn(20)) return scan_.last_ns() + Below(3);
    return visit.booked_at_ns + Below(3) - 1 + (OneIn(3) ? Below(1'000'000) : 0);
  }

  void CompareStatement(uint64_t number, const JournalScan::History& history) {
    const uint64_t from = RandomSequence(history);
    const size_t limit = OneIn(4) ? SIZE_MAX : 1 + Below(20);
    std::vector<uint64_t> expected;
    for (const JournalScan::Visit& visit : history.visits) {
      if (visit.last_sequence >= from && expected.size() < std::min(limit, kStatementEntriesMax)) {
        expected.push_back(visit.index);
      }
    }
    ASSERT_OK_AND_ASSIGN(const std::vector<Entry> entries,
                         real_.sequencer().ReadStatement(IdOf<AccountId>(number), from, limit));
    ASSERT_EQ(Indexes(entries), expected) << "from " << from << ", at most " << limit;
    if (!entries.empty()) {
      const Entry& one = entries[Below(entries.size())];
      ASSERT_OK_AND_ASSIGN(const Entry same, real_.sequencer().ReadEntry(one.leaf.index));
      ASSERT_EQ(one.leaf, same.leaf);
      ASSERT_EQ(one.openings, same.openings);
    }
  }

  EntryFilter RandomFilter(const JournalScan::History& history) {
    EntryFilter filter;
    filter.from_sequence = RandomSequence(history);
    if (OneIn(2)) filter.from_ns = RandomTime(history);
    if (OneIn(2)) filter.until_ns = RandomTime(history);
    if (OneIn(2)) filter.kind = static_cast<EntryKind>(1 + Below(12));
    filter.limit = OneIn(2) ? 1 + Below(30) : kStatementEntriesMax + Below(2);
    return filter;
  }

  void CompareList(uint64_t number, const JournalScan::History& history) {
    EntryFilter filter = RandomFilter(history);
    const uint64_t other = 1 + Below(kAccountNumbers);
    if (OneIn(3)) filter.other = IdOf<AccountId>(other);
    std::vector<uint64_t> expected;
    for (const JournalScan::Visit& visit : history.visits) {
      if (visit.last_sequence >= filter.from_sequence && visit.booked_at_ns >= filter.from_ns &&
          visit.booked_at_ns < filter.until_ns &&
          (!filter.other.has_value() || (visit.touched >> other & 1) != 0) &&
          (!filter.kind.has_value() || *filter.kind == visit.kind)) {
        expected.push_back(visit.index);
      }
    }
    constexpr size_t kPagesMax = 20;
    std::vector<uint64_t> listed;
    uint64_t next = filter.from_sequence;
    for (size_t page_number = 0; next != 0 && page_number < kPagesMax; ++page_number) {
      ASSERT_GE(next, filter.from_sequence);
      filter.from_sequence = next;
      ASSERT_OK_AND_ASSIGN(const EntryPage page,
                           real_.sequencer().ListEntries(IdOf<AccountId>(number), filter));
      ASSERT_LE(page.entries.size(), std::min(filter.limit, kStatementEntriesMax));
      const std::vector<uint64_t> indexes = Indexes(page.entries);
      listed.insert(listed.end(), indexes.begin(), indexes.end());
      next = page.next_sequence;
    }
    if (next != 0) {  // Enough pages.
      ASSERT_LE(listed.size(), expected.size());
      expected.resize(listed.size());
    }
    ASSERT_EQ(listed, expected);
  }

  void CompareBalanceAt(uint64_t number, const JournalScan::History& history) {
    const uint64_t time_ns = RandomTime(history);
    const JournalScan::Visit* last = nullptr;
    for (const JournalScan::Visit& visit : history.visits) {
      if (visit.booked_at_ns < time_ns) last = &visit;
    }
    const auto balance = real_.sequencer().BalanceAt(IdOf<AccountId>(number), time_ns);
    if (last != nullptr) {
      ASSERT_THAT(balance, IsOk());
      ASSERT_EQ(*balance, last->balance) << "at " << time_ns;
    } else if (history.complete) {
      ASSERT_THAT(balance.status(), StatusIs(absl::StatusCode::kNotFound));
    }
  }

  void CompareOperation(const OperationKey& key) {
    ASSERT_OK_AND_ASSIGN(const std::optional<Outcome> found, real_.sequencer().FindOperation(key));
    const auto expected = naive_->FindOperation(key);
    ASSERT_EQ(found.has_value(), expected.has_value());
    if (found.has_value()) {
      ASSERT_EQ(ResultName(found->code), ResultName(expected->code));
      ASSERT_EQ(found->burnt, expected->burnt);
      ASSERT_EQ(found->index, *expected->index);
    }
  }

  static std::vector<uint64_t> Indexes(const std::vector<Entry>& entries) {
    std::vector<uint64_t> indexes;
    indexes.reserve(entries.size());
    for (const Entry& entry : entries) indexes.push_back(entry.leaf.index);
    return indexes;
  }

  const uint64_t seed_ = FromEnvironment("LADON_MODEL_SEED", 20260901);
  const uint64_t operations_ = FromEnvironment("LADON_MODEL_OPERATIONS", kOperations);
  ModelWorkload workload_{seed_};
  std::mt19937_64 random_{seed_ + 1};
  TestLedger real_;
  std::optional<NaiveLedger> naive_;
  JournalScan scan_;
  std::map<ResultCode, uint64_t> seen_;
  uint64_t done_ = 0;
  uint64_t forgotten_ = 1;
};

TEST_F(ModelTest, RandomLifeAgreesWithTheNaiveLedger) {
  std::cout << "seed " << seed_ << ", " << operations_
            << " operations (LADON_MODEL_SEED and LADON_MODEL_OPERATIONS set "
               "others)\n";
  const uint64_t check_every = std::min(operations_ / kChecks + 1, kCheckEveryMax);
  const uint64_t reopen_every = std::min(operations_ / kReopenings + 1, kReopenEveryMax);
  const auto begin = std::chrono::steady_clock::now();
  uint64_t check_at = check_every;
  uint64_t reopen_at = reopen_every;
  uint64_t tell_at = kOperations;
  while (done_ < operations_) {
    ASSERT_NO_FATAL_FAILURE(RunGroup());
    if (done_ >= reopen_at) {
      reopen_at += reopen_every;
      ASSERT_NO_FATAL_FAILURE(Reopen());
    }
    ASSERT_NO_FATAL_FAILURE(CompareAccounts());
    if (done_ >= check_at) {
      check_at += check_every;
      ASSERT_NO_FATAL_FAILURE(CompareQueries());
    }
    if (done_ >= tell_at) {
      tell_at += kOperations;
      const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
      std::cout << done_ << " operations, " << naive_->entries() << " entries, "
                << naive_->open_holds() << " open holds, " << passed.count() << " s" << std::endl;
    }
  }
  ASSERT_NO_FATAL_FAILURE(CompareQueries());
  if (operations_ < kOperationsForAll) {
    return;
  }
  for (uint16_t number = 0; number <= static_cast<uint16_t>(ResultCode::kCaptureExceedsHold);
       ++number) {
    const auto code = static_cast<ResultCode>(number);
    if (ResultName(code) != "UNKNOWN" && code != ResultCode::kBalanceOverflow) {
      EXPECT_GT(seen_[code], operations_ / kEachResult) << ResultName(code) << ": hardly ever met";
    }
  }
}

}  // namespace
}  // namespace ladon::ledger

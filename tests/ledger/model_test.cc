// Goal: every verdict, every balance and every statement is what the rules say, over a long life.
// Method: an independent, naive ledger (maps, no batches, no indexes; it collects all verdicts that
// hold and takes the lowest) predicts the answer to each of many random requests; the real one gets
// them in groups of random size, is reopened now and then, and must agree. The seed is printed.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::DigestOf;
using ::ladon::testing::IdOf;
using ::ladon::testing::IsOk;
using ::ladon::testing::OperationOf;
using ::ladon::testing::SubmissionOf;
using ::ladon::testing::TermsOf;
using ::ladon::testing::TestLedger;
using ::ladon::testing::TransferOf;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr uint64_t kOperations = 30'000;  // Sanitizers are slow, and every rule is still met.
#else
constexpr uint64_t kOperations = 200'000;
#endif
constexpr uint64_t kEachResultMin = kOperations / 10'000;  // How often every result must be met.
constexpr uint64_t kAccounts = 40;
constexpr uint64_t kGroupMax = 1'500;
constexpr uint64_t kReopenEvery = kOperations / 4;

struct Prediction {
  ResultCode code = ResultCode::kOk;
  bool replayed = false;
  bool burnt = false;
};

class NaiveLedger {
 public:
  Prediction Submit(const Submission& s, uint64_t now_ns) {
    const auto known = operations_.find(s.operation);
    if (known != operations_.end()) {
      if (!known->second.void_id && known->second.content != s.content) {
        return {.code = ResultCode::kRequestIdReused};
      }
      return {.code = known->second.code, .replayed = true, .burnt = known->second.burnt};
    }
    const uint64_t time = std::max(now_ns, last_ns_ + 1);
    Operation done = {.content = s.content, .booked_at_ns = time, .day = s.service_date};
    if (const auto* open = std::get_if<OpenAccounts>(&s.command)) {
      done.code = Open(open->accounts, true);
    } else if (const auto* set = std::get_if<SetAccountTerms>(&s.command)) {
      done.code = Open({set->terms}, false);
    } else if (const auto* post = std::get_if<PostTransaction>(&s.command)) {
      done.code = Post(*post, time, &done);
    } else if (const auto* cancel = std::get_if<CancelOperation>(&s.command)) {
      done.code = Cancel(*cancel, &done);
    }
    if (done.code == ResultCode::kPossibleRepeat) {
      return {.code = done.code};
    }
    last_ns_ = done.booked_at_ns + (done.burnt_new ? 1 : 0);
    entries_ += done.burnt_new ? 2 : 1;
    const Prediction prediction = {.code = done.code, .replayed = false, .burnt = done.burnt};
    operations_[s.operation] = std::move(done);
    return prediction;
  }

  [[nodiscard]] int64_t Balance(const AccountId& id) const { return accounts_.at(id).balance; }
  [[nodiscard]] bool Knows(const AccountId& id) const { return accounts_.contains(id); }
  [[nodiscard]] uint64_t entries() const { return entries_; }
  [[nodiscard]] uint64_t Touches(const AccountId& id) const { return accounts_.at(id).touches; }

 private:
  struct Account {
    uint16_t flags = 0;
    AccountCode code = AccountCode::kWallet;
    int64_t overdraft = 0;
    int64_t balance = 0;
    uint64_t touches = 0;
    Digest basket;
    uint64_t basket_ns = 0;
  };
  struct Operation {
    Digest content;
    ResultCode code = ResultCode::kOk;
    bool burnt = false;
    bool burnt_new = false;
    bool void_id = false;
    std::vector<Transfer> transfers;  // Of an ordinary transaction.
    std::set<uint16_t> reversed;
    uint64_t booked_at_ns = 0;
    Date day = 0;
  };

  ResultCode Open(const std::vector<AccountTerms>& wanted, bool may_be_new) {
    std::set<ResultCode> verdicts;
    std::map<AccountId, Account> after = accounts_;
    for (const AccountTerms& terms : wanted) {
      const bool is_new = may_be_new && terms.sequence == 0;
      const bool exists = after.contains(terms.account);
      if (is_new && exists) verdicts.insert(ResultCode::kAccountExists);
      if (!is_new && !exists) verdicts.insert(ResultCode::kAccountUnknown);
      if (terms.overdraft_limit_kopecks < 0) verdicts.insert(ResultCode::kAccountTermsInvalid);
      if (!is_new && exists && after[terms.account].code != terms.code) {
        verdicts.insert(ResultCode::kAccountTermsInvalid);
      }
      Account& account = after[terms.account];
      account.flags = terms.flags;
      account.code = terms.code;
      account.overdraft = terms.overdraft_limit_kopecks;
      ++account.touches;
    }
    if (!verdicts.empty()) return *verdicts.begin();
    accounts_ = std::move(after);
    return ResultCode::kOk;
  }

  // All verdicts about `transfers` posted in order on a copy of the accounts, which is handed out.
  std::set<ResultCode> Try(const std::vector<Transfer>& transfers,
                           std::map<AccountId, Account>* after) {
    std::set<ResultCode> verdicts;
    if (transfers.empty()) verdicts.insert(ResultCode::kNoTransfers);
    for (const Transfer& t : transfers) {
      if (t.amount_kopecks < 1 || t.amount_kopecks > kTransferKopecksMax) {
        verdicts.insert(ResultCode::kAmountOutOfRange);
      }
      if (t.debit == t.credit) verdicts.insert(ResultCode::kSameAccountTwice);
      for (const AccountId& id : {t.debit, t.credit}) {
        if (!accounts_.contains(id)) {
          verdicts.insert(ResultCode::kAccountUnknown);
        } else if ((accounts_[id].flags & kAccountClosed) != 0) {
          verdicts.insert(ResultCode::kAccountClosed);
        }
      }
      if (accounts_.contains(t.debit) && (accounts_[t.debit].flags & kAccountFrozen) != 0) {
        verdicts.insert(ResultCode::kAccountFrozen);
      }
    }
    if (!verdicts.empty()) return verdicts;  // All lower than those about balances.
    for (const Transfer& t : transfers) {
      for (const AccountId& id : {t.debit, t.credit}) {
        after->try_emplace(id, accounts_.at(id));
      }
      Account& debit = after->at(t.debit);
      debit.balance -= t.amount_kopecks;
      after->at(t.credit).balance += t.amount_kopecks;
      if ((debit.flags & kAccountLimited) != 0 && debit.balance + debit.overdraft < 0) {
        verdicts.insert(ResultCode::kInsufficientFunds);
      }
      ++debit.touches;
      ++after->at(t.credit).touches;
    }
    return verdicts;
  }

  ResultCode Post(const PostTransaction& post, uint64_t time, Operation* done) {
    std::map<AccountId, Account> after;
    std::set<ResultCode> verdicts = Try(post.transfers, &after);
    if (!post.nonce.IsZero() && nonces_.contains(post.nonce)) {
      verdicts.insert(ResultCode::kTokenAlreadyUsed);
    }
    if (verdicts.empty() && !post.document.IsZero()) {
      Account& payer = after.at(post.transfers.front().debit);
      if (post.repeat_window_ns > 0 && payer.basket == post.document &&
          time - payer.basket_ns < post.repeat_window_ns) {
        verdicts.insert(ResultCode::kPossibleRepeat);
      }
      payer.basket = post.document;
      payer.basket_ns = time;
    }
    if (!verdicts.empty()) return *verdicts.begin();
    for (auto& [id, account] : after) accounts_[id] = account;
    if (!post.nonce.IsZero()) nonces_.insert(post.nonce);
    done->transfers = post.transfers;
    return ResultCode::kOk;
  }

  ResultCode Cancel(const CancelOperation& cancel, Operation* done) {
    const auto target = operations_.find(cancel.target);
    if (target == operations_.end()) {
      operations_[cancel.target] = {.code = ResultCode::kCancelledBeforeArrival, .void_id = true};
      done->burnt = done->burnt_new = true;
      return ResultCode::kOk;
    }
    Operation& original = target->second;
    if (original.void_id) {
      done->burnt = true;
      return ResultCode::kOk;
    }
    if (original.code != ResultCode::kOk) return ResultCode::kOriginalRefused;
    if (original.transfers.empty()) return ResultCode::kNothingToReverse;
    std::vector<uint16_t> wanted = cancel.ordinals;
    for (const uint16_t ordinal : wanted) {
      if (ordinal >= original.transfers.size()) return ResultCode::kNothingToReverse;
    }
    if (wanted.empty()) {
      for (size_t i = 0; i < original.transfers.size(); ++i) {
        const auto ordinal = static_cast<uint16_t>(i);
        if (!original.reversed.contains(ordinal)) wanted.push_back(ordinal);
      }
    }
    std::set<uint16_t> reversed = original.reversed;
    for (const uint16_t ordinal : wanted) {
      if (!reversed.insert(ordinal).second) return ResultCode::kReversalExceedsOriginal;
    }
    if (wanted.empty()) return ResultCode::kReversalExceedsOriginal;
    std::sort(wanted.begin(), wanted.end(), std::greater<>());
    std::vector<Transfer> back;
    for (const uint16_t ordinal : wanted) {
      Transfer transfer = original.transfers[ordinal];
      std::swap(transfer.debit, transfer.credit);
      back.push_back(transfer);
    }
    std::map<AccountId, Account> after;
    std::set<ResultCode> verdicts = Try(back, &after);
    if (original.booked_at_ns < cancel.not_before_ns ||
        (cancel.same_service_date != 0 && cancel.same_service_date != original.day)) {
      verdicts.insert(ResultCode::kCancelWindowPassed);
    }
    if (!verdicts.empty()) return *verdicts.begin();
    for (const Transfer& transfer : back) after.at(transfer.credit).basket = Digest{};
    for (auto& [id, account] : after) accounts_[id] = account;
    original.reversed = std::move(reversed);
    return ResultCode::kOk;
  }

  std::map<AccountId, Account> accounts_;
  std::map<OperationKey, Operation> operations_;
  std::set<Nonce> nonces_;
  uint64_t last_ns_ = 0;
  uint64_t entries_ = 1;  // The origin.

 public:
  void SetOriginTime(uint64_t time_ns) { last_ns_ = time_ns; }
};

// Random requests that meet every rule often enough.
class Workload {
 public:
  explicit Workload(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t bound) { return random_() % bound; }

  Submission Next(uint64_t now_ns) {
    const uint64_t roll = Below(100);
    const uint64_t number = roll < 8 ? 1 + Below(next_ + 5) : next_++;
    Submission submission;
    const uint64_t what = Below(100);
    if (what < 3) {
      submission = SubmissionOf(number, RandomOpen());
    } else if (what < 6) {
      submission = SubmissionOf(number, SetAccountTerms{RandomTerms()});
    } else if (what < 80) {
      submission = SubmissionOf(number, RandomPost());
    } else if (what < 97) {
      submission = SubmissionOf(number, RandomCancel(number, now_ns));
    } else {
      submission = SubmissionOf(number, NoteOperation{DigestOf(number)});
    }
    submission.service_date = 2026'09'01 + static_cast<Date>(Below(2));
    if (Below(4) == 0) {
      submission.content = DigestOf(Below(3));
    }
    // A repeat of an old number may well be another request: that is what is tested.
    return submission;
  }

 private:
  uint64_t Account() { return 1 + Below(kAccounts); }

  AccountTerms RandomTerms() {
    constexpr uint16_t kFlags[] = {
        0, kAccountLimited, kAccountLimited, kAccountLimited, kAccountFrozen, kAccountClosed};
    AccountTerms terms = TermsOf(Account(), kFlags[Below(6)], static_cast<int64_t>(Below(3)) * 500);
    if (Below(20) == 0) terms.code = AccountCode::kFees;
    if (Below(20) == 0) terms.overdraft_limit_kopecks = -1;
    return terms;
  }

  OpenAccounts RandomOpen() {
    OpenAccounts open;
    for (uint64_t i = 0; i <= Below(3); ++i) {
      open.accounts.push_back(RandomTerms());
      open.accounts.back().sequence = Below(2);
    }
    return open;
  }

  PostTransaction RandomPost() {
    PostTransaction post;
    const uint64_t count = Below(30) == 0 ? 0 : 1 + Below(4);
    for (uint64_t i = 0; i < count; ++i) {
      Transfer transfer = TransferOf(Account(), Account(), static_cast<int64_t>(1 + Below(1'000)));
      if (Below(50) == 0) transfer.amount_kopecks = static_cast<int64_t>(Below(3)) - 1;
      if (Below(3) == 0) transfer.line = LineDetail{.ordinal = 77, .item = IdOf<ItemId>(i)};
      post.transfers.push_back(transfer);
    }
    if (Below(2) == 0) post.document = DigestOf(Below(4));
    if (Below(2) == 0) post.repeat_window_ns = Below(3'000'000);
    if (Below(5) == 0) post.nonce = IdOf<Nonce>(Below(2 * next_));
    return post;
  }

  CancelOperation RandomCancel(uint64_t number, uint64_t now_ns) {
    CancelOperation cancel;
    uint64_t target = number;
    while (target == number) {
      target = 1 + (Below(3) == 0 ? Below(next_ + 10) : next_ - std::min(next_, Below(40)));
    }
    cancel.target = OperationOf(target);
    for (uint64_t i = Below(3); i > 0; --i) {
      cancel.ordinals.push_back(static_cast<uint16_t>(Below(5)));
    }
    if (Below(4) == 0) cancel.not_before_ns = now_ns - Below(2'000'000);
    if (Below(4) == 0) cancel.same_service_date = 2026'09'01;
    return cancel;
  }

  std::mt19937_64 random_;
  uint64_t next_ = 1;
};

void CompareAll(const TestLedger& real, const NaiveLedger& naive) {
  int64_t sum = 0;
  for (uint64_t account = 1; account <= kAccounts; ++account) {
    const AccountId id = IdOf<AccountId>(account);
    if (naive.Knows(id)) {
      ASSERT_EQ(real.Balance(account), naive.Balance(id)) << "account " << account;
      sum += real.Balance(account);
    }
  }
  EXPECT_EQ(sum, 0) << "money appeared or vanished";
}

// The last entries of each account: its sequence numbers without a gap up to the last one.
void CheckStatements(const TestLedger& real, TestLedger* ledger, const NaiveLedger& naive) {
  for (uint64_t account = 1; account <= kAccounts; ++account) {
    const AccountId id = IdOf<AccountId>(account);
    if (!naive.Knows(id)) continue;
    const uint64_t last = naive.Touches(id);
    uint64_t next = last > 20 ? last - 20 : 1;
    ASSERT_OK_AND_ASSIGN(const std::vector<Entry> entries,
                         ledger->sequencer().ReadStatement(id, next, 1'000));
    int64_t balance = 0;
    for (const Entry& entry : entries) {
      for (const Opening& opening : entry.openings) {
        uint64_t sequence = 0;
        if (const auto* posting = std::get_if<Posting>(&opening);
            posting && posting->account == id) {
          sequence = posting->sequence;
          balance = posting->balance_kopecks;
        }
        if (const auto* terms = std::get_if<AccountTerms>(&opening);
            terms && terms->account == id) {
          sequence = terms->sequence;
        }
        if (sequence >= next) {
          ASSERT_EQ(sequence, next);
          ++next;
        }
      }
    }
    ASSERT_EQ(next, last + 1);
    if (balance != 0) {
      EXPECT_EQ(balance, real.Balance(account));
    }
  }
}

TEST(ModelTest, RandomLifeAgreesWithTheNaiveLedger) {
  constexpr uint64_t kSeed = 20260901;
  const char* wanted = std::getenv("LADON_MODEL_SEED");  // NOLINT(concurrency-mt-unsafe)
  const uint64_t seed = wanted == nullptr ? kSeed : std::strtoull(wanted, nullptr, 10);
  std::cout << "seed " << seed << " (LADON_MODEL_SEED sets another)\n";
  Workload workload(seed);
  NaiveLedger naive;
  TestLedger real;
  ASSERT_THAT(real.Open(), IsOk());
  naive.SetOriginTime(real.now_ns);
  std::map<ResultCode, uint64_t> seen;
  uint64_t reopen_at = kReopenEvery;
  for (uint64_t done = 0; done < kOperations;) {
    real.now_ns += workload.Below(3'000'000);
    std::vector<Submission> group;
    std::vector<Prediction> expected;
    for (uint64_t size = 1 + workload.Below(kGroupMax); group.size() < size;) {
      group.push_back(workload.Next(real.now_ns));
      expected.push_back(naive.Submit(group.back(), real.now_ns));
    }
    done += group.size();
    const auto answers = real.CallAll(std::move(group));
    for (size_t i = 0; i < answers.size(); ++i) {
      const auto& [status, outcome] = answers[i];
      ASSERT_THAT(status, IsOk());
      ASSERT_EQ(ResultName(outcome.code), ResultName(expected[i].code))
          << "operation " << done - answers.size() + i;
      ASSERT_EQ(outcome.replayed, expected[i].replayed);
      ASSERT_EQ(outcome.burnt, expected[i].burnt);
      ++seen[outcome.code];
    }
    ASSERT_EQ(real.sequencer().Head().first, naive.entries());
    if (done >= reopen_at) {
      reopen_at += kReopenEvery;
      const auto head = real.sequencer().Head();
      real.Close();
      ASSERT_THAT(real.Open(), IsOk());
      ASSERT_EQ(real.sequencer().Head(), head);
    }
    CompareAll(real, naive);
  }
  CheckStatements(real, &real, naive);
  for (uint16_t number = 0; number <= static_cast<uint16_t>(ResultCode::kCancelWindowPassed);
       ++number) {
    const auto code = static_cast<ResultCode>(number);
    if (ResultName(code) != "UNKNOWN" && code != ResultCode::kBalanceOverflow) {
      EXPECT_GT(seen[code], kEachResultMin) << ResultName(code) << " was hardly ever met";
    }
  }
}

}  // namespace
}  // namespace ladon::ledger

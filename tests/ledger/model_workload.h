// Random requests that meet every rule of the ledger often enough to be worth comparing.
//
// Few accounts, small sums, short holds and short days, so that limits, budgets and deadlines are
// hit; new requests name what was done shortly before, repeats differ from it in one thing. The
// same seed gives the same requests. Not for threads.
#ifndef LADON_TESTS_LEDGER_MODEL_WORKLOAD_H_
#define LADON_TESTS_LEDGER_MODEL_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "ledger/sequencer.h"

namespace ladon::ledger {

class ModelWorkload {
 public:
  static constexpr uint64_t kAccounts = 40;         // Numbers 1 and up of IdOf<AccountId>(),
  static constexpr uint64_t kAccountsUnknown = 44;  // those behind them are never opened.
  static constexpr uint64_t kSchools = 4;
  // How far back requests are named. Older ones only when their number is a multiple of
  // kNamedForEver; what else is older may be forgotten.
  static constexpr uint64_t kNamedWindow = 250'000;
  static constexpr uint64_t kNamedForEver = 1'000;

  explicit ModelWorkload(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool OneIn(uint64_t count) { return Below(count) == 0; }

  // How many requests come at once, and when.
  uint64_t GroupSize();
  uint64_t NextTime(uint64_t now_ns);
  Submission Next(uint64_t now_ns);
  // What came of the last one: what was refused is named less often.
  void Answered(const Submission& submission, ResultCode code, uint64_t booked_at_ns);

  // All requests so far have lower numbers (of OperationOf), save for a few just above.
  [[nodiscard]] uint64_t next_number() const { return next_; }
  // A number that was asked for, or nearly.
  uint64_t AnyNumber();
  // Of the nonce that the request with this number may have used first.
  static Nonce NonceOf(uint64_t number);

 private:
  struct Named {
    uint64_t number = 0;
    uint64_t booked_at_ns = 0;  // 0: not known.
  };
  // The last few of one sort.
  struct Ring {
    std::vector<Named> named;
    size_t at = 0;
  };

  Submission Fresh(uint64_t number, uint64_t now_ns);
  Submission Repeat();
  void ChangePost(uint64_t how, PostTransaction* post);
  void Keep(Named named, const Submission& submission);
  static void Add(Named named, Ring* ring);

  uint64_t Wallet();
  uint64_t Budget();
  uint64_t Account();
  int64_t Sum(uint64_t up_to) { return static_cast<int64_t>(1 + Below(up_to)); }
  Date Day();
  Date DayOfNumber(int64_t offset) const;
  uint16_t Category();
  SchoolId School();
  Limits RandomLimits();
  AccountTerms RandomTerms();
  Command EmptyOne();
  OpenAccounts FirstOpen() const;
  OpenAccounts RandomOpen();
  SetEntitlements RandomEntitlements();
  SetSchoolLimits RandomSchoolLimits();
  Transfer RandomTransfer();
  PostTransaction RandomPost();
  Named Target(const Ring& likely, uint64_t number);
  CaptureHold RandomCapture(uint64_t number);
  CancelOperation RandomCancel(uint64_t number, uint64_t now_ns);

  std::mt19937_64 random_;
  uint64_t next_ = 1;
  uint64_t number_ = 0;         // Of the last request; 0: a repeat, or no request.
  uint64_t emptying_step_ = 0;  // Of EmptyOne(); 0: it is not at work
  uint64_t emptied_ = 0;        // on this account.
  uint64_t closed_ = 0;         // The account that was to be closed last.
  Ring posts_;
  Ring holds_;
  Ring captures_;
  Ring others_;
  std::vector<std::pair<uint64_t, Submission>> recent_;  // To be repeated.
  size_t recent_at_ = 0;
};

}  // namespace ladon::ledger

#endif  // LADON_TESTS_LEDGER_MODEL_WORKLOAD_H_

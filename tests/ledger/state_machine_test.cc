// Goal: each rule, its precedence, and that deciding is a pure function. Method: small hand-made
// ledgers; for precedence, requests that break several rules at once; for determinism, two machines
// fed the same; for replay, entries with one thing wrong.
#include "ledger/state_machine.h"

#include <limits>

#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::CancelOf;
using ::ladon::testing::DigestOf;
using ::ladon::testing::IdOf;
using ::ladon::testing::IsOk;
using ::ladon::testing::OperationOf;
using ::ladon::testing::Pay;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TermsOf;
using ::ladon::testing::TransferOf;

// A machine that books every request at the next index and time.
class Driver {
 public:
  Decision Decide(const Command& command, const Facts& facts = {}) {
    ++number_;
    const Request request = {.operation = OperationOf(number_),
                             .content = DigestOf(number_),
                             .command = &command,
                             .context = {},
                             .service_date = 2026'09'01,
                             .effective_date = 0,
                             .transaction = IdOf<TransactionId>(number_),
                             .reason = 0};
    Decision decision;
    machine_.Decide(request, facts, stamp_, &decision);
    machine_.Apply(decision);
    stamp_.index += decision.entries.size();
    stamp_.booked_at_ns += 1'000;
    return decision;
  }
  ResultCode Code(const Command& command, const Facts& facts = {}) {
    return Decide(command, facts).code;
  }
  void Open(std::vector<AccountTerms> accounts) {
    ASSERT_EQ(Code(OpenAccounts{std::move(accounts)}), ResultCode::kOk);
  }
  [[nodiscard]] int64_t Balance(uint64_t account) const {
    return machine_.Find(IdOf<AccountId>(account))->now.balance_kopecks;
  }
  [[nodiscard]] StateMachine& machine() { return machine_; }
  [[nodiscard]] uint64_t now_ns() const { return stamp_.booked_at_ns; }

 private:
  StateMachine machine_;
  Stamp stamp_ = {.index = 1, .booked_at_ns = 1'000'000};
  uint64_t number_ = 0;
};

constexpr uint16_t kLimitedFrozen = kAccountLimited | kAccountFrozen;

TEST(StateMachineTest, PostsAndCounts) {
  Driver driver;
  driver.Open({TermsOf(1), TermsOf(2)});
  const Decision decision = driver.Decide(Pay({TransferOf(1, 2, 300), TransferOf(2, 1, 100)}));
  EXPECT_EQ(decision.code, ResultCode::kOk);
  EXPECT_EQ(driver.Balance(1), -200);
  EXPECT_EQ(driver.Balance(2), 200);
  ASSERT_EQ(decision.entries.size(), 1u);
  const std::vector<Opening> expected = {Posting{IdOf<AccountId>(1), -300, 2, -300},
                                         Posting{IdOf<AccountId>(2), 300, 2, 300},
                                         Posting{IdOf<AccountId>(2), -100, 3, 200},
                                         Posting{IdOf<AccountId>(1), 100, 3, -200}, Context{}};
  EXPECT_EQ(decision.entries[0].openings, expected);
  EXPECT_EQ(decision.entries[0].previous, (std::vector<uint64_t>{1, 1, 2, 2}));
}

TEST(StateMachineTest, AllTransfersOrNone) {
  Driver driver;
  driver.Open({TermsOf(1), TermsOf(2, kAccountLimited), TermsOf(3)});
  const Decision decision = driver.Decide(Pay({TransferOf(1, 2, 50), TransferOf(2, 3, 51)}));
  EXPECT_EQ(decision.code, ResultCode::kInsufficientFunds);
  EXPECT_EQ(driver.Balance(1), 0);
  ASSERT_EQ(decision.entries.size(), 1u);
  EXPECT_EQ(decision.entries[0].leaf.kind, EntryKind::kRefusal);
  EXPECT_EQ(decision.entries[0].openings.size(), 1u);  // The context alone.
}

// Limits are judged after each transfer, not at the end.
TEST(StateMachineTest, LimitsBindBetweenTransfersToo) {
  Driver driver;
  driver.Open({TermsOf(1), TermsOf(2, kAccountLimited, 10), TermsOf(3)});
  EXPECT_EQ(driver.Code(Pay({TransferOf(2, 3, 11), TransferOf(1, 2, 50)})),
            ResultCode::kInsufficientFunds);
  EXPECT_EQ(driver.Code(Pay({TransferOf(1, 2, 50), TransferOf(2, 3, 60)})), ResultCode::kOk);
  EXPECT_EQ(driver.Balance(2), -10);
}

TEST(StateMachineTest, LimitsBindDebitsOnly) {
  Driver driver;
  driver.Open({TermsOf(1), TermsOf(2, kAccountLimited, 100)});
  ASSERT_EQ(driver.Code(Pay({TransferOf(2, 1, 100)})), ResultCode::kOk);
  ASSERT_EQ(driver.Code(SetAccountTerms{TermsOf(2, kLimitedFrozen, 0)}), ResultCode::kOk);
  EXPECT_EQ(driver.Code(Pay({TransferOf(2, 1, 1)})), ResultCode::kAccountFrozen);
  EXPECT_EQ(driver.Code(Pay({TransferOf(1, 2, 1)})), ResultCode::kOk);
  EXPECT_EQ(driver.Balance(2), -99);
}

TEST(StateMachineTest, LowestNumberIsTold) {
  Driver driver;
  driver.Open({TermsOf(1), TermsOf(2, kAccountClosed), TermsOf(3, kAccountFrozen),
               TermsOf(4, kAccountLimited), TermsOf(5)});
  constexpr int64_t kTooMuch = kTransferKopecksMax + 1;
  const Transfer insufficient = TransferOf(4, 1, 5);
  const Transfer frozen = TransferOf(3, 1, 5);
  const Transfer closed = TransferOf(1, 2, 5);
  const Transfer unknown = TransferOf(1, 99, 5);
  const Transfer twice = TransferOf(1, 1, 5);
  const std::pair<std::vector<Transfer>, ResultCode> cases[] = {
      {{}, ResultCode::kNoTransfers},
      {{insufficient}, ResultCode::kInsufficientFunds},
      {{insufficient, frozen}, ResultCode::kAccountFrozen},
      {{insufficient, frozen, closed}, ResultCode::kAccountClosed},
      {{TransferOf(2, 1, 5)}, ResultCode::kAccountClosed},
      {{insufficient, frozen, closed, unknown}, ResultCode::kAccountUnknown},
      {{insufficient, frozen, closed, unknown, twice}, ResultCode::kSameAccountTwice},
      {{insufficient, unknown, twice, TransferOf(1, 5, 0)}, ResultCode::kAmountOutOfRange},
      {{TransferOf(1, 5, -1)}, ResultCode::kAmountOutOfRange},
      {{TransferOf(1, 5, kTooMuch)}, ResultCode::kAmountOutOfRange},
      {{TransferOf(1, 5, kTransferKopecksMax)}, ResultCode::kOk},
  };
  for (const auto& [transfers, code] : cases) {
    EXPECT_EQ(driver.Code(Pay(transfers)), code) << ResultName(code);
    EXPECT_EQ(driver.Code(Pay(transfers), {.nonce_used = true}), ResultCode::kTokenAlreadyUsed);
  }
}

TEST(StateMachineTest, OverflowIsToldBeforeLackOfFunds) {
  Driver driver;
  driver.Open({TermsOf(1, kAccountLimited), TermsOf(2)});
  Accounts& accounts = driver.machine().accounts();
  accounts.Change(accounts.FindSlot(IdOf<AccountId>(2))).now.balance_kopecks =
      std::numeric_limits<int64_t>::max() - 10;
  EXPECT_EQ(driver.Code(Pay({TransferOf(1, 2, 10)})), ResultCode::kInsufficientFunds);
  EXPECT_EQ(driver.Code(Pay({TransferOf(1, 2, 10), TransferOf(1, 2, 1)})),
            ResultCode::kBalanceOverflow);
}

TEST(StateMachineTest, AccountsOpenOnceAndKeepTheirCode) {
  Driver driver;
  driver.Open({TermsOf(1)});
  AccountTerms changed = TermsOf(1, kAccountLimited, 70);
  EXPECT_EQ(driver.Code(OpenAccounts{{TermsOf(2), changed}}), ResultCode::kAccountExists);
  EXPECT_EQ(driver.machine().Find(IdOf<AccountId>(2)), nullptr);
  EXPECT_EQ(driver.Code(OpenAccounts{{TermsOf(3), TermsOf(3)}}), ResultCode::kAccountExists);
  changed.sequence = 1;
  EXPECT_EQ(driver.Code(OpenAccounts{{TermsOf(2), changed}}), ResultCode::kOk);
  EXPECT_EQ(driver.machine().Find(IdOf<AccountId>(1))->terms.overdraft_limit_kopecks, 70);
  EXPECT_EQ(driver.machine().Find(IdOf<AccountId>(1))->now.sequence, 2u);
  EXPECT_EQ(driver.Code(SetAccountTerms{TermsOf(9)}), ResultCode::kAccountUnknown);
  changed.code = AccountCode::kFees;
  EXPECT_EQ(driver.Code(SetAccountTerms{changed}), ResultCode::kAccountTermsInvalid);
  AccountTerms unknown_and_invalid = TermsOf(9, 0, -1);
  EXPECT_EQ(driver.Code(SetAccountTerms{unknown_and_invalid}), ResultCode::kAccountUnknown);
  EXPECT_EQ(driver.Code(OpenAccounts{{TermsOf(8, 0, -1)}}), ResultCode::kAccountTermsInvalid);
  EXPECT_EQ(driver.Code(OpenAccounts{{TermsOf(8, 0, -1), TermsOf(1)}}), ResultCode::kAccountExists);
}

TEST(StateMachineTest, ClosedAccountsMayBeReopened) {
  Driver driver;
  driver.Open({TermsOf(1, kAccountClosed), TermsOf(2)});
  EXPECT_EQ(driver.Code(Pay({TransferOf(2, 1, 1)})), ResultCode::kAccountClosed);
  EXPECT_EQ(driver.Code(SetAccountTerms{TermsOf(1)}), ResultCode::kOk);
  EXPECT_EQ(driver.Code(Pay({TransferOf(2, 1, 1)})), ResultCode::kOk);
}

TEST(StateMachineTest, AsksBeforeARepeatWithinTheWindow) {
  Driver driver;
  driver.Open({TermsOf(1), TermsOf(2)});
  PostTransaction post = Pay({TransferOf(1, 2, 5)});
  post.document = DigestOf(77);
  post.repeat_window_ns = 5'000;
  const Decision first = driver.Decide(post);
  ASSERT_EQ(first.code, ResultCode::kOk);
  const Decision repeat = driver.Decide(post);  // 1000 ns later.
  EXPECT_EQ(repeat.code, ResultCode::kPossibleRepeat);
  EXPECT_TRUE(repeat.entries.empty());
  PostTransaction confirmed = post;
  confirmed.repeat_window_ns = 0;
  EXPECT_EQ(driver.Code(confirmed), ResultCode::kOk);
  PostTransaction other = post;
  other.document = DigestOf(78);
  EXPECT_EQ(driver.Code(other), ResultCode::kOk);
  EXPECT_EQ(driver.Code(post), ResultCode::kOk);  // The last basket is another one.
  post.repeat_window_ns = 1'000;                  // Exactly as long ago: not within.
  EXPECT_EQ(driver.Code(post), ResultCode::kOk);
  post.repeat_window_ns = 1'001;
  EXPECT_EQ(driver.Code(post), ResultCode::kPossibleRepeat);
}

TEST(StateMachineTest, ReversalLetsThePayerBuyTheSameAgain) {
  Driver driver;
  driver.Open({TermsOf(1), TermsOf(2)});
  PostTransaction post = Pay({TransferOf(1, 2, 5)});
  post.document = DigestOf(77);
  post.repeat_window_ns = 1'000'000;
  const Decision paid = driver.Decide(post);
  const Facts facts = {.original = &paid.entries[0]};
  ASSERT_EQ(driver.Code(CancelOf(1), facts), ResultCode::kOk);
  EXPECT_EQ(driver.Balance(1), 0);
  EXPECT_EQ(driver.Code(post), ResultCode::kOk);
}

TEST(StateMachineTest, ReversesByOrdinalLastFirst) {
  Driver driver;
  // A subsidy passes through a wallet that may never be below zero.
  driver.Open({TermsOf(1), TermsOf(2, kAccountLimited), TermsOf(3)});
  PostTransaction post = Pay({TransferOf(1, 2, 40), TransferOf(2, 3, 40)});
  post.transfers[1].line = LineDetail{.ordinal = 9, .item = IdOf<ItemId>(5), .quantity = 2};
  const Decision paid = driver.Decide(post);
  ASSERT_EQ(paid.code, ResultCode::kOk);
  Facts facts = {.original = &paid.entries[0]};
  const Decision all = driver.Decide(CancelOf(1), facts);
  ASSERT_EQ(all.code, ResultCode::kOk);
  EXPECT_EQ(all.reversed, (std::vector<Taken>{{0, 40}, {1, 40}}));
  EXPECT_EQ(all.reversed_transaction, paid.entries[0].leaf.transaction);
  EXPECT_EQ(all.entries[0].leaf.related, paid.entries[0].leaf.transaction);
  const auto& line = std::get<LineDetail>(all.entries[0].openings[2]);
  EXPECT_EQ(line.ordinal, 1u);
  EXPECT_EQ(line.item, IdOf<ItemId>(5));
  EXPECT_EQ(std::get<LineDetail>(all.entries[0].openings[5]).ordinal, 0u);
  EXPECT_EQ(driver.Balance(1), 0);
  EXPECT_EQ(driver.Balance(3), 0);
}

TEST(StateMachineTest, RefusesReversalsThatCannotBe) {
  Driver driver;
  driver.Open({TermsOf(1), TermsOf(2)});
  const Decision paid = driver.Decide(Pay({TransferOf(1, 2, 5), TransferOf(1, 2, 6)}));
  Facts facts = {.original = &paid.entries[0]};
  CancelOperation cancel = CancelOf(1);
  cancel.ordinals = {2};
  EXPECT_EQ(driver.Code(cancel, facts), ResultCode::kNothingToReverse);
  cancel.ordinals = {1, 1};
  EXPECT_EQ(driver.Code(cancel, facts), ResultCode::kReversalExceedsOriginal);
  cancel.ordinals = {1};
  const Decision one = driver.Decide(cancel, facts);
  EXPECT_EQ(one.code, ResultCode::kOk);
  facts.reversed = one.reversed;
  EXPECT_EQ(driver.Code(cancel, facts), ResultCode::kReversalExceedsOriginal);
  cancel.ordinals = {2, 1};
  EXPECT_EQ(driver.Code(cancel, facts), ResultCode::kNothingToReverse);
  const Decision rest = driver.Decide(CancelOf(1), facts);
  EXPECT_EQ(rest.code, ResultCode::kOk);
  EXPECT_EQ(rest.reversed, (std::vector<Taken>{{0, 5}, {1, 6}}));
  facts.reversed = rest.reversed;
  EXPECT_EQ(driver.Code(CancelOf(1), facts), ResultCode::kReversalExceedsOriginal);
  EXPECT_EQ(driver.Balance(1), 0);
  facts = {.original = &rest.entries[0]};
  EXPECT_EQ(driver.Code(CancelOf(1), facts), ResultCode::kNothingToReverse);
}

TEST(StateMachineTest, WindowOfCancelling) {
  Driver driver;
  driver.Open({TermsOf(1), TermsOf(2, kAccountLimited)});
  const uint64_t booked_at_ns = driver.now_ns();
  const Decision paid = driver.Decide(Pay({TransferOf(1, 2, 5)}));
  const Facts facts = {.original = &paid.entries[0]};
  CancelOperation late = CancelOf(1);
  late.not_before_ns = booked_at_ns + 1;
  EXPECT_EQ(driver.Code(late, facts), ResultCode::kCancelWindowPassed);
  CancelOperation other_day = CancelOf(1);
  other_day.same_service_date = 2026'09'02;
  EXPECT_EQ(driver.Code(other_day, facts), ResultCode::kCancelWindowPassed);
  ASSERT_EQ(driver.Code(Pay({TransferOf(2, 1, 1)})), ResultCode::kOk);
  EXPECT_EQ(driver.Code(late, facts), ResultCode::kInsufficientFunds);  // The lower number.
  ASSERT_EQ(driver.Code(Pay({TransferOf(1, 2, 1)})), ResultCode::kOk);
  late.not_before_ns = booked_at_ns;
  late.same_service_date = 2026'09'01;
  EXPECT_EQ(driver.Code(late, facts), ResultCode::kOk);
}

TEST(StateMachineTest, CancelOfTheUnknownBurnsItOnce) {
  Driver driver;
  const Decision first = driver.Decide(CancelOf(50));
  EXPECT_EQ(first.code, ResultCode::kOk);
  EXPECT_TRUE(first.burnt);
  ASSERT_EQ(first.entries.size(), 2u);
  EXPECT_EQ(first.entries[0].leaf.kind, EntryKind::kBurnt);
  EXPECT_EQ(first.entries[0].leaf.operation, OperationOf(50));
  EXPECT_TRUE(first.entries[0].leaf.content.IsZero());
  EXPECT_EQ(first.entries[1].leaf.kind, EntryKind::kOperation);
  EXPECT_EQ(first.entries[1].leaf.index, first.entries[0].leaf.index + 1);
  EXPECT_EQ(first.entries[1].leaf.booked_at_ns, first.entries[0].leaf.booked_at_ns + 1);
  const Facts facts = {.original = &first.entries[0]};
  const Decision second = driver.Decide(CancelOf(50), facts);
  EXPECT_EQ(second.code, ResultCode::kOk);
  EXPECT_TRUE(second.burnt);
  EXPECT_EQ(second.entries.size(), 1u);
}

TEST(StateMachineTest, CancelOfARefusalAndOfANote) {
  Driver driver;
  const Decision refused = driver.Decide(Pay({}));
  Facts facts = {.original = &refused.entries[0]};
  const Decision cancel = driver.Decide(CancelOf(1), facts);
  EXPECT_EQ(cancel.code, ResultCode::kOriginalRefused);
  EXPECT_EQ(cancel.entries[0].leaf.kind, EntryKind::kRefusal);
  const Decision note = driver.Decide(NoteOperation{DigestOf(3)});
  EXPECT_EQ(note.entries[0].leaf.document, DigestOf(3));
  facts.original = &note.entries[0];
  EXPECT_EQ(driver.Code(CancelOf(2), facts), ResultCode::kNothingToReverse);
}

TEST(StateMachineTest, SameInputsGiveTheSameBytesAndReplayGivesTheSameAccounts) {
  Driver one;
  Driver two;
  StateMachine replayed;
  PostTransaction post = Pay({TransferOf(1, 2, 5), TransferOf(2, 3, 4)});
  post.document = DigestOf(1);
  post.nonce = IdOf<Nonce>(1);
  const Command commands[] = {OpenAccounts{{TermsOf(1), TermsOf(2), TermsOf(3)}},
                              post,
                              SetAccountTerms{TermsOf(3, kLimitedFrozen, 7)},
                              Pay({}),
                              CancelOf(40),
                              NoteOperation{DigestOf(9)}};
  for (const Command& command : commands) {
    const Decision first = one.Decide(command);
    const Decision second = two.Decide(command);
    ASSERT_EQ(first.entries.size(), second.entries.size());
    for (size_t i = 0; i < first.entries.size(); ++i) {
      EXPECT_EQ(EncodeLeaf(first.entries[i].leaf).value(),
                EncodeLeaf(second.entries[i].leaf).value());
      EXPECT_THAT(replayed.Replay(first.entries[i]), IsOk());
    }
  }
  for (const uint64_t account : {1, 2, 3}) {
    const AccountId id = IdOf<AccountId>(account);
    ASSERT_NE(replayed.Find(id), nullptr);
    EXPECT_EQ(*replayed.Find(id), *one.machine().Find(id));
  }
}

// Breaks one thing of a good transaction, and replays it.
template <class Break>
absl::Status ReplayBroken(Break change) {
  Driver driver;
  const Decision opened = driver.Decide(OpenAccounts{{TermsOf(1), TermsOf(2)}});
  Entry paid = driver.Decide(Pay({TransferOf(1, 2, 5)})).entries[0];
  change(&paid);
  StateMachine replayed;
  EXPECT_THAT(replayed.Replay(opened.entries[0]), IsOk());
  return replayed.Replay(paid);
}

TEST(StateMachineTest, ReplayDerivesEverythingAgain) {
  EXPECT_THAT(ReplayBroken([](Entry*) {}), IsOk());
  const auto lost = StatusIs(absl::StatusCode::kDataLoss);
  EXPECT_THAT(ReplayBroken([](Entry* e) { std::get<Posting>(e->openings[0]).sequence = 3; }), lost);
  EXPECT_THAT(ReplayBroken([](Entry* e) { std::get<Posting>(e->openings[1]).sequence = 1; }), lost);
  EXPECT_THAT(ReplayBroken([](Entry* e) { std::get<Posting>(e->openings[1]).balance_kopecks = 6; }),
              lost);
  EXPECT_THAT(ReplayBroken(
                  [](Entry* e) { std::get<Posting>(e->openings[1]).account = IdOf<AccountId>(9); }),
              lost);
  EXPECT_THAT(ReplayBroken([](Entry* e) { e->previous[1] = 0; }), lost);
  EXPECT_THAT(ReplayBroken([](Entry* e) { e->previous.pop_back(); }), lost);
  EXPECT_THAT(ReplayBroken([](Entry* e) { e->leaf.transaction = {}; }), lost);
  EXPECT_THAT(ReplayBroken([](Entry* e) { e->leaf.operation = {}; }), lost);
  EXPECT_THAT(ReplayBroken([](Entry* e) { e->leaf.kind = EntryKind::kRefusal; }), lost);
  EXPECT_THAT(ReplayBroken([](Entry* e) { e->leaf.kind = EntryKind::kAccounts; }), lost);
  EXPECT_THAT(ReplayBroken([](Entry* e) { e->leaf.kind = EntryKind::kOrigin; }), lost);
}

// Found by the naive ledger: where a budget paid all of it, the entry names the payer beside it
// only.
TEST(StateMachineTest, ARepeatWithAnotherPayerIsToldSoThoughABudgetPaidIt) {
  Driver driver;
  AccountTerms caterer = TermsOf(3);
  caterer.code = AccountCode::kCatererPayable;
  AccountTerms budget = TermsOf(4);
  budget.code = AccountCode::kSubsidyBudget;
  driver.Open({TermsOf(1), TermsOf(2), caterer, budget});
  SetEntitlements entitle;
  entitle.entitlements = {.account = IdOf<AccountId>(1),
                          .list = {{.budget = IdOf<AccountId>(4),
                                    .category = 10,
                                    .cap_kopecks = 500,
                                    .uses_per_day = 1,
                                    .valid_from = 2026'01'01,
                                    .valid_to = 2026'12'31,
                                    .document = DigestOf(1)}}};
  ASSERT_EQ(driver.Code(entitle), ResultCode::kOk);
  const auto meal = [](uint64_t payer, int64_t amount_kopecks) {
    Transfer transfer = TransferOf(payer, 3, amount_kopecks);
    transfer.line = LineDetail{.category = 10, .quantity = 1};
    return Command(Pay({transfer}));
  };
  const Decision paid = driver.Decide(meal(1, 500));
  ASSERT_EQ(paid.code, ResultCode::kOk);
  ASSERT_EQ(driver.Balance(1), 0);
  ASSERT_EQ(driver.Balance(4), -500);
  const auto difference = [&paid](const Command& command) {
    return StateMachine::Difference({.operation = paid.entries.back().leaf.operation,
                                     .content = DigestOf(99),
                                     .command = &command,
                                     .service_date = 2026'09'01},
                                    paid.entries.back());
  };
  EXPECT_EQ(difference(meal(2, 500)), ResultCode::kExistsWithDifferentAccounts);
  EXPECT_EQ(difference(meal(2, 400)), ResultCode::kExistsWithDifferentAccounts);
  EXPECT_EQ(difference(meal(1, 400)), ResultCode::kExistsWithDifferentAmount);
}

}  // namespace
}  // namespace ladon::ledger

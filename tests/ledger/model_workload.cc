#include "tests/ledger/model_workload.h"

#include <algorithm>
#include <iterator>

#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::DigestOf;
using ::ladon::testing::IdOf;
using ::ladon::testing::OperationOf;
using ::ladon::testing::SubmissionOf;
using ::ladon::testing::TermsOf;
using ::ladon::testing::TransferOf;

constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint64_t kRequestsPerDay = 5'000;
constexpr size_t kRing = 40;
constexpr size_t kRecent = 300;
constexpr uint64_t kUnusedContent = 1'000'000'000'000;  // Above all numbers of requests.

constexpr uint64_t kFirstIdle = 1'000;  // Accounts that are opened and never used.
constexpr uint64_t kIdleForEach = 6;    // For each one that is.

constexpr uint64_t kWallets = 24;  // Accounts 1..24; behind them
constexpr uint64_t kCaterers = 5;  // 25..29,
constexpr uint64_t kBudgets = 5;   // 30..34, and those of the firm, of all other codes, from 35 on.

AccountCode CodeOf(uint64_t account) {
  if (account <= kWallets) return AccountCode::kWallet;
  if (account <= kWallets + kCaterers) return AccountCode::kCatererPayable;
  if (account <= kWallets + kCaterers + kBudgets) return AccountCode::kSubsidyBudget;
  constexpr AccountCode kOthers[] = {AccountCode::kChannelClearing, AccountCode::kRefundPayable,
                                     AccountCode::kFees, AccountCode::kSuspense};
  return kOthers[account % std::size(kOthers)];
}

OperationKey TargetOf(const Command& command) {
  if (const auto* capture = std::get_if<CaptureHold>(&command)) return capture->target;
  if (const auto* release = std::get_if<VoidHold>(&command)) return release->target;
  if (const auto* cancel = std::get_if<CancelOperation>(&command)) return cancel->target;
  return {};
}

}  // namespace

uint64_t ModelWorkload::GroupSize() {
  return 1 + (OneIn(2) ? Below(20) : Below(1'500));
}

// Mostly onwards: by little, or by so much that holds end; to the very second, so that deadlines
// fall between the entries of one group; and now and then back.
uint64_t ModelWorkload::NextTime(uint64_t now_ns) {
  const uint64_t roll = Below(20);
  if (roll < 10) return now_ns + Below(3'000'000);
  if (roll < 14) return now_ns + Below(2 * kNsPerSecond);
  if (roll < 18) return now_ns + kNsPerSecond;
  if (roll < 19) return now_ns - Below(kNsPerSecond);
  return now_ns + 6 * kNsPerSecond;
}

Submission ModelWorkload::Next(uint64_t now_ns) {
  if (OneIn(200)) {
    return {};  // Only an audit record.
  }
  if (!recent_.empty() && Below(100) < 9) {
    return Repeat();
  }
  const uint64_t number = OneIn(50) ? AnyNumber() : next_++;
  Submission submission = Fresh(number, now_ns);
  submission.service_date = Day();
  if (OneIn(5)) submission.effective_date = Day();
  if (OneIn(30)) submission.content = DigestOf(kUnusedContent + Below(3));
  number_ = number;
  return submission;
}

void ModelWorkload::Answered(const Submission& submission, ResultCode code, uint64_t booked_at_ns) {
  const uint64_t number = std::exchange(number_, 0);
  if (number != 0 && (code == ResultCode::kOk || OneIn(8))) {
    Keep({.number = number, .booked_at_ns = booked_at_ns}, submission);
  }
}

uint64_t ModelWorkload::AnyNumber() {
  if (OneIn(4) && next_ > kNamedForEver) {
    return kNamedForEver * (1 + Below(next_ / kNamedForEver));
  }
  // A little less than the window, because the window moves on while a group is made.
  const uint64_t back = std::min(next_ - 1, Below(2) == 0 ? kNamedWindow - 10'000 : 100);
  return next_ - back + Below(back + 10);
}

Nonce ModelWorkload::NonceOf(uint64_t number) {
  return IdOf<Nonce>(number);
}

Submission ModelWorkload::Fresh(uint64_t number, uint64_t now_ns) {
  if (emptying_step_ != 0) return SubmissionOf(number, EmptyOne());
  const uint64_t what = Below(1'000);
  if (next_ < 200) return SubmissionOf(number, FirstOpen());
  if (what < 12) return SubmissionOf(number, EmptyOne());
  if (what < 20) return SubmissionOf(number, RandomOpen());
  if (what < 50) return SubmissionOf(number, SetAccountTerms{RandomTerms()});
  if (what < 80) return SubmissionOf(number, RandomEntitlements());
  if (what < 90) return SubmissionOf(number, RandomSchoolLimits());
  if (what < 110) return SubmissionOf(number, NoteOperation{DigestOf(number)});
  if (what < 160) return SubmissionOf(number, RandomCapture(number));
  if (what < 185) return SubmissionOf(number, VoidHold{OperationOf(Target(holds_, number).number)});
  if (what < 340) return SubmissionOf(number, RandomCancel(number, now_ns));
  return SubmissionOf(number, RandomPost());
}

void ModelWorkload::Add(Named named, Ring* ring) {
  if (ring->named.size() < kRing) {
    ring->named.push_back(named);
  } else {
    ring->named[ring->at++ % kRing] = named;
  }
}

void ModelWorkload::Keep(Named named, const Submission& submission) {
  if (const auto* post = std::get_if<PostTransaction>(&submission.command)) {
    Add(named, post->hold_seconds == 0 ? &posts_ : &holds_);
  } else if (std::holds_alternative<CaptureHold>(submission.command)) {
    Add(named, &captures_);
  } else {
    Add(named, &others_);
  }
  if (recent_.size() < kRecent) {
    recent_.emplace_back(named.number, submission);
  } else {
    recent_[recent_at_++ % kRecent] = {named.number, submission};
  }
}

// The same request again, or another one under its id.
Submission ModelWorkload::Repeat() {
  const auto& [number, before] = recent_[Below(recent_.size())];
  Submission submission = before;
  const uint64_t how = Below(12);
  if (how < 2) {
    return submission;
  }
  submission.content = DigestOf(kUnusedContent + number);
  if (how == 3) {
    submission.effective_date = DayOfNumber(40);
  }
  if (how == 4) {
    const uint64_t other = Below(recent_.size());
    if (recent_[other].first != number) submission.command = recent_[other].second.command;
  }
  if (TargetOf(submission.command) == submission.operation) {
    return before;  // A command that names the id it goes under is no request.
  }
  if (auto* post = std::get_if<PostTransaction>(&submission.command)) {
    ChangePost(how, post);
  }
  return submission;
}

void ModelWorkload::ChangePost(uint64_t how, PostTransaction* post) {
  if (how == 5) post->document = DigestOf(kUnusedContent + Below(3));
  if (how == 6) post->hold_seconds = post->hold_seconds == 0 ? 1 : 0;
  if (how == 7 && post->transfers.size() < kTransfersMax) {
    post->transfers.push_back(RandomTransfer());
  }
  if (post->transfers.empty()) {
    return;
  }
  Transfer& transfer = post->transfers[Below(post->transfers.size())];
  if (how == 8) std::swap(transfer.debit, transfer.credit);
  if (how == 9) transfer.amount_kopecks += Sum(3) - 2;
  if (how == 10) transfer.balancing = !transfer.balancing;
  if (how == 11) {
    transfer.balancing = true;
    transfer.amount_kopecks += Sum(100) - 50;
  }
}

uint64_t ModelWorkload::Wallet() {
  return closed_ != 0 && OneIn(40) ? closed_ : 1 + Below(kWallets);
}

uint64_t ModelWorkload::Budget() {
  return kWallets + kCaterers + 1 + Below(kBudgets);
}

uint64_t ModelWorkload::Account() {
  return OneIn(300) ? kAccounts + 1 + Below(kAccountsUnknown - kAccounts) : 1 + Below(kAccounts);
}

Date ModelWorkload::DayOfNumber(int64_t offset) const {
  const int64_t day = static_cast<int64_t>(next_ / kRequestsPerDay) + 100 + offset;
  constexpr int64_t kDays = 28;  // Of every month: days that all months have.
  constexpr int64_t kMonths = 12;
  const int64_t year = 2026 + day / (kDays * kMonths);
  return static_cast<Date>(year * 10'000 + (1 + day / kDays % kMonths) * 100 + 1 + day % kDays);
}

// Today; rarely what comes late from yesterday; towards the end of the day, some of tomorrow.
Date ModelWorkload::Day() {
  if (OneIn(500)) return 0;
  if (OneIn(15)) return DayOfNumber(-1);
  return DayOfNumber(next_ % kRequestsPerDay > kRequestsPerDay * 9 / 10 && OneIn(4) ? 1 : 0);
}

uint16_t ModelWorkload::Category() {
  if (OneIn(50)) return static_cast<uint16_t>(kLimitCategoryBan + Below(3));
  return static_cast<uint16_t>(Below(5));
}

SchoolId ModelWorkload::School() {
  return OneIn(10) ? SchoolId{} : IdOf<SchoolId>(1 + Below(kSchools));
}

Limits ModelWorkload::RandomLimits() {
  Limits limits;
  if (OneIn(3)) limits.emplace_back(kLimitPerPurchase, Sum(800));
  if (OneIn(3)) limits.emplace_back(kLimitPerServiceDay, Sum(OneIn(2) ? 3'000 : 30'000));
  if (OneIn(10)) limits.emplace_back(77, Sum(10));  // Of a type that nobody asks for.
  for (uint64_t category = 0; category < 6; ++category) {
    if (OneIn(40)) {
      limits.emplace_back(static_cast<uint16_t>(kLimitCategoryBan + category), Below(2));
    }
  }
  if (OneIn(40)) std::reverse(limits.begin(), limits.end());
  if (OneIn(40)) limits.emplace_back(kLimitPerPurchase, 5);
  return limits;
}

AccountTerms ModelWorkload::RandomTerms() {
  const uint64_t account = 1 + Below(kAccounts);
  const bool source = CodeOf(account) > AccountCode::kSubsidyBudget ||
                      CodeOf(account) == AccountCode::kChannelClearing;
  uint16_t flags = 0;
  if (source ? OneIn(20) : !OneIn(6)) flags |= kAccountLimited;  // Money comes from somewhere.
  if (OneIn(25)) flags |= kAccountFrozen;
  if (OneIn(12)) flags |= kAccountClosed;
  if (OneIn(60)) flags |= 1 << 7;
  AccountTerms terms = TermsOf(account, flags, static_cast<int64_t>(OneIn(2) ? Below(3) * 500 : 0));
  terms.code = CodeOf(OneIn(50) ? Account() : account);
  terms.school = School();
  if (!OneIn(3)) terms.limits = RandomLimits();
  if (OneIn(50)) terms.overdraft_limit_kopecks = -1;
  if (OneIn(200)) terms.account = AccountId{};
  return terms;
}

// In three requests: an account gets a limit without overdraft, all that it holds is taken, and a
// purse is closed; a budget, which several of them draw on, stays with nothing.
Command ModelWorkload::EmptyOne() {
  if (emptying_step_ == 0) emptied_ = OneIn(4) ? Budget() : Wallet();
  AccountTerms terms = TermsOf(emptied_, kAccountLimited);
  terms.code = CodeOf(emptied_);
  terms.school = School();
  emptying_step_ = (emptying_step_ + 1) % 3;
  if (emptying_step_ == 2) {
    PostTransaction post;
    post.transfers.push_back(TransferOf(emptied_, kAccounts, 1'000'000));
    post.transfers.back().balancing = true;
    return post;
  }
  if (emptying_step_ == 0 && terms.code == AccountCode::kWallet) {
    terms.flags |= kAccountClosed;
    closed_ = emptied_;
  }
  return SetAccountTerms{terms};
}

// With idle accounts between them, so that those in use stand on several pages.
OpenAccounts ModelWorkload::FirstOpen() const {
  const uint64_t account = 1 + next_ % kAccounts;
  OpenAccounts open;
  open.accounts.push_back(TermsOf(account));
  open.accounts.back().code = CodeOf(account);
  for (uint64_t i = 0; i < kIdleForEach; ++i) {
    open.accounts.push_back(TermsOf(kFirstIdle + account * kIdleForEach + i));
  }
  return open;
}

OpenAccounts ModelWorkload::RandomOpen() {
  OpenAccounts open;
  for (uint64_t count = 1 + Below(3); count > 0; --count) {
    open.accounts.push_back(RandomTerms());
    open.accounts.back().sequence = OneIn(4) ? 0 : 1;
  }
  if (OneIn(3)) {  // Twice in one command.
    open.accounts.push_back(open.accounts.front());
    open.accounts.back().sequence = OneIn(4) ? 0 : 1;
    open.accounts.back().flags = kAccountLimited;
  }
  if (OneIn(10)) {
    open.accounts.push_back(TermsOf(kAccountsUnknown));
    open.accounts.back().sequence = 1;
  }
  return open;
}

SetEntitlements ModelWorkload::RandomEntitlements() {
  SetEntitlements set;
  set.entitlements.account = IdOf<AccountId>(OneIn(15) ? Account() : Wallet());
  set.entitlements.sequence = Below(5);  // To be ignored.
  for (uint64_t count = OneIn(30) ? 7 + Below(3) : Below(4); count > 0; --count) {
    Entitlement one;
    one.budget = IdOf<AccountId>(OneIn(10) ? Account() : Budget());
    one.category = OneIn(4) ? Category() : static_cast<uint16_t>(1 + Below(2));
    one.cap_kopecks = OneIn(60) ? 0 : Sum(150);
    one.uses_per_day = static_cast<uint8_t>(OneIn(60) ? 0 : OneIn(10) ? 255 : 1 + Below(6));
    one.valid_from = DayOfNumber(-static_cast<int64_t>(Below(3)));
    one.valid_to = DayOfNumber(OneIn(60) ? -3 : static_cast<int64_t>(Below(3)));
    one.document = DigestOf(Below(10));
    set.entitlements.list.push_back(one);
  }
  return set;
}

SetSchoolLimits ModelWorkload::RandomSchoolLimits() {
  SetSchoolLimits set;
  set.limits.school = School();
  if (OneIn(3)) set.limits.limits = RandomLimits();
  if (OneIn(30)) set.limits.limits.assign(kLimitsMax + 1, {kLimitPerPurchase, 5});
  return set;
}

Transfer ModelWorkload::RandomTransfer() {
  const uint64_t firm = kWallets + kCaterers + kBudgets + 1;
  const uint64_t clearing = firm + Below(kAccounts - firm + 1);
  const uint64_t caterer = kWallets + 1 + Below(kCaterers);
  const uint64_t what = Below(100);
  Transfer transfer;
  if (what < 60) {
    transfer = TransferOf(Wallet(), caterer, Sum(300));
  } else if (what < 77) {
    transfer = TransferOf(clearing, Wallet(), Sum(3'000));
  } else if (what < 83) {
    transfer = TransferOf(clearing, Budget(), Sum(800));
  } else if (what < 86) {
    transfer = TransferOf(caterer, clearing, Sum(3'000));
  } else if (what < 99) {
    transfer = TransferOf(Account(), Account(), Sum(1'000));
  } else {
    transfer = TransferOf(clearing, firm + Below(2), kTransferKopecksMax);
  }
  if (OneIn(100)) transfer.amount_kopecks = static_cast<int64_t>(Below(3)) - 1;
  if (OneIn(500)) transfer.amount_kopecks = kTransferKopecksMax + 1;
  transfer.balancing = OneIn(15);
  if (!OneIn(4)) {
    LineDetail line = {.ordinal = 77, .item = IdOf<ItemId>(Below(3)), .category = Category()};
    line.quantity = static_cast<uint32_t>(OneIn(20) ? Below(1'000) : Below(4));
    transfer.line = line;
  }
  return transfer;
}

PostTransaction ModelWorkload::RandomPost() {
  PostTransaction post;
  const uint64_t count = OneIn(60)    ? 0
                         : OneIn(100) ? 1 + Below(kTransfersMax)
                                      : 1 + Below(OneIn(3) ? 4 : 2);
  for (uint64_t i = 0; i < count; ++i) {
    post.transfers.push_back(RandomTransfer());
    if (i > 0 && OneIn(3) && post.transfers[i].amount_kopecks < 10'000) {  // Of one basket.
      post.transfers[i].debit = post.transfers[0].debit;
      post.transfers[i].credit = post.transfers[0].credit;
      if (OneIn(2)) post.transfers[i].line = post.transfers[0].line;
    }
  }
  if (OneIn(2)) post.document = DigestOf(Below(4));
  if (OneIn(2)) post.repeat_window_ns = Below(OneIn(3) ? 300 : 3 * kNsPerSecond);
  if (OneIn(5)) post.nonce = NonceOf(next_ - std::min(next_, Below(100)));
  if (OneIn(7)) post.hold_seconds = static_cast<uint32_t>(1 + Below(4));
  if (OneIn(300)) post.hold_seconds = kHoldSecondsMax + 1;
  return post;
}

// Mostly something recent that such a command can be about; never `number` itself.
ModelWorkload::Named ModelWorkload::Target(const Ring& likely, uint64_t number) {
  Named target = {.number = number};
  while (target.number == number) {
    const bool good = !likely.named.empty() && !OneIn(8);
    target = good ? likely.named[Below(likely.named.size())] : Named{.number = AnyNumber()};
  }
  return target;
}

CaptureHold ModelWorkload::RandomCapture(uint64_t number) {
  CaptureHold capture;
  capture.target = OperationOf(Target(holds_, number).number);
  for (uint64_t count = OneIn(3) ? 0 : 1 + Below(4); count > 0; --count) {
    const int64_t amount = OneIn(4) ? 0 : Sum(150);
    capture.amounts_kopecks.push_back(OneIn(60) ? -amount : amount);
  }
  return capture;
}

CancelOperation ModelWorkload::RandomCancel(uint64_t number, uint64_t now_ns) {
  CancelOperation cancel;
  const uint64_t what = Below(20);
  const Named target = Target(what < 13   ? posts_
                              : what < 16 ? captures_
                              : what < 18 ? holds_
                                          : others_,
                              number);
  cancel.target = OperationOf(target.number);
  for (uint64_t count = Below(3); count > 0; --count) {
    cancel.ordinals.push_back(static_cast<uint16_t>(OneIn(20) ? Below(70) : Below(3)));
  }
  if (OneIn(2)) {
    for (size_t i = 0; i < cancel.ordinals.size(); ++i) {
      cancel.amounts_kopecks.push_back(OneIn(60) ? 1 - Sum(2) : Sum(100));
    }
  }
  if (OneIn(8)) cancel.not_before_ns = now_ns - Below(2 * kNsPerSecond);
  if (OneIn(8)) cancel.not_before_ns = target.booked_at_ns + Below(3);  // On the edge.
  if (OneIn(6)) cancel.same_service_date = Day();
  return cancel;
}

}  // namespace ladon::ledger

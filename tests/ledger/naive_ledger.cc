#include "tests/ledger/naive_ledger.h"

#include <algorithm>

namespace ladon::ledger {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;

bool Has(const AccountTerms& terms, uint16_t flag) {
  return (terms.flags & flag) != 0;
}

}  // namespace

NaiveLedger::Answer NaiveLedger::Submit(const Submission& submission, uint64_t now_ns) {
  ExpireHolds(now_ns);
  if (std::holds_alternative<std::monostate>(submission.command)) {
    return {};
  }
  const auto known = operations_.find(submission.operation);
  if (known != operations_.end()) {
    if (!known->second.void_id && known->second.content != submission.content) {
      return {.code = Difference(submission, known->second)};
    }
    return *FindOperation(submission.operation);
  }
  Operation done;
  done.content = submission.content;
  done.booked_at_ns = NextTime(now_ns);
  done.service_date = submission.service_date;
  done.effective_date = submission.effective_date;
  done.spending_day = submission.service_date;
  done.transaction = submission.transaction;
  touches_.clear();  // Those of holds that expired.
  done.code = Decide(submission, &done);
  if (done.code == ResultCode::kPossibleRepeat) {
    return {.code = done.code};
  }
  if (done.code != ResultCode::kOk) {
    done.kind = EntryKind::kRefusal;
    done.lines.clear();
  }
  if (done.kind == EntryKind::kHold) {
    open_holds_[{done.expires_at_ns, done.transaction}] = submission.operation;
  }
  last_ns_ = done.booked_at_ns;
  done.index = entries_++;
  Answer answer = {.code = done.code,
                   .burnt = done.burnt,
                   .index = done.index,
                   .booked_at_ns = done.booked_at_ns,
                   .touches = std::move(touches_)};
  operations_[submission.operation] = std::move(done);
  return answer;
}

const NaiveLedger::Account* NaiveLedger::Find(const AccountId& account) const {
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? nullptr : &found->second;
}

Limits NaiveLedger::SchoolLimitsOf(const SchoolId& school) const {
  const auto found = schools_.find(school);
  return found == schools_.end() ? Limits{} : found->second;
}

std::optional<NaiveLedger::Answer> NaiveLedger::FindOperation(const OperationKey& key) const {
  const auto found = operations_.find(key);
  if (found == operations_.end()) {
    return std::nullopt;
  }
  const Operation& operation = found->second;
  return Answer{.code = operation.code,
                .replayed = true,
                .burnt = operation.burnt,
                .index = operation.index,
                .booked_at_ns = operation.booked_at_ns};
}

void NaiveLedger::Forget(const OperationKey& key) {
  const auto found = operations_.find(key);
  if (found != operations_.end() &&
      (found->second.kind != EntryKind::kHold || found->second.hold != HoldState::kOpen)) {
    operations_.erase(found);
  }
}

ResultCode NaiveLedger::Lowest(const Verdicts& verdicts) {
  return verdicts.empty() ? ResultCode::kOk : *verdicts.begin();
}

// The kind of the entry that an accepted command of this sort makes; of a cancel there are several.
EntryKind NaiveLedger::KindOf(const Command& command) {
  if (std::holds_alternative<SetSchoolLimits>(command)) {
    return EntryKind::kSchoolLimits;
  }
  if (const auto* post = std::get_if<PostTransaction>(&command)) {
    return post->hold_seconds == 0 ? EntryKind::kTransaction : EntryKind::kHold;
  }
  if (std::holds_alternative<CaptureHold>(command)) {
    return EntryKind::kCapture;
  }
  if (std::holds_alternative<VoidHold>(command)) {
    return EntryKind::kVoid;
  }
  if (std::holds_alternative<NoteOperation>(command)) {
    return EntryKind::kOperation;
  }
  return EntryKind::kAccounts;
}

ResultCode NaiveLedger::Difference(const Submission& submission, const Operation& before) {
  if (before.code != ResultCode::kOk ||
      std::holds_alternative<CancelOperation>(submission.command)) {
    return ResultCode::kRequestIdReused;
  }
  Verdicts verdicts = {ResultCode::kExistsWithDifferentDate};
  if (before.related || submission.effective_date == before.effective_date) {
    verdicts = {};
  }
  const auto* post = std::get_if<PostTransaction>(&submission.command);
  if (KindOf(submission.command) != before.kind || (post != nullptr && before.related)) {
    return ResultCode::kExistsWithDifferentCommand;
  }
  if (post != nullptr) {
    if (post->transfers.size() != before.lines.size()) {
      return ResultCode::kExistsWithDifferentAccounts;
    }
    for (size_t i = 0; i < before.lines.size(); ++i) {
      const Transfer& wanted = post->transfers[i];
      const Line& line = before.lines[i];
      if (wanted.debit != line.debit || wanted.credit != line.credit) {
        verdicts.insert(ResultCode::kExistsWithDifferentAccounts);
      }
      if (wanted.balancing ? line.Moved() > wanted.amount_kopecks
                           : line.Moved() != wanted.amount_kopecks) {
        verdicts.insert(ResultCode::kExistsWithDifferentAmount);
      }
    }
    if (post->document != before.document) {
      verdicts.insert(ResultCode::kExistsWithDifferentDocument);
    }
  }
  return verdicts.empty() ? ResultCode::kRequestIdReused : Lowest(verdicts);
}

void NaiveLedger::ExpireHolds(uint64_t now_ns) {
  while (!open_holds_.empty() && open_holds_.begin()->first.first <= NextTime(now_ns)) {
    last_ns_ = NextTime(now_ns);
    ++entries_;
    Release(&operations_.at(open_holds_.begin()->second), HoldState::kExpired, {});
  }
}

ResultCode NaiveLedger::Decide(const Submission& submission, Operation* done) {
  const Command& command = submission.command;
  done->kind = KindOf(command);
  if (const auto* open = std::get_if<OpenAccounts>(&command)) {
    return SetAccounts(open->accounts, true);
  }
  if (const auto* set = std::get_if<SetAccountTerms>(&command)) {
    return SetAccounts({set->terms}, false);
  }
  if (const auto* set = std::get_if<SetEntitlements>(&command)) {
    return SetList(set->entitlements);
  }
  if (const auto* set = std::get_if<SetSchoolLimits>(&command)) {
    return SetLimits(set->limits);
  }
  if (const auto* post = std::get_if<PostTransaction>(&command)) {
    return Post(*post, done);
  }
  if (const auto* capture = std::get_if<CaptureHold>(&command)) {
    return EndHold(capture->target, &capture->amounts_kopecks, done);
  }
  if (const auto* release = std::get_if<VoidHold>(&command)) {
    return EndHold(release->target, nullptr, done);
  }
  if (const auto* cancel = std::get_if<CancelOperation>(&command)) {
    return Cancel(*cancel, done);
  }
  return ResultCode::kOk;
}

ResultCode NaiveLedger::SetAccounts(const std::vector<AccountTerms>& wanted, bool may_be_new) {
  Verdicts verdicts;
  std::vector<Touch> touches;
  std::map<AccountId, Account> after;
  for (const AccountTerms& terms : wanted) {
    if (!after.contains(terms.account) && accounts_.contains(terms.account)) {
      after[terms.account] = accounts_.at(terms.account);
    }
    const bool is_new = may_be_new && terms.sequence == 0;
    const bool exists = after.contains(terms.account);
    Account& account = after[terms.account];
    const Money& money = account.money;
    if (is_new && exists) verdicts.insert(ResultCode::kAccountExists);
    if (!is_new && !exists) verdicts.insert(ResultCode::kAccountUnknown);
    if (!CheckTerms(terms).ok() || (exists && account.terms.code != terms.code)) {
      verdicts.insert(ResultCode::kAccountTermsInvalid);
    }
    if (Has(terms, kAccountClosed) &&
        (money.balance != 0 || money.debits_pending != 0 || money.credits_pending != 0)) {
      verdicts.insert(ResultCode::kAccountNotEmpty);
    }
    account.terms = terms;
    account.terms.sequence = ++account.money.last_sequence;
    touches.push_back({.account = terms.account, .sequence = account.terms.sequence});
  }
  if (verdicts.empty()) {
    touches_ = std::move(touches);
    for (auto& [id, account] : after) accounts_[id] = std::move(account);
  }
  return Lowest(verdicts);
}

ResultCode NaiveLedger::SetList(const Entitlements& wanted) {
  Verdicts verdicts;
  const auto found = accounts_.find(wanted.account);
  if (found == accounts_.end()) {
    verdicts.insert(ResultCode::kAccountUnknown);
  } else {
    if (Has(found->second.terms, kAccountClosed)) verdicts.insert(ResultCode::kAccountClosed);
    if (found->second.terms.code != AccountCode::kWallet) {
      verdicts.insert(ResultCode::kEntitlementsInvalid);
    }
  }
  if (!CheckEntitlements(wanted).ok()) verdicts.insert(ResultCode::kEntitlementsInvalid);
  if (verdicts.empty()) {
    found->second.entitlements = wanted.list;
    found->second.money.uses = {};
    touches_.push_back(
        {.account = wanted.account, .sequence = ++found->second.money.last_sequence});
  }
  return Lowest(verdicts);
}

ResultCode NaiveLedger::SetLimits(const SchoolLimits& wanted) {
  if (wanted.school.IsZero() || !CheckSchoolLimits(wanted).ok()) {
    return ResultCode::kLimitsInvalid;
  }
  schools_[wanted.school] = wanted.limits;
  return ResultCode::kOk;
}

int64_t NaiveLedger::Available(const AccountTerms& terms, const Money& money) {
  return money.balance - money.debits_pending + terms.overdraft_limit_kopecks;
}

// Counters are of the last day; what comes late counts into them.
void NaiveLedger::BeginDay(Date day, Money* money) {
  if (day > money->day) {
    money->day = day;
    money->spent = 0;
    money->uses = {};
  }
}

void NaiveLedger::GiveBackSpending(Date day, int64_t amount, Money* money) {
  if (day == money->day) {
    money->spent = std::max<int64_t>(0, money->spent - amount);
  }
}

const int64_t* NaiveLedger::FindLimit(const Limits& limits, uint16_t type) {
  for (const auto& [of, value] : limits) {
    if (of == type) return &value;
  }
  return nullptr;
}

NaiveLedger::Money& NaiveLedger::In(Trial* trial, const AccountId& account) const {
  return trial->after.try_emplace(account, accounts_.at(account).money).first->second;
}

void NaiveLedger::Commit(Trial trial) {
  for (const auto& [id, money] : trial.after) accounts_.at(id).money = money;
  touches_ = std::move(trial.touches);
}

ResultCode NaiveLedger::Post(const PostTransaction& post, Operation* done) {
  Trial trial;
  Verdicts& verdicts = trial.verdicts;
  if (!post.nonce.IsZero() && nonces_.contains(post.nonce)) {
    verdicts.insert(ResultCode::kTokenAlreadyUsed);
  }
  if (post.transfers.empty()) verdicts.insert(ResultCode::kNoTransfers);
  if (post.hold_seconds > kHoldSecondsMax) verdicts.insert(ResultCode::kHoldSecondsOutOfRange);
  for (const Transfer& transfer : post.transfers) {
    CheckForm(transfer.debit, transfer.credit, transfer.amount_kopecks, &verdicts);
  }
  if (!verdicts.empty()) {
    return Lowest(verdicts);  // Whatever else could be said has a higher number.
  }
  for (const Transfer& transfer : post.transfers) {
    done->lines.push_back(PostLine(transfer, post.hold_seconds != 0, done->service_date, &trial));
  }
  CheckPurchases(post, &trial);
  if (!post.document.IsZero()) {
    Money& payer = In(&trial, post.transfers.front().debit);
    if (post.repeat_window_ns > 0 && payer.document == post.document &&
        done->booked_at_ns - payer.document_ns < post.repeat_window_ns) {
      verdicts.insert(ResultCode::kPossibleRepeat);
    }
    payer.document = post.document;
    payer.document_ns = done->booked_at_ns;
  }
  if (!verdicts.empty()) {
    return Lowest(verdicts);
  }
  Commit(std::move(trial));
  if (!post.nonce.IsZero()) nonces_.insert(post.nonce);
  done->document = post.document;
  if (post.hold_seconds != 0) {
    done->expires_at_ns = done->booked_at_ns + post.hold_seconds * kNsPerSecond;
  }
  return ResultCode::kOk;
}

// What is wrong with a transfer whatever the balances are.
void NaiveLedger::CheckForm(const AccountId& debit, const AccountId& credit, int64_t amount,
                            Verdicts* verdicts) const {
  if (amount < 1 || amount > kTransferKopecksMax) verdicts->insert(ResultCode::kAmountOutOfRange);
  if (debit == credit) verdicts->insert(ResultCode::kSameAccountTwice);
  for (const AccountId& id : {debit, credit}) {
    const Account* account = Find(id);
    if (account == nullptr) {
      verdicts->insert(ResultCode::kAccountUnknown);
    } else if (Has(account->terms, kAccountClosed)) {
      verdicts->insert(ResultCode::kAccountClosed);
    }
  }
  const Account* payer = Find(debit);
  if (payer != nullptr && Has(payer->terms, kAccountFrozen)) {
    verdicts->insert(ResultCode::kAccountFrozen);
  }
}

NaiveLedger::Line NaiveLedger::PostLine(const Transfer& transfer, bool hold, Date day,
                                        Trial* trial) const {
  const AccountTerms& debit = accounts_.at(transfer.debit).terms;
  const AccountTerms& credit = accounts_.at(transfer.credit).terms;
  Line line = {
      .debit = transfer.debit,
      .credit = transfer.credit,
      .purchase = debit.code == AccountCode::kWallet && credit.code == AccountCode::kCatererPayable,
      .own = transfer.amount_kopecks};
  if (transfer.balancing && Has(debit, kAccountLimited)) {
    line.own = std::min(line.own, Available(debit, In(trial, line.debit)));
    if (line.own < 1) {
      trial->verdicts.insert(ResultCode::kInsufficientFunds);
      return line;
    }
  }
  if (line.purchase) {
    BeginDay(day, &In(trial, line.debit));
    if (!hold && !transfer.balancing && transfer.line.has_value()) {
      Cover(transfer, day, &line, trial);
    }
  }
  if (hold) {
    Reserve(line.debit, line.credit, line.own, trial);
  } else if (line.own > 0) {
    Move(line.debit, line.credit, line.own, trial);
  }
  if (line.purchase && line.own > 0) {
    In(trial, line.debit).spent += line.own;
    trial->paid[line.debit] += line.own;
  }
  if (line.covered > 0) {
    PayByBudget(line, trial);
  }
  return line;
}

// Splits the line's sum when an entitlement of the payer covers something of it.
void NaiveLedger::Cover(const Transfer& transfer, Date day, Line* line, Trial* trial) const {
  const Account& payer = accounts_.at(transfer.debit);
  const Money& money = In(trial, transfer.debit);
  const auto quantity = transfer.line->quantity;
  if (quantity == 0) {
    return;
  }
  for (size_t i = 0; i < payer.entitlements.size(); ++i) {
    const Entitlement& one = payer.entitlements[i];
    if (one.category != transfer.line->category || day < one.valid_from || day > one.valid_to ||
        money.uses[i] >= one.uses_per_day) {
      continue;
    }
    const uint32_t uses = std::min<uint32_t>(quantity, one.uses_per_day - money.uses[i]);
    const int64_t price = transfer.amount_kopecks / quantity;
    const int64_t covered =
        std::min<int64_t>(transfer.amount_kopecks, uses * std::min(one.cap_kopecks, price));
    if (covered < 1) {
      continue;
    }
    line->own = transfer.amount_kopecks - covered;
    line->covered = covered;
    line->budget = one.budget;
    line->entitlement = i;
    line->uses = uses;
    return;
  }
}

void NaiveLedger::PayByBudget(const Line& line, Trial* trial) const {
  // They count for the transfers behind, even when the budget does not pay.
  In(trial, line.debit).uses[line.entitlement] += line.uses;
  const Account* budget = Find(line.budget);
  if (budget == nullptr || line.budget == line.credit || Has(budget->terms, kAccountClosed) ||
      Has(budget->terms, kAccountFrozen) ||
      (Has(budget->terms, kAccountLimited) &&
       Available(budget->terms, In(trial, line.budget)) < line.covered)) {
    trial->verdicts.insert(ResultCode::kBudgetUnavailable);
    return;
  }
  Move(line.budget, line.credit, line.covered, trial);
  trial->touches.push_back({.account = line.debit,
                            .sequence = ++In(trial, line.debit).last_sequence,
                            .amount = line.covered,
                            .after = In(trial, line.debit).uses[line.entitlement]});
}

void NaiveLedger::Move(const AccountId& debit, const AccountId& credit, int64_t amount,
                       Trial* trial) const {
  Money& from = In(trial, debit);
  Money& to = In(trial, credit);
  from.balance -= amount;
  to.balance += amount;
  trial->touches.push_back({debit, ++from.last_sequence, -amount, from.balance});
  trial->touches.push_back({credit, ++to.last_sequence, amount, to.balance});
  const AccountTerms& terms = accounts_.at(debit).terms;
  if (Has(terms, kAccountLimited) && Available(terms, from) < 0) {
    trial->verdicts.insert(ResultCode::kInsufficientFunds);
  }
}

void NaiveLedger::Reserve(const AccountId& debit, const AccountId& credit, int64_t amount,
                          Trial* trial) const {
  Money& from = In(trial, debit);
  Money& to = In(trial, credit);
  from.debits_pending += amount;
  to.credits_pending += amount;
  trial->touches.push_back({debit, ++from.last_sequence, amount, from.debits_pending});
  trial->touches.push_back({credit, ++to.last_sequence, amount, to.credits_pending});
  const AccountTerms& terms = accounts_.at(debit).terms;
  if (Has(terms, kAccountLimited) && Available(terms, from) < 0) {
    trial->verdicts.insert(ResultCode::kInsufficientFunds);
  }
}

// The limits of what wallets buy: their own, and those of their schools.
void NaiveLedger::CheckPurchases(const PostTransaction& post, Trial* trial) const {
  for (const auto& [id, paid] : trial->paid) {
    const AccountTerms& terms = accounts_.at(id).terms;
    for (const Limits& limits : {terms.limits, SchoolLimitsOf(terms.school)}) {
      const int64_t* at_once = FindLimit(limits, kLimitPerPurchase);
      if (at_once != nullptr && paid > *at_once) {
        trial->verdicts.insert(ResultCode::kPurchaseLimitExceeded);
      }
      const int64_t* by_day = FindLimit(limits, kLimitPerServiceDay);
      if (by_day != nullptr && In(trial, id).spent > *by_day) {
        trial->verdicts.insert(ResultCode::kDayLimitExceeded);
      }
    }
  }
  for (const Transfer& transfer : post.transfers) {
    const AccountTerms& terms = accounts_.at(transfer.debit).terms;
    if (terms.code != AccountCode::kWallet ||
        accounts_.at(transfer.credit).terms.code != AccountCode::kCatererPayable ||
        !transfer.line.has_value() || transfer.line->category >= kLimitCategoryBan) {
      continue;
    }
    const auto type = static_cast<uint16_t>(kLimitCategoryBan | transfer.line->category);
    if (FindLimit(terms.limits, type) != nullptr ||
        FindLimit(SchoolLimitsOf(terms.school), type) != nullptr) {
      trial->verdicts.insert(ResultCode::kCategoryBanned);
    }
  }
}

}  // namespace ladon::ledger

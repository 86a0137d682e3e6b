#include "ledger/state_machine.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ladon::ledger {
namespace {

// How many accounts a command can touch: two per transfer, or one per terms.
size_t TouchedMax(const Command& command, const Facts& facts) {
  if (const auto* open = std::get_if<OpenAccounts>(&command); open != nullptr) {
    return open->accounts.size();
  }
  if (const auto* post = std::get_if<PostTransaction>(&command); post != nullptr) {
    return 2 * post->transfers.size();
  }
  return facts.original == nullptr ? 1 : std::max<size_t>(1, facts.original->openings.size());
}

bool Has(const AccountState& account, AccountFlags flag) {
  return (account.terms.flags & flag) != 0;
}

// The transfers that take back `ordinals` (descending) of what was booked.
std::vector<Transfer> Backwards(const std::vector<BookedTransfer>& booked,
                                const std::vector<uint16_t>& ordinals) {
  std::vector<Transfer> transfers;
  transfers.reserve(ordinals.size());
  for (const uint16_t ordinal : ordinals) {
    const BookedTransfer& original = booked[ordinal];
    LineDetail line = original.line.value_or(LineDetail{});
    line.ordinal = ordinal;
    transfers.push_back({.debit = original.credit.account,
                         .credit = original.debit.account,
                         .amount_kopecks = original.credit.amount_kopecks,
                         .line = line});
  }
  return transfers;
}

}  // namespace

// The accounts that a request touches, as they would be after it.
class StateMachine::Scratch {
 public:
  Scratch(const StateMachine* machine, size_t touched_max) : machine_(machine) {
    touched_.reserve(touched_max);  // Find() gives out pointers: the elements must not move.
  }

  // nullptr: unknown.
  AccountState* Find(const AccountId& id) {
    for (AccountState& account : touched_) {
      if (account.terms.account == id) {
        return &account;
      }
    }
    const AccountState* known = machine_->Find(id);
    return known == nullptr ? nullptr : &Add(*known);
  }

  AccountState& Add(const AccountState& account) {
    assert(touched_.size() < touched_.capacity());
    return touched_.emplace_back(account);
  }

  ResultCode CheckTransfers(const std::vector<Transfer>& transfers);
  ResultCode Post(const std::vector<Transfer>& transfers, std::vector<Opening>* openings);
  std::vector<AccountState> Take() { return std::move(touched_); }

 private:
  const StateMachine* machine_;
  std::vector<AccountState> touched_;
};

// What can be told without balances, lowest number first: each rule is asked of every transfer
// before the next rule is asked of any.
ResultCode StateMachine::Scratch::CheckTransfers(const std::vector<Transfer>& transfers) {
  if (transfers.empty()) {
    return ResultCode::kNoTransfers;
  }
  auto any = [&transfers](auto&& broken) {
    return std::any_of(transfers.begin(), transfers.end(), broken);
  };
  if (any([](const Transfer& t) {
        return t.amount_kopecks < 1 || t.amount_kopecks > kTransferKopecksMax;
      })) {
    return ResultCode::kAmountOutOfRange;
  }
  if (any([](const Transfer& t) { return t.debit == t.credit; })) {
    return ResultCode::kSameAccountTwice;
  }
  if (any([this](const Transfer& t) {
        return Find(t.debit) == nullptr || Find(t.credit) == nullptr;
      })) {
    return ResultCode::kAccountUnknown;
  }
  if (any([this](const Transfer& t) {
        return Has(*Find(t.debit), kAccountClosed) || Has(*Find(t.credit), kAccountClosed);
      })) {
    return ResultCode::kAccountClosed;
  }
  if (any([this](const Transfer& t) { return Has(*Find(t.debit), kAccountFrozen); })) {
    return ResultCode::kAccountFrozen;
  }
  return ResultCode::kOk;
}

// Posts in order. An overflow anywhere is told before a lack of funds anywhere, so the loop goes
// on after the latter.
ResultCode StateMachine::Scratch::Post(const std::vector<Transfer>& transfers,
                                       std::vector<Opening>* openings) {
  bool insufficient = false;
  for (const Transfer& transfer : transfers) {
    AccountState* debit = Find(transfer.debit);
    AccountState* credit = Find(transfer.credit);
    if (__builtin_sub_overflow(debit->balance_kopecks, transfer.amount_kopecks,
                               &debit->balance_kopecks) ||
        __builtin_add_overflow(credit->balance_kopecks, transfer.amount_kopecks,
                               &credit->balance_kopecks)) {
      return ResultCode::kBalanceOverflow;
    }
    insufficient = insufficient || (Has(*debit, kAccountLimited) &&
                                    debit->balance_kopecks < -debit->terms.overdraft_limit_kopecks);
    openings->emplace_back(Posting{.account = transfer.debit,
                                   .amount_kopecks = -transfer.amount_kopecks,
                                   .sequence = ++debit->sequence,
                                   .balance_kopecks = debit->balance_kopecks});
    openings->emplace_back(Posting{.account = transfer.credit,
                                   .amount_kopecks = transfer.amount_kopecks,
                                   .sequence = ++credit->sequence,
                                   .balance_kopecks = credit->balance_kopecks});
    if (transfer.line.has_value()) {
      openings->emplace_back(*transfer.line);
    }
  }
  return insufficient ? ResultCode::kInsufficientFunds : ResultCode::kOk;
}

const AccountState* StateMachine::Find(const AccountId& account) const {
  const auto it = accounts_.find(account);
  return it == accounts_.end() ? nullptr : &it->second;
}

void StateMachine::Apply(const Decision& decision) {
  for (const AccountState& account : decision.accounts) {
    accounts_.insert_or_assign(account.terms.account, account);
  }
}

// Completes `entry`, whose kind, result and openings (the context excepted) are set.
void StateMachine::Book(const Request& request, Entry entry, Decision* decision) const {
  Leaf& leaf = entry.leaf;
  leaf.service_date = request.service_date;
  leaf.effective_date = request.effective_date;
  leaf.reason = request.reason;
  if (leaf.kind == EntryKind::kTransaction) {
    leaf.transaction = request.transaction;
  }
  if (leaf.kind != EntryKind::kBurnt) {
    leaf.operation = request.operation;
    leaf.content = request.content;
  }
  entry.openings.emplace_back(request.context);
  SealEntry(secret_, &entry);
  decision->entries.push_back(std::move(entry));
}

ResultCode StateMachine::DecideAccounts(const std::vector<AccountTerms>& wanted, Scratch* scratch,
                                        std::vector<Opening>* openings) const {
  bool exists = false;
  bool unknown = false;
  bool invalid = false;
  for (const AccountTerms& terms : wanted) {
    AccountState* account = scratch->Find(terms.account);
    const bool is_new = terms.sequence == 0;
    exists = exists || (is_new && account != nullptr);
    unknown = unknown || (!is_new && account == nullptr);
    // What an account is for is fixed at its opening: reports of the past rely on it.
    invalid = invalid || !CheckTerms(terms).ok() ||
              (!is_new && account != nullptr && account->terms.code != terms.code);
    if (account == nullptr) {
      account = &scratch->Add({});
    }
    account->terms = terms;
    account->terms.sequence = ++account->sequence;
    openings->emplace_back(account->terms);
  }
  if (exists) {
    return ResultCode::kAccountExists;
  }
  if (unknown) {
    return ResultCode::kAccountUnknown;
  }
  return invalid ? ResultCode::kAccountTermsInvalid : ResultCode::kOk;
}

ResultCode StateMachine::DecideTransaction(const PostTransaction& command, const Facts& facts,
                                           Stamp stamp, Scratch* scratch,
                                           std::vector<Opening>* openings) const {
  if (facts.nonce_used) {
    return ResultCode::kTokenAlreadyUsed;
  }
  std::vector<Transfer> transfers = command.transfers;
  for (size_t i = 0; i < transfers.size(); ++i) {
    if (transfers[i].line.has_value()) {
      transfers[i].line->ordinal = static_cast<uint16_t>(i);
    }
  }
  if (const ResultCode code = scratch->CheckTransfers(transfers); code != ResultCode::kOk) {
    return code;
  }
  if (const ResultCode code = scratch->Post(transfers, openings); code != ResultCode::kOk) {
    return code;
  }
  if (command.document.IsZero()) {
    return ResultCode::kOk;
  }
  AccountState* payer = scratch->Find(transfers.front().debit);
  if (command.repeat_window_ns != 0 && payer->last_document == command.document &&
      stamp.booked_at_ns - payer->last_paid_at_ns < command.repeat_window_ns) {
    return ResultCode::kPossibleRepeat;
  }
  payer->last_document = command.document;
  payer->last_paid_at_ns = stamp.booked_at_ns;
  return ResultCode::kOk;
}

// As far as the original allows nothing to be posted, its verdicts stand alone; otherwise the
// accounts are asked first and the window last, as their numbers say.
ResultCode StateMachine::DecideReversal(const CancelOperation& command, const Facts& facts,
                                        Scratch* scratch, Decision* decision,
                                        std::vector<Opening>* openings) const {
  const Leaf& original = facts.original->leaf;
  if (original.kind == EntryKind::kRefusal) {
    return ResultCode::kOriginalRefused;
  }
  if (original.kind != EntryKind::kTransaction || !original.related.IsZero()) {
    return ResultCode::kNothingToReverse;
  }
  const absl::StatusOr<std::vector<BookedTransfer>> booked = BookedTransfers(*facts.original);
  assert(booked.ok());  // Verified when it was read, or decided by us.
  std::vector<uint16_t> wanted = command.ordinals;
  if (wanted.empty()) {
    for (size_t i = 0; i < booked->size(); ++i) {
      const auto ordinal = static_cast<uint16_t>(i);
      if (!std::binary_search(facts.reversed.begin(), facts.reversed.end(), ordinal)) {
        wanted.push_back(ordinal);
      }
    }
  }
  std::sort(wanted.rbegin(), wanted.rend());
  if (!wanted.empty() && wanted.front() >= booked->size()) {
    return ResultCode::kNothingToReverse;
  }
  std::vector<uint16_t> reversed = facts.reversed;
  reversed.insert(reversed.end(), wanted.begin(), wanted.end());
  std::sort(reversed.begin(), reversed.end());
  if (wanted.empty() || std::adjacent_find(reversed.begin(), reversed.end()) != reversed.end()) {
    return ResultCode::kReversalExceedsOriginal;
  }
  const std::vector<Transfer> transfers = Backwards(*booked, wanted);
  if (const ResultCode code = scratch->CheckTransfers(transfers); code != ResultCode::kOk) {
    return code;
  }
  if (const ResultCode code = scratch->Post(transfers, openings); code != ResultCode::kOk) {
    return code;
  }
  if (original.booked_at_ns < command.not_before_ns ||
      (command.same_service_date != 0 && original.service_date != command.same_service_date)) {
    return ResultCode::kCancelWindowPassed;
  }
  for (const Transfer& transfer : transfers) {  // Who got the money back may buy the same again.
    scratch->Find(transfer.credit)->last_document = Digest{};
    scratch->Find(transfer.credit)->last_paid_at_ns = 0;
  }
  decision->reversed = std::move(reversed);
  decision->reversed_transaction = original.transaction;
  return ResultCode::kOk;
}

// The cancel of an id that did nothing yet: makes the id void, once.
void StateMachine::DecideCancel(const Request& request, const CancelOperation& command,
                                const Facts& facts, Stamp stamp, Decision* decision) const {
  decision->burnt = true;
  if (facts.original == nullptr) {
    Entry burnt;
    burnt.leaf.kind = EntryKind::kBurnt;
    burnt.leaf.index = stamp.index++;
    burnt.leaf.booked_at_ns = stamp.booked_at_ns++;
    burnt.leaf.operation = command.target;
    burnt.leaf.result = static_cast<uint16_t>(ResultCode::kCancelledBeforeArrival);
    Book(request, std::move(burnt), decision);
  }
  Entry own;
  own.leaf.kind = EntryKind::kOperation;
  own.leaf.index = stamp.index;
  own.leaf.booked_at_ns = stamp.booked_at_ns;
  own.leaf.document = command.target.digest;
  Book(request, std::move(own), decision);
}

Decision StateMachine::Decide(const Request& request, const Facts& facts, Stamp stamp) const {
  Decision decision;
  const auto* cancel = std::get_if<CancelOperation>(request.command);
  if (cancel != nullptr &&
      (facts.original == nullptr || facts.original->leaf.kind == EntryKind::kBurnt)) {
    DecideCancel(request, *cancel, facts, stamp, &decision);
    return decision;
  }
  Scratch scratch(this, TouchedMax(*request.command, facts));
  Entry entry;
  entry.leaf.index = stamp.index;
  entry.leaf.booked_at_ns = stamp.booked_at_ns;
  if (const auto* open = std::get_if<OpenAccounts>(request.command); open != nullptr) {
    entry.leaf.kind = EntryKind::kAccounts;
    decision.code = DecideAccounts(open->accounts, &scratch, &entry.openings);
  } else if (const auto* set = std::get_if<SetAccountTerms>(request.command); set != nullptr) {
    entry.leaf.kind = EntryKind::kAccounts;
    AccountTerms terms = set->terms;
    terms.sequence = 1;  // Any number but 0 says "existing"; the account's own one replaces it.
    decision.code = DecideAccounts({terms}, &scratch, &entry.openings);
  } else if (const auto* post = std::get_if<PostTransaction>(request.command); post != nullptr) {
    entry.leaf.kind = EntryKind::kTransaction;
    entry.leaf.document = post->document;
    entry.leaf.nonce = post->nonce;
    decision.code = DecideTransaction(*post, facts, stamp, &scratch, &entry.openings);
  } else if (cancel != nullptr) {
    entry.leaf.kind = EntryKind::kTransaction;
    entry.leaf.related = facts.original->leaf.transaction;
    decision.code = DecideReversal(*cancel, facts, &scratch, &decision, &entry.openings);
  } else {
    const auto* note = std::get_if<NoteOperation>(request.command);
    assert(note != nullptr);
    entry.leaf.kind = EntryKind::kOperation;
    entry.leaf.document = note->document;
  }
  if (!BurnsRequestId(decision.code)) {
    return decision;
  }
  entry.leaf.result = static_cast<uint16_t>(decision.code);
  if (decision.code == ResultCode::kOk) {
    decision.accounts = scratch.Take();
  } else {
    entry.leaf.kind = EntryKind::kRefusal;
    entry.leaf.related = TransactionId{};
    entry.leaf.nonce = Nonce{};  // A refused request does not use its token up.
    entry.openings.clear();
  }
  Book(request, std::move(entry), &decision);
  return decision;
}

}  // namespace ladon::ledger

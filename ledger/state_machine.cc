#include "ledger/state_machine.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ladon::ledger {
namespace {

// How many accounts a command can touch.
size_t TouchedMax(const Command& command, const Facts& facts) {
  if (const auto* open = std::get_if<OpenAccounts>(&command); open != nullptr) {
    return open->accounts.size();
  }
  if (const auto* post = std::get_if<PostTransaction>(&command); post != nullptr) {
    return 3 * post->transfers.size();  // Payer, caterer, budget.
  }
  return facts.original == nullptr ? 1 : 1 + facts.original->openings.size();
}

EntryKind KindOf(const Command& command) {
  if (std::holds_alternative<OpenAccounts>(command) ||
      std::holds_alternative<SetAccountTerms>(command) ||
      std::holds_alternative<SetEntitlements>(command)) {
    return EntryKind::kAccounts;
  }
  if (std::holds_alternative<SetSchoolLimits>(command)) return EntryKind::kSchoolLimits;
  if (std::holds_alternative<CaptureHold>(command)) return EntryKind::kCapture;
  if (std::holds_alternative<VoidHold>(command)) return EntryKind::kVoid;
  if (std::holds_alternative<NoteOperation>(command)) return EntryKind::kOperation;
  if (const auto* post = std::get_if<PostTransaction>(&command); post != nullptr) {
    return post->hold_seconds > 0 ? EntryKind::kHold : EntryKind::kTransaction;
  }
  return EntryKind::kTransaction;
}

bool SameAccounts(const std::vector<Transfer>& wanted, const std::vector<BookedTransfer>& booked) {
  return std::all_of(booked.begin(), booked.end(), [&](const BookedTransfer& transfer) {
    if (transfer.ordinal >= wanted.size()) return false;
    const Transfer& one = wanted[transfer.ordinal];
    const AccountId& credit =
        transfer.credit_reserved ? transfer.credit_reserved->account : transfer.credit.account;
    // Who was to pay, also where a budget did.
    return credit == one.credit && PayerOf(transfer) == one.debit;
  });
}

bool SameAmounts(const std::vector<Transfer>& wanted, const std::vector<BookedTransfer>& booked) {
  std::vector<int64_t> sums(wanted.size());
  for (const BookedTransfer& transfer : booked) {
    sums[transfer.ordinal] += transfer.debit_reserved ? transfer.debit_reserved->amount_kopecks
                                                      : transfer.credit.amount_kopecks;
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    const bool same = wanted[i].balancing ? sums[i] <= wanted[i].amount_kopecks
                                          : sums[i] == wanted[i].amount_kopecks;
    if (!same) return false;
  }
  return true;
}

}  // namespace

Date SpendingDay(const Leaf& leaf) {
  switch (leaf.kind) {
    case EntryKind::kCapture:
    case EntryKind::kVoid:
    case EntryKind::kExpiry:
      return leaf.effective_date;
    default:
      return leaf.related.IsZero() ? leaf.service_date : leaf.effective_date;
  }
}

void Decision::Clear() {
  code = ResultCode::kOk;
  burnt = false;
  for (Entry& entry : entries) {
    entry.Clear();
    spare_.push_back(std::move(entry));
  }
  entries.clear();
  touched.clear();
  reversed.clear();
  reversed_transaction = {};
  hold = {};
  hold_state = HoldState::kOpen;
}

Entry Decision::NewEntry() {
  if (spare_.empty()) return {};
  Entry entry = std::move(spare_.back());
  spare_.pop_back();
  return entry;
}

const Limits* StateMachine::FindSchoolLimits(const SchoolId& school) const {
  const auto it = schools_.find(school);
  return it == schools_.end() ? nullptr : &it->second;
}

ResultCode StateMachine::Difference(const Request& request, const Entry& entry) {
  const Leaf& leaf = entry.leaf;
  if (leaf.kind == EntryKind::kRefusal) return ResultCode::kRequestIdReused;
  // A cancel may have made an entry of several kinds; what it named is not told by all of them.
  if (std::holds_alternative<CancelOperation>(*request.command)) {
    return ResultCode::kRequestIdReused;
  }
  // A note of nothing is what asks for a repeat without knowing of what.
  const auto* const note = std::get_if<NoteOperation>(request.command);
  if (note != nullptr && note->document.IsZero()) return ResultCode::kRequestIdReused;
  const auto* const post = std::get_if<PostTransaction>(request.command);
  if (leaf.kind != KindOf(*request.command) || (post != nullptr && !leaf.related.IsZero())) {
    return ResultCode::kExistsWithDifferentCommand;
  }
  if (post != nullptr) {
    const absl::StatusOr<std::vector<BookedTransfer>> booked = BookedTransfers(entry);
    assert(booked.ok());  // Verified when it was read, or decided by us.
    const size_t count = booked->empty() ? 0 : booked->back().ordinal + size_t{1};
    if (count != post->transfers.size() || !SameAccounts(post->transfers, *booked)) {
      return ResultCode::kExistsWithDifferentAccounts;
    }
    if (!SameAmounts(post->transfers, *booked)) return ResultCode::kExistsWithDifferentAmount;
    if (leaf.document != post->document) return ResultCode::kExistsWithDifferentDocument;
  }
  if (leaf.effective_date != request.effective_date && leaf.related.IsZero()) {
    return ResultCode::kExistsWithDifferentDate;
  }
  return ResultCode::kRequestIdReused;
}

void StateMachine::Apply(const Decision& decision) {
  for (const Touched& touched : decision.touched) {
    const Accounts::Slot slot =
        touched.slot == Accounts::kNoSlot ? accounts_.Open(touched.account) : touched.slot;
    AccountState& account = accounts_.Change(slot);
    account.now = touched.now;
    if (touched.new_terms) account.terms = *touched.new_terms;
    if (touched.new_entitlements) account.entitlements = *touched.new_entitlements;
  }
  for (const Entry& entry : decision.entries) {
    if (entry.leaf.kind == EntryKind::kSchoolLimits) {
      RestoreSchoolLimits(std::get<SchoolLimits>(entry.openings.front()));
    }
    if (!decision.hold.IsZero()) {
      [[maybe_unused]] const absl::Status held = ReplayHold(entry);
      assert(held.ok());
    }
  }
}

// Completes `entry`, whose kind, result and openings (the context excepted) are set.
void StateMachine::Book(const Request& request, Entry entry, Decision* decision) const {
  Leaf& leaf = entry.leaf;
  leaf.service_date = request.service_date;
  if (leaf.effective_date == 0) leaf.effective_date = request.effective_date;
  leaf.reason = request.reason;
  if (leaf.kind == EntryKind::kTransaction || leaf.kind == EntryKind::kHold ||
      leaf.kind == EntryKind::kCapture) {
    leaf.transaction = request.transaction;
  }
  if (leaf.kind != EntryKind::kBurnt) {
    leaf.operation = request.operation;
    leaf.content = request.content;
  }
  entry.openings.emplace_back(request.context);
  decision->entries.push_back(std::move(entry));
}

void StateMachine::DecideAccounts(const std::vector<AccountTerms>& wanted, Scratch* scratch) const {
  for (const AccountTerms& terms : wanted) {
    Touched* account = scratch->Find(terms.account);
    const bool is_new = terms.sequence == 0;
    if (is_new && account != nullptr) scratch->Tell(ResultCode::kAccountExists);
    if (!is_new && account == nullptr) scratch->Tell(ResultCode::kAccountUnknown);
    // What an account is for is fixed at its opening: reports of the past rely on it.
    if (!CheckTerms(terms).ok() ||
        (!is_new && account != nullptr && account->terms().code != terms.code)) {
      scratch->Tell(ResultCode::kAccountTermsInvalid);
    }
    if (account == nullptr) account = &scratch->Open(terms.account);
    if ((terms.flags & kAccountClosed) != 0 &&
        (account->now.balance_kopecks != 0 || account->now.debits_pending_kopecks != 0 ||
         account->now.credits_pending_kopecks != 0)) {
      scratch->Tell(ResultCode::kAccountNotEmpty);
    }
    account->new_terms = std::make_unique<AccountTerms>(terms);
    account->new_terms->sequence = scratch->NextSequence(account);
    scratch->Add(*account->new_terms);
  }
}

void StateMachine::DecideEntitlements(const SetEntitlements& command, Scratch* scratch) const {
  Entitlements wanted = command.entitlements;
  Touched* const account = scratch->Find(wanted.account);
  if (account == nullptr) return scratch->Tell(ResultCode::kAccountUnknown);
  if (account->Has(kAccountClosed)) scratch->Tell(ResultCode::kAccountClosed);
  if (!CheckEntitlements(wanted).ok() || account->terms().code != AccountCode::kWallet) {
    return scratch->Tell(ResultCode::kEntitlementsInvalid);
  }
  account->new_entitlements = std::make_unique<std::vector<Entitlement>>(wanted.list);
  account->now.uses = {};
  wanted.sequence = scratch->NextSequence(account);
  scratch->Add(wanted);
}

void StateMachine::DecideSchoolLimits(const SetSchoolLimits& command, Scratch* scratch) const {
  const SchoolLimits& wanted = command.limits;
  if (wanted.school.IsZero() || !CheckSchoolLimits(wanted).ok()) {
    return scratch->Tell(ResultCode::kLimitsInvalid);
  }
  scratch->Add(wanted);
}

// The cancel of an id that did nothing yet: makes the id void, once.
void StateMachine::DecideBurn(const Request& request, const CancelOperation& command,
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

void StateMachine::Decide(const Request& request, const Facts& facts, Stamp stamp,
                          Decision* decision) const {
  decision->Clear();
  const Command& command = *request.command;
  const auto* cancel = std::get_if<CancelOperation>(&command);
  if (cancel != nullptr &&
      (facts.original == nullptr || facts.original->leaf.kind == EntryKind::kBurnt)) {
    return DecideBurn(request, *cancel, facts, stamp, decision);
  }
  Entry entry = decision->NewEntry();
  entry.leaf.kind = KindOf(command);
  entry.leaf.index = stamp.index;
  entry.leaf.booked_at_ns = stamp.booked_at_ns;
  Scratch scratch(&accounts_, TouchedMax(command, facts), &decision->touched, &entry);
  if (const auto* post = std::get_if<PostTransaction>(&command); post != nullptr) {
    entry.leaf.document = post->document;
    entry.leaf.nonce = post->nonce;
    if (post->hold_seconds > 0) {
      entry.leaf.expires_at_ns = stamp.booked_at_ns + post->hold_seconds * uint64_t{1'000'000'000};
    }
    DecideTransaction(request, *post, facts, stamp, &scratch, decision);
  } else if (cancel != nullptr) {
    entry.leaf.kind =
        facts.original->leaf.kind == EntryKind::kHold ? EntryKind::kVoid : EntryKind::kTransaction;
    DecideReversal(*cancel, facts, &scratch, decision);
  } else if (const auto* capture = std::get_if<CaptureHold>(&command); capture != nullptr) {
    DecideHoldEnd(facts, &capture->amounts_kopecks, &scratch, decision);
  } else if (std::holds_alternative<VoidHold>(command)) {
    DecideHoldEnd(facts, nullptr, &scratch, decision);
  } else if (const auto* open = std::get_if<OpenAccounts>(&command); open != nullptr) {
    DecideAccounts(open->accounts, &scratch);
  } else if (const auto* set = std::get_if<SetAccountTerms>(&command); set != nullptr) {
    AccountTerms terms = set->terms;
    terms.sequence = 1;  // Any number but 0 says "existing"; the account's own one replaces it.
    DecideAccounts({terms}, &scratch);
  } else if (const auto* entitle = std::get_if<SetEntitlements>(&command); entitle != nullptr) {
    DecideEntitlements(*entitle, &scratch);
  } else if (const auto* limits = std::get_if<SetSchoolLimits>(&command); limits != nullptr) {
    DecideSchoolLimits(*limits, &scratch);
  } else {
    const auto* note = std::get_if<NoteOperation>(&command);
    assert(note != nullptr);
    entry.leaf.document = note->document;
  }
  decision->code = scratch.verdict();
  if (decision->code != ResultCode::kOk) {
    decision->touched.clear();
    decision->reversed_transaction = {};
    decision->hold = {};
  }
  if (!BurnsRequestId(decision->code)) {
    return;
  }
  if (decision->code == ResultCode::kOk) {
    if (facts.original != nullptr) {
      entry.leaf.related = facts.original->leaf.transaction;
      // The day whose purchases it corrects.
      entry.leaf.effective_date = SpendingDay(facts.original->leaf);
    }
  } else {
    const Digest document = entry.leaf.document;
    entry.Clear();  // A refused request does not use its token up.
    entry.leaf.kind = EntryKind::kRefusal;
    entry.leaf.index = stamp.index;
    entry.leaf.booked_at_ns = stamp.booked_at_ns;
    entry.leaf.document = document;
    entry.leaf.result = static_cast<uint16_t>(decision->code);
  }
  Book(request, std::move(entry), decision);
}

}  // namespace ladon::ledger

#include "server/flow/money.h"

#include <algorithm>
#include <utility>

#include "server/base/secret.h"
#include "server/flow/mutate.h"
#include "server/flow/on_worker.h"

namespace ladon::flow {
namespace {

absl::StatusOr<TopUpAnswer> TopUpAnswerOf(const ledger::AccountId& purse,
                                          const ledger::Outcome& outcome) {
  for (const ledger::Opening& opening : outcome.entry->openings) {
    const auto* const posting = std::get_if<ledger::Posting>(&opening);
    if (posting == nullptr || posting->account != purse) continue;
    return TopUpAnswer{.transaction = outcome.entry->leaf.transaction.bytes,
                       .journal_index = outcome.index,
                       .balance_kopecks = posting->balance_kopecks,
                       .booked_at_ns = outcome.entry->leaf.booked_at_ns,
                       .replayed = outcome.replayed};
  }
  return Refuse(Reason::kInternal);
}

// Who was paid; zero: nobody that is known.
base::CatererId CatererOf(const House& house, const base::SchoolId& school,
                          const ledger::AccountId& payable) {
  constexpr size_t kCaterersOfASchool = 1'000;
  for (const auto& caterer : house.directory->ListCaterers(school, {}, kCaterersOfASchool)) {
    if (ToLedger(caterer.payable_account) == payable) return caterer.id;
  }
  return {};
}

// The name of an item as it stood on the list of that day.
std::string ItemName(const House& house, const base::CatererId& caterer, const base::ItemId& item,
                     uint32_t day) {
  const auto list = house.directory->FindPriceList(caterer, day);
  const directory::PriceListItem* const found = list == nullptr ? nullptr : list->Find(item);
  return found == nullptr ? std::string() : found->name;
}

// The account's balance before its sequence number `sequence`: that of the posting before it, past
// any terms in between.
absl::StatusOr<int64_t> BalanceBefore(const House& house, const ledger::AccountView& view,
                                      uint64_t sequence) {
  const ledger::AccountId& account = view.terms.account;
  for (uint64_t at = std::min(sequence, view.last_sequence + 1); at > 1; --at) {
    const auto entries = house.ledger->ReadStatement(account, at - 1, 1);
    if (!entries.ok()) return entries.status();
    if (entries->empty()) continue;  // Decided, but not durable yet: look further back.
    for (const ledger::Opening& opening : entries->front().openings) {
      const auto* const posting = std::get_if<ledger::Posting>(&opening);
      if (posting != nullptr && posting->account == account && posting->sequence == at - 1) {
        return posting->balance_kopecks;
      }
    }
  }
  return 0;
}

// Why the meal of this entry was booked by class list; kNone: it was not.
BookingReason ListReasonOf(const ledger::Entry& entry) {
  for (const ledger::Opening& opening : entry.openings) {
    const auto* const context = std::get_if<ledger::Context>(&opening);
    if (context != nullptr && context->means == static_cast<uint8_t>(Means::kList)) {
      return static_cast<BookingReason>(entry.leaf.reason);
    }
  }
  return BookingReason::kNone;
}

// What a channel's contract took of what was paid.
int64_t FeeIn(const House& house, const ledger::Entry& entry) {
  int64_t fee_kopecks = 0;
  for (const ledger::Opening& opening : entry.openings) {
    const auto* const posting = std::get_if<ledger::Posting>(&opening);
    if (posting == nullptr || posting->amount_kopecks < 0) continue;
    const auto view = house.ledger->FindAccount(posting->account);
    if (view && view->terms.code == ledger::AccountCode::kFees) {
      fee_kopecks += posting->amount_kopecks;
    }
  }
  return fee_kopecks;
}

// The same item's detail for a meal and for the subsidy of one.
void SetItem(const House& house, const ledger::AccountView& view, const ledger::AccountId& partner,
             const ledger::LineDetail& detail, StatementLine* line) {
  line->item = {detail.item.bytes};
  line->quantity = detail.quantity;
  line->caterer = CatererOf(house, {view.terms.school.bytes}, partner);
  line->item_name = ItemName(house, line->caterer, line->item, line->effective_day);
}

// Adds the lines of `entry` from the account's `from_sequence` upwards. `balance_kopecks` is that
// before the entry, and after it on return.
// Openings come transfer by transfer: reservations, debit posting, credit posting, its line if any,
// the use of an entitlement if a budget paid it.
void AppendLines(const House& house, const ledger::Entry& entry, const ledger::AccountView& view,
                 uint64_t from_sequence, int64_t* balance_kopecks,
                 std::vector<StatementLine>* lines) {
  const ledger::AccountId& account = view.terms.account;
  ledger::AccountId partner;  // Where the money of the present transfer went or came from.
  constexpr size_t kNoLine = ~size_t{0};
  size_t current = kNoLine;  // The line of the present transfer, until the next one begins.
  const ledger::LineDetail* last_detail = nullptr;
  const BookingReason list_reason = ListReasonOf(entry);
  for (const ledger::Opening& opening : entry.openings) {
    StatementLine line{.journal_index = entry.leaf.index,
                       .booked_at_ns = entry.leaf.booked_at_ns,
                       .service_day = entry.leaf.service_date,
                       .effective_day = entry.leaf.effective_date,
                       .booking_reason = list_reason,
                       .transaction = entry.leaf.transaction.bytes};
    if (const auto* const posting = std::get_if<ledger::Posting>(&opening)) {
      if (posting->amount_kopecks < 0) current = kNoLine;
      if (posting->account != account) {
        partner = posting->account;
        continue;
      }
      *balance_kopecks = posting->balance_kopecks;
      if (posting->sequence < from_sequence) continue;
      line.sequence = posting->sequence;
      line.kind = StatementKindOf(entry.leaf, posting->amount_kopecks);
      line.amount_kopecks = posting->amount_kopecks;
      if (line.kind == StatementKind::kTopUp) line.fee_kopecks = FeeIn(house, entry);
      line.balance_kopecks = posting->balance_kopecks;
      current = lines->size();
      lines->push_back(std::move(line));
    } else if (const auto* const terms = std::get_if<ledger::AccountTerms>(&opening)) {
      if (terms->account != account || terms->sequence < from_sequence) continue;
      line.sequence = terms->sequence;
      line.kind = StatementKind::kTerms;
      line.balance_kopecks = *balance_kopecks;
      lines->push_back(std::move(line));
    } else if (const auto* const detail = std::get_if<ledger::LineDetail>(&opening)) {
      last_detail = detail;
      if (current != kNoLine) SetItem(house, view, partner, *detail, &(*lines)[current]);
    } else if (const auto* const use = std::get_if<ledger::EntitlementUse>(&opening)) {
      if (use->account != account || use->sequence < from_sequence) continue;
      line.sequence = use->sequence;
      line.kind = StatementKind::kSubsidy;
      line.amount_kopecks = use->amount_kopecks;
      line.balance_kopecks = *balance_kopecks;
      if (last_detail != nullptr) SetItem(house, view, partner, *last_detail, &line);
      lines->push_back(std::move(line));
    } else if (const auto* const hold = std::get_if<ledger::Reservation>(&opening)) {
      if (!hold->credit) current = kNoLine;
      if (hold->account != account || hold->sequence < from_sequence) continue;
      line.sequence = hold->sequence;
      line.kind = StatementKind::kHold;
      line.amount_kopecks = hold->amount_kopecks;
      line.balance_kopecks = *balance_kopecks;
      lines->push_back(std::move(line));
    } else if (const auto* const list = std::get_if<ledger::Entitlements>(&opening)) {
      if (list->account != account || list->sequence < from_sequence) continue;
      line.sequence = list->sequence;
      line.kind = StatementKind::kTerms;
      line.balance_kopecks = *balance_kopecks;
      lines->push_back(std::move(line));
    }
  }
}

}  // namespace

StatementKind StatementKindOf(const ledger::Leaf& leaf, int64_t amount_kopecks) {
  if (!leaf.related.IsZero()) return StatementKind::kCancel;
  if (leaf.reason == kReasonPaymentMoved) return StatementKind::kMoved;
  if (leaf.reason == kReasonRefunded || leaf.reason == kReasonRefundReturned) {
    return StatementKind::kRefund;
  }
  if (leaf.reason == kReasonCarried) return StatementKind::kCarried;
  if (leaf.reason == kReasonSettled) {
    return amount_kopecks < 0 ? StatementKind::kRefund : StatementKind::kCarried;
  }
  return amount_kopecks > 0 ? StatementKind::kTopUp : StatementKind::kMeal;
}

absl::StatusOr<std::vector<StatementLine>> LinesOf(const House& house, uint64_t journal_index,
                                                   const ledger::AccountId& purse) {
  const absl::StatusOr<ledger::Entry> entry = house.ledger->ReadEntry(journal_index);
  if (!entry.ok()) return entry.status();
  std::vector<StatementLine> lines;
  const auto view = house.ledger->FindAccount(purse);
  int64_t balance_kopecks = 0;  // Every posting brings its own.
  if (view) AppendLines(house, *entry, *view, 1, &balance_kopecks, &lines);
  return lines;
}

absl::StatusOr<Statement> ReadStatement(const House& house, const ledger::AccountView& view,
                                        uint64_t from_sequence, size_t limit) {
  const ledger::AccountId& account = view.terms.account;
  Statement statement;
  absl::StatusOr<int64_t> balance_kopecks = BalanceBefore(house, view, from_sequence);
  if (!balance_kopecks.ok()) return balance_kopecks.status();
  // On until there is one line more than asked: it tells that there is a next page.
  uint64_t sequence = from_sequence;
  while (statement.lines.size() <= limit) {
    const auto entries =
        house.ledger->ReadStatement(account, sequence, limit + 1 - statement.lines.size());
    if (!entries.ok()) return entries.status();
    if (entries->empty()) break;
    for (const ledger::Entry& entry : *entries) {
      AppendLines(house, entry, view, sequence, &*balance_kopecks, &statement.lines);
    }
    sequence = statement.lines.back().sequence + 1;
  }
  if (statement.lines.size() > limit) {
    statement.next_sequence = statement.lines[limit].sequence;
    statement.lines.resize(limit);
  }
  return statement;
}

absl::StatusOr<ledger::AccountView> OwnPurse(const House& house, const access::Caller& caller,
                                             const base::AccountId& account) {
  std::optional<ledger::AccountView> view = house.ledger->FindAccount(ToLedger(account));
  if (!view || view->terms.code != ledger::AccountCode::kWallet ||
      !caller.MayActFor({view->terms.school.bytes})) {
    return Refuse(Reason::kAccountUnknown, "account_id");
  }
  return *std::move(view);
}

base::AccountId PurseOf(const House& house, uint64_t payment_account) {
  const auto payee = house.vault->FindPayee(payment_account);
  return payee ? payee->purse : base::AccountId{};
}

std::function<absl::Status(const storage::Reader&)> TermsAre(const House& house,
                                                             const ledger::AccountTerms& before) {
  return [&house, before](const storage::Reader&) {
    const auto now = house.ledger->FindAccount(before.account);
    return now && now->terms == before ? absl::OkStatus() : Refuse(Reason::kOverloaded);
  };
}

void ReplaceTerms(const House& house, const access::Caller& caller, const Request& request,
                  const base::AccountId& account,
                  const std::function<void(ledger::AccountTerms*)>& change, Done<uint64_t> done) {
  const absl::StatusOr<ledger::AccountView> view = OwnPurse(house, caller, account);
  if (!view.ok()) {
    return Reply<uint64_t>(house, caller, account.bytes, view.status(), std::move(done));
  }
  ledger::AccountTerms terms = view->terms;
  change(&terms);
  ledger::Submission submission = ForRequest(house, caller, request, caller.principal.school,
                                             ledger::SetAccountTerms{.terms = std::move(terms)});
  submission.check = TermsAre(house, view->terms);
  Mutate<uint64_t>(
      house, caller, account.bytes, std::move(submission),
      [](const ledger::Outcome& outcome) -> absl::StatusOr<uint64_t> { return outcome.index; },
      std::move(done));
}

void TopUp(const House& house, const access::Caller& caller, const Request& request,
           const base::AccountId& account, int64_t amount_kopecks, Done<TopUpAnswer> done) {
  const auto refuse = [&](const absl::Status& status) {
    Reply<TopUpAnswer>(house, caller, account.bytes, status, std::move(done));
  };
  const absl::StatusOr<ledger::AccountView> view = OwnPurse(house, caller, account);
  if (!view.ok()) return refuse(view.status());
  const auto school = house.directory->FindSchool(caller.principal.school);
  if (!school) return refuse(Refuse(Reason::kSchoolUnknown));
  ledger::Submission submission = ForRequest(
      house, caller, request, school->id,
      ledger::PostTransaction{.transfers = {{.debit = ToLedger(school->cash_desk_account),
                                             .credit = ToLedger(account),
                                             .amount_kopecks = amount_kopecks,
                                             .line = std::nullopt}}});
  base::FillRandom(submission.transaction.bytes);
  Mutate<TopUpAnswer>(
      house, caller, account.bytes, std::move(submission),
      [purse = ToLedger(account)](const ledger::Outcome& outcome) {
        return TopUpAnswerOf(purse, outcome);
      },
      std::move(done));
}

void GetBalance(const House& house, const access::Caller& caller, const base::AccountId& account,
                Done<ledger::AccountView> done) {
  Reply(house, caller, account.bytes, OwnPurse(house, caller, account), std::move(done));
}

// Reads the journal, and waits for what is being written: not on the network thread.
void GetStatement(const House& house, const access::Caller& caller, const base::AccountId& account,
                  uint64_t from_sequence, size_t limit, Done<Statement> done) {
  OnWorker<Statement>(house, caller, std::move(done),
                      [&house, caller, account, from_sequence, limit](Done<Statement> tell) {
                        const absl::StatusOr<ledger::AccountView> view =
                            OwnPurse(house, caller, account);
                        absl::StatusOr<Statement> statement =
                            view.ok() ? ReadStatement(house, *view, from_sequence, limit)
                                      : absl::StatusOr<Statement>(view.status());
                        Reply(house, caller, account.bytes, std::move(statement), std::move(tell));
                      });
}

void SetOverdraftLimit(const House& house, const access::Caller& caller, const Request& request,
                       const base::AccountId& account, int64_t limit_kopecks, Done<uint64_t> done) {
  ReplaceTerms(
      house, caller, request, account,
      [&](ledger::AccountTerms* terms) { terms->overdraft_limit_kopecks = limit_kopecks; },
      std::move(done));
}

void SetFrozen(const House& house, const access::Caller& caller, const Request& request,
               const base::AccountId& account, bool frozen, Done<uint64_t> done) {
  ReplaceTerms(
      house, caller, request, account,
      [&](ledger::AccountTerms* terms) {
        terms->flags = static_cast<uint16_t>(frozen ? terms->flags | ledger::kAccountFrozen
                                                    : terms->flags & ~ledger::kAccountFrozen);
      },
      std::move(done));
}

}  // namespace ladon::flow

#include "server/flow/payout.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger/proof/merkle.h"
#include "server/base/secret.h"
#include "server/flow/money.h"
#include "server/flow/mutate.h"

namespace ladon::flow {
namespace {

absl::StatusOr<PayOutAnswer> PayOutAnswerOf(const ledger::AccountId& payable,
                                            const ledger::Outcome& outcome) {
  for (const ledger::Opening& opening : outcome.entry->openings) {
    const auto* const posting = std::get_if<ledger::Posting>(&opening);
    if (posting != nullptr && posting->account == payable) {
      return PayOutAnswer{.transaction = outcome.entry->leaf.transaction.bytes,
                          .journal_index = outcome.index,
                          .owed_kopecks = posting->balance_kopecks};
    }
  }
  return Refuse(Reason::kInternal);  // The id is of another kind of request.
}

}  // namespace

ledger::Digest DocumentDigest(const std::string& document_id, uint32_t day) {
  return ledger::Sha256(absl::StrCat("ladon/bank-document/v1", day, "/", document_id));
}

void PayOut(const House& house, const access::Caller& caller, const Request& request,
            const base::CatererId& caterer, int64_t amount_kopecks, const std::string& document_id,
            uint32_t document_day, Done<PayOutAnswer> done) {
  const auto known = house.directory->FindCaterer(caterer);
  const auto school = house.directory->FindSchool(caller.principal.school);
  if (!known || !school || known->school != school->id) {
    return Reply<PayOutAnswer>(house, caller, caterer.bytes,
                               Refuse(Reason::kCatererUnknown, "caterer_id"), std::move(done));
  }
  const ledger::AccountId payable = ToLedger(known->payable_account);
  ledger::PostTransaction post{.transfers = {{.debit = payable,
                                              .credit = ToLedger(school->cash_desk_account),
                                              .amount_kopecks = amount_kopecks,
                                              .line = std::nullopt}}};
  post.document = DocumentDigest(document_id, document_day);
  // A used-up nonce is never taken again: so a document pays once, whoever sends it, however often.
  const ledger::Digest once = ledger::Sha256(
      {reinterpret_cast<const char*>(caterer.bytes.data()), caterer.bytes.size()},
      {reinterpret_cast<const char*>(post.document.bytes.data()), post.document.bytes.size()});
  std::copy_n(once.bytes.begin(), post.nonce.bytes.size(), post.nonce.bytes.begin());
  ledger::Submission submission = ForRequest(house, caller, request, school->id, std::move(post));
  submission.effective_date = document_day;
  base::FillRandom(submission.transaction.bytes);
  submission.check = [&house, payable, amount_kopecks](const storage::Reader&) {
    const auto now = house.ledger->FindAccount(payable);
    return now && now->balance_kopecks - now->debits_pending_kopecks >= amount_kopecks
               ? absl::OkStatus()
               : Refuse(Reason::kMoreThanOwed, "amount_kopecks");
  };
  Commit(house, caller, caterer.bytes, std::move(submission),
         [payable, done = std::move(done)](const absl::Status& status,
                                           const ledger::Outcome& outcome) {
           if (!status.ok()) return done(status);
           if (outcome.code == ledger::ResultCode::kTokenAlreadyUsed) {
             return done(Refuse(Reason::kDocumentAlreadyBooked, "document_id"));
           }
           const absl::Status verdict = FromResult(outcome.code);
           done(verdict.ok() ? PayOutAnswerOf(payable, outcome)
                             : absl::StatusOr<PayOutAnswer>(verdict));
         });
}

base::AccountId BudgetOf(const House& house, const base::SchoolId& school) {
  const ledger::OperationKey key = OperationKeyOf("ladon:budget", {school.bytes});
  return DeriveId<base::AccountId>(house, key, "budget");
}

void SetEntitlements(const House& house, const access::Caller& caller, const Request& request,
                     const base::AccountId& account, const std::vector<MealEntitlement>& list,
                     Done<uint64_t> done) {
  const absl::StatusOr<ledger::AccountView> purse = OwnPurse(house, caller, account);
  if (!purse.ok()) {
    return Reply<uint64_t>(house, caller, account.bytes, purse.status(), std::move(done));
  }
  const base::SchoolId& school = caller.principal.school;
  const ledger::AccountId budget = ToLedger(BudgetOf(house, school));
  ledger::SetEntitlements command;
  command.entitlements.account = purse->terms.account;
  for (const MealEntitlement& one : list) {
    command.entitlements.list.push_back({.budget = budget,
                                         .category = one.category,
                                         .cap_kopecks = one.cap_kopecks,
                                         .uses_per_day = one.uses_per_day,
                                         .valid_from = one.valid_from,
                                         .valid_to = one.valid_to,
                                         .document = DocumentDigest(one.document_id, 0)});
  }
  // The budget first, under an id that follows from the school: opened once, whoever asks.
  ledger::Submission open;
  open.operation = OperationKeyOf("ladon:budget", {school.bytes});
  open.content = ledger::Sha256("ladon/budget/v1");
  open.command = ledger::OpenAccounts{.accounts = {{.account = budget,
                                                    .code = ledger::AccountCode::kSubsidyBudget,
                                                    .school = {school.bytes}}}};
  open.context = {.school = {school.bytes}, .actor = {caller.principal.id.bytes}};
  ledger::Submission set = ForRequest(house, caller, request, school, std::move(command));
  const auto commit = [&house, caller, account](ledger::Submission submission,
                                                Done<uint64_t> tell) {
    Mutate<uint64_t>(
        house, caller, account.bytes, std::move(submission),
        [](const ledger::Outcome& outcome) -> absl::StatusOr<uint64_t> { return outcome.index; },
        std::move(tell));
  };
  if (house.ledger->FindAccount(budget)) return commit(std::move(set), std::move(done));
  Commit(house, caller, budget.bytes, std::move(open),
         [commit, set = std::move(set), done = std::move(done)](const absl::Status& status,
                                                                const ledger::Outcome& opened) {
           const absl::Status verdict = status.ok() ? FromResult(opened.code) : status;
           verdict.ok() ? commit(set, done) : done(verdict);
         });
}

void GetEntitlements(const House& house, const access::Caller& caller,
                     const base::AccountId& account, Done<std::vector<MealEntitlement>> done) {
  const absl::StatusOr<ledger::AccountView> purse = OwnPurse(house, caller, account);
  if (!purse.ok()) {
    return Reply<std::vector<MealEntitlement>>(house, caller, account.bytes, purse.status(),
                                               std::move(done));
  }
  std::vector<MealEntitlement> list;
  for (const ledger::Entitlement& one : purse->entitlements) {
    list.push_back({.category = one.category,
                    .cap_kopecks = one.cap_kopecks,
                    .uses_per_day = one.uses_per_day,
                    .valid_from = one.valid_from,
                    .valid_to = one.valid_to,
                    .document_id = {}});
  }
  Reply<std::vector<MealEntitlement>>(house, caller, account.bytes, std::move(list),
                                      std::move(done));
}

}  // namespace ladon::flow

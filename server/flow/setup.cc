#include "server/flow/setup.h"

#include <optional>
#include <utility>

#include "ledger/proof/merkle.h"
#include "server/directory/records.h"
#include "server/flow/mutate.h"
#include "server/flow/payer.h"

namespace ladon::flow {
namespace {

using directory::Caterer;
using directory::PriceList;
using directory::School;
using directory::SchoolSettings;
using directory::Terminal;

ledger::AccountTerms NewAccount(const base::AccountId& id, ledger::AccountCode code,
                                const base::SchoolId& school) {
  return {.account = ToLedger(id), .code = code, .school = {school.bytes}};
}

// What a repeat must find again: the thing as it is now, and where it was journalled.
template <class T, class Find>
std::function<absl::StatusOr<SetUp<T>>(const ledger::Outcome&)> Found(Find find, Reason missing) {
  return [find, missing](const ledger::Outcome& outcome) -> absl::StatusOr<SetUp<T>> {
    const std::optional<T> made = find();
    if (!made) return Refuse(missing);
    return SetUp<T>{.made = *made, .journal_index = outcome.index};
  };
}

}  // namespace

void CreateSchool(const House& house, const access::Caller& caller, const Request& request,
                  const SchoolSettings& settings, Done<SetUp<School>> done) {
  const School school{
      .id = DeriveId<base::SchoolId>(house, request.key, "school"),
      .settings = settings,
      .cash_desk_account = DeriveId<base::AccountId>(house, request.key, "cash-desk")};
  ledger::Submission submission =
      ForRequest(house, caller, request, school.id,
                 ledger::OpenAccounts{
                     .accounts = {NewAccount(school.cash_desk_account,
                                             ledger::AccountCode::kChannelClearing, school.id)}});
  submission.changes = [&house, school](const ledger::Outcome&, storage::Overlay& overlay) {
    house.directory->PutSchool(school, &overlay);
  };
  Mutate<SetUp<School>>(
      house, caller, school.id.bytes, std::move(submission),
      Found<School>([&house, id = school.id] { return house.directory->FindSchool(id); },
                    Reason::kSchoolUnknown),
      std::move(done));
}

void UpdateSchoolSettings(const House& house, const access::Caller& caller, const Request& request,
                          const base::SchoolId& school, const SchoolSettings& settings,
                          Done<SetUp<School>> done) {
  const auto find = [&house, school] { return house.directory->FindSchool(school); };
  School changed{.id = school, .settings = settings};
  ledger::Submission submission =
      ForRequest(house, caller, request, school,
                 ledger::NoteOperation{.document = ledger::Sha256(directory::Encode(changed))});
  submission.check = [find](const storage::Reader&) {
    return find() ? absl::OkStatus() : Refuse(Reason::kSchoolUnknown, "school_id");
  };
  submission.changes = [&house, find, settings](const ledger::Outcome&, storage::Overlay& overlay) {
    School now = *find();
    now.settings = settings;
    house.directory->PutSchool(now, &overlay);
  };
  Mutate<SetUp<School>>(house, caller, school.bytes, std::move(submission),
                        Found<School>(find, Reason::kSchoolUnknown), std::move(done));
}

void RegisterTerminal(const House& house, const access::Caller& caller, const Request& request,
                      const base::SchoolId& school, const std::string& label,
                      Done<SetUp<Terminal>> done) {
  const Terminal terminal{.id = DeriveId<base::TerminalId>(house, request.key, "terminal"),
                          .school = school,
                          .label = label};
  ledger::Submission submission =
      ForRequest(house, caller, request, school,
                 ledger::NoteOperation{.document = ledger::Sha256(directory::Encode(terminal))});
  submission.check = [&house, school](const storage::Reader&) {
    return house.directory->FindSchool(school) ? absl::OkStatus()
                                               : Refuse(Reason::kSchoolUnknown, "school_id");
  };
  submission.changes = [&house, terminal](const ledger::Outcome&, storage::Overlay& overlay) {
    house.directory->PutTerminal(terminal, &overlay);
  };
  Mutate<SetUp<Terminal>>(
      house, caller, terminal.id.bytes, std::move(submission),
      Found<Terminal>([&house, id = terminal.id] { return house.directory->FindTerminal(id); },
                      Reason::kTerminalUnknown),
      std::move(done));
}

void SetTerminalState(const House& house, const access::Caller& caller, const Request& request,
                      const base::TerminalId& terminal, directory::TerminalState state,
                      Done<SetUp<Terminal>> done) {
  const auto find = [&house, terminal] { return house.directory->FindTerminal(terminal); };
  const auto known = find();
  ledger::Submission submission = ForRequest(
      house, caller, request, known ? known->school : base::SchoolId{}, ledger::NoteOperation{});
  submission.check = [find](const storage::Reader&) {
    return find() ? absl::OkStatus() : Refuse(Reason::kTerminalUnknown, "terminal_id");
  };
  submission.changes = [&house, find, state](const ledger::Outcome&, storage::Overlay& overlay) {
    Terminal now = *find();
    now.state = state;
    house.directory->PutTerminal(now, &overlay);
  };
  Mutate<SetUp<Terminal>>(house, caller, terminal.bytes, std::move(submission),
                          Found<Terminal>(find, Reason::kTerminalUnknown), std::move(done));
}

void CreateCaterer(const House& house, const access::Caller& caller, const Request& request,
                   const base::SchoolId& school, const std::string& name,
                   Done<SetUp<Caterer>> done) {
  const Caterer caterer{
      .id = DeriveId<base::CatererId>(house, request.key, "caterer"),
      .school = school,
      .name = name,
      .payable_account = DeriveId<base::AccountId>(house, request.key, "payable")};
  ledger::Submission submission = ForRequest(
      house, caller, request, school,
      ledger::OpenAccounts{.accounts = {NewAccount(caterer.payable_account,
                                                   ledger::AccountCode::kCatererPayable, school)}});
  submission.check = [&house, school](const storage::Reader&) {
    return house.directory->FindSchool(school) ? absl::OkStatus()
                                               : Refuse(Reason::kSchoolUnknown, "school_id");
  };
  submission.changes = [&house, caterer](const ledger::Outcome&, storage::Overlay& overlay) {
    house.directory->PutCaterer(caterer, &overlay);
  };
  Mutate<SetUp<Caterer>>(
      house, caller, caterer.id.bytes, std::move(submission),
      Found<Caterer>([&house, id = caterer.id] { return house.directory->FindCaterer(id); },
                     Reason::kCatererUnknown),
      std::move(done));
}

void PutPriceList(const House& house, const access::Caller& caller, const Request& request,
                  const PriceList& list, Done<uint64_t> done) {
  const auto caterer = house.directory->FindCaterer(list.caterer);
  const base::SchoolId school = caterer ? caterer->school : base::SchoolId{};
  const absl::StatusOr<uint32_t> today = TodayAt(house, school, house.now_ns());
  ledger::Submission submission =
      ForRequest(house, caller, request, school,
                 ledger::NoteOperation{.document = ledger::Sha256(directory::Encode(list))});
  submission.check = [known = caterer.has_value(), day = today.ok() ? *today : 0,
                      from = list.valid_from](const storage::Reader&) -> absl::Status {
    if (!known) return Refuse(Reason::kCatererUnknown, "price_list.caterer_id");
    if (from < day) return RefuseField("price_list.valid_from", "must be today or later");
    return absl::OkStatus();
  };
  submission.changes = [&house, list](const ledger::Outcome&, storage::Overlay& overlay) {
    house.directory->PutPriceList(list, &overlay);
  };
  Mutate<uint64_t>(
      house, caller, list.caterer.bytes, std::move(submission),
      [](const ledger::Outcome& outcome) -> absl::StatusOr<uint64_t> { return outcome.index; },
      std::move(done));
}

}  // namespace ladon::flow

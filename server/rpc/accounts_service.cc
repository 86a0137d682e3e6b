#include <algorithm>
#include <string>
#include <utility>

#include "ladon/v1/accounts_service.grpc.pb.h"
#include "server/base/payment_account.h"
#include "server/flow/money.h"
#include "server/flow/spending_limits.h"
#include "server/rpc/accounts_calls.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::AccountsService;
using Reads = S::WithRawMethod_GetBalance<S::WithRawMethod_GetStatement<
    S::WithRawMethod_GetLimits<S::WithRawMethod_GetEntitlements<S::Service>>>>;
using Terms = S::WithRawMethod_SetOverdraftLimit<S::WithRawMethod_SetFrozen<
    S::WithRawMethod_SetLimits<S::WithRawMethod_SetEntitlements<Reads>>>>;
using Raw = S::WithRawMethod_TopUp<S::WithRawMethod_BatchTopUp<S::WithRawMethod_PayOut<Terms>>>;

void SetLine(const flow::StatementLine& from, v1::StatementLine* to) {
  to->set_sequence(from.sequence);
  to->set_journal_index(from.journal_index);
  SetTimestamp(from.booked_at_ns, to->mutable_booked_at());
  if (from.service_day != 0) SetDate(from.service_day, to->mutable_service_date());
  to->set_kind(static_cast<v1::StatementKind>(from.kind));
  to->set_amount_kopecks(from.amount_kopecks);
  to->set_fee_kopecks(from.fee_kopecks);
  to->set_balance_kopecks(from.balance_kopecks);
  if (from.kind != flow::StatementKind::kTerms) to->set_transaction_id(BytesOf(from.transaction));
  if (!from.item.IsZero()) to->set_item_id(BytesOf(from.item.bytes));
  to->set_item_name(from.item_name);
  to->set_quantity(from.quantity);
  to->set_booking_reason(static_cast<v1::BookingReason>(from.booking_reason));
  if (from.effective_day != 0 && from.effective_day != from.service_day) {
    SetDate(from.effective_day, to->mutable_effective_date());
  }
}

void GetBalance(const CallContext& call, const v1::GetBalanceRequest& request,
                const Answer<v1::GetBalanceResponse>& answer) {
  Fields fields;
  base::AccountId account;
  if (request.payment_account().empty()) {
    account = fields.Id<base::AccountId>("account_id", request.account_id());
  } else {
    const auto number = base::PaymentAccount::Parse(request.payment_account());
    fields.Require(number.has_value(), "payment_account",
                   "must be 12 digits with their check digit");
    fields.Require(request.account_id().empty(), "account_id",
                   "must be empty beside payment_account");
    if (fields.ok()) account = flow::PurseOf(*call.house, number->number());
  }
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetBalance(*call.house, call.caller, account,
                   [answer](absl::StatusOr<ledger::AccountView> view) {
                     if (!view.ok()) return answer(view.status());
                     v1::GetBalanceResponse response;
                     response.set_balance_kopecks(view->balance_kopecks);
                     response.set_overdraft_limit_kopecks(view->terms.overdraft_limit_kopecks);
                     response.set_frozen((view->terms.flags & ledger::kAccountFrozen) != 0);
                     response.set_closed((view->terms.flags & ledger::kAccountClosed) != 0);
                     answer(std::move(response));
                   });
}

void GetStatement(const CallContext& call, const v1::GetStatementRequest& request,
                  const Answer<v1::GetStatementResponse>& answer) {
  Fields fields;
  const auto account = fields.Id<base::AccountId>("account_id", request.account_id());
  const size_t limit = fields.PageSize(request.page_size());
  const uint64_t from = fields.SequenceToken(request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetStatement(*call.house, call.caller, account, from, limit,
                     [answer](absl::StatusOr<flow::Statement> statement) {
                       if (!statement.ok()) return answer(statement.status());
                       v1::GetStatementResponse response;
                       for (const flow::StatementLine& line : statement->lines) {
                         SetLine(line, response.add_lines());
                       }
                       if (statement->next_sequence) {
                         response.set_next_page_token(std::to_string(*statement->next_sequence));
                       }
                       answer(std::move(response));
                     });
}

// Both changes of terms answer with the journal index and nothing else.
template <class Response>
flow::Done<uint64_t> IndexAnswer(const Answer<Response>& answer) {
  return [answer](absl::StatusOr<uint64_t> index) {
    if (!index.ok()) return answer(index.status());
    Response response;
    response.set_journal_index(*index);
    answer(std::move(response));
  };
}

void SetOverdraftLimit(const CallContext& call, const v1::SetOverdraftLimitRequest& request,
                       const Answer<v1::SetOverdraftLimitResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto account = fields.Id<base::AccountId>("account_id", request.account_id());
  const int64_t limit_kopecks = fields.Range(
      "overdraft_limit_kopecks", request.overdraft_limit_kopecks(), 0, flow::kOverdraftKopecksMax);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::SetOverdraftLimit(*call.house, call.caller, RequestOf(call, request_id), account,
                          limit_kopecks, IndexAnswer(answer));
}

void SetFrozen(const CallContext& call, const v1::SetFrozenRequest& request,
               const Answer<v1::SetFrozenResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto account = fields.Id<base::AccountId>("account_id", request.account_id());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::SetFrozen(*call.house, call.caller, RequestOf(call, request_id), account, request.frozen(),
                  IndexAnswer(answer));
}

flow::SpendingLimits ReadLimits(const v1::Limits& limits, Fields* fields) {
  const std::string path = "limits";
  flow::SpendingLimits read;
  if (limits.has_per_purchase_kopecks()) {
    read.per_purchase_kopecks =
        fields->Range(path + ".per_purchase_kopecks", limits.per_purchase_kopecks(), 0,
                      flow::kSpendingKopecksMax);
  }
  if (limits.has_per_service_day_kopecks()) {
    read.per_service_day_kopecks =
        fields->Range(path + ".per_service_day_kopecks", limits.per_service_day_kopecks(), 0,
                      flow::kSpendingKopecksMax);
  }
  const std::string bans = path + ".banned_categories";
  const auto count = static_cast<size_t>(limits.banned_categories_size());
  fields->Require(count <= flow::kBannedCategoriesMax, bans, "must be at most 30");
  if (!fields->ok()) return read;
  for (const uint32_t category : limits.banned_categories()) {
    read.banned_categories.push_back(
        static_cast<uint16_t>(fields->Range(bans, category, 1, kCategoryMax)));
  }
  std::sort(read.banned_categories.begin(), read.banned_categories.end());
  const auto twice =
      std::adjacent_find(read.banned_categories.begin(), read.banned_categories.end());
  fields->Require(twice == read.banned_categories.end(), bans, "must name each category once");
  return read;
}

void SetLimits(const CallContext& call, const v1::SetLimitsRequest& request,
               const Answer<v1::SetLimitsResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto account = fields.OptionalId<base::AccountId>("account_id", request.account_id());
  fields.Require(request.has_limits(), "limits", "must be there; an empty one takes limits away");
  const flow::SpendingLimits limits = ReadLimits(request.limits(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::SetLimits(*call.house, call.caller, RequestOf(call, request_id), account, limits,
                  IndexAnswer(answer));
}

void GetLimits(const CallContext& call, const v1::GetLimitsRequest& request,
               const Answer<v1::GetLimitsResponse>& answer) {
  Fields fields;
  const auto account = fields.OptionalId<base::AccountId>("account_id", request.account_id());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetLimits(*call.house, call.caller, account,
                  [answer](absl::StatusOr<flow::SpendingLimits> limits) {
                    if (!limits.ok()) return answer(limits.status());
                    v1::GetLimitsResponse response;
                    v1::Limits* const to = response.mutable_limits();
                    if (limits->per_purchase_kopecks) {
                      to->set_per_purchase_kopecks(*limits->per_purchase_kopecks);
                    }
                    if (limits->per_service_day_kopecks) {
                      to->set_per_service_day_kopecks(*limits->per_service_day_kopecks);
                    }
                    for (const uint16_t category : limits->banned_categories) {
                      to->add_banned_categories(category);
                    }
                    answer(std::move(response));
                  });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }

  void Serve(ServerContext* server) override {
    rpc::Serve<v1::TopUpRequest, v1::TopUpResponse>(server, "/ladon.v1.AccountsService/TopUp",
                                                    LADON_LISTEN(service_, TopUp), TopUp);
    rpc::Serve<v1::GetBalanceRequest, v1::GetBalanceResponse>(
        server, "/ladon.v1.AccountsService/GetBalance", LADON_LISTEN(service_, GetBalance),
        GetBalance);
    rpc::Serve<v1::GetStatementRequest, v1::GetStatementResponse>(
        server, "/ladon.v1.AccountsService/GetStatement", LADON_LISTEN(service_, GetStatement),
        GetStatement);
    rpc::Serve<v1::SetOverdraftLimitRequest, v1::SetOverdraftLimitResponse>(
        server, "/ladon.v1.AccountsService/SetOverdraftLimit",
        LADON_LISTEN(service_, SetOverdraftLimit), SetOverdraftLimit);
    rpc::Serve<v1::SetFrozenRequest, v1::SetFrozenResponse>(
        server, "/ladon.v1.AccountsService/SetFrozen", LADON_LISTEN(service_, SetFrozen),
        SetFrozen);
    rpc::Serve<v1::SetLimitsRequest, v1::SetLimitsResponse>(
        server, "/ladon.v1.AccountsService/SetLimits", LADON_LISTEN(service_, SetLimits),
        SetLimits);
    rpc::Serve<v1::GetLimitsRequest, v1::GetLimitsResponse>(
        server, "/ladon.v1.AccountsService/GetLimits", LADON_LISTEN(service_, GetLimits),
        GetLimits);
    rpc::Serve<v1::BatchTopUpRequest, v1::BatchTopUpResponse>(
        server, "/ladon.v1.AccountsService/BatchTopUp", LADON_LISTEN(service_, BatchTopUp),
        BatchTopUp);
    rpc::Serve<v1::PayOutRequest, v1::PayOutResponse>(server, "/ladon.v1.AccountsService/PayOut",
                                                      LADON_LISTEN(service_, PayOut), PayOut);
    rpc::Serve<v1::SetEntitlementsRequest, v1::SetEntitlementsResponse>(
        server, "/ladon.v1.AccountsService/SetEntitlements",
        LADON_LISTEN(service_, SetEntitlements), SetEntitlements);
    rpc::Serve<v1::GetEntitlementsRequest, v1::GetEntitlementsResponse>(
        server, "/ladon.v1.AccountsService/GetEntitlements",
        LADON_LISTEN(service_, GetEntitlements), GetEntitlements);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeAccountsService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc

#include <string>
#include <utility>
#include <vector>

#include "server/flow/payout.h"
#include "server/rpc/accounts_calls.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"

namespace ladon::rpc {
namespace {

flow::MealEntitlement ReadEntitlement(const std::string& path, const v1::Entitlement& from,
                                      Fields* fields) {
  flow::MealEntitlement read;
  read.category =
      static_cast<uint16_t>(fields->Range(path + ".category", from.category(), 1, kCategoryMax));
  read.cap_kopecks =
      fields->Range(path + ".cap_kopecks", from.cap_kopecks(), 1, flow::kEntitlementKopecksMax);
  read.uses_per_day = static_cast<uint8_t>(
      fields->Range(path + ".uses_per_day", from.uses_per_day(), 1, flow::kEntitlementUsesMax));
  read.valid_from = fields->Day(path + ".valid_from", from.has_valid_from(), from.valid_from());
  read.valid_to = fields->Day(path + ".valid_to", from.has_valid_to(), from.valid_to());
  fields->Require(read.valid_from <= read.valid_to, path + ".valid_to",
                  "must not be before valid_from");
  read.document_id =
      fields->Text(path + ".document_id", from.document_id(), 1, kDocumentNumberCharactersMax);
  return read;
}

}  // namespace

void PayOut(const CallContext& call, const v1::PayOutRequest& request,
            const Answer<v1::PayOutResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto caterer = fields.Id<base::CatererId>("caterer_id", request.caterer_id());
  const int64_t amount_kopecks =
      fields.Range("amount_kopecks", request.amount_kopecks(), 1, flow::kPayOutKopecksMax);
  const std::string document =
      fields.Text("document_id", request.document_id(), 1, kDocumentNumberCharactersMax);
  const uint32_t day =
      fields.Day("document_date", request.has_document_date(), request.document_date());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::PayOut(*call.house, call.caller, RequestOf(call, request_id), caterer, amount_kopecks,
               document, day, [answer](absl::StatusOr<flow::PayOutAnswer> paid) {
                 if (!paid.ok()) return answer(paid.status());
                 v1::PayOutResponse response;
                 response.set_transaction_id(BytesOf(paid->transaction));
                 response.set_journal_index(paid->journal_index);
                 response.set_owed_kopecks(paid->owed_kopecks);
                 answer(std::move(response));
               });
}

void SetEntitlements(const CallContext& call, const v1::SetEntitlementsRequest& request,
                     const Answer<v1::SetEntitlementsResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto account = fields.Id<base::AccountId>("account_id", request.account_id());
  const int count = request.entitlements_size();
  fields.Require(count <= static_cast<int>(ledger::kEntitlementsMax), "entitlements",
                 "must be at most 8");
  std::vector<flow::MealEntitlement> list;
  for (int i = 0; i < count && fields.ok(); ++i) {
    list.push_back(ReadEntitlement("entitlements[" + std::to_string(i) + "]",
                                   request.entitlements(i), &fields));
  }
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::SetEntitlements(*call.house, call.caller, RequestOf(call, request_id), account, list,
                        [answer](absl::StatusOr<uint64_t> index) {
                          if (!index.ok()) return answer(index.status());
                          v1::SetEntitlementsResponse response;
                          response.set_journal_index(*index);
                          answer(std::move(response));
                        });
}

void GetEntitlements(const CallContext& call, const v1::GetEntitlementsRequest& request,
                     const Answer<v1::GetEntitlementsResponse>& answer) {
  Fields fields;
  const auto account = fields.Id<base::AccountId>("account_id", request.account_id());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetEntitlements(*call.house, call.caller, account,
                        [answer](absl::StatusOr<std::vector<flow::MealEntitlement>> list) {
                          if (!list.ok()) return answer(list.status());
                          v1::GetEntitlementsResponse response;
                          for (const flow::MealEntitlement& one : *list) {
                            v1::Entitlement* const to = response.add_entitlements();
                            to->set_category(one.category);
                            to->set_cap_kopecks(one.cap_kopecks);
                            to->set_uses_per_day(one.uses_per_day);
                            SetDate(one.valid_from, to->mutable_valid_from());
                            SetDate(one.valid_to, to->mutable_valid_to());
                          }
                          answer(std::move(response));
                        });
}

}  // namespace ladon::rpc

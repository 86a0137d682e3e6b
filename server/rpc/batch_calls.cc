#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/flow/money.h"
#include "server/rpc/accounts_calls.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/status_map.h"

namespace ladon::rpc {
namespace {

constexpr std::string_view kTopUp = "/ladon.v1.AccountsService/TopUp";

// The answers of a batch; the last one sends them all.
struct Gathered {
  v1::BatchTopUpResponse response;
  std::atomic<int> missing{0};
  Answer<v1::BatchTopUpResponse> answer;

  void Put(int at, absl::StatusOr<v1::TopUpResponse> one) {
    v1::TopUpResult* const result = response.mutable_results(at);
    if (one.ok()) {
      *result->mutable_response() = *std::move(one);
    } else {
      *result->mutable_error() = ToDetail(one.status());
    }
    if (--missing == 0) answer(std::move(response));
  }
};

struct TopUpFields {
  base::RequestId request_id;
  base::AccountId account;
  int64_t amount_kopecks = 0;
};

TopUpFields ReadTopUp(const std::string& path, const v1::TopUpRequest& request, Fields* fields) {
  return {.request_id = fields->Id<base::RequestId>(path + "request_id", request.request_id()),
          .account = fields->Id<base::AccountId>(path + "account_id", request.account_id()),
          .amount_kopecks = fields->Range(path + "amount_kopecks", request.amount_kopecks(), 1,
                                          flow::kTopUpKopecksMax)};
}

void Book(const CallContext& call, const TopUpFields& fields,
          const Answer<v1::TopUpResponse>& answer) {
  flow::TopUp(*call.house, call.caller, RequestOf(call, fields.request_id), fields.account,
              fields.amount_kopecks, [answer](absl::StatusOr<flow::TopUpAnswer> booked) {
                if (!booked.ok()) return answer(booked.status());
                v1::TopUpResponse response;
                response.set_transaction_id(BytesOf(booked->transaction));
                response.set_journal_index(booked->journal_index);
                response.set_balance_kopecks(booked->balance_kopecks);
                SetTimestamp(booked->booked_at_ns, response.mutable_booked_at());
                response.set_replayed(booked->replayed);
                answer(std::move(response));
              });
}

}  // namespace

void TopUp(const CallContext& call, const v1::TopUpRequest& request,
           const Answer<v1::TopUpResponse>& answer) {
  Fields fields;
  const TopUpFields read = ReadTopUp("", request, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  Book(call, read, answer);
}

void BatchTopUp(const CallContext& call, const v1::BatchTopUpRequest& request,
                const Answer<v1::BatchTopUpResponse>& answer) {
  Fields fields;
  const int count = request.requests_size();
  fields.Require(count >= 1 && count <= static_cast<int>(kBatchMax), "requests",
                 "must be 1 to 1000");
  std::set<std::string> ids;
  std::vector<TopUpFields> read;
  for (int i = 0; i < count && fields.ok(); ++i) {
    const std::string path = "requests[" + std::to_string(i) + "].";
    read.push_back(ReadTopUp(path, request.requests(i), &fields));
    fields.Require(ids.insert(request.requests(i).request_id()).second, path + "request_id",
                   "must not be there twice");
  }
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  const auto gathered = std::make_shared<Gathered>();
  gathered->missing = count;
  gathered->answer = answer;
  for (int i = 0; i < count; ++i) gathered->response.add_results();
  for (int i = 0; i < count; ++i) {
    // As if it had come alone: repeated alone, or in another batch, it is the same request.
    const std::string bytes = request.requests(i).SerializeAsString();
    CallContext one = call;
    one.rpc = kTopUp;
    one.request_bytes = bytes;
    Book(one, read[static_cast<size_t>(i)],
         [gathered, i](absl::StatusOr<v1::TopUpResponse> booked) {
           gathered->Put(i, std::move(booked));
         });
  }
}

}  // namespace ladon::rpc

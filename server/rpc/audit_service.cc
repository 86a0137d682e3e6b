#include "ladon/v1/audit_service.grpc.pb.h"
#include "server/flow/export.h"
#include "server/flow/prove.h"
#include "server/rpc/export_stream.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::AuditService;
using Raw = S::WithRawMethod_GetCheckpoint<
    S::WithRawMethod_GetConsistencyProof<S::WithRawMethod_GetTile<S::WithRawMethod_GetReceipt<
        S::WithRawMethod_ExportExtract<S::WithRawMethod_ListEntries<S::Service>>>>>>;

void GetCheckpoint(const CallContext& call, const v1::GetCheckpointRequest& /*request*/,
                   const Answer<v1::GetCheckpointResponse>& answer) {
  flow::GetCheckpoint(*call.house, call.caller, [answer](absl::StatusOr<flow::SignedHead> head) {
    if (!head.ok()) return answer(head.status());
    v1::GetCheckpointResponse response;
    response.set_checkpoint(std::move(head->checkpoint));
    for (std::string& key : head->verifier_keys) response.add_verifier_keys(std::move(key));
    answer(std::move(response));
  });
}

void GetConsistencyProof(const CallContext& call, const v1::GetConsistencyProofRequest& request,
                         const Answer<v1::GetConsistencyProofResponse>& answer) {
  flow::GetConsistencyProof(*call.house, call.caller, request.old_size(),
                            [answer](absl::StatusOr<std::string> growth) {
                              if (!growth.ok()) return answer(growth.status());
                              v1::GetConsistencyProofResponse response;
                              response.set_growth(*std::move(growth));
                              answer(std::move(response));
                            });
}

void GetTile(const CallContext& call, const v1::GetTileRequest& request,
             const Answer<v1::GetTileResponse>& answer) {
  flow::GetTile(*call.house, call.caller, request.size(), request.level(), request.number(),
                [answer](absl::StatusOr<std::string> tile) {
                  if (!tile.ok()) return answer(tile.status());
                  v1::GetTileResponse response;
                  response.set_tile(*std::move(tile));
                  answer(std::move(response));
                });
}

void GetReceipt(const CallContext& call, const v1::GetReceiptRequest& request,
                const Answer<v1::GetReceiptResponse>& answer) {
  Fields fields;
  const auto account = fields.Id<base::AccountId>("account_id", request.account_id());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetReceipt(*call.house, call.caller, account, request.journal_index(),
                   [answer](absl::StatusOr<flow::ReceiptFiles> receipt) {
                     if (!receipt.ok()) return answer(receipt.status());
                     v1::GetReceiptResponse response;
                     response.set_tlog_proof(std::move(receipt->tlog_proof));
                     response.set_entry(std::move(receipt->entry));
                     answer(std::move(response));
                   });
}

flow::ExportRequest ReadExport(const v1::ExportExtractRequest& request, Fields* fields) {
  flow::ExportRequest read;
  if (request.has_account_id()) {
    read.scope = ledger::ExtractScope::kAccount;
    read.subject = fields->Id<base::AccountId>("account_id", request.account_id()).bytes;
  } else if (request.has_school_id()) {
    read.scope = ledger::ExtractScope::kSchool;
    read.subject = fields->Id<base::SchoolId>("school_id", request.school_id()).bytes;
  }
  read.first = request.first();
  read.close_now = request.close_now();
  read.resume_token = request.resume_token();
  fields->Require(read.resume_token.size() <= kPageTokenBytesMax, "resume_token",
                  "must be the token of an earlier answer");
  return read;
}

void ExportExtract(const CallContext& call, Answer<NextMessage> answer) {
  Fields fields;
  v1::ExportExtractRequest request;
  const int size = static_cast<int>(call.request_bytes.size());  // Bounded by the server.
  fields.Require(request.ParseFromArray(call.request_bytes.data(), size), "request",
                 "is not a message of this method");
  const flow::ExportRequest read = ReadExport(request, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), std::move(answer));
  flow::ExportExtract(
      *call.house, call.caller, read,
      AnswerPieces<flow::Export, v1::ExportExtractResponse>(call, std::move(answer)));
}

void SetEntry(const ledger::Entry& entry, const ledger::AccountId& account, v1::AccountEntry* to) {
  const ledger::Leaf& leaf = entry.leaf;
  to->set_journal_index(leaf.index);
  SetTimestamp(leaf.booked_at_ns, to->mutable_booked_at());
  if (leaf.service_date != 0) SetDate(leaf.service_date, to->mutable_service_date());
  to->set_kind(static_cast<v1::EntryKind>(leaf.kind));
  int64_t amount_kopecks = 0;
  for (const ledger::Opening& opening : entry.openings) {
    const auto [of, sequence] = ledger::SequenceOf(opening);
    if (of != account) continue;
    to->set_sequence(sequence);
    const auto* const posting = std::get_if<ledger::Posting>(&opening);
    if (posting == nullptr) continue;
    amount_kopecks += posting->amount_kopecks;  // A transaction's sums are bounded.
    to->set_balance_kopecks(posting->balance_kopecks);
  }
  to->set_amount_kopecks(amount_kopecks);
  if (!leaf.transaction.IsZero()) to->set_transaction_id(BytesOf(leaf.transaction.bytes));
  if (!leaf.related.IsZero()) to->set_related_transaction_id(BytesOf(leaf.related.bytes));
}

void ListEntries(const CallContext& call, const v1::ListEntriesRequest& request,
                 const Answer<v1::ListEntriesResponse>& answer) {
  Fields fields;
  flow::EntryQuery query;
  query.account = fields.Id<base::AccountId>("account_id", request.account_id());
  query.from_ns = fields.Time("from", request.has_from(), request.from(), 0);
  query.until_ns = fields.Time("until", request.has_until(), request.until(), ~uint64_t{0});
  if (request.kind() != v1::ENTRY_KIND_UNSPECIFIED) {
    query.kind = static_cast<uint8_t>(fields.Enum("kind", request.kind(), v1::EntryKind_IsValid));
  }
  query.limit = fields.PageSize(request.page_size());
  query.from_sequence = fields.SequenceToken(request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListEntries(*call.house, call.caller, query,
                    [answer, account = ledger::AccountId{query.account.bytes}](
                        absl::StatusOr<ledger::EntryPage> page) {
                      if (!page.ok()) return answer(page.status());
                      v1::ListEntriesResponse response;
                      for (const ledger::Entry& entry : page->entries) {
                        SetEntry(entry, account, response.add_entries());
                      }
                      if (page->next_sequence != 0) {
                        response.set_next_page_token(std::to_string(page->next_sequence));
                      }
                      answer(std::move(response));
                    });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::GetCheckpointRequest, v1::GetCheckpointResponse>(
        server, "/ladon.v1.AuditService/GetCheckpoint", LADON_LISTEN(service_, GetCheckpoint),
        GetCheckpoint);
    rpc::Serve<v1::GetConsistencyProofRequest, v1::GetConsistencyProofResponse>(
        server, "/ladon.v1.AuditService/GetConsistencyProof",
        LADON_LISTEN(service_, GetConsistencyProof), GetConsistencyProof);
    rpc::Serve<v1::GetTileRequest, v1::GetTileResponse>(server, "/ladon.v1.AuditService/GetTile",
                                                        LADON_LISTEN(service_, GetTile), GetTile);
    rpc::Serve<v1::GetReceiptRequest, v1::GetReceiptResponse>(
        server, "/ladon.v1.AuditService/GetReceipt", LADON_LISTEN(service_, GetReceipt),
        GetReceipt);
    ServeStream(server, "/ladon.v1.AuditService/ExportExtract",
                LADON_LISTEN_STREAM(service_, ExportExtract), ExportExtract);
    rpc::Serve<v1::ListEntriesRequest, v1::ListEntriesResponse>(
        server, "/ladon.v1.AuditService/ListEntries", LADON_LISTEN(service_, ListEntries),
        ListEntries);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeAuditService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc

#include <string>
#include <utility>

#include "ladon/v1/subject_service.grpc.pb.h"
#include "server/flow/deadlines.h"
#include "server/flow/erase.h"
#include "server/flow/move.h"
#include "server/flow/rights.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/rights_view.h"
#include "server/rpc/services.h"
#include "server/rpc/subject_view.h"

namespace ladon::rpc {
namespace {

using S = v1::SubjectService;
using Raw = S::WithRawMethod_ExportSubject<S::WithRawMethod_RectifySubject<
    S::WithRawMethod_BlockSubject<S::WithRawMethod_EraseSubject<S::WithRawMethod_GetErasure<
        S::WithRawMethod_ListErasures<S::WithRawMethod_MoveSubject<S::WithRawMethod_OpenRequest<
            S::WithRawMethod_CloseRequest<S::WithRawMethod_ListRequests<S::Service>>>>>>>>>>;

// What most of these requests begin with.
struct Target {
  flow::Request request;
  vault::SubjectRef subject;
};

template <class Request>
Target TargetOf(const CallContext& call, const Request& request, Fields* fields) {
  const auto request_id = fields->Id<base::RequestId>("request_id", request.request_id());
  const auto school = fields->OptionalId<base::SchoolId>("school_id", request.school_id());
  const auto id = fields->Id<base::SubjectId>("subject_id", request.subject_id());
  Target target{.request = RequestOf(call, request_id)};
  if (!fields->ok()) return target;
  const absl::StatusOr<vault::SubjectRef> subject = flow::SubjectFor(call.caller, school, id);
  if (subject.ok()) {
    target.subject = *subject;
  } else {
    fields->FailWith(subject.status());
  }
  return target;
}

void ExportSubject(const CallContext& call, const v1::ExportSubjectRequest& request,
                   const Answer<v1::ExportSubjectResponse>& answer) {
  Fields fields;
  const Target target = TargetOf(call, request, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ExportSubject(*call.house, call.caller, target.request, target.subject,
                      [answer](const absl::StatusOr<flow::SubjectExport>& all) {
                        if (!all.ok()) return answer(all.status());
                        v1::ExportSubjectResponse response;
                        SetExport(*all, &response);
                        answer(std::move(response));
                      });
}

void RectifySubject(const CallContext& call, const v1::RectifySubjectRequest& request,
                    const Answer<v1::RectifySubjectResponse>& answer) {
  Fields fields;
  const Target target = TargetOf(call, request, &fields);
  const Names names = NamesOf(request.has_name(), request.name(), &fields);
  const flow::Rectification change{
      .family_name = names.family_name,
      .given_name = names.given_name,
      .class_name = names.class_name,
      .external_id = fields.Ascii("external_id", request.external_id(), 0, kExternalIdBytesMax),
      .birth_day = BirthDay("birth_date", request.has_birth_date(), request.birth_date(), &fields),
      .left_on =
          request.has_left_on() ? fields.Day("left_on", true, request.left_on()) : uint32_t{0}};
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::RectifySubject(
      *call.house, call.caller, target.request, target.subject, change,
      [answer, id = target.subject.subject](const absl::StatusOr<flow::Rectified>& rectified) {
        if (!rectified.ok()) return answer(rectified.status());
        v1::RectifySubjectResponse response;
        SetSubject({.id = id, .record = rectified->record}, response.mutable_subject());
        response.set_journal_index(rectified->journal_index);
        answer(std::move(response));
      });
}

void BlockSubject(const CallContext& call, const v1::BlockSubjectRequest& request,
                  const Answer<v1::BlockSubjectResponse>& answer) {
  Fields fields;
  const Target target = TargetOf(call, request, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::BlockSubject(*call.house, call.caller, target.request, target.subject, request.blocked(),
                     [answer](const absl::StatusOr<uint64_t>& index) {
                       if (!index.ok()) return answer(index.status());
                       v1::BlockSubjectResponse response;
                       response.set_journal_index(*index);
                       answer(std::move(response));
                     });
}

void EraseSubject(const CallContext& call, const v1::EraseSubjectRequest& request,
                  const Answer<v1::EraseSubjectResponse>& answer) {
  Fields fields;
  const Target target = TargetOf(call, request, &fields);
  const auto reason = fields.Enum("reason", request.reason(), v1::ErasureReason_IsValid);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::EraseSubject(*call.house, call.caller, target.request, target.subject,
                     static_cast<registers::ErasureReason>(reason),
                     [answer](const absl::StatusOr<flow::EraseAnswer>& begun) {
                       if (!begun.ok()) return answer(begun.status());
                       v1::EraseSubjectResponse response;
                       SetErasure(begun->erasure, response.mutable_erasure());
                       response.set_journal_index(begun->journal_index);
                       answer(std::move(response));
                     });
}

void GetErasure(const CallContext& call, const v1::GetErasureRequest& request,
                const Answer<v1::GetErasureResponse>& answer) {
  Fields fields;
  const auto id = fields.Id<base::ErasureId>("erasure_id", request.erasure_id());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetErasure(*call.house, call.caller, id,
                   [answer](const absl::StatusOr<registers::Erasure>& erasure) {
                     if (!erasure.ok()) return answer(erasure.status());
                     v1::GetErasureResponse response;
                     SetErasure(*erasure, response.mutable_erasure());
                     answer(std::move(response));
                   });
}

void ListErasures(const CallContext& call, const v1::ListErasuresRequest& request,
                  const Answer<v1::ListErasuresResponse>& answer) {
  Fields fields;
  const size_t limit = fields.PageSize(request.page_size());
  const auto after = PageStart<base::ErasureId>(&fields, request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListErasures(*call.house, call.caller, after, limit, request.done_too(),
                     [answer](const absl::StatusOr<flow::ErasurePage>& page) {
                       if (!page.ok()) return answer(page.status());
                       v1::ListErasuresResponse response;
                       for (const auto& one : page->erasures) {
                         SetErasure(one, response.add_erasures());
                       }
                       if (page->more) {
                         response.set_next_page_token(base::HexOf(page->erasures.back().id));
                       }
                       answer(std::move(response));
                     });
}

void MoveSubject(const CallContext& call, const v1::MoveSubjectRequest& request,
                 const Answer<v1::MoveSubjectResponse>& answer) {
  Fields fields;
  const Target target = TargetOf(call, request, &fields);
  const auto to = fields.Id<base::SchoolId>("to_school_id", request.to_school_id());
  const std::string class_name =
      fields.Text("class_name", request.class_name(), 0, kClassCharactersMax);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::MoveSubject(*call.house, call.caller, target.request, target.subject, to, class_name,
                    [answer](const absl::StatusOr<flow::MoveAnswer>& moved) {
                      if (!moved.ok()) return answer(moved.status());
                      v1::MoveSubjectResponse response;
                      response.set_carried_kopecks(moved->carried_kopecks);
                      response.set_cards(moved->cards);
                      response.set_cards_to_bind(moved->cards_to_bind);
                      response.set_palms_removed(moved->palms_removed);
                      response.set_journal_index(moved->journal_index);
                      answer(std::move(response));
                    });
}

void OpenRequest(const CallContext& call, const v1::OpenRequestRequest& request,
                 const Answer<v1::OpenRequestResponse>& answer) {
  Fields fields;
  const Target target = TargetOf(call, request, &fields);
  const auto kind = fields.Enum("kind", request.kind(), v1::RequestKind_IsValid);
  fields.Require(request.identity_checked(), "identity_checked",
                 "must be true: check who asks, and that they may, first");
  const uint32_t received =
      request.has_received() ? fields.Day("received", true, request.received()) : uint32_t{0};
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::OpenRequest(*call.house, call.caller, target.request, target.subject,
                    static_cast<uint8_t>(kind), received,
                    [answer, call](const absl::StatusOr<flow::KeptRequest>& kept) {
                      if (!kept.ok()) return answer(kept.status());
                      v1::OpenRequestResponse response;
                      SetRightsRequest(kept->request, 0, *call.house->calendar,
                                       response.mutable_rights_request());
                      response.set_journal_index(kept->journal_index);
                      answer(std::move(response));
                    });
}

void CloseRequest(const CallContext& call, const v1::CloseRequestRequest& request,
                  const Answer<v1::CloseRequestResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto id =
      fields.Id<base::RightsRequestId>("rights_request_id", request.rights_request_id());
  const auto state = fields.Enum("state", request.state(), v1::RequestState_IsValid);
  const bool needs_note = state != v1::REQUEST_STATE_DONE;
  const std::string note =
      fields.Text("note", request.note(), needs_note ? 1 : 0, kNoteCharactersMax);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::CloseRequest(*call.house, call.caller, RequestOf(call, request_id), id,
                     static_cast<registers::RequestState>(state), note,
                     [answer, call](const absl::StatusOr<flow::KeptRequest>& kept) {
                       if (!kept.ok()) return answer(kept.status());
                       v1::CloseRequestResponse response;
                       SetRightsRequest(kept->request, 0, *call.house->calendar,
                                        response.mutable_rights_request());
                       response.set_journal_index(kept->journal_index);
                       answer(std::move(response));
                     });
}

void ListRequests(const CallContext& call, const v1::ListRequestsRequest& request,
                  const Answer<v1::ListRequestsResponse>& answer) {
  Fields fields;
  const size_t limit = fields.PageSize(request.page_size());
  const auto after = PageStart<base::RightsRequestId>(&fields, request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListRequests(*call.house, call.caller, after, limit, request.closed_too(),
                     [answer, call](const absl::StatusOr<flow::RequestPage>& page) {
                       if (!page.ok()) return answer(page.status());
                       v1::ListRequestsResponse response;
                       for (size_t i = 0; i < page->requests.size(); ++i) {
                         SetRightsRequest(page->requests[i], page->today[i], *call.house->calendar,
                                          response.add_requests());
                       }
                       if (page->more) {
                         response.set_next_page_token(base::HexOf(page->requests.back().id));
                       }
                       answer(std::move(response));
                     });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::ExportSubjectRequest, v1::ExportSubjectResponse>(
        server, "/ladon.v1.SubjectService/ExportSubject", LADON_LISTEN(service_, ExportSubject),
        ExportSubject);
    rpc::Serve<v1::RectifySubjectRequest, v1::RectifySubjectResponse>(
        server, "/ladon.v1.SubjectService/RectifySubject", LADON_LISTEN(service_, RectifySubject),
        RectifySubject);
    rpc::Serve<v1::BlockSubjectRequest, v1::BlockSubjectResponse>(
        server, "/ladon.v1.SubjectService/BlockSubject", LADON_LISTEN(service_, BlockSubject),
        BlockSubject);
    rpc::Serve<v1::EraseSubjectRequest, v1::EraseSubjectResponse>(
        server, "/ladon.v1.SubjectService/EraseSubject", LADON_LISTEN(service_, EraseSubject),
        EraseSubject);
    rpc::Serve<v1::GetErasureRequest, v1::GetErasureResponse>(
        server, "/ladon.v1.SubjectService/GetErasure", LADON_LISTEN(service_, GetErasure),
        GetErasure);
    rpc::Serve<v1::ListErasuresRequest, v1::ListErasuresResponse>(
        server, "/ladon.v1.SubjectService/ListErasures", LADON_LISTEN(service_, ListErasures),
        ListErasures);
    rpc::Serve<v1::MoveSubjectRequest, v1::MoveSubjectResponse>(
        server, "/ladon.v1.SubjectService/MoveSubject", LADON_LISTEN(service_, MoveSubject),
        MoveSubject);
    rpc::Serve<v1::OpenRequestRequest, v1::OpenRequestResponse>(
        server, "/ladon.v1.SubjectService/OpenRequest", LADON_LISTEN(service_, OpenRequest),
        OpenRequest);
    rpc::Serve<v1::CloseRequestRequest, v1::CloseRequestResponse>(
        server, "/ladon.v1.SubjectService/CloseRequest", LADON_LISTEN(service_, CloseRequest),
        CloseRequest);
    rpc::Serve<v1::ListRequestsRequest, v1::ListRequestsResponse>(
        server, "/ladon.v1.SubjectService/ListRequests", LADON_LISTEN(service_, ListRequests),
        ListRequests);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeSubjectService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc

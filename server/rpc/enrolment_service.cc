#include <algorithm>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ladon/v1/enrolment_service.grpc.pb.h"
#include "server/flow/enrol.h"
#include "server/flow/pin.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/rights_view.h"
#include "server/rpc/services.h"
#include "server/rpc/subject_view.h"

namespace ladon::rpc {
namespace {

using S = v1::EnrolmentService;
using Raw = S::WithRawMethod_CreateSubject<
    S::WithRawMethod_UpdateSubject<S::WithRawMethod_ListSubjects<S::WithRawMethod_RecordConsent<
        S::WithRawMethod_WithdrawConsent<S::WithRawMethod_EnrolPalm<S::WithRawMethod_BindCard<
            S::WithRawMethod_SetCardState<S::WithRawMethod_SetPin<S::Service>>>>>>>>>;

void CreateSubject(const CallContext& call, const v1::CreateSubjectRequest& request,
                   const Answer<v1::CreateSubjectResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const Names names = NamesOf(request.has_name(), request.name(), &fields);
  const auto kind = fields.Enum("kind", request.kind(), v1::SubjectKind_IsValid);
  const bool pupil = kind == v1::SUBJECT_KIND_PUPIL;
  fields.Require(pupil != names.class_name.empty(), "name.class_name",
                 pupil ? "must be given for a pupil" : "must be empty for an adult");
  vault::SubjectRecord record{
      .kind = static_cast<vault::SubjectKind>(kind),
      .family_name = names.family_name,
      .given_name = names.given_name,
      .class_name = names.class_name,
      .external_id = fields.Ascii("external_id", request.external_id(), 0, kExternalIdBytesMax),
      .birth_day = BirthDay("birth_date", request.has_birth_date(), request.birth_date(), &fields)};
  std::vector<uint8_t> purses;
  std::set<int> seen = {v1::PURSE_MAIN};
  for (int i = 0; i < request.purses_size(); ++i) {
    const std::string path = "purses[" + std::to_string(i) + "]";
    const v1::Purse purse = fields.Enum(path, request.purses(i), v1::Purse_IsValid);
    fields.Require(seen.insert(purse).second, path, "must not repeat, and not name the main purse");
    purses.push_back(static_cast<uint8_t>(purse));
  }
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::CreateSubject(*call.house, call.caller, RequestOf(call, request_id), std::move(record),
                      purses, [answer](absl::StatusOr<flow::SubjectAnswer> made) {
                        if (!made.ok()) return answer(made.status());
                        v1::CreateSubjectResponse response;
                        SetSubject(made->subject, response.mutable_subject());
                        response.set_journal_index(made->journal_index);
                        answer(std::move(response));
                      });
}

void UpdateSubject(const CallContext& call, const v1::UpdateSubjectRequest& request,
                   const Answer<v1::UpdateSubjectResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto id = fields.Id<base::SubjectId>("subject_id", request.subject_id());
  const Names names = NamesOf(request.has_name(), request.name(), &fields);
  const auto state = fields.Enum("state", request.state(), v1::SubjectState_IsValid);
  const uint32_t birth_day =
      BirthDay("birth_date", request.has_birth_date(), request.birth_date(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::UpdateSubject(*call.house, call.caller, RequestOf(call, request_id),
                      {.id = id,
                       .family_name = names.family_name,
                       .given_name = names.given_name,
                       .class_name = names.class_name,
                       .state = static_cast<vault::SubjectState>(state),
                       .birth_day = birth_day},
                      [answer](absl::StatusOr<flow::SubjectAnswer> changed) {
                        if (!changed.ok()) return answer(changed.status());
                        v1::UpdateSubjectResponse response;
                        SetSubject(changed->subject, response.mutable_subject());
                        response.set_journal_index(changed->journal_index);
                        answer(std::move(response));
                      });
}

void ListSubjects(const CallContext& call, const v1::ListSubjectsRequest& request,
                  const Answer<v1::ListSubjectsResponse>& answer) {
  Fields fields;
  const size_t limit = fields.PageSize(request.page_size());
  const auto after = PageStart<base::SubjectId>(&fields, request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListSubjects(*call.house, call.caller, after, limit,
                     [answer, limit](absl::StatusOr<std::vector<flow::SubjectView>> page) {
                       if (!page.ok()) return answer(page.status());
                       v1::ListSubjectsResponse response;
                       for (const flow::SubjectView& one : *page) {
                         SetSubject(one, response.add_subjects());
                       }
                       if (page->size() == limit) {
                         response.set_next_page_token(base::HexOf(page->back().id));
                       }
                       answer(std::move(response));
                     });
}

void TakeDigest(std::string_view field, const std::string& bytes, std::array<uint8_t, 32>* digest,
                Fields* fields) {
  if (bytes.size() != digest->size()) return fields->Fail(field, "must be 32 bytes");
  std::memcpy(digest->data(), bytes.data(), bytes.size());
}

uint16_t PurposesOf(const v1::RecordConsentRequest& request, Fields* fields) {
  uint16_t purposes = 0;
  for (int i = 0; i < request.purposes_size(); ++i) {
    const std::string path = "purposes[" + std::to_string(i) + "]";
    const auto purpose = fields->Enum(path, request.purposes(i), v1::ConsentPurpose_IsValid);
    if (!fields->ok()) return 0;
    const uint16_t bit = BitOf(static_cast<vault::ConsentPurpose>(purpose));
    fields->Require((purposes & bit) == 0, path, "must not repeat");
    purposes |= bit;
  }
  return purposes;
}

void RecordConsent(const CallContext& call, const v1::RecordConsentRequest& request,
                   const Answer<v1::RecordConsentResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  flow::ConsentInput input;
  input.subject = fields.Id<base::SubjectId>("subject_id", request.subject_id());
  vault::ConsentRecord& record = input.record;
  record.kind =
      static_cast<vault::ConsentKind>(fields.Enum("kind", request.kind(), v1::ConsentKind_IsValid));
  record.signer =
      static_cast<uint8_t>(fields.Enum("signer", request.signer(), v1::ConsentSigner_IsValid));
  record.form = static_cast<uint8_t>(fields.Enum("form", request.form(), v1::ConsentForm_IsValid));
  TakeDigest("document_sha256", request.document_sha256(), &record.document, &fields);
  if (!request.authority_document_sha256().empty()) {
    TakeDigest("authority_document_sha256", request.authority_document_sha256(),
               &record.authority_document, &fields);
  }
  record.purposes = PurposesOf(request, &fields);
  record.processor = fields.Text("processor", request.processor(), 0, kProcessorLettersMax);
  fields.Require(request.authority_checked(), "authority_checked",
                 "must be true: the signer's right to sign has to be checked first");
  record.valid_from = fields.Day("valid_from", request.has_valid_from(), request.valid_from());
  record.valid_until = fields.Day("valid_until", request.has_valid_until(), request.valid_until());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::RecordConsent(*call.house, call.caller, RequestOf(call, request_id), input,
                      [answer](absl::StatusOr<flow::ConsentAnswer> recorded) {
                        if (!recorded.ok()) return answer(recorded.status());
                        v1::RecordConsentResponse response;
                        response.set_consent_id(BytesOf(recorded->id.bytes));
                        response.set_journal_index(recorded->journal_index);
                        answer(std::move(response));
                      });
}

void WithdrawConsent(const CallContext& call, const v1::WithdrawConsentRequest& request,
                     const Answer<v1::WithdrawConsentResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto subject = fields.Id<base::SubjectId>("subject_id", request.subject_id());
  const auto kind = fields.Enum("kind", request.kind(), v1::ConsentKind_IsValid);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::WithdrawConsent(*call.house, call.caller, RequestOf(call, request_id), subject,
                        static_cast<vault::ConsentKind>(kind),
                        [answer](absl::StatusOr<flow::WithdrawAnswer> withdrawn) {
                          if (!withdrawn.ok()) return answer(withdrawn.status());
                          v1::WithdrawConsentResponse response;
                          response.set_palm_samples_removed(withdrawn->palm_samples_removed);
                          response.set_journal_index(withdrawn->journal_index);
                          answer(std::move(response));
                        });
}

void EnrolPalm(const CallContext& call, const v1::EnrolPalmRequest& request,
               const Answer<v1::EnrolPalmResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  flow::PalmInput input;
  input.subject = fields.Id<base::SubjectId>("subject_id", request.subject_id());
  input.side = static_cast<uint8_t>(fields.Enum("side", request.side(), v1::PalmSide_IsValid));
  const size_t count = static_cast<size_t>(request.templates_size());
  if (count < flow::kTemplatesPerCallMin || count > kTemplatesMax) {
    fields.Fail("templates", "must be 3 to 6 templates");
  } else if (request.qualities_size() != request.templates_size()) {
    fields.Fail("qualities", "must be one per template");
  } else {
    for (int i = 0; i < request.templates_size(); ++i) {
      const std::string at = "[" + std::to_string(i) + "]";
      const auto quality = fields.Range("qualities" + at, request.qualities(i), 0, 100);
      input.samples.emplace_back(fields.Template("templates" + at, request.templates(i)),
                                 static_cast<uint8_t>(quality));
    }
  }
  input.sensor = fields.Id<base::SensorId>("sensor_id", request.sensor_id());
  input.check = fields.Probe("check", request.check());
  input.look_alike = request.look_alike();
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::EnrolPalm(*call.house, call.caller, RequestOf(call, request_id), std::move(input),
                  [answer](absl::StatusOr<flow::PalmAnswer> enrolled) {
                    if (!enrolled.ok()) return answer(enrolled.status());
                    v1::EnrolPalmResponse response;
                    response.set_samples(enrolled->samples);
                    response.set_journal_index(enrolled->journal_index);
                    answer(std::move(response));
                  });
}

void BindCard(const CallContext& call, const v1::BindCardRequest& request,
              const Answer<v1::BindCardResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  flow::CardInput input;
  input.subject = fields.Id<base::SubjectId>("subject_id", request.subject_id());
  input.number = fields.Card("card", request.has_card(), request.card());
  const bool temporary = request.state() == v1::CARD_STATE_TEMPORARY;
  fields.Require(temporary || request.state() == v1::CARD_STATE_ACTIVE, "state",
                 "must be ACTIVE or TEMPORARY");
  input.state = static_cast<vault::CardState>(request.state());
  if (temporary) {
    input.valid_until = fields.Day("valid_until", request.has_valid_until(), request.valid_until());
  } else {
    fields.Require(!request.has_valid_until(), "valid_until", "is for temporary cards only");
  }
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::BindCard(*call.house, call.caller, RequestOf(call, request_id), input,
                 [answer](absl::StatusOr<flow::CardAnswer> bound) {
                   if (!bound.ok()) return answer(bound.status());
                   v1::BindCardResponse response;
                   response.set_card_id(BytesOf(bound->id.bytes));
                   response.set_journal_index(bound->journal_index);
                   answer(std::move(response));
                 });
}

void SetCardState(const CallContext& call, const v1::SetCardStateRequest& request,
                  const Answer<v1::SetCardStateResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  std::variant<base::CardId, vault::CardNumber> target;
  if (request.target_case() == v1::SetCardStateRequest::kCardId) {
    target = fields.Id<base::CardId>("card_id", request.card_id());
  } else {
    target = fields.Card("card", request.has_card(), request.card());
  }
  const v1::CardState state = request.state();
  fields.Require(state == v1::CARD_STATE_ACTIVE || state == v1::CARD_STATE_BLOCKED ||
                     state == v1::CARD_STATE_LOST,
                 "state", "must be ACTIVE, BLOCKED or LOST");
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::SetCardState(*call.house, call.caller, RequestOf(call, request_id), target,
                     static_cast<vault::CardState>(state),
                     [answer](absl::StatusOr<flow::CardAnswer> changed) {
                       if (!changed.ok()) return answer(changed.status());
                       v1::SetCardStateResponse response;
                       response.set_card_id(BytesOf(changed->id.bytes));
                       response.set_journal_index(changed->journal_index);
                       answer(std::move(response));
                     });
}

void SetPin(const CallContext& call, const v1::SetPinRequest& request,
            const Answer<v1::SetPinResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto subject = fields.Id<base::SubjectId>("subject_id", request.subject_id());
  std::string pin = fields.OptionalPin("pin", request.pin());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::SetPin(*call.house, call.caller, RequestOf(call, request_id), subject, std::move(pin),
               [answer](absl::StatusOr<uint64_t> index) {
                 if (!index.ok()) return answer(index.status());
                 v1::SetPinResponse response;
                 response.set_journal_index(*index);
                 answer(std::move(response));
               });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }

  void Serve(ServerContext* server) override {
    rpc::Serve<v1::CreateSubjectRequest, v1::CreateSubjectResponse>(
        server, "/ladon.v1.EnrolmentService/CreateSubject", LADON_LISTEN(service_, CreateSubject),
        CreateSubject);
    rpc::Serve<v1::UpdateSubjectRequest, v1::UpdateSubjectResponse>(
        server, "/ladon.v1.EnrolmentService/UpdateSubject", LADON_LISTEN(service_, UpdateSubject),
        UpdateSubject);
    rpc::Serve<v1::ListSubjectsRequest, v1::ListSubjectsResponse>(
        server, "/ladon.v1.EnrolmentService/ListSubjects", LADON_LISTEN(service_, ListSubjects),
        ListSubjects);
    rpc::Serve<v1::RecordConsentRequest, v1::RecordConsentResponse>(
        server, "/ladon.v1.EnrolmentService/RecordConsent", LADON_LISTEN(service_, RecordConsent),
        RecordConsent);
    rpc::Serve<v1::WithdrawConsentRequest, v1::WithdrawConsentResponse>(
        server, "/ladon.v1.EnrolmentService/WithdrawConsent",
        LADON_LISTEN(service_, WithdrawConsent), WithdrawConsent);
    rpc::Serve<v1::EnrolPalmRequest, v1::EnrolPalmResponse>(
        server, "/ladon.v1.EnrolmentService/EnrolPalm", LADON_LISTEN(service_, EnrolPalm),
        EnrolPalm);
    rpc::Serve<v1::BindCardRequest, v1::BindCardResponse>(
        server, "/ladon.v1.EnrolmentService/BindCard", LADON_LISTEN(service_, BindCard), BindCard);
    rpc::Serve<v1::SetCardStateRequest, v1::SetCardStateResponse>(
        server, "/ladon.v1.EnrolmentService/SetCardState", LADON_LISTEN(service_, SetCardState),
        SetCardState);
    rpc::Serve<v1::SetPinRequest, v1::SetPinResponse>(server, "/ladon.v1.EnrolmentService/SetPin",
                                                      LADON_LISTEN(service_, SetPin), SetPin);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeEnrolmentService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc

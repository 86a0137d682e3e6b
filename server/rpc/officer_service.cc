#include <algorithm>
#include <string>
#include <utility>

#include "ladon/v1/officer_service.grpc.pb.h"
#include "server/flow/incidents.h"
#include "server/flow/own_work.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/people_in_answer.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::OfficerService;
using Raw = S::WithRawMethod_RemoveBiometrics<
    S::WithRawMethod_RecordIncident<S::WithRawMethod_ReportIncident<
        S::WithRawMethod_ListIncidents<S::WithRawMethod_ListAffected<S::Service>>>>>;

void SetIncident(const registers::Incident& from, v1::Incident* to) {
  to->set_incident_id(BytesOf(from.id.bytes));
  to->set_state(static_cast<v1::IncidentState>(from.state));
  if (!from.school.IsZero()) to->set_school_id(BytesOf(from.school.bytes));
  SetTimestamp(from.detected_at_ns, to->mutable_detected_at());
  SetTimestamp(from.detected_at_ns + flow::kNoticeNs, to->mutable_due_24());
  SetTimestamp(from.detected_at_ns + flow::kInquiryNs, to->mutable_due_72());
  if (!from.actor.IsZero()) to->set_actor_id(BytesOf(from.actor.bytes));
  SetTimestamp(from.from_ns, to->mutable_from());
  SetTimestamp(from.until_ns, to->mutable_until());
  to->set_cause(from.cause);
  to->set_harm(from.harm);
  to->set_measures(from.measures);
  to->set_contact(from.contact);
  to->set_receipt_24(from.receipt_24);
  to->set_receipt_72(from.receipt_72);
}

uint64_t TimeOf(std::string_view field, bool present, const google::protobuf::Timestamp& time,
                Fields* fields) {
  constexpr int64_t kSecondsMax = 32'503'680'000;  // The year 3000.
  constexpr int32_t kNanosMax = 999'999'999;
  constexpr uint64_t kSecondNs = 1'000'000'000;
  if (!present || time.seconds() < 0 || time.seconds() >= kSecondsMax || time.nanos() < 0 ||
      time.nanos() > kNanosMax) {
    fields->Fail(field, "must be a time from 1970 to 2999");
    return 0;
  }
  // Not beyond what 64 bits of nanoseconds hold.
  constexpr int64_t kRepresentable = 18'446'744'073;
  const int64_t seconds = std::min(time.seconds(), kRepresentable - 1);
  return static_cast<uint64_t>(seconds) * kSecondNs + static_cast<uint64_t>(time.nanos());
}

void RemoveBiometrics(const CallContext& call, const v1::RemoveBiometricsRequest& request,
                      const Answer<v1::RemoveBiometricsResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto school = fields.Id<base::SchoolId>("school_id", request.school_id());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::RemoveBiometrics(*call.house, call.caller, RequestOf(call, request_id), school,
                         [answer](const absl::StatusOr<flow::BiometricsRemoved>& removed) {
                           if (!removed.ok()) return answer(removed.status());
                           v1::RemoveBiometricsResponse response;
                           response.set_palm_samples_removed(removed->samples);
                           response.set_palm_samples_left(removed->samples_left);
                           response.set_rows_in_search(removed->rows_in_search);
                           response.set_keys_destroyed(removed->keys);
                           response.set_journal_index(removed->journal_index);
                           answer(std::move(response));
                         });
}

void RecordIncident(const CallContext& call, const v1::RecordIncidentRequest& request,
                    const Answer<v1::RecordIncidentResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  registers::Incident incident{
      .school = fields.OptionalId<base::SchoolId>("school_id", request.school_id()),
      .detected_at_ns =
          TimeOf("detected_at", request.has_detected_at(), request.detected_at(), &fields),
      .actor = fields.OptionalId<base::ActorId>("actor_id", request.actor_id()),
      .from_ns = TimeOf("from", request.has_from(), request.from(), &fields),
      .until_ns = TimeOf("until", request.has_until(), request.until(), &fields),
      .cause = fields.Text("cause", request.cause(), 1, kNoteCharactersMax),
      .harm = fields.Text("harm", request.harm(), 1, kNoteCharactersMax),
      .measures = fields.Text("measures", request.measures(), 1, kNoteCharactersMax),
      .contact = fields.Text("contact", request.contact(), 1, kNoteCharactersMax)};
  if (incident.school.IsZero()) incident.school = call.caller.principal.school;
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::RecordIncident(*call.house, call.caller, RequestOf(call, request_id), std::move(incident),
                       [answer](const absl::StatusOr<flow::KeptIncident>& kept) {
                         if (!kept.ok()) return answer(kept.status());
                         v1::RecordIncidentResponse response;
                         SetIncident(kept->incident, response.mutable_incident());
                         response.set_journal_index(kept->journal_index);
                         answer(std::move(response));
                       });
}

void ReportIncident(const CallContext& call, const v1::ReportIncidentRequest& request,
                    const Answer<v1::ReportIncidentResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto id = fields.Id<base::IncidentId>("incident_id", request.incident_id());
  const auto state = fields.Enum("state", request.state(), v1::IncidentState_IsValid);
  const std::string receipt = fields.Ascii("receipt", request.receipt(), 1, kDocumentIdBytesMax);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ReportIncident(*call.house, call.caller, RequestOf(call, request_id), id,
                       static_cast<registers::IncidentState>(state), receipt,
                       [answer](const absl::StatusOr<flow::KeptIncident>& kept) {
                         if (!kept.ok()) return answer(kept.status());
                         v1::ReportIncidentResponse response;
                         SetIncident(kept->incident, response.mutable_incident());
                         response.set_journal_index(kept->journal_index);
                         answer(std::move(response));
                       });
}

void ListIncidents(const CallContext& call, const v1::ListIncidentsRequest& request,
                   const Answer<v1::ListIncidentsResponse>& answer) {
  Fields fields;
  const size_t limit = fields.PageSize(request.page_size());
  const auto after = PageStart<base::IncidentId>(&fields, request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListIncidents(*call.house, call.caller, after, limit,
                      [answer](const absl::StatusOr<flow::IncidentPage>& page) {
                        if (!page.ok()) return answer(page.status());
                        v1::ListIncidentsResponse response;
                        for (const auto& one : page->incidents) {
                          SetIncident(one, response.add_incidents());
                        }
                        if (page->more) {
                          response.set_next_page_token(base::HexOf(page->incidents.back().id));
                        }
                        answer(std::move(response));
                      });
}

void ListAffected(const CallContext& call, const v1::ListAffectedRequest& request,
                  const Answer<v1::ListAffectedResponse>& answer) {
  Fields fields;
  const auto id = fields.Id<base::IncidentId>("incident_id", request.incident_id());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListAffected(*call.house, call.caller, id,
                     [answer, call](const absl::StatusOr<flow::Affected>& affected) {
                       if (!affected.ok()) return answer(affected.status());
                       v1::ListAffectedResponse response;
                       for (const flow::AffectedSubject& subject : affected->subjects) {
                         v1::AffectedSubject* const one = response.add_subjects();
                         one->set_subject_id(BytesOf(subject.subject.bytes));
                         one->set_school_id(BytesOf(subject.school.bytes));
                         one->set_accesses(subject.accesses);
                       }
                       for (const uint16_t event : affected->events) {
                         response.add_calls(call.house->matrix->NameOf(event));
                       }
                       for (const flow::UnnamedCalls& unnamed : affected->unnamed) {
                         const std::string name = call.house->matrix->NameOf(unnamed.event);
                         if (!ListsPeople(name)) continue;
                         v1::AffectedList* const list = response.add_lists();
                         list->set_call(name);
                         if (!unnamed.school.IsZero()) {
                           list->set_school_id(BytesOf(unnamed.school.bytes));
                         }
                         list->set_calls(unnamed.calls);
                         list->set_people(unnamed.people);
                       }
                       response.set_truncated(affected->truncated);
                       response.set_records_archived(affected->archived);
                       answer(std::move(response));
                     });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::RemoveBiometricsRequest, v1::RemoveBiometricsResponse>(
        server, "/ladon.v1.OfficerService/RemoveBiometrics",
        LADON_LISTEN(service_, RemoveBiometrics), RemoveBiometrics);
    rpc::Serve<v1::RecordIncidentRequest, v1::RecordIncidentResponse>(
        server, "/ladon.v1.OfficerService/RecordIncident", LADON_LISTEN(service_, RecordIncident),
        RecordIncident);
    rpc::Serve<v1::ReportIncidentRequest, v1::ReportIncidentResponse>(
        server, "/ladon.v1.OfficerService/ReportIncident", LADON_LISTEN(service_, ReportIncident),
        ReportIncident);
    rpc::Serve<v1::ListIncidentsRequest, v1::ListIncidentsResponse>(
        server, "/ladon.v1.OfficerService/ListIncidents", LADON_LISTEN(service_, ListIncidents),
        ListIncidents);
    rpc::Serve<v1::ListAffectedRequest, v1::ListAffectedResponse>(
        server, "/ladon.v1.OfficerService/ListAffected", LADON_LISTEN(service_, ListAffected),
        ListAffected);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeOfficerService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc

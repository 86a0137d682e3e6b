#include <algorithm>
#include <charconv>

#include "ladon/v1/security_service.grpc.pb.h"
#include "server/base/id.h"
#include "server/flow/security.h"
#include "server/rpc/export_stream.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::SecurityLogService;
using Raw = S::WithRawMethod_GetSecurityCheckpoint<
    S::WithRawMethod_ListSecurityEvents<S::WithRawMethod_ExportSecurityLog<S::Service>>>;

void GetSecurityCheckpoint(const CallContext& call,
                           const v1::GetSecurityCheckpointRequest& /*request*/,
                           const Answer<v1::GetSecurityCheckpointResponse>& answer) {
  flow::GetSecurityCheckpoint(*call.house, call.caller,
                              [answer](absl::StatusOr<flow::SignedHead> head) {
                                if (!head.ok()) return answer(head.status());
                                v1::GetSecurityCheckpointResponse response;
                                response.set_checkpoint(std::move(head->checkpoint));
                                for (std::string& key : head->verifier_keys)
                                  response.add_verifier_keys(std::move(key));
                                answer(std::move(response));
                              });
}

std::string Indexed(const char* list, int index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

std::optional<std::array<uint8_t, 16>> OptionalBytes(std::string_view field,
                                                     const std::string& bytes, Fields* fields) {
  if (bytes.empty()) return std::nullopt;
  return fields->Id<base::ActorId>(field, bytes).bytes;
}

// The numbers, and those of the names.
std::vector<uint16_t> ReadEvents(const flow::House& house,
                                 const v1::ListSecurityEventsRequest& request, Fields* fields) {
  constexpr uint32_t kEventMax = 65'535;
  std::vector<uint16_t> events;
  fields->Require(request.events_size() <= static_cast<int>(kFilterListMax), "events",
                  "must be at most 100");
  fields->Require(request.calls_size() <= static_cast<int>(kFilterListMax), "calls",
                  "must be at most 100");
  for (int i = 0; i < request.events_size() && fields->ok(); ++i) {
    const uint32_t number = request.events(i);
    fields->Require(number >= 1 && number <= kEventMax, Indexed("events", i), "must be 1 to 65535");
    events.push_back(static_cast<uint16_t>(number));
  }
  for (int i = 0; i < request.calls_size() && fields->ok(); ++i) {
    const std::optional<uint16_t> event = flow::EventOf(house, request.calls(i));
    fields->Require(event.has_value(), Indexed("calls", i),
                    "must be a call or an event of the process, as TerminalService/Debit");
    events.push_back(event.value_or(0));
  }
  return events;
}

audit::RecordFilter ReadFilter(const flow::House& house,
                               const v1::ListSecurityEventsRequest& request, Fields* fields) {
  audit::RecordFilter filter;
  filter.from_ns = fields->Time("from", request.has_from(), request.from(), 0);
  filter.until_ns = fields->Time("until", request.has_until(), request.until(), ~uint64_t{0});
  filter.actor = OptionalBytes("actor_id", request.actor_id(), fields);
  filter.school = OptionalBytes("school_id", request.school_id(), fields);
  filter.object = OptionalBytes("object_id", request.object_id(), fields);
  filter.events = ReadEvents(house, request, fields);
  fields->Require(request.outcomes_size() <= v1::SecurityOutcome_MAX, "outcomes",
                  "must be at most 3");
  for (int i = 0; i < request.outcomes_size() && fields->ok(); ++i) {
    const auto outcome =
        fields->Enum(Indexed("outcomes", i), request.outcomes(i), v1::SecurityOutcome_IsValid);
    filter.outcomes.push_back(static_cast<ledger::AuditOutcome>(static_cast<int>(outcome) - 1));
  }
  fields->Require(request.roles_size() <= static_cast<int>(kFilterRolesMax), "roles",
                  "must be at most 32");
  for (int i = 0; i < request.roles_size() && fields->ok(); ++i) {
    const std::optional<base::Role> role = base::RoleOf(request.roles(i));
    fields->Require(role.has_value(), Indexed("roles", i), "must be a role, as terminal");
    if (role) filter.roles.push_back(static_cast<uint8_t>(*role));
  }
  return filter;
}

// Two numbers in hex: where the page begins, and how far the list goes.
std::string TokenOf(const audit::RecordPosition& position) {
  return base::HexOf(audit::RecordKey(position.next) + audit::RecordKey(position.end));
}

std::optional<audit::RecordPosition> PositionOf(const std::string& token, Fields* fields) {
  if (token.empty()) return std::nullopt;
  audit::RecordPosition position;
  constexpr size_t kDigits = 16;
  const auto read = [&token](size_t at, uint64_t* number) {
    const char* const end = token.data() + at + kDigits;
    const auto [rest, error] = std::from_chars(token.data() + at, end, *number, kDigits);
    return error == std::errc() && rest == end;
  };
  if (token.size() != 2 * kDigits || !read(0, &position.next) || !read(kDigits, &position.end)) {
    fields->Fail("page_token", "must be the token of an earlier answer");
  }
  return position;
}

std::string BytesOrNone(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos ? std::string()
                                                                 : std::string(bytes);
}

template <size_t N>
std::string BytesOrNone(const std::array<uint8_t, N>& bytes) {
  return BytesOrNone(std::string_view(reinterpret_cast<const char*>(bytes.data()), N));
}

void SetEvent(const flow::House& house, const ledger::AuditLeaf& leaf, v1::SecurityEvent* to) {
  to->set_index(leaf.index);
  SetTimestamp(leaf.at_ns, to->mutable_at());
  to->set_event(leaf.event);
  to->set_call(flow::EventName(house, leaf.event));
  to->set_outcome(static_cast<v1::SecurityOutcome>(static_cast<int>(leaf.outcome) + 1));
  to->set_reason(static_cast<v1::ErrorReason>(leaf.reason_code));
  if (leaf.role != 0) {
    to->set_role(std::string(base::RoleName(static_cast<base::Role>(leaf.role))));
  }
  to->set_actor_id(BytesOrNone(leaf.actor));
  to->set_school_id(BytesOrNone(leaf.school));
  to->set_object_id(BytesOrNone(leaf.object));
  to->set_request(BytesOrNone(leaf.request));
  const std::string serial = BytesOrNone(leaf.certificate_serial);
  to->set_certificate_serial(
      serial.substr(std::min(serial.find_first_not_of('\0'), serial.size())));
  to->set_peer(leaf.peer);
  to->set_process_id(leaf.process_id);
  if (leaf.journal_index != ledger::kNoJournalIndex) to->set_journal_index(leaf.journal_index);
  to->set_software_version(leaf.software_version);
}

void ListSecurityEvents(const CallContext& call, const v1::ListSecurityEventsRequest& request,
                        const Answer<v1::ListSecurityEventsResponse>& answer) {
  Fields fields;
  audit::RecordQuery query;
  query.filter = ReadFilter(*call.house, request, &fields);
  query.newest_first = request.newest_first();
  query.limit = fields.PageSize(request.page_size());
  query.position = PositionOf(request.page_token(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::ListSecurityEvents(*call.house, call.caller, std::move(query),
                           [answer, house = call.house](absl::StatusOr<audit::RecordPage> page) {
                             if (!page.ok()) return answer(page.status());
                             v1::ListSecurityEventsResponse response;
                             for (const ledger::AuditLeaf& leaf : page->records) {
                               SetEvent(*house, leaf, response.add_events());
                             }
                             if (page->next) response.set_next_page_token(TokenOf(*page->next));
                             answer(std::move(response));
                           });
}

void ExportSecurityLog(const CallContext& call, Answer<NextMessage> answer) {
  Fields fields;
  v1::ExportSecurityLogRequest request;
  const int size = static_cast<int>(call.request_bytes.size());  // Bounded by the server.
  fields.Require(request.ParseFromArray(call.request_bytes.data(), size), "request",
                 "is not a message of this method");
  fields.Require(request.resume_token().size() <= kPageTokenBytesMax, "resume_token",
                 "must be the token of an earlier answer");
  if (!fields.ok()) return AnswerRefused(call, fields.status(), std::move(answer));
  flow::ExportSecurityLog(
      *call.house, call.caller,
      {.first = request.first(), .end = request.end(), .resume_token = request.resume_token()},
      AnswerPieces<flow::SecurityExport, v1::ExportSecurityLogResponse>(call, std::move(answer)));
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::GetSecurityCheckpointRequest, v1::GetSecurityCheckpointResponse>(
        server, "/ladon.v1.SecurityLogService/GetSecurityCheckpoint",
        LADON_LISTEN(service_, GetSecurityCheckpoint), GetSecurityCheckpoint);
    rpc::Serve<v1::ListSecurityEventsRequest, v1::ListSecurityEventsResponse>(
        server, "/ladon.v1.SecurityLogService/ListSecurityEvents",
        LADON_LISTEN(service_, ListSecurityEvents), ListSecurityEvents);
    ServeStream(server, "/ladon.v1.SecurityLogService/ExportSecurityLog",
                LADON_LISTEN_STREAM(service_, ExportSecurityLog), ExportSecurityLog);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeSecurityLogService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc

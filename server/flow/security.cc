#include "server/flow/security.h"

#include <utility>

#include "ledger/proof/bytes.h"
#include "server/audit/record.h"
#include "server/flow/on_worker.h"
#include "server/flow/own_work.h"
#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

constexpr std::string_view kPackage = "/ladon.v1.";
constexpr uint8_t kTokenVersion = 1;

// What a token says: the request as it was resolved, and how far it got.
struct Resume {
  audit::SeclogRequest request;  // Without its checkpoint, which was sent.
  audit::SeclogPosition position;
};

std::string Encode(const Resume& resume) {
  ledger::ByteWriter out;
  out.U8(kTokenVersion);
  out.U64(resume.request.first);
  out.U64(resume.request.end);
  out.U64(resume.request.checkpoint_size);
  out.U8(resume.position.part);
  out.U64(resume.position.next);
  return out.Take();
}

// Whatever it says is checked again by the writer: a made-up token makes a file that does not
// verify.
std::optional<Resume> Decode(const std::string& token) {
  ledger::ByteReader in(token);
  if (in.U8() != kTokenVersion) return std::nullopt;
  Resume resume;
  resume.request.first = in.U64();
  resume.request.end = in.U64();
  resume.request.checkpoint_size = in.U64();
  resume.position.part = in.U8();
  resume.position.next = in.U64();
  if (!in.AtEnd() || resume.position.part == 0) return std::nullopt;
  return resume;
}

// Keeps the filter within what the caller may see.
absl::Status Confine(const access::Caller& caller, audit::RecordFilter* filter) {
  const base::SchoolId& own = caller.principal.school;
  if (caller.scope == access::Scope::kAllSchools && own.IsZero()) return absl::OkStatus();
  if (own.IsZero()) return Refuse(Reason::kNotPermitted);
  if (filter->school.has_value() && *filter->school != own.bytes) {
    return Refuse(Reason::kSchoolUnknown, "school_id");
  }
  filter->school = own.bytes;
  return absl::OkStatus();
}

absl::StatusOr<audit::RecordPage> List(const House& house, const access::Caller& caller,
                                       audit::RecordQuery query) {
  if (absl::Status s = Confine(caller, &query.filter); !s.ok()) return s;
  absl::StatusOr<audit::RecordPage> page = audit::ListRecords(*house.audit, query);
  if (absl::IsInvalidArgument(page.status())) {
    return RefuseField("page_token", "must be the token of an earlier answer");
  }
  return page;
}

absl::StatusOr<std::shared_ptr<SecurityExport>> Open(const House& house, const base::ActorId& whose,
                                                     const SecurityExportRequest& request) {
  const absl::Status no_token =
      RefuseField("resume_token", "must be the token of an earlier answer");
  Resume resume;
  if (!request.resume_token.empty()) {
    std::optional<Resume> decoded = Decode(request.resume_token);
    if (!decoded) return no_token;
    resume = *std::move(decoded);
  } else {
    absl::StatusOr<NewestHead> head = SignNewestHead(house.security_checkpointer);
    if (!head.ok()) return head.status();
    const uint64_t size = head->checkpoint.size;
    resume.request = {.first = request.first,
                      .end = request.end == 0 ? size : request.end,
                      .checkpoint = std::move(head->note),
                      .checkpoint_size = size};
  }
  auto writer = audit::SeclogWriter::Begin(house.audit, resume.request);
  if (absl::IsInvalidArgument(writer.status())) {
    if (!request.resume_token.empty()) return no_token;
    const uint64_t size = resume.request.checkpoint_size;
    if (resume.request.end > size) {
      return RefuseField("end", "must be at most " + std::to_string(size));
    }
    return RefuseField("first", "must be a record before the end, from " +
                                    std::to_string(house.audit->first()) + " on");
  }
  if (!writer.ok()) return writer.status();
  if (!(*writer)->Seek(resume.position).ok()) return no_token;
  return std::make_shared<SecurityExport>(&house, whose, *std::move(writer), resume.request);
}

}  // namespace

std::string EventName(const House& house, uint16_t event) {
  for (const std::string_view own : {audit::ProcessEventName(event), OwnEventName(event)}) {
    if (!own.empty()) return std::string(own);
  }
  const access::Rule* const rule = house.matrix->FindEvent(event);
  return rule == nullptr ? std::string() : rule->rpc.substr(kPackage.size());
}

std::optional<uint16_t> EventOf(const House& house, std::string_view name) {
  if (const auto own = audit::ProcessEventOf(name)) return static_cast<uint16_t>(*own);
  if (const auto own = OwnEventOf(name)) return *own;
  const access::Rule* const rule = house.matrix->Find(std::string(kPackage) + std::string(name));
  if (rule == nullptr) return std::nullopt;
  return rule->event;
}

void GetSecurityCheckpoint(const House& house, const access::Caller& caller,
                           Done<SignedHead> done) {
  OnPool<SignedHead>(
      house.officers, house, caller, std::move(done), [&house, caller](Done<SignedHead> tell) {
        Reply(house, caller, {}, SignHead(house.security_checkpointer), std::move(tell));
      });
}

void ListSecurityEvents(const House& house, const access::Caller& caller, audit::RecordQuery query,
                        Done<audit::RecordPage> done) {
  OnPool<audit::RecordPage>(
      house.officers, house, caller, std::move(done),
      [&house, caller, query = std::move(query)](Done<audit::RecordPage> tell) {
        Reply(house, caller, {}, List(house, caller, query), std::move(tell));
      });
}

SecurityExport::~SecurityExport() {
  house_->exports->Leave(whose_);
}

std::string SecurityExport::Token() const {
  return Encode({.request = {.first = request_.first,
                             .end = request_.end,
                             .checkpoint = {},
                             .checkpoint_size = request_.checkpoint_size},
                 .position = writer_->position()});
}

absl::StatusOr<ExportPiece> SecurityExport::Next() {
  ExportPiece piece;
  const absl::Status written = writer_->Write(kExportPieceBytes, &piece.data);
  if (absl::IsNotFound(written)) return RefuseField("first", "has gone into an archive meanwhile");
  if (!written.ok()) return written;
  piece.resume_token = Token();
  piece.entries_done = writer_->records_done();
  piece.entries_total = writer_->records_total();
  piece.last = writer_->done();
  return piece;
}

void ExportSecurityLog(const House& house, const access::Caller& caller,
                       const SecurityExportRequest& request,
                       Done<std::shared_ptr<SecurityExport>> done) {
  using Ptr = std::shared_ptr<SecurityExport>;
  if (!house.exports->Enter(caller.principal.id)) {
    return Reply<Ptr>(house, caller, {}, Refuse(Reason::kOverloaded), std::move(done));
  }
  const auto open = [&house, caller, request, done] {
    absl::StatusOr<Ptr> opened = Open(house, caller.principal.id, request);
    if (!opened.ok())
      house.exports->Leave(caller.principal.id);  // Otherwise it leaves when it ends.
    Reply<Ptr>(house, caller, {}, std::move(opened), done);
  };
  if (!house.exporter->Run(open)) {
    house.exports->Leave(caller.principal.id);
    Reply<Ptr>(house, caller, {}, Refuse(Reason::kOverloaded), std::move(done));
  }
}

absl::Status RecordProcessEvent(const House& house, audit::ProcessEvent event,
                                const ledger::Digest& about) {
  return audit::RecordAndWait(house.ledger, house.audit,
                              audit::LeafOf(event, about, house.now_ns()))
      .status();
}

absl::Status RecordAlarm(const House& house, audit::ProcessEvent event, const access::Caller& who) {
  ledger::AuditLeaf leaf = audit::LeafOf(event, {}, house.now_ns());
  leaf.role = static_cast<uint8_t>(who.principal.role);
  leaf.actor = who.principal.id.bytes;
  leaf.school = who.principal.school.bytes;
  leaf.certificate_serial = who.certificate_serial;
  leaf.peer = who.peer;
  return audit::RecordAndWait(house.ledger, house.audit, leaf).status();
}

}  // namespace ladon::flow

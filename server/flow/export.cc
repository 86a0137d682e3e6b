#include "server/flow/export.h"

#include <algorithm>
#include <utility>

#include "server/flow/on_worker.h"
#include "server/flow/payer.h"
#include "server/flow/prove.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"

namespace ladon::flow {
namespace {

using ledger::ExtractScope;

constexpr uint8_t kTokenVersion = 1;

// What a token says: the request as it was resolved, and how far it got.
struct Resume {
  uint64_t first = 0;
  uint64_t last = 0;
  uint64_t size = 0;
  ledger::ExtractPosition position;
};

std::string Encode(const Resume& resume) {
  ledger::ByteWriter out;
  out.U8(kTokenVersion);
  out.U64(resume.first);
  out.U64(resume.last);
  out.U64(resume.size);
  out.U8(resume.position.part);
  out.U64(resume.position.next);
  out.U8(resume.position.marked ? 1 : 0);
  return out.Take();
}

// Whatever it says is checked again by the writer: a made-up token makes an extract that does not
// verify, of what the caller may see.
std::optional<Resume> Decode(const std::string& token) {
  ledger::ByteReader in(token);
  if (in.U8() != kTokenVersion) return std::nullopt;
  Resume resume;
  resume.first = in.U64();
  resume.last = in.U64();
  resume.size = in.U64();
  resume.position.part = in.U8();
  resume.position.next = in.U64();
  resume.position.marked = in.U8() != 0;
  if (!in.AtEnd()) return std::nullopt;
  return resume;
}

absl::Status CheckSubject(const House& house, const access::Caller& caller,
                          const ExportRequest& request) {
  if (request.scope == ExtractScope::kJournal) {
    return caller.scope == access::Scope::kAllSchools
               ? absl::OkStatus()
               : RefuseField("account_id", "or school_id must be given");
  }
  if (request.scope == ExtractScope::kSchool) {
    const base::SchoolId school{request.subject};
    return caller.MayActFor(school) && house.directory->FindSchool(school)
               ? absl::OkStatus()
               : Refuse(Reason::kSchoolUnknown, "school_id");
  }
  const auto view = house.ledger->FindAccount({request.subject});
  return view && caller.MayActFor({view->terms.school.bytes})
             ? absl::OkStatus()
             : Refuse(Reason::kAccountUnknown, "account_id");
}

// Where it ends, and the checkpoint over it.
absl::StatusOr<ledger::ExtractRequest> Resolve(const House& house, const ExportRequest& request,
                                               std::optional<Resume>* resume) {
  ledger::ExtractRequest resolved{.scope = request.scope, .subject = request.subject};
  if (!request.resume_token.empty()) {
    *resume = Decode(request.resume_token);
    if (!*resume || (*resume)->size > house.ledger->Head().first) {
      return RefuseField("resume_token", "must be the token of an earlier answer");
    }
    resolved.first = (*resume)->first;
    resolved.last = (*resume)->last;
    resolved.checkpoint_size = (*resume)->size;
    if ((*resume)->position.part > 0) return resolved;
  }
  uint64_t closing_size = 0;
  if (request.scope != ExtractScope::kJournal) {
    const absl::StatusOr<ledger::BookedClosing> closing =
        house.exports->ClosingFor(house, request.close_now);
    if (!closing.ok()) return closing.status();
    closing_size = closing->head.tree_size;
  }
  const absl::StatusOr<NewestHead> head = SignNewestHead(house.checkpointer);
  if (!head.ok()) return head.status();
  resolved.first = request.first;
  resolved.last = request.scope == ExtractScope::kJournal ? head->checkpoint.size : closing_size;
  resolved.checkpoint = head->note;
  resolved.checkpoint_size = head->checkpoint.size;
  return resolved;
}

absl::StatusOr<std::shared_ptr<Export>> Open(const House& house, const base::ActorId& whose,
                                             const ExportRequest& request) {
  std::optional<Resume> resume;
  absl::StatusOr<ledger::ExtractRequest> resolved = Resolve(house, request, &resume);
  if (!resolved.ok()) return resolved.status();
  auto writer = ledger::ExtractWriter::Begin(house.ledger->View(), *resolved);
  if (absl::IsInvalidArgument(writer.status())) {
    return resume ? RefuseField("resume_token", "must be the token of an earlier answer")
                  : RefuseField("first", "must be an entry, or the number of entries of a closing");
  }
  if (absl::IsNotFound(writer.status())) return Refuse(Reason::kAccountUnknown, "account_id");
  if (!writer.ok()) return writer.status();
  if (resume && !(*writer)->Seek(resume->position).ok()) {
    return RefuseField("resume_token", "must be the token of an earlier answer");
  }
  return std::make_shared<Export>(&house, whose, *std::move(writer), *resolved);
}

}  // namespace

bool Exports::Enter(const base::ActorId& whose) {
  const std::scoped_lock lock(places_mutex_);
  if (all_under_way_ == kExportsMax) return false;
  size_t& own = under_way_[whose];
  if (own == kExportsOfOneMax) return false;
  ++own;
  ++all_under_way_;
  return true;
}

void Exports::Leave(const base::ActorId& whose) {
  const std::scoped_lock lock(places_mutex_);
  const auto it = under_way_.find(whose);
  --all_under_way_;
  if (--it->second == 0) under_way_.erase(it);
}

absl::StatusOr<ledger::BookedClosing> Exports::ClosingFor(const House& house, bool now) {
  const std::lock_guard lock(mutex_);
  const absl::StatusOr<std::vector<ledger::BookedClosing>> all = house.ledger->ListClosings();
  if (!all.ok()) return all.status();
  const uint64_t at_ns = house.now_ns();
  const bool young = closed_at_ns_ != 0 && at_ns < closed_at_ns_ + kClosingOnDemandNs;
  const bool nothing_since = !all->empty() && house.ledger->Head().first == all->back().index + 1 &&
                             all->back().head.tree_size == all->back().index;
  if (!all->empty() && (!now || young || nothing_since)) return all->back();
  const absl::StatusOr<uint32_t> today = ServiceDay(at_ns, house.time_zone);
  if (!today.ok()) return today.status();
  absl::StatusOr<ledger::BookedClosing> closing = house.ledger->BookClosing(*today);
  if (closing.ok()) closed_at_ns_ = at_ns;
  return closing;
}

Export::~Export() {
  house_->exports->Leave(whose_);
}

std::string Export::Token() const {
  return Encode({.first = request_.first,
                 .last = request_.last,
                 .size = request_.checkpoint_size,
                 .position = writer_->position()});
}

absl::StatusOr<ExportPiece> Export::Next() {
  if (sent_ == pending_.size()) {
    pending_.clear();
    sent_ = 0;
    if (absl::Status written = writer_->Write(kExportPieceBytes, &pending_); !written.ok()) {
      return written;
    }
  }
  ExportPiece piece;
  piece.data = pending_.substr(sent_, kExportPieceBytesMax);
  sent_ += piece.data.size();
  const bool whole = sent_ == pending_.size();
  if (whole) piece.resume_token = Token();
  const ledger::ExtractPosition& at = writer_->position();
  piece.entries_total = writer_->shown_size();
  piece.entries_done = at.part == 2 ? at.next : 0;
  piece.last = whole && writer_->done();
  return piece;
}

void ExportExtract(const House& house, const access::Caller& caller, const ExportRequest& request,
                   Done<std::shared_ptr<Export>> done) {
  using Ptr = std::shared_ptr<Export>;
  if (absl::Status subject = CheckSubject(house, caller, request); !subject.ok()) {
    return Reply<Ptr>(house, caller, request.subject, subject, std::move(done));
  }
  if (!house.exports->Enter(caller.principal.id)) {
    return Reply<Ptr>(house, caller, request.subject, Refuse(Reason::kOverloaded), std::move(done));
  }
  const auto open = [&house, caller, request, done] {
    absl::StatusOr<Ptr> opened = Open(house, caller.principal.id, request);
    if (!opened.ok())
      house.exports->Leave(caller.principal.id);  // Otherwise it leaves when it ends.
    Reply<Ptr>(house, caller, request.subject, std::move(opened), done);
  };
  if (!house.exporter->Run(open)) {
    house.exports->Leave(caller.principal.id);
    Reply<Ptr>(house, caller, request.subject, Refuse(Reason::kOverloaded), std::move(done));
  }
}

void ListEntries(const House& house, const access::Caller& caller, const EntryQuery& query,
                 Done<ledger::EntryPage> done) {
  OnWorker<ledger::EntryPage>(
      house, caller, std::move(done), [&house, caller, query](Done<ledger::EntryPage> tell) {
        const auto view = house.ledger->FindAccount(ToLedger(query.account));
        absl::StatusOr<ledger::EntryPage> page = Refuse(Reason::kAccountUnknown, "account_id");
        if (view && caller.MayActFor({view->terms.school.bytes})) {
          ledger::EntryFilter filter{.from_sequence = query.from_sequence,
                                     .from_ns = query.from_ns,
                                     .until_ns = query.until_ns,
                                     .limit = query.limit};
          if (query.kind != 0) filter.kind = static_cast<ledger::EntryKind>(query.kind);
          page = house.ledger->ListEntries(ToLedger(query.account), filter);
        }
        Reply(house, caller, query.account.bytes, std::move(page), std::move(tell));
      });
}

}  // namespace ladon::flow

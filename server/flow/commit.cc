#include "server/flow/commit.h"

#include <sodium.h>
#include <unistd.h>

#include <cassert>
#include <cstring>
#include <memory>
#include <string>

#include "ledger/proof/merkle.h"
#include "server/audit/record.h"
#include "server/base/codec.h"
#include "server/base/version.h"
#include "server/flow/events.h"
#include "server/flow/refusal.h"
#include "server/flow/service_day.h"

namespace ladon::flow {
namespace {

// HMAC-SHA-256 under the request digest key.
std::array<uint8_t, crypto_auth_hmacsha256_BYTES> Mac(const House& house, std::string_view bytes) {
  std::array<uint8_t, crypto_auth_hmacsha256_BYTES> mac{};
  static_assert(crypto_auth_hmacsha256_KEYBYTES == base::kSecretKeyBytes);
  crypto_auth_hmacsha256(mac.data(), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                         house.digest_key->RevealForCrypto().data());
  return mac;
}

ledger::AuditOutcome OutcomeOf(Reason reason) {
  switch (CodeOf(reason)) {
    case absl::StatusCode::kOk:
      return ledger::AuditOutcome::kSuccess;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return ledger::AuditOutcome::kFailed;  // Nobody denied it; it could not be done.
    default:
      return ledger::AuditOutcome::kRefused;
  }
}

ledger::AuditLeaf LeafOf(const access::Caller& caller, const Object& object,
                         const ledger::OperationKey& operation, uint64_t now_ns) {
  ledger::AuditLeaf leaf;
  leaf.at_ns = now_ns;
  leaf.event = caller.event;
  leaf.role = static_cast<uint8_t>(caller.principal.role);
  leaf.actor = caller.principal.id.bytes;
  leaf.school = caller.principal.school.bytes;
  leaf.object = object;
  leaf.request = operation.digest.bytes;
  leaf.certificate_serial = caller.certificate_serial;
  leaf.peer = caller.peer;
  leaf.process_id = static_cast<uint32_t>(getpid());
  leaf.software_version = base::kVersion;
  return leaf;
}

// Who called, on which day.
registers::Seen SeenNow(const House& house, const access::Caller& caller) {
  return {.actor = caller.principal.id,
          .role = caller.principal.role,
          .school = caller.principal.school,
          .day = UtcDay(house.now_ns())};
}

// The first record of a principal's day also says that it was seen; the day never goes back.
void NoteSeen(const House& house, const registers::Seen& seen, storage::Overlay* overlay) {
  if (seen.role == base::Role{} || house.registers->LastSeen(seen.actor) >= seen.day) return;
  house.registers->PutSeen(seen, overlay);
}

// What came out, as its record tells it.
void FinishLeaf(const absl::Status& status, const ledger::Outcome& outcome,
                ledger::AuditLeaf* leaf) {
  const Reason reason = DetailOf(status.ok() ? FromResult(outcome.code) : status).reason;
  leaf->reason_code = static_cast<uint16_t>(reason);
  leaf->outcome = OutcomeOf(reason);
  if (outcome.entry) leaf->journal_index = outcome.index;
}

}  // namespace

ledger::OperationKey OperationKeyOf(std::string_view principal_uri,
                                    const base::RequestId& request_id) {
  base::Encoder out;
  out.U32(static_cast<uint32_t>(principal_uri.size()));
  out.Raw(principal_uri);
  out.Put(request_id);
  return ledger::OperationKey{ledger::Sha256(out.Take())};
}

ledger::Digest ContentDigest(const House& house, std::string_view rpc, std::string_view bytes) {
  base::Encoder out;
  out.Raw("ladon/content/1");
  out.String(rpc);
  out.Raw(bytes);
  ledger::Digest digest;
  digest.bytes = Mac(house, out.Take());
  return digest;
}

std::array<uint8_t, 16> DeriveIdBytes(const House& house, const ledger::OperationKey& key,
                                      std::string_view label) {
  base::Encoder out;
  out.Raw("ladon/id/1");
  out.String(label);
  out.Raw({reinterpret_cast<const char*>(key.digest.bytes.data()), key.digest.bytes.size()});
  const auto mac = Mac(house, out.Take());
  std::array<uint8_t, 16> id{};
  std::memcpy(id.data(), mac.data(), id.size());
  return id;
}

void Commit(const House& house, const access::Caller& caller, const Object& object,
            ledger::Submission submission, Committed done) {
  // Each certificate's holder has its own place in the queue.
  std::memcpy(&submission.caller, caller.principal.id.bytes.data(), sizeof(submission.caller));
  if (house.outbox != nullptr && house.outbox->WantsAny()) {
    submission.changes = [changes = std::move(submission.changes), &house](
                             const ledger::Outcome& outcome, storage::Overlay& overlay) {
      if (changes) changes(outcome, overlay);
      // A call that changes nothing has no entry.
      if (outcome.entry) NoteEvents(house, *outcome.entry, &overlay);
    };
  }
  // A call that was not admitted does not end an absence.
  submission.record =
      [record = std::move(submission.record), &house, seen = SeenNow(house, caller)](
          const absl::Status& status, const ledger::Outcome& outcome, storage::Overlay& overlay) {
        if (record) record(status, outcome, overlay);
        if (DetailOf(status).reason != Reason::kNotPermitted) NoteSeen(house, seen, &overlay);
      };
  const auto under_way =
      audit::Attach(house.audit, LeafOf(caller, object, submission.operation, house.now_ns()),
                    FinishLeaf, std::move(done), &submission);
  if (absl::Status s = house.ledger->Submit(std::move(submission)); !s.ok()) {
    if (absl::IsInvalidArgument(s)) {
      // The flow built what is no command: our fault, to be recorded, and not cured by repeating.
      return Commit(house, caller, object, ReadOnly(Refuse(Reason::kInternal)), under_way->done);
    }
    const Reason reason = absl::IsResourceExhausted(s) ? Reason::kOverloaded : Reason::kStopping;
    under_way->done(Refuse(reason), ledger::Outcome{});
  }
}

ledger::Submission ReadOnly(absl::Status verdict) {
  ledger::Submission submission;
  submission.check = [verdict = std::move(verdict)](const storage::Reader&) { return verdict; };
  return submission;
}

void ReplyRefused(const House& house, const access::Caller& caller, const absl::Status& refusal,
                  std::function<void(absl::Status)> done) {
  assert(!refusal.ok());
  Commit(house, caller, {}, ReadOnly(refusal),
         [done = std::move(done)](const absl::Status& status, const ledger::Outcome&) {
           done(status);
         });
}

}  // namespace ladon::flow

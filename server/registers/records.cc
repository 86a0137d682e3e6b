#include "server/registers/records.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "server/base/codec.h"

namespace ladon::registers {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kAccountsMax = 16;
constexpr size_t kMovedPursesMax = 8;

// Each record lists its fields once; a Writer and a Reader walk the list.
class Writer {
 public:
  Writer() { out_.U8(kVersion); }
  template <class Tag>
  void Field(const base::Id<Tag>& id) {
    out_.Put(id);
  }
  template <size_t N>
  void Field(const std::array<uint8_t, N>& bytes) {
    out_.Raw({reinterpret_cast<const char*>(bytes.data()), N});
  }
  void Field(const std::string& text) { out_.String(text); }
  void Field(bool value) { out_.U8(value ? 1 : 0); }
  void Field(uint8_t value) { out_.U8(value); }
  void Field(uint16_t value) { out_.U16(value); }
  void Field(uint32_t value) { out_.U32(value); }
  void Field(uint64_t value) { out_.U64(value); }
  void Field(int64_t value) { out_.I64(value); }
  void Field(base::Role role) { out_.U8(static_cast<uint8_t>(role)); }
  void Field(const Actor& actor) {
    out_.Put(actor.id);
    Field(actor.role);
  }
  void Field(const std::vector<base::AccountId>& accounts) {
    out_.U8(static_cast<uint8_t>(accounts.size()));
    for (const base::AccountId& account : accounts) out_.Put(account);
  }
  void Field(const std::vector<MovedPurse>& purses) {
    out_.U8(static_cast<uint8_t>(purses.size()));
    for (const MovedPurse& purse : purses) {
      out_.Put(purse.from);
      out_.Put(purse.to);
      Field(purse.frozen);
    }
  }
  // Numbers from 1 to `last`.
  template <class E>
  void State(E value, E /*last*/) {
    out_.U8(static_cast<uint8_t>(value));
  }
  [[nodiscard]] std::string Take() { return out_.Take(); }

 private:
  base::Encoder out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : in_(bytes) { good_ = in_.U8() == kVersion; }
  template <class Tag>
  void Field(base::Id<Tag>& id) {
    id = in_.Get<base::Id<Tag>>();
  }
  template <size_t N>
  void Field(std::array<uint8_t, N>& bytes) {
    const std::string_view raw = in_.Raw(N);
    if (raw.size() == N) std::memcpy(bytes.data(), raw.data(), N);
  }
  void Field(std::string& text) { text = in_.String(); }
  void Field(bool& value) {
    const uint8_t number = in_.U8();
    good_ = good_ && number <= 1;
    value = number == 1;
  }
  void Field(uint8_t& value) { value = in_.U8(); }
  void Field(uint16_t& value) { value = in_.U16(); }
  void Field(uint32_t& value) { value = in_.U32(); }
  void Field(uint64_t& value) { value = in_.U64(); }
  void Field(int64_t& value) { value = in_.I64(); }
  void Field(base::Role& role) {
    role = static_cast<base::Role>(in_.U8());
    const bool known = role == base::Role{} || std::find(base::kRoles.begin(), base::kRoles.end(),
                                                         role) != base::kRoles.end();
    good_ = good_ && known;
  }
  void Field(Actor& actor) {
    Field(actor.id);
    Field(actor.role);
  }
  void Field(std::vector<base::AccountId>& accounts) {
    const uint8_t count = in_.U8();
    good_ = good_ && count <= kAccountsMax;
    for (uint8_t i = 0; good_ && i < count; ++i) accounts.push_back(in_.Get<base::AccountId>());
  }
  void Field(std::vector<MovedPurse>& purses) {
    const uint8_t count = in_.U8();
    good_ = good_ && count <= kMovedPursesMax;
    for (uint8_t i = 0; good_ && i < count; ++i) {
      MovedPurse& purse = purses.emplace_back();
      purse.from = in_.Get<base::AccountId>();
      purse.to = in_.Get<base::AccountId>();
      Field(purse.frozen);
    }
  }
  template <class E>
  void State(E& value, E last) {
    const uint8_t number = in_.U8();
    value = static_cast<E>(number);
    good_ = good_ && number >= 1 && number <= static_cast<uint8_t>(last);
  }
  [[nodiscard]] bool Done() const { return good_ && in_.Done(); }

 private:
  base::Decoder in_;
  bool good_ = false;
};

template <class Visitor, class R>
requires std::is_same_v<std::remove_const_t<R>, Approval>
void Walk(Visitor& visit, R& r) {
  visit.Field(r.id);
  visit.State(r.state, ApprovalState::kUsed);
  visit.Field(r.event);
  visit.Field(r.school);
  visit.Field(r.object);
  visit.Field(r.operation);
  visit.Field(r.content);
  visit.Field(r.proposer);
  visit.Field(r.proposed_at_ns);
  visit.Field(r.expires_at_ns);
  visit.Field(r.approver);
  visit.Field(r.decided_at_ns);
}

template <class Visitor, class R>
requires std::is_same_v<std::remove_const_t<R>, Erasure>
void Walk(Visitor& visit, R& r) {
  visit.Field(r.id);
  visit.State(r.step, ErasureStep::kDone);
  visit.State(r.reason, kErasureReasonLast);
  visit.Field(r.school);
  visit.Field(r.subject);
  visit.Field(r.requested_by);
  visit.Field(r.approved_by);
  visit.Field(r.requested_at_ns);
  visit.Field(r.accounts);
  visit.Field(r.act_number);
  visit.Field(r.settled_kopecks);
  visit.Field(r.records);
  visit.Field(r.palms);
  visit.Field(r.cards);
  visit.Field(r.keys_destroyed);
  visit.Field(r.destroyed_in_epoch);
  visit.Field(r.epoch_after);
  visit.Field(r.destroyed_at_ns);
  visit.Field(r.done_at_ns);
}

template <class Visitor, class R>
requires std::is_same_v<std::remove_const_t<R>, Move>
void Walk(Visitor& visit, R& r) {
  visit.Field(r.subject);
  visit.Field(r.from);
  visit.Field(r.to);
  visit.Field(r.purses);
}

template <class Visitor, class R>
requires std::is_same_v<std::remove_const_t<R>, RightsRequest>
void Walk(Visitor& visit, R& r) {
  visit.Field(r.id);
  visit.State(r.state, RequestState::kRefused);
  visit.Field(r.kind);
  visit.Field(r.school);
  visit.Field(r.subject);
  visit.Field(r.recorded_by);
  visit.Field(r.received);
  visit.Field(r.deadline);
  visit.Field(r.extended);
  visit.Field(r.note);
  visit.Field(r.closed);
  visit.Field(r.closed_by);
}

template <class Visitor, class R>
requires std::is_same_v<std::remove_const_t<R>, Incident>
void Walk(Visitor& visit, R& r) {
  visit.Field(r.id);
  visit.State(r.state, IncidentState::kReported72);
  visit.Field(r.school);
  visit.Field(r.detected_at_ns);
  visit.Field(r.actor);
  visit.Field(r.from_ns);
  visit.Field(r.until_ns);
  visit.Field(r.cause);
  visit.Field(r.harm);
  visit.Field(r.measures);
  visit.Field(r.contact);
  visit.Field(r.receipt_24);
  visit.Field(r.receipt_72);
  visit.Field(r.recorded_by);
}

template <class Visitor, class R>
requires std::is_same_v<std::remove_const_t<R>, PrincipalGrant>
void Walk(Visitor& visit, R& r) {
  visit.Field(r.actor);
  visit.State(r.state, GrantState::kBlocked);
  visit.Field(r.role);
  visit.Field(r.school);
  visit.Field(r.holder);
  visit.Field(r.granted_by);
  visit.Field(r.approved_by);
  visit.Field(r.granted_at_ns);
}

template <class Visitor, class R>
requires std::is_same_v<std::remove_const_t<R>, Seen>
void Walk(Visitor& visit, R& r) {
  visit.Field(r.actor);
  visit.Field(r.role);
  visit.Field(r.school);
  visit.Field(r.day);
}

template <class R>
std::string EncodeRecord(const R& record) {
  Writer writer;
  Walk(writer, record);
  return writer.Take();
}

template <class R>
absl::StatusOr<R> DecodeRecord(std::string_view bytes, const char* what) {
  Reader reader(bytes);
  R record;
  Walk(reader, record);
  if (!reader.Done()) {
    return absl::DataLossError(std::string("registers: damaged ") + what +
                               ": restore the store from the last backup");
  }
  return record;
}

}  // namespace

std::string Encode(const Approval& record) {
  return EncodeRecord(record);
}
std::string Encode(const Erasure& record) {
  return EncodeRecord(record);
}
std::string Encode(const Move& record) {
  return EncodeRecord(record);
}
std::string Encode(const RightsRequest& record) {
  return EncodeRecord(record);
}
std::string Encode(const Incident& record) {
  return EncodeRecord(record);
}
std::string Encode(const PrincipalGrant& record) {
  return EncodeRecord(record);
}
std::string Encode(const Seen& record) {
  return EncodeRecord(record);
}

absl::StatusOr<Approval> DecodeApproval(std::string_view bytes) {
  return DecodeRecord<Approval>(bytes, "approval");
}
absl::StatusOr<Erasure> DecodeErasure(std::string_view bytes) {
  return DecodeRecord<Erasure>(bytes, "erasure");
}
absl::StatusOr<Move> DecodeMove(std::string_view bytes) {
  return DecodeRecord<Move>(bytes, "move");
}
absl::StatusOr<RightsRequest> DecodeRightsRequest(std::string_view bytes) {
  return DecodeRecord<RightsRequest>(bytes, "request");
}
absl::StatusOr<Incident> DecodeIncident(std::string_view bytes) {
  return DecodeRecord<Incident>(bytes, "incident");
}
absl::StatusOr<PrincipalGrant> DecodePrincipalGrant(std::string_view bytes) {
  return DecodeRecord<PrincipalGrant>(bytes, "grant");
}
absl::StatusOr<Seen> DecodeSeen(std::string_view bytes) {
  return DecodeRecord<Seen>(bytes, "day of a call");
}

}  // namespace ladon::registers

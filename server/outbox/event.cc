#include "server/outbox/event.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "server/base/codec.h"

namespace ladon::outbox {
namespace {

constexpr uint8_t kRecordVersion = 1;

}  // namespace

std::string_view NameOf(Stream stream) {
  switch (stream) {
    case Stream::kNotices:
      return "notices";
    case Stream::kReceipts:
      return "receipts";
  }
  assert(false && "a stream without a name");
  return "";
}

int64_t Event::AdvanceKopecks() const {
  const int64_t moved = amount_kopecks < 0 ? -amount_kopecks : amount_kopecks;
  return moved - CreditKopecks();
}

int64_t Event::CreditKopecks() const {
  const int64_t before = balance_kopecks - amount_kopecks;
  // Of a meal: what leads below nothing. Of a top-up: what leads up to nothing.
  if (amount_kopecks < 0) return std::clamp<int64_t>(-balance_kopecks, 0, -amount_kopecks);
  return std::clamp<int64_t>(-before, 0, amount_kopecks);
}

std::string Encode(const Event& event) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.U8(static_cast<uint8_t>(event.stream));
  out.U8(static_cast<uint8_t>(event.kind));
  out.U64(event.index);
  out.U8(event.number);
  out.Raw({reinterpret_cast<const char*>(event.id.data()), event.id.size()});
  out.U64(event.at_ns);
  out.Put(event.purse);
  out.Put(event.school);
  out.U64(event.sequence);
  out.I64(event.amount_kopecks);
  out.I64(event.balance_kopecks);
  out.U32(event.attempts);
  out.U64(event.due_at_ns);
  out.String(event.fault);
  return out.Take();
}

absl::StatusOr<Event> DecodeEvent(std::string_view bytes) {
  base::Decoder in(bytes);
  const bool known = in.U8() == kRecordVersion;
  Event event;
  const uint8_t stream = in.U8();
  const uint8_t kind = in.U8();
  event.stream = static_cast<Stream>(stream);
  event.kind = static_cast<Kind>(kind);
  event.index = in.U64();
  event.number = in.U8();
  const std::string_view id = in.Raw(event.id.size());
  event.at_ns = in.U64();
  event.purse = in.Get<base::AccountId>();
  event.school = in.Get<base::SchoolId>();
  event.sequence = in.U64();
  event.amount_kopecks = in.I64();
  event.balance_kopecks = in.I64();
  event.attempts = in.U32();
  event.due_at_ns = in.U64();
  event.fault = in.String();
  const bool one_of = std::count(kStreams.begin(), kStreams.end(), event.stream) == 1 &&
                      kind >= 1 && kind <= static_cast<uint8_t>(kKindLast);
  if (!known || !in.Done() || !one_of || event.fault.size() > kFaultBytesMax) {
    return absl::DataLossError("outbox: damaged event");
  }
  std::memcpy(event.id.data(), id.data(), event.id.size());
  return event;
}

}  // namespace ladon::outbox

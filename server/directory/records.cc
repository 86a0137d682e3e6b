#include "server/directory/records.h"

#include <utility>

#include "server/base/codec.h"

namespace ladon::directory {
namespace {

template <class T>
absl::StatusOr<T> Finish(const base::Decoder& in, T value, const char* what) {
  if (!in.Done()) return absl::DataLossError(std::string("directory: damaged ") + what);
  return value;
}

bool RightVersion(base::Decoder* in) {
  return in->U8() == kRecordVersion;
}

}  // namespace

std::string Encode(const School& school) {
  base::Encoder out;
  const SchoolSettings& s = school.settings;
  out.U8(kRecordVersion);
  out.Put(school.id);
  out.Put(school.cash_desk_account);
  out.String(s.name);
  out.String(s.time_zone);
  out.U8(s.biometrics ? 1 : 0);
  out.String(s.biometrics_document_id);
  out.U8(s.show_balance_at_till ? 1 : 0);
  out.I64(s.low_money_kopecks);
  out.I64(s.free_amount_max_kopecks);
  out.I64(s.unknown_liveness_max_kopecks);
  out.U32(s.cancel_window_seconds);
  return out.Take();
}

absl::StatusOr<School> DecodeSchool(std::string_view bytes) {
  base::Decoder in(bytes);
  School school;
  if (!RightVersion(&in)) return absl::DataLossError("directory: school of an unknown version");
  school.id = in.Get<base::SchoolId>();
  school.cash_desk_account = in.Get<base::AccountId>();
  SchoolSettings& s = school.settings;
  s.name = in.String();
  s.time_zone = in.String();
  s.biometrics = in.U8() != 0;
  s.biometrics_document_id = in.String();
  s.show_balance_at_till = in.U8() != 0;
  s.low_money_kopecks = in.I64();
  s.free_amount_max_kopecks = in.I64();
  s.unknown_liveness_max_kopecks = in.I64();
  s.cancel_window_seconds = in.U32();
  return Finish(in, std::move(school), "school");
}

std::string Encode(const Terminal& terminal) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.Put(terminal.id);
  out.Put(terminal.school);
  out.String(terminal.label);
  out.U8(static_cast<uint8_t>(terminal.state));
  return out.Take();
}

absl::StatusOr<Terminal> DecodeTerminal(std::string_view bytes) {
  base::Decoder in(bytes);
  Terminal terminal;
  if (!RightVersion(&in)) return absl::DataLossError("directory: terminal of an unknown version");
  terminal.id = in.Get<base::TerminalId>();
  terminal.school = in.Get<base::SchoolId>();
  terminal.label = in.String();
  const uint8_t state = in.U8();
  if (state != static_cast<uint8_t>(TerminalState::kActive) &&
      state != static_cast<uint8_t>(TerminalState::kBlocked)) {
    return absl::DataLossError("directory: terminal in an unknown state");
  }
  terminal.state = static_cast<TerminalState>(state);
  return Finish(in, std::move(terminal), "terminal");
}

std::string Encode(const Caterer& caterer) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.Put(caterer.id);
  out.Put(caterer.school);
  out.Put(caterer.payable_account);
  out.String(caterer.name);
  return out.Take();
}

absl::StatusOr<Caterer> DecodeCaterer(std::string_view bytes) {
  base::Decoder in(bytes);
  Caterer caterer;
  if (!RightVersion(&in)) return absl::DataLossError("directory: caterer of an unknown version");
  caterer.id = in.Get<base::CatererId>();
  caterer.school = in.Get<base::SchoolId>();
  caterer.payable_account = in.Get<base::AccountId>();
  caterer.name = in.String();
  return Finish(in, std::move(caterer), "caterer");
}

std::string Encode(const PriceList& list) {
  base::Encoder out;
  out.U8(kRecordVersion);
  out.Put(list.caterer);
  out.U32(list.valid_from);
  out.U16(static_cast<uint16_t>(list.items.size()));
  for (const PriceListItem& item : list.items) {
    out.Put(item.id);
    out.U16(item.category);
    out.String(item.name);
    out.I64(item.unit_price_kopecks);
  }
  return out.Take();
}

absl::StatusOr<PriceList> DecodePriceList(std::string_view bytes) {
  base::Decoder in(bytes);
  PriceList list;
  if (!RightVersion(&in)) return absl::DataLossError("directory: price list of an unknown version");
  list.caterer = in.Get<base::CatererId>();
  list.valid_from = in.U32();
  const uint16_t count = in.U16();
  if (count > kPriceListItemsMax) return absl::DataLossError("directory: price list too long");
  for (uint16_t i = 0; i < count; ++i) {
    PriceListItem item;
    item.id = in.Get<base::ItemId>();
    item.category = in.U16();
    item.name = in.String();
    item.unit_price_kopecks = in.I64();
    list.items.push_back(std::move(item));
  }
  return Finish(in, std::move(list), "price list");
}

}  // namespace ladon::directory

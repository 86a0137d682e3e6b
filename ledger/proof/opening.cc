#include "ledger/proof/opening.h"

#include <cassert>

#include "absl/strings/str_cat.h"
#include "ledger/proof/bytes.h"

namespace ladon::ledger {
namespace {

absl::Status OpeningError(const std::string& what) {
  return absl::InvalidArgumentError("opening: " + what);
}

void Encode(const Limits& limits, ByteWriter* out) {
  assert(limits.size() <= kLimitsMax);
  out->U16(static_cast<uint16_t>(limits.size()));
  for (const auto& [type, value] : limits) {
    out->U16(type);
    out->I64(value);
  }
}

Limits DecodeLimits(ByteReader* in) {
  Limits limits;
  const uint16_t count = in->U16();
  for (uint16_t i = 0; i < count && in->ok() && i <= kLimitsMax; ++i) {
    const uint16_t type = in->U16();
    limits.emplace_back(type, in->I64());
  }
  return limits;
}

void Encode(const Posting& posting, ByteWriter* out) {
  out->Raw(posting.account.bytes);
  out->I64(posting.amount_kopecks);
  out->U64(posting.sequence);
  out->I64(posting.balance_kopecks);
}

void Encode(const AccountTerms& terms, ByteWriter* out) {
  out->Raw(terms.account.bytes);
  out->U64(terms.sequence);
  out->U16(static_cast<uint16_t>(terms.code));
  out->U8(terms.purse);
  out->U16(terms.flags);
  out->Raw(terms.school.bytes);
  out->I64(terms.overdraft_limit_kopecks);
  Encode(terms.limits, out);
}

void Encode(const LineDetail& line, ByteWriter* out) {
  out->U16(line.ordinal);
  out->Raw(line.item.bytes);
  out->U16(line.category);
  out->U32(line.quantity);
  out->I64(line.unit_price_kopecks);
  out->U8(line.purse);
}

void Encode(const Context& context, ByteWriter* out) {
  out->Raw(context.school.bytes);
  out->Raw(context.actor.bytes);
  out->U8(context.means);
}

Posting DecodePosting(ByteReader* in) {
  Posting posting;
  in->Raw(&posting.account.bytes);
  posting.amount_kopecks = in->I64();
  posting.sequence = in->U64();
  posting.balance_kopecks = in->I64();
  return posting;
}

AccountTerms DecodeTerms(ByteReader* in) {
  AccountTerms terms;
  in->Raw(&terms.account.bytes);
  terms.sequence = in->U64();
  terms.code = static_cast<AccountCode>(in->U16());
  terms.purse = in->U8();
  terms.flags = in->U16();
  in->Raw(&terms.school.bytes);
  terms.overdraft_limit_kopecks = in->I64();
  terms.limits = DecodeLimits(in);
  return terms;
}

LineDetail DecodeLine(ByteReader* in) {
  LineDetail line;
  line.ordinal = in->U16();
  in->Raw(&line.item.bytes);
  line.category = in->U16();
  line.quantity = in->U32();
  line.unit_price_kopecks = in->I64();
  line.purse = in->U8();
  return line;
}

Context DecodeContext(ByteReader* in) {
  Context context;
  in->Raw(&context.school.bytes);
  in->Raw(&context.actor.bytes);
  context.means = in->U8();
  return context;
}

void Encode(const Reservation& reservation, ByteWriter* out) {
  out->Raw(reservation.account.bytes);
  out->U8(reservation.credit ? 1 : 0);
  out->I64(reservation.amount_kopecks);
  out->U64(reservation.sequence);
  out->I64(reservation.pending_kopecks);
}

absl::StatusOr<Opening> DecodeReservation(ByteReader* in) {
  Reservation reservation;
  in->Raw(&reservation.account.bytes);
  const uint8_t side = in->U8();
  reservation.credit = side == 1;
  reservation.amount_kopecks = in->I64();
  reservation.sequence = in->U64();
  reservation.pending_kopecks = in->I64();
  if (in->ok() &&
      (side > 1 || reservation.amount_kopecks == 0 || reservation.pending_kopecks < 0)) {
    return OpeningError("a reservation out of form");
  }
  return reservation;
}

void Encode(const SchoolLimits& school, ByteWriter* out) {
  out->Raw(school.school.bytes);
  Encode(school.limits, out);
}

void Encode(const Entitlements& entitlements, ByteWriter* out) {
  assert(entitlements.list.size() <= kEntitlementsMax);
  out->Raw(entitlements.account.bytes);
  out->U64(entitlements.sequence);
  out->U8(static_cast<uint8_t>(entitlements.list.size()));
  for (const Entitlement& one : entitlements.list) {
    out->Raw(one.budget.bytes);
    out->U16(one.category);
    out->I64(one.cap_kopecks);
    out->U8(one.uses_per_day);
    out->U32(one.valid_from);
    out->U32(one.valid_to);
    out->Raw(one.document.bytes);
  }
}

Entitlements DecodeEntitlements(ByteReader* in) {
  Entitlements entitlements;
  in->Raw(&entitlements.account.bytes);
  entitlements.sequence = in->U64();
  const uint8_t count = in->U8();
  for (uint8_t i = 0; i < count && in->ok() && i <= kEntitlementsMax; ++i) {
    Entitlement& one = entitlements.list.emplace_back();
    in->Raw(&one.budget.bytes);
    one.category = in->U16();
    one.cap_kopecks = in->I64();
    one.uses_per_day = in->U8();
    one.valid_from = in->U32();
    one.valid_to = in->U32();
    in->Raw(&one.document.bytes);
  }
  return entitlements;
}

void Encode(const EntitlementUse& use, ByteWriter* out) {
  out->Raw(use.account.bytes);
  out->U64(use.sequence);
  out->U8(use.ordinal);
  out->I64(use.amount_kopecks);
  out->U8(use.uses);
  out->U8(use.uses_today);
}

EntitlementUse DecodeEntitlementUse(ByteReader* in) {
  EntitlementUse use;
  in->Raw(&use.account.bytes);
  use.sequence = in->U64();
  use.ordinal = in->U8();
  use.amount_kopecks = in->I64();
  use.uses = in->U8();
  use.uses_today = in->U8();
  return use;
}

void Encode(const ClosingHead& closing, ByteWriter* out) {
  out->U32(closing.service_date);
  out->U64(closing.tree_size);
  out->U64(closing.account_count);
  out->Raw(closing.root.bytes);
}

ClosingHead DecodeClosing(ByteReader* in) {
  ClosingHead closing;
  closing.service_date = in->U32();
  closing.tree_size = in->U64();
  closing.account_count = in->U64();
  in->Raw(&closing.root.bytes);
  return closing;
}

absl::Status CheckLimits(const Limits& limits, const char* whose) {
  if (limits.size() > kLimitsMax) {
    return absl::InvalidArgumentError(absl::StrCat(whose, ": too many limits"));
  }
  for (size_t i = 1; i < limits.size(); ++i) {
    if (limits[i - 1].first >= limits[i].first) {
      return absl::InvalidArgumentError(absl::StrCat(whose, ": limits out of order"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Opening> DecodeSchoolLimits(ByteReader* in) {
  SchoolLimits school;
  in->Raw(&school.school.bytes);
  school.limits = DecodeLimits(in);
  if (!in->ok()) {
    return OpeningError("truncated");
  }
  if (absl::Status good = CheckLimits(school.limits, "school limits"); !good.ok()) {
    return good;
  }
  return school;
}

}  // namespace

absl::Status CheckTerms(const AccountTerms& terms) {
  if (terms.account.IsZero()) {
    return absl::InvalidArgumentError("account terms: no account");
  }
  if (!IsAccountCode(static_cast<uint16_t>(terms.code))) {
    return absl::InvalidArgumentError("account terms: unknown code");
  }
  if ((terms.flags & ~kAccountFlagsAll) != 0) {
    return absl::InvalidArgumentError("account terms: unknown flag");
  }
  if (terms.overdraft_limit_kopecks < 0) {
    return absl::InvalidArgumentError("account terms: negative overdraft limit");
  }
  return CheckLimits(terms.limits, "account terms");
}

absl::Status CheckSchoolLimits(const SchoolLimits& limits) {
  return CheckLimits(limits.limits, "school limits");
}

absl::Status CheckEntitlements(const Entitlements& entitlements) {
  if (entitlements.account.IsZero() || entitlements.list.size() > kEntitlementsMax) {
    return absl::InvalidArgumentError("entitlements: no account, or too many");
  }
  for (const Entitlement& one : entitlements.list) {
    if (one.budget.IsZero() || one.budget == entitlements.account || one.cap_kopecks < 1 ||
        one.uses_per_day < 1 || !IsDate(one.valid_from) || !IsDate(one.valid_to) ||
        one.valid_from == 0 || one.valid_to < one.valid_from) {
      return absl::InvalidArgumentError("entitlements: one is out of form");
    }
  }
  return absl::OkStatus();
}

std::pair<AccountId, uint64_t> SequenceOf(const Opening& opening) {
  return std::visit(
      [](const auto& value) -> std::pair<AccountId, uint64_t> {
        if constexpr (requires {
                        value.sequence;
                        value.account;
                      }) {
          return {value.account, value.sequence};
        } else {
          return {};
        }
      },
      opening);
}

uint8_t OpeningKind(const Opening& opening) {
  return static_cast<uint8_t>(opening.index() + 1);  // The alternatives stand in wire order.
}

void AppendOpening(const Opening& opening, ByteWriter* out) {
  std::visit([out](const auto& value) { Encode(value, out); }, opening);
}

std::string EncodeOpening(const Opening& opening) {
  ByteWriter out;
  AppendOpening(opening, &out);
  return out.Take();
}

absl::StatusOr<Opening> ReadOpening(uint8_t kind, ByteReader* in) {
  static_assert(std::variant_size_v<Opening> == 9);
  absl::StatusOr<Opening> opening = Opening{};
  switch (kind) {
    case 1:
      opening = DecodePosting(in);
      break;
    case 2:
      opening = DecodeTerms(in);
      break;
    case 3:
      opening = DecodeLine(in);
      break;
    case 4:
      opening = DecodeContext(in);
      break;
    case 5:
      opening = DecodeReservation(in);
      break;
    case 6:
      opening = DecodeSchoolLimits(in);
      break;
    case 7:
      opening = DecodeEntitlements(in);
      break;
    case 8:
      opening = DecodeEntitlementUse(in);
      break;
    case 9:
      opening = DecodeClosing(in);
      break;
    default:
      return OpeningError(absl::StrCat("unknown kind ", kind));
  }
  if (!in->ok()) {
    return OpeningError("truncated");
  }
  if (!opening.ok()) {
    return opening;
  }
  if (const auto* posting = std::get_if<Posting>(&*opening); posting != nullptr) {
    if (posting->amount_kopecks == 0) {
      return OpeningError("a posting of nothing");
    }
  } else if (const auto* terms = std::get_if<AccountTerms>(&*opening); terms != nullptr) {
    if (absl::Status good = CheckTerms(*terms); !good.ok()) {
      return good;
    }
  } else if (const auto* list = std::get_if<Entitlements>(&*opening); list != nullptr) {
    if (absl::Status good = CheckEntitlements(*list); !good.ok()) {
      return good;
    }
  }
  return opening;
}

absl::StatusOr<Opening> DecodeOpening(uint8_t kind, std::string_view bytes) {
  ByteReader in(bytes);
  absl::StatusOr<Opening> opening = ReadOpening(kind, &in);
  if (opening.ok() && !in.AtEnd()) {
    return OpeningError("trailing bytes");
  }
  return opening;
}

}  // namespace ladon::ledger

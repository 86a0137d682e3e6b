#include "server/channels/protocol.h"

namespace ladon::channels {

std::string_view NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kTemporary:
      return "temporary";
    case Verdict::kUnknownVerb:
      return "unknown-verb";
    case Verdict::kBadAccount:
      return "bad-account";
    case Verdict::kAccountUnknown:
      return "account-unknown";
    case Verdict::kAccountInactive:
      return "account-inactive";
    case Verdict::kForbidden:
      return "forbidden";
    case Verdict::kTechnical:
      return "technical";
    case Verdict::kBadPaymentId:
      return "bad-payment-id";
    case Verdict::kDuplicate:
      return "duplicate";
    case Verdict::kConflict:
      return "conflict";
    case Verdict::kBadAmount:
      return "bad-amount";
    case Verdict::kTooSmall:
      return "too-small";
    case Verdict::kTooLarge:
      return "too-large";
    case Verdict::kBadDate:
      return "bad-date";
    case Verdict::kPaymentUnknown:
      return "payment-unknown";
    case Verdict::kCannotCancel:
      return "cannot-cancel";
    case Verdict::kInternal:
      return "internal";
  }
  return "";
}

}  // namespace ladon::channels

#include "server/flow/refusal.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>

#include "absl/strings/cord.h"

namespace ladon::flow {
namespace {

using Code = absl::StatusCode;

struct Row {
  Reason reason;
  std::string_view name;
  Code code;
};

constexpr std::array kRows = {
    Row{Reason::kFieldInvalid, "FIELD_INVALID", Code::kInvalidArgument},
    Row{Reason::kRequestIdReused, "REQUEST_ID_REUSED", Code::kAlreadyExists},
    Row{Reason::kTemplateUnsupported, "TEMPLATE_UNSUPPORTED", Code::kInvalidArgument},
    Row{Reason::kCardUidRandom, "CARD_UID_RANDOM", Code::kInvalidArgument},
    Row{Reason::kTotalMismatch, "TOTAL_MISMATCH", Code::kInvalidArgument},
    Row{Reason::kNotPermitted, "NOT_PERMITTED", Code::kPermissionDenied},
    Row{Reason::kClientCertificateInvalid, "CLIENT_CERTIFICATE_INVALID", Code::kUnauthenticated},
    Row{Reason::kSchoolUnknown, "SCHOOL_UNKNOWN", Code::kNotFound},
    Row{Reason::kTerminalUnknown, "TERMINAL_UNKNOWN", Code::kNotFound},
    Row{Reason::kCatererUnknown, "CATERER_UNKNOWN", Code::kNotFound},
    Row{Reason::kSubjectUnknown, "SUBJECT_UNKNOWN", Code::kNotFound},
    Row{Reason::kAccountUnknown, "ACCOUNT_UNKNOWN", Code::kNotFound},
    Row{Reason::kCardUnknown, "CARD_UNKNOWN", Code::kNotFound},
    Row{Reason::kConsentUnknown, "CONSENT_UNKNOWN", Code::kNotFound},
    Row{Reason::kAlreadyExists, "ALREADY_EXISTS", Code::kAlreadyExists},
    Row{Reason::kCardBoundElsewhere, "CARD_BOUND_ELSEWHERE", Code::kAlreadyExists},
    Row{Reason::kOperationUnknown, "OPERATION_UNKNOWN", Code::kNotFound},
    Row{Reason::kPalmNotRecognised, "PALM_NOT_RECOGNISED", Code::kNotFound},
    Row{Reason::kPalmAmbiguous, "PALM_AMBIGUOUS", Code::kFailedPrecondition},
    Row{Reason::kLivenessFailed, "LIVENESS_FAILED", Code::kFailedPrecondition},
    Row{Reason::kSecondMeansNeeded, "SECOND_MEANS_NEEDED", Code::kFailedPrecondition},
    Row{Reason::kSecondMeansMismatch, "SECOND_MEANS_MISMATCH", Code::kFailedPrecondition},
    Row{Reason::kCardBlocked, "CARD_BLOCKED", Code::kFailedPrecondition},
    Row{Reason::kCardLost, "CARD_LOST", Code::kFailedPrecondition},
    Row{Reason::kCardExpired, "CARD_EXPIRED", Code::kFailedPrecondition},
    Row{Reason::kTokenInvalid, "TOKEN_INVALID", Code::kInvalidArgument},
    Row{Reason::kTokenExpired, "TOKEN_EXPIRED", Code::kFailedPrecondition},
    Row{Reason::kTokenAlreadyUsed, "TOKEN_ALREADY_USED", Code::kFailedPrecondition},
    Row{Reason::kBiometricsOff, "BIOMETRICS_OFF", Code::kFailedPrecondition},
    Row{Reason::kConsentMissing, "CONSENT_MISSING", Code::kFailedPrecondition},
    Row{Reason::kSubjectBlocked, "SUBJECT_BLOCKED", Code::kFailedPrecondition},
    Row{Reason::kGalleryFull, "GALLERY_FULL", Code::kFailedPrecondition},
    Row{Reason::kPalmThrottled, "PALM_THROTTLED", Code::kFailedPrecondition},
    Row{Reason::kCapturesDiffer, "CAPTURES_DIFFER", Code::kFailedPrecondition},
    Row{Reason::kEnrolmentNotConfirmed, "ENROLMENT_NOT_CONFIRMED", Code::kFailedPrecondition},
    Row{Reason::kPalmAlreadyEnrolled, "PALM_ALREADY_ENROLLED", Code::kFailedPrecondition},
    Row{Reason::kTooManyAttempts, "TOO_MANY_ATTEMPTS", Code::kFailedPrecondition},
    Row{Reason::kPriceNotOnList, "PRICE_NOT_ON_LIST", Code::kInvalidArgument},
    Row{Reason::kPriceListMissing, "PRICE_LIST_MISSING", Code::kFailedPrecondition},
    Row{Reason::kFreeAmountNotAllowed, "FREE_AMOUNT_NOT_ALLOWED", Code::kFailedPrecondition},
    Row{Reason::kPurseNotOpen, "PURSE_NOT_OPEN", Code::kFailedPrecondition},
    Row{Reason::kInsufficientFunds, "INSUFFICIENT_FUNDS", Code::kFailedPrecondition},
    Row{Reason::kAccountFrozen, "ACCOUNT_FROZEN", Code::kFailedPrecondition},
    Row{Reason::kAccountClosed, "ACCOUNT_CLOSED", Code::kFailedPrecondition},
    Row{Reason::kPossibleRepeat, "POSSIBLE_REPEAT", Code::kFailedPrecondition},
    Row{Reason::kBalanceOverflow, "BALANCE_OVERFLOW", Code::kOutOfRange},
    Row{Reason::kPurchaseLimitExceeded, "PURCHASE_LIMIT_EXCEEDED", Code::kFailedPrecondition},
    Row{Reason::kDayLimitExceeded, "DAY_LIMIT_EXCEEDED", Code::kFailedPrecondition},
    Row{Reason::kCategoryBanned, "CATEGORY_BANNED", Code::kFailedPrecondition},
    Row{Reason::kBudgetUnavailable, "BUDGET_UNAVAILABLE", Code::kFailedPrecondition},
    Row{Reason::kAccountNotEmpty, "ACCOUNT_NOT_EMPTY", Code::kFailedPrecondition},
    Row{Reason::kDocumentAlreadyBooked, "DOCUMENT_ALREADY_BOOKED", Code::kAlreadyExists},
    Row{Reason::kMoreThanOwed, "MORE_THAN_OWED", Code::kFailedPrecondition},
    Row{Reason::kPinWrong, "PIN_WRONG", Code::kFailedPrecondition},
    Row{Reason::kPinLocked, "PIN_LOCKED", Code::kFailedPrecondition},
    Row{Reason::kPinNotSet, "PIN_NOT_SET", Code::kFailedPrecondition},
    Row{Reason::kCancelledBeforeArrival, "CANCELLED_BEFORE_ARRIVAL", Code::kFailedPrecondition},
    Row{Reason::kCancelWindowPassed, "CANCEL_WINDOW_PASSED", Code::kFailedPrecondition},
    Row{Reason::kNothingToCancel, "NOTHING_TO_CANCEL", Code::kFailedPrecondition},
    Row{Reason::kAlreadyCancelled, "ALREADY_CANCELLED", Code::kFailedPrecondition},
    Row{Reason::kOriginalRefused, "ORIGINAL_REFUSED", Code::kFailedPrecondition},
    Row{Reason::kBackupsOff, "BACKUPS_OFF", Code::kFailedPrecondition},
    Row{Reason::kBackupUnderWay, "BACKUP_UNDER_WAY", Code::kFailedPrecondition},
    Row{Reason::kRotationUnderWay, "ROTATION_UNDER_WAY", Code::kFailedPrecondition},
    Row{Reason::kApprovalNeeded, "APPROVAL_NEEDED", Code::kFailedPrecondition},
    Row{Reason::kApprovalUnknown, "APPROVAL_UNKNOWN", Code::kNotFound},
    Row{Reason::kApprovalDecided, "APPROVAL_DECIDED", Code::kFailedPrecondition},
    Row{Reason::kApprovalExpired, "APPROVAL_EXPIRED", Code::kFailedPrecondition},
    Row{Reason::kApprovalRejected, "APPROVAL_REJECTED", Code::kFailedPrecondition},
    Row{Reason::kApproverNotIndependent, "APPROVER_NOT_INDEPENDENT", Code::kFailedPrecondition},
    Row{Reason::kRolesApart, "ROLES_APART", Code::kFailedPrecondition},
    Row{Reason::kPrincipalUnknown, "PRINCIPAL_UNKNOWN", Code::kNotFound},
    Row{Reason::kErasureUnknown, "ERASURE_UNKNOWN", Code::kNotFound},
    Row{Reason::kErasureUnderWay, "ERASURE_UNDER_WAY", Code::kFailedPrecondition},
    Row{Reason::kRightsRequestUnknown, "RIGHTS_REQUEST_UNKNOWN", Code::kNotFound},
    Row{Reason::kRightsRequestClosed, "RIGHTS_REQUEST_CLOSED", Code::kFailedPrecondition},
    Row{Reason::kIncidentUnknown, "INCIDENT_UNKNOWN", Code::kNotFound},
    Row{Reason::kRepeatTooLate, "REPEAT_TOO_LATE", Code::kFailedPrecondition},
    Row{Reason::kPaymentAccountUnknown, "PAYMENT_ACCOUNT_UNKNOWN", Code::kNotFound},
    Row{Reason::kPaymentAccountInactive, "PAYMENT_ACCOUNT_INACTIVE", Code::kFailedPrecondition},
    Row{Reason::kContractUnknown, "CONTRACT_UNKNOWN", Code::kNotFound},
    Row{Reason::kPaymentUnknown, "PAYMENT_UNKNOWN", Code::kNotFound},
    Row{Reason::kPaymentDiffers, "PAYMENT_DIFFERS", Code::kAlreadyExists},
    Row{Reason::kPaymentTooSmall, "PAYMENT_TOO_SMALL", Code::kFailedPrecondition},
    Row{Reason::kPaymentTooLarge, "PAYMENT_TOO_LARGE", Code::kFailedPrecondition},
    Row{Reason::kPaymentNotCancellable, "PAYMENT_NOT_CANCELLABLE", Code::kFailedPrecondition},
    Row{Reason::kPaymentCancelled, "PAYMENT_CANCELLED", Code::kFailedPrecondition},
    Row{Reason::kPaymentNotSuspended, "PAYMENT_NOT_SUSPENDED", Code::kFailedPrecondition},
    Row{Reason::kPaymentSpent, "PAYMENT_SPENT", Code::kFailedPrecondition},
    Row{Reason::kOrderUnknown, "ORDER_UNKNOWN", Code::kNotFound},
    Row{Reason::kRefundUnknown, "REFUND_UNKNOWN", Code::kNotFound},
    Row{Reason::kRefundNotOpen, "REFUND_NOT_OPEN", Code::kFailedPrecondition},
    Row{Reason::kOverloaded, "OVERLOADED", Code::kResourceExhausted},
    Row{Reason::kStopping, "STOPPING", Code::kUnavailable},
    Row{Reason::kDeadlinePassed, "DEADLINE_PASSED", Code::kDeadlineExceeded},
    Row{Reason::kInternal, "INTERNAL", Code::kInternal},
};

constexpr char kPayload[] = "ladon/refusal";

const Row& RowOf(Reason reason) {
  const auto* const row =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.reason == reason; });
  assert(row != kRows.end());
  return *row;
}

absl::Status Make(Reason reason, std::string_view field, const std::string& message) {
  absl::Status status(RowOf(reason).code, message);
  // Number, then field: never leaves the process in this form.
  status.SetPayload(kPayload, absl::Cord(std::to_string(static_cast<uint16_t>(reason)) + ":" +
                                         std::string(field)));
  return status;
}

}  // namespace

std::string_view ReasonName(Reason reason) {
  return reason == Reason::kNone ? "OK" : RowOf(reason).name;
}

absl::StatusCode CodeOf(Reason reason) {
  return reason == Reason::kNone ? Code::kOk : RowOf(reason).code;
}

absl::Status Refuse(Reason reason, std::string_view field) {
  std::string message(RowOf(reason).name);
  if (!field.empty()) message.append(": ").append(field);
  return Make(reason, field, message);
}

absl::Status RefuseField(std::string_view field, std::string_view what) {
  return Make(Reason::kFieldInvalid, field, std::string(field) + " " + std::string(what));
}

RefusalDetail DetailOf(const absl::Status& status) {
  if (status.ok()) return {.reason = Reason::kNone, .field = {}};
  if (const auto payload = status.GetPayload(kPayload)) {
    const std::string text(*payload);
    const size_t colon = text.find(':');
    assert(colon != std::string::npos);
    return {.reason = static_cast<Reason>(std::stoi(text.substr(0, colon))),
            .field = text.substr(colon + 1)};
  }
  if (absl::IsUnavailable(status)) return {.reason = Reason::kStopping, .field = {}};
  if (absl::IsResourceExhausted(status)) return {.reason = Reason::kOverloaded, .field = {}};
  return {.reason = Reason::kInternal, .field = {}};
}

namespace {

// What is different about a request whose id is taken, as far as the ledger tells.
absl::Status RefuseReuse(ledger::ResultCode code) {
  using R = ledger::ResultCode;
  const auto reused = [](const std::string& what) {
    return Make(Reason::kRequestIdReused, "request_id", "REQUEST_ID_REUSED: " + what);
  };
  switch (code) {
    case R::kExistsWithDifferentCommand:
      return reused("it is the id of another kind of request");
    case R::kExistsWithDifferentAccounts:
      return reused("it is the id of a request about other accounts");
    case R::kExistsWithDifferentAmount:
      return reused("it is the id of a request about another amount");
    case R::kExistsWithDifferentDocument:
      return reused("it is the id of a request about another basket or document");
    case R::kExistsWithDifferentDate:
      return reused("it is the id of a request for another day");
    default:
      return Refuse(Reason::kRequestIdReused, "request_id");
  }
}

}  // namespace

absl::Status FromResult(ledger::ResultCode code) {
  using R = ledger::ResultCode;
  if (ledger::IsReuse(code)) return RefuseReuse(code);
  constexpr std::pair<R, Reason> kSame[] = {
      {R::kCancelledBeforeArrival, Reason::kCancelledBeforeArrival},
      {R::kAccountExists, Reason::kAlreadyExists},
      {R::kAccountUnknown, Reason::kAccountUnknown},
      {R::kAccountClosed, Reason::kAccountClosed},
      {R::kAccountFrozen, Reason::kAccountFrozen},
      {R::kAccountNotEmpty, Reason::kAccountNotEmpty},
      {R::kBalanceOverflow, Reason::kBalanceOverflow},
      {R::kInsufficientFunds, Reason::kInsufficientFunds},
      {R::kBudgetUnavailable, Reason::kBudgetUnavailable},
      {R::kPurchaseLimitExceeded, Reason::kPurchaseLimitExceeded},
      {R::kDayLimitExceeded, Reason::kDayLimitExceeded},
      {R::kCategoryBanned, Reason::kCategoryBanned},
      {R::kPossibleRepeat, Reason::kPossibleRepeat},
      {R::kOriginalRefused, Reason::kOriginalRefused},
      {R::kNothingToReverse, Reason::kNothingToCancel},
      {R::kReversalExceedsOriginal, Reason::kAlreadyCancelled},
      {R::kCancelWindowPassed, Reason::kCancelWindowPassed},
  };
  for (const auto& [result, reason] : kSame) {
    if (code == result) return Refuse(reason);
  }
  switch (code) {
    case R::kOk:
      return absl::OkStatus();
    case R::kTokenAlreadyUsed:
      return Refuse(Reason::kTokenAlreadyUsed, "identification_token");
    case R::kAmountOutOfRange:
      return Refuse(Reason::kFieldInvalid, "amount_kopecks");
    case R::kLimitsInvalid:
      return Refuse(Reason::kFieldInvalid, "limits");
    case R::kEntitlementsInvalid:
      return Refuse(Reason::kFieldInvalid, "entitlements");
    default:
      return Refuse(Reason::kInternal);  // The flow never builds such a command.
  }
}

}  // namespace ladon::flow

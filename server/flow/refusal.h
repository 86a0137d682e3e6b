// Refusals of the service as domain values: a stable reason, the field it concerns, and the
// general class of trouble. They travel as absl::Status with a payload; only server/rpc turns
// them into gRPC.
//
// The numbers are those of ladon.v1.ErrorReason (a test holds the two together).
// Threading: pure functions.
#ifndef LADON_SERVER_FLOW_REFUSAL_H_
#define LADON_SERVER_FLOW_REFUSAL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "ledger/result.h"

namespace ladon::flow {

enum class Reason : uint16_t {
  kNone = 0,
  kFieldInvalid = 1,
  kRequestIdReused = 2,
  kTemplateUnsupported = 3,
  kCardUidRandom = 4,
  kTotalMismatch = 5,
  kNotPermitted = 20,
  kClientCertificateInvalid = 21,
  kSchoolUnknown = 40,
  kTerminalUnknown = 41,
  kCatererUnknown = 42,
  kSubjectUnknown = 43,
  kAccountUnknown = 44,
  kCardUnknown = 45,
  kConsentUnknown = 46,
  kAlreadyExists = 47,
  kCardBoundElsewhere = 48,
  kOperationUnknown = 49,
  kPalmNotRecognised = 60,
  kPalmAmbiguous = 61,
  kLivenessFailed = 62,
  kSecondMeansNeeded = 63,
  kSecondMeansMismatch = 64,
  kCardBlocked = 65,
  kCardLost = 66,
  kCardExpired = 67,
  kTokenInvalid = 68,
  kTokenExpired = 69,
  kTokenAlreadyUsed = 70,
  kBiometricsOff = 71,
  kConsentMissing = 72,
  kSubjectBlocked = 73,
  kGalleryFull = 74,
  kPalmThrottled = 75,
  kCapturesDiffer = 76,
  kEnrolmentNotConfirmed = 77,
  kPalmAlreadyEnrolled = 78,
  kTooManyAttempts = 79,
  kPriceNotOnList = 80,
  kPriceListMissing = 81,
  kFreeAmountNotAllowed = 82,
  kPurseNotOpen = 83,
  kInsufficientFunds = 84,
  kAccountFrozen = 85,
  kAccountClosed = 86,
  kPossibleRepeat = 87,
  kBalanceOverflow = 88,
  kPurchaseLimitExceeded = 89,
  kDayLimitExceeded = 90,
  kCategoryBanned = 91,
  kBudgetUnavailable = 92,
  kAccountNotEmpty = 93,
  kDocumentAlreadyBooked = 94,
  kMoreThanOwed = 95,
  kPinWrong = 96,
  kPinLocked = 97,
  kPinNotSet = 98,
  kCancelledBeforeArrival = 100,
  kCancelWindowPassed = 101,
  kNothingToCancel = 102,
  kAlreadyCancelled = 103,
  kOriginalRefused = 104,
  kBackupsOff = 110,
  kBackupUnderWay = 111,
  kRotationUnderWay = 112,
  kOverloaded = 120,
  kStopping = 121,
  kDeadlinePassed = 122,
  kInternal = 123,
  kApprovalNeeded = 130,
  kApprovalUnknown = 131,
  kApprovalDecided = 132,
  kApprovalExpired = 133,
  kApprovalRejected = 134,
  kApproverNotIndependent = 135,
  kRolesApart = 136,
  kPrincipalUnknown = 137,
  kErasureUnknown = 138,
  kErasureUnderWay = 139,
  kRightsRequestUnknown = 140,
  kRightsRequestClosed = 141,
  kIncidentUnknown = 142,
  kRepeatTooLate = 143,
  kPaymentAccountUnknown = 150,
  kPaymentAccountInactive = 151,
  kContractUnknown = 152,
  kPaymentUnknown = 153,
  kPaymentDiffers = 154,
  kPaymentTooSmall = 155,
  kPaymentTooLarge = 156,
  kPaymentNotCancellable = 157,
  kPaymentCancelled = 158,
  kPaymentNotSuspended = 159,
  kPaymentSpent = 160,
  kOrderUnknown = 161,
  kRefundUnknown = 162,
  kRefundNotOpen = 163,
};

// The key of the reason in the message catalogue and in logs ("INSUFFICIENT_FUNDS").
[[nodiscard]] std::string_view ReasonName(Reason reason);
// The status code that goes with it. One table, in refusal.cc.
[[nodiscard]] absl::StatusCode CodeOf(Reason reason);

// `field` is the path of the request field, or empty.
[[nodiscard]] absl::Status Refuse(Reason reason, std::string_view field = {});
// INVALID_ARGUMENT for one field, saying what it should be ("must be 16 bytes").
[[nodiscard]] absl::Status RefuseField(std::string_view field, std::string_view what);

struct RefusalDetail {
  Reason reason = Reason::kInternal;
  std::string field;
};
// What Refuse() put in; kStopping for Unavailable, kOverloaded for ResourceExhausted, otherwise
// kInternal when nothing was put in.
[[nodiscard]] RefusalDetail DetailOf(const absl::Status& status);

// A verdict of the ledger as a refusal; OK for kOk.
[[nodiscard]] absl::Status FromResult(ledger::ResultCode code);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_REFUSAL_H_

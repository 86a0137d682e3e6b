// Goal: a refusal says the same thing at both ends: reason, field, status and name belong together.
// Method: every reason there is goes through Refuse() and DetailOf(); every verdict of the ledger
// becomes a refusal or stays an internal error.
#include "server/flow/refusal.h"

#include <set>
#include <string>

#include "tests/testing/status_testing.h"

namespace ladon::flow {
namespace {

using ::ladon::testing::StatusIs;

constexpr uint16_t kReasonNumbers[] = {1,  2,  3,   4,   5,   20,  21,  40,  41,  42,  43, 44, 45,
                                       46, 47, 48,  49,  60,  61,  62,  63,  64,  65,  66, 67, 68,
                                       69, 70, 71,  72,  73,  74,  80,  81,  82,  83,  84, 85, 86,
                                       87, 88, 100, 101, 102, 103, 104, 120, 121, 122, 123};

TEST(RefusalTest, EveryReasonComesBackWithItsFieldAndStatus) {
  std::set<std::string_view> names;
  for (const uint16_t number : kReasonNumbers) {
    const auto reason = static_cast<Reason>(number);
    EXPECT_TRUE(names.insert(ReasonName(reason)).second) << number;
    for (const std::string field : {"", "basket.lines[2].quantity", "a:b"}) {
      const absl::Status refused = Refuse(reason, field);
      EXPECT_FALSE(refused.ok());
      EXPECT_EQ(refused.code(), CodeOf(reason));
      EXPECT_EQ(DetailOf(refused).reason, reason);
      EXPECT_EQ(DetailOf(refused).field, field);
    }
  }
  EXPECT_EQ(ReasonName(Reason::kNone), "OK");
  EXPECT_EQ(CodeOf(Reason::kNone), absl::StatusCode::kOk);
}

TEST(RefusalTest, AFieldSaysWhatItShouldBe) {
  const absl::Status refused = RefuseField("request_id", "must be 16 bytes");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(refused.message(), "request_id must be 16 bytes");
  EXPECT_EQ(DetailOf(refused).reason, Reason::kFieldInvalid);
  EXPECT_EQ(DetailOf(refused).field, "request_id");
}

TEST(RefusalTest, ForeignErrorsShowNothingOfTheInside) {
  EXPECT_EQ(DetailOf(absl::OkStatus()).reason, Reason::kNone);
  EXPECT_EQ(DetailOf(absl::UnavailableError("x")).reason, Reason::kStopping);
  EXPECT_EQ(DetailOf(absl::ResourceExhaustedError("x")).reason, Reason::kOverloaded);
  for (const absl::Status& error : {absl::DataLossError("x"), absl::NotFoundError("x"),
                                    absl::InvalidArgumentError("x"), absl::InternalError("x")}) {
    EXPECT_EQ(DetailOf(error).reason, Reason::kInternal);
    EXPECT_EQ(DetailOf(error).field, "");
  }
}

TEST(RefusalTest, VerdictsOfTheLedgerKeepTheirMeaning) {
  using R = ledger::ResultCode;
  const struct {
    R code;
    Reason reason;
  } table[] = {
      {R::kOk, Reason::kNone},
      {R::kRequestIdReused, Reason::kRequestIdReused},
      {R::kCancelledBeforeArrival, Reason::kCancelledBeforeArrival},
      {R::kTokenAlreadyUsed, Reason::kTokenAlreadyUsed},
      {R::kNoTransfers, Reason::kInternal},
      {R::kAmountOutOfRange, Reason::kFieldInvalid},
      {R::kSameAccountTwice, Reason::kInternal},
      {R::kAccountExists, Reason::kAlreadyExists},
      {R::kAccountUnknown, Reason::kAccountUnknown},
      {R::kAccountClosed, Reason::kAccountClosed},
      {R::kAccountFrozen, Reason::kAccountFrozen},
      {R::kAccountTermsInvalid, Reason::kInternal},
      {R::kBalanceOverflow, Reason::kBalanceOverflow},
      {R::kInsufficientFunds, Reason::kInsufficientFunds},
      {R::kPossibleRepeat, Reason::kPossibleRepeat},
      {R::kOriginalRefused, Reason::kOriginalRefused},
      {R::kNothingToReverse, Reason::kNothingToCancel},
      {R::kReversalExceedsOriginal, Reason::kAlreadyCancelled},
      {R::kCancelWindowPassed, Reason::kCancelWindowPassed},
      {static_cast<R>(9'999), Reason::kInternal},  // Of a newer journal.
  };
  for (const auto& row : table) {
    EXPECT_EQ(DetailOf(FromResult(row.code)).reason, row.reason) << static_cast<int>(row.code);
  }
}

// Trouble on our side never burns a request id: the caller repeats with the same one.
TEST(RefusalTest, OnlyTroubleOfTheServiceInvitesARepeat) {
  for (const uint16_t number : kReasonNumbers) {
    const absl::StatusCode code = CodeOf(static_cast<Reason>(number));
    const bool again =
        code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kResourceExhausted ||
        code == absl::StatusCode::kDeadlineExceeded || code == absl::StatusCode::kInternal;
    EXPECT_EQ(again, number >= 120) << number;
  }
}

}  // namespace
}  // namespace ladon::flow

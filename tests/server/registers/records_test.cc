// Goal: records come back as they were, and anything that Encode() does not make is refused.
// Method: full records round trip; every shorter and longer string, version and state fails.
#include "server/registers/records.h"

#include <functional>
#include <string>
#include <vector>

#include "tests/server/registers/registers_testing.h"
#include "tests/testing/status_testing.h"

namespace ladon::registers {
namespace {

using ::ladon::testing::StatusIs;

// Equal, because one value has exactly one encoding.
template <class R>
void ExpectExact(const R& want, absl::StatusOr<R> (*decode)(std::string_view)) {
  const std::string bytes = Encode(want);
  ASSERT_OK_AND_ASSIGN(const R got, decode(bytes));
  EXPECT_EQ(Encode(got), bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(decode(bytes.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss)) << size;
  }
  EXPECT_THAT(decode(bytes + "x"), StatusIs(absl::StatusCode::kDataLoss));
  std::string newer = bytes;
  newer[0] = 2;
  EXPECT_THAT(decode(newer), StatusIs(absl::StatusCode::kDataLoss));
}

// Of a record that has its state behind its id.
template <class R>
void ExpectRoundTrip(const R& want, absl::StatusOr<R> (*decode)(std::string_view)) {
  ExpectExact(want, decode);
  const std::string bytes = Encode(want);
  constexpr size_t kStateAt = 1 + base::kIdBytes;
  for (const char state : {'\0', '\x09', '\xFF'}) {
    std::string odd = bytes;
    odd[kStateAt] = state;
    EXPECT_THAT(decode(odd), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(RegistersRecordsTest, EveryKindRoundTripsAndNothingElseDecodes) {
  ExpectRoundTrip(FullApproval(1), DecodeApproval);
  ExpectRoundTrip(FullErasure(2), DecodeErasure);
  ExpectRoundTrip(FullRequest(3), DecodeRightsRequest);
  ExpectRoundTrip(FullIncident(4), DecodeIncident);
  ExpectRoundTrip(FullGrant(5), DecodePrincipalGrant);
  ExpectExact(FullMove(6), DecodeMove);
}

TEST(RegistersRecordsTest, AMoveHasNoMorePursesThanASubjectAndFrozenOrNot) {
  Move move = FullMove(6);
  move.purses.resize(9);
  EXPECT_THAT(DecodeMove(Encode(move)), StatusIs(absl::StatusCode::kDataLoss));
  std::string odd = Encode(FullMove(6));
  odd.back() = 2;
  EXPECT_THAT(DecodeMove(odd), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RegistersRecordsTest, FieldsAreWhatTheyWere) {
  ASSERT_OK_AND_ASSIGN(const Erasure erasure, DecodeErasure(Encode(FullErasure(2))));
  EXPECT_EQ(erasure.step, ErasureStep::kRemoved);
  EXPECT_EQ(erasure.accounts, FullErasure(2).accounts);
  EXPECT_EQ(erasure.settled_kopecks, -5);
  EXPECT_EQ(erasure.approved_by, FullErasure(2).approved_by);
  ASSERT_OK_AND_ASSIGN(const RightsRequest request, DecodeRightsRequest(Encode(FullRequest(3))));
  EXPECT_TRUE(request.extended);
  EXPECT_EQ(request.note, "ждём ответа школы");
}

}  // namespace
}  // namespace ladon::registers

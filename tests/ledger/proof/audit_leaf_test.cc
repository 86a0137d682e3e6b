// Goal: an audit record has one encoding, the documented one, and none without its fields.
// Method: the worked example of the README byte for byte; truncations, flips, limits of the texts.
#include "ledger/proof/audit_leaf.h"

#include "ledger/proof/merkle.h"
#include "tests/ledger/proof/golden.h"
#include "tests/testing/status_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::GoldenBytes;
using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

AuditLeaf Example() {
  AuditLeaf leaf;
  leaf.index = 9;
  leaf.at_ns = 1'788'250'500'000'000'000;
  leaf.event = 12;
  leaf.outcome = AuditOutcome::kRefused;
  leaf.reason_code = 31;
  leaf.role = 2;
  leaf.actor.fill(0x44);
  leaf.school.fill(0x33);
  leaf.object.fill(0x11);
  leaf.request.fill(0x77);
  leaf.certificate_serial[18] = 0x1f;
  leaf.certificate_serial[19] = 0x2e;
  leaf.peer = "ipv4:192.0.2.7:4711";
  leaf.process_id = 4242;
  leaf.journal_index = 42;
  leaf.software_version = "ladon 0.1.0";
  return leaf;
}

TEST(AuditLeafTest, IsTheReadmesExample) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes, EncodeAuditLeaf(Example()));
  EXPECT_EQ(bytes, GoldenBytes("audit leaf"));
  const Digest hash = HashLeaf(bytes);
  EXPECT_EQ(std::string(hash.bytes.begin(), hash.bytes.end()), GoldenBytes("audit leaf hash"));
  ASSERT_OK_AND_ASSIGN(const AuditLeaf decoded, DecodeAuditLeaf(bytes));
  EXPECT_EQ(decoded, Example());
}

TEST(AuditLeafTest, RefusesEveryTruncationAndTrailingBytes) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes, EncodeAuditLeaf(Example()));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeAuditLeaf(bytes.substr(0, size)),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(DecodeAuditLeaf(bytes + '\0'), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(AuditLeafTest, EveryFlippedBitIsAnotherValueOrRefused) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes, EncodeAuditLeaf(Example()));
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    if (const absl::StatusOr<AuditLeaf> decoded = DecodeAuditLeaf(flipped); decoded.ok()) {
      EXPECT_NE(*decoded, Example());
      EXPECT_EQ(EncodeAuditLeaf(*decoded).value(), flipped);
    }
  }
}

TEST(AuditLeafTest, BoundsItsTexts) {
  AuditLeaf leaf = Example();
  leaf.peer = std::string(kAuditPeerBytesMax, '~');
  leaf.software_version = std::string(kAuditSoftwareBytesMax, ' ');
  EXPECT_THAT(EncodeAuditLeaf(leaf), IsOk());
  leaf.peer += 'x';
  EXPECT_THAT(EncodeAuditLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  leaf = Example();
  leaf.software_version = std::string(kAuditSoftwareBytesMax + 1, 'x');
  EXPECT_THAT(EncodeAuditLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const char* text : {"line\nbreak", "tab\t", "\x7f", "\xd0\x9f"}) {
    leaf = Example();
    leaf.peer = text;
    EXPECT_THAT(EncodeAuditLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
    leaf = Example();
    leaf.software_version = text;
    EXPECT_THAT(EncodeAuditLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  leaf = Example();
  leaf.outcome = static_cast<AuditOutcome>(3);
  EXPECT_THAT(EncodeAuditLeaf(leaf), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace ladon::ledger

// Goal: whoever takes records of the security log away finds every change in them, and is told
// which record it is. Method: a log of forty records; records changed, taken out, exchanged and
// added, with and without their hashes; checkpoints of others; the log cut off or written anew
// behind an earlier checkpoint; every bit of a small file flipped.
#include "ledger/proof/seclog.h"

#include <algorithm>
#include <map>

#include "ledger/proof/extract.h"
#include "ledger/proof/seclog_verifier.h"
#include "tests/ledger/proof/golden.h"
#include "tests/testing/status_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::GoldenBytes;
using ::testing::Contains;
using ::testing::HasSubstr;

SigningKey KeyOf(uint8_t seed, const char* name = "ladon.example/security") {
  std::array<uint8_t, kEd25519Bytes> bytes;
  bytes.fill(seed);
  return *SigningKey::FromSeed(name, bytes);
}

std::string RecordOf(uint64_t index) {
  AuditLeaf leaf;
  leaf.index = index;
  leaf.at_ns = 1'000 + index;
  leaf.event = 102;
  leaf.peer = "ipv4:192.0.2.7:1";
  return *EncodeAuditLeaf(leaf);
}

// A log that can be spoilt, and the file that its keeper makes of it.
struct TestLog {
  std::vector<std::string> records;

  explicit TestLog(uint64_t size = 40) {
    for (uint64_t i = 0; i < size; ++i) records.push_back(RecordOf(i));
  }
  [[nodiscard]] Checkpoint At(uint64_t size) const {
    MerkleTree tree;
    for (uint64_t i = 0; i < size; ++i) tree.Append(records[i]);
    return {.origin = "ladon.example/security", .size = size, .root = tree.Root()};
  }
  [[nodiscard]] std::string Note(uint8_t seed = 1) const {
    const SigningKey key = KeyOf(seed);
    const SigningKey* const keys[] = {&key};
    return *SignNote(FormatCheckpoint(At(records.size())), keys);
  }
  // `shown`: the records that stand in the file; the tree is over `records`.
  [[nodiscard]] std::string File(uint64_t first, uint64_t end, const std::string& note,
                                 const std::vector<std::string>& shown) const {
    ByteWriter out;
    AppendSeclogHead({.first = first, .end = end, .checkpoint = note}, &out);
    for (const std::string& record : shown) AppendSeclogRecord(record, &out);
    MerkleTree tree;
    for (uint64_t at = 0; at < records.size();) {
      if (at >= first && at < end) {
        AppendShown(HashLeaf(records[at++]), &out);
        continue;
      }
      const unsigned height = FoldHeight(at, at < first ? first : records.size());
      MerkleTree subtree;
      for (uint64_t i = at; i < at + (uint64_t{1} << height); ++i) subtree.Append(records[i]);
      AppendFolded(height, subtree.Root(), &out);
      at += uint64_t{1} << height;
    }
    return out.Take();
  }
  [[nodiscard]] std::string File(uint64_t first = 0, uint64_t end = 40) const {
    return File(first, end, Note(),
                std::vector(records.begin() + static_cast<ptrdiff_t>(first),
                            records.begin() + static_cast<ptrdiff_t>(end)));
  }
};

VerifiedSeclog Verify(const std::string& bytes, std::optional<Checkpoint> since = {}) {
  static const VerifierKey keys[] = {KeyOf(1).verifier()};
  return VerifySeclog(bytes, {.keys = keys, .since = std::move(since)});
}

// Every defect as ladon-audit tells it.
std::vector<std::string> Told(const VerifiedSeclog& verified) {
  std::vector<std::string> told;
  for (const SeclogDefect& defect : verified.defects) {
    told.push_back(defect.record ? absl::StrCat("record ", *defect.record, " ", defect.what)
                                 : defect.what);
  }
  return told;
}

TEST(SeclogTest, TheHeadIsAsTheDocumentShowsIt) {
  ByteWriter out;
  AppendSeclogHead({.first = 65'536, .end = 131'072, .checkpoint = {}}, &out);
  EXPECT_EQ(out.view(), GoldenBytes("seclog head"));
  ByteReader in(out.view());
  SeclogHead head;
  EXPECT_THAT(ReadSeclogHead(&in, &head), testing::IsOk());
  EXPECT_EQ(head, (SeclogHead{.first = 65'536, .end = 131'072, .checkpoint = {}}));
}

TEST(SeclogTest, TrueFilesVerify) {
  const TestLog log;
  for (const auto& [first, end] :
       std::vector<std::pair<uint64_t, uint64_t>>{{0, 40}, {0, 1}, {7, 33}, {39, 40}, {40, 40}}) {
    const std::string file = log.File(first, end);
    const VerifiedSeclog verified = Verify(file);
    EXPECT_TRUE(verified.good()) << Told(verified).front();
    EXPECT_EQ(verified.checkpoint, log.At(40));
    if (first < end) {
      EXPECT_EQ(verified.from_ns, 1'000 + first);
      EXPECT_EQ(verified.until_ns, 999 + end);
    }
    std::vector<uint64_t> seen;
    ForEachRecord(file, [&](const AuditLeaf& leaf) { seen.push_back(leaf.index); });
    EXPECT_EQ(seen.size(), end - first);
  }
}

TEST(SeclogTest, AChangedRecordIsNamed) {
  const TestLog log;
  std::vector<std::string> shown = log.records;
  AuditLeaf changed = *DecodeAuditLeaf(shown[17]);
  changed.outcome = AuditOutcome::kRefused;
  shown[17] = *EncodeAuditLeaf(changed);
  EXPECT_THAT(Told(Verify(log.File(0, 40, log.Note(), shown))),
              ::testing::ElementsAre(HasSubstr("record 17 was changed")));
  // Together with its hash the tree is another one.
  TestLog forged;
  forged.records = shown;
  EXPECT_THAT(Told(Verify(forged.File(0, 40, log.Note(), shown))),
              ::testing::ElementsAre(HasSubstr("the tree over them has another root")));
  shown[17] =
      "no record at all, but long enough to be taken for one by a reader in a hurry, as "
      "this text shows to whoever reads it to its very end";
  EXPECT_THAT(Told(Verify(log.File(0, 40, log.Note(), shown))), Contains(HasSubstr("record 17")));
}

TEST(SeclogTest, AMissingRecordIsNamed) {
  const TestLog log;
  std::vector<std::string> shown = log.records;
  shown.erase(shown.begin() + 17);
  // What is not there anymore, a copy of another in its place, and the head told accordingly.
  EXPECT_THAT(Told(Verify(log.File(0, 39, log.Note(), shown))),
              Contains(HasSubstr("record 17 is missing")));
  shown.push_back(shown.back());
  EXPECT_THAT(Told(Verify(log.File(0, 40, log.Note(), shown))),
              Contains(HasSubstr("record 17 is missing")));
  TestLog forged;
  forged.records = shown;
  EXPECT_THAT(Told(Verify(forged.File(0, 40, log.Note(), shown))),
              Contains(HasSubstr("record 17 is missing")));
  shown = log.records;
  shown.erase(shown.begin() + 5, shown.begin() + 9);
  shown.insert(shown.end(), 4, shown.back());
  EXPECT_THAT(Told(Verify(log.File(0, 40, log.Note(), shown))),
              Contains(HasSubstr("record 5 is missing, and those up to 8 with it")));
}

TEST(SeclogTest, ExchangedAndRepeatedRecordsAreNamed) {
  const TestLog log;
  std::vector<std::string> shown = log.records;
  std::swap(shown[17], shown[18]);
  EXPECT_THAT(Told(Verify(log.File(0, 40, log.Note(), shown))),
              Contains(HasSubstr("record 17 is not in its place: it stands behind record 18")));
  shown = log.records;
  shown[18] = shown[17];
  EXPECT_THAT(Told(Verify(log.File(0, 40, log.Note(), shown))),
              Contains(HasSubstr("record 17 is not in its place")));
}

TEST(SeclogTest, RenumberedRecordsAreFoundByTheirHashes) {
  TestLog log;
  std::vector<std::string> shown = log.records;
  shown.erase(shown.begin() + 17);
  for (uint64_t i = 17; i < shown.size(); ++i) {
    AuditLeaf leaf = *DecodeAuditLeaf(shown[i]);
    leaf.index = i;
    shown[i] = *EncodeAuditLeaf(leaf);
  }
  TestLog forged(39);
  forged.records = shown;
  EXPECT_FALSE(Verify(forged.File(0, 39, log.Note(), shown)).good());
  shown.push_back(RecordOf(39));
  EXPECT_THAT(Told(Verify(log.File(0, 40, log.Note(), shown))),
              Contains(HasSubstr("record 17 was changed")));
}

TEST(SeclogTest, AWrongCheckpointIsTold) {
  const TestLog log;
  const auto with = [&](const std::string& note) {
    return Told(Verify(log.File(0, 40, note, log.records))).front();
  };
  EXPECT_THAT(with(log.Note(2)), HasSubstr("key"));
  EXPECT_FALSE(with("no note").empty());
  EXPECT_THAT(with(TestLog(39).Note()), HasSubstr("it ends behind its checkpoint"));
  // Signed, and of another log of the same keeper's.
  TestLog other;
  other.records[3] = RecordOf(4);
  EXPECT_THAT(with(other.Note()), HasSubstr("another root"));
}

TEST(SeclogTest, AnEarlierCheckpointIsContinuedOrTheFileIsRefused) {
  const TestLog log;
  for (const uint64_t size : {0, 1, 7, 31, 39, 40}) {
    EXPECT_TRUE(Verify(log.File(), log.At(size)).good()) << size;
    EXPECT_TRUE(Verify(log.File(size, 40), log.At(size)).good()) << size;
  }
  EXPECT_THAT(Told(Verify(log.File(), TestLog(45).At(45))),
              ::testing::ElementsAre(
                  HasSubstr("the log has 40 records and had 45 at the earlier checkpoint: the last "
                            "5 were cut off")));
  TestLog anew;
  anew.records[3] = RecordOf(5);
  EXPECT_THAT(Told(Verify(log.File(), anew.At(20))),
              ::testing::ElementsAre(
                  HasSubstr("the first 20 records are not those of the earlier checkpoint")));
  EXPECT_THAT(Told(Verify(log.File(20, 40), log.At(10))),
              ::testing::ElementsAre(HasSubstr("export from record 10 on")));
  EXPECT_THAT(Told(Verify(log.File(5, 20), log.At(30))),
              ::testing::ElementsAre(HasSubstr("export to record 30 or beyond")));
  Checkpoint other = log.At(10);
  other.origin = "ladon.example/security/2";
  EXPECT_THAT(Told(Verify(log.File(), other)), ::testing::ElementsAre(HasSubstr("of another log")));
}

TEST(SeclogTest, EveryCutAndEveryFlippedBitIsFound) {
  const TestLog log(5);
  const std::string whole = log.File(1, 4);
  ASSERT_TRUE(Verify(whole).good());
  for (size_t at = 0; at < whole.size(); ++at) {
    EXPECT_FALSE(Verify(whole.substr(0, at)).good()) << at;
    for (int bit = 0; bit < 8; ++bit) {
      std::string spoilt = whole;
      spoilt[at] = static_cast<char>(spoilt[at] ^ (1 << bit));
      EXPECT_FALSE(Verify(spoilt).good()) << at << " " << bit;
    }
  }
  EXPECT_FALSE(Verify(whole + "x").good());
}

TEST(SeclogTest, CountsTheDefectsThatItDoesNotTell) {
  const TestLog log;
  std::vector<std::string> shown = log.records;
  std::reverse(shown.begin(), shown.end());
  const VerifiedSeclog verified = Verify(log.File(0, 40, log.Note(), shown));
  EXPECT_EQ(verified.defects.size(), 20);
  EXPECT_GT(verified.defect_count, 20);
}

}  // namespace
}  // namespace ladon::ledger

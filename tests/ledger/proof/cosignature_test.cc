// Goal: what a witness is sent and what it answers, in the forms that other witnesses know. Method:
// there and back; a cosignature that Ed25519 makes of the text the specification writes down; every
// byte changed; requests that are none.
#include "ledger/proof/cosignature.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/status_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

constexpr char kText[] = "ladon.example/test\n5\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n";

SigningKey Witness() {
  std::array<uint8_t, kEd25519Bytes> seed;
  seed.fill(8);
  return *SigningKey::FromSeed("witness.example", seed, KeyType::kCosignature);
}

TEST(CosignatureTest, SignsTimeAndCheckpoint) {
  const SigningKey key = Witness();
  const std::string note = absl::StrCat(kText, "\n", Cosign(key, kText, 1'790'000'000));
  const auto parsed = ParseNote(note);
  ASSERT_THAT(parsed, IsOk());
  ASSERT_EQ(parsed->unverified.size(), 1U);
  const NoteSignature& signature = parsed->unverified[0];
  EXPECT_EQ(signature.name, "witness.example");
  EXPECT_EQ(signature.key_id, key.verifier().id);
  EXPECT_EQ(signature.signature.size(), 72U);
  const auto at = VerifyCosignature(key.verifier(), kText, signature.signature);
  ASSERT_THAT(at, IsOk());
  EXPECT_EQ(*at, 1'790'000'000U);
  // What C2SP tlog-cosignature has a witness sign.
  EXPECT_TRUE(VerifyEd25519(key.verifier().key,
                            absl::StrCat("cosignature/v1\ntime 1790000000\n", kText),
                            signature.signature.substr(8)));
  for (size_t i = 0; i < signature.signature.size(); ++i) {
    std::string changed = signature.signature;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(VerifyCosignature(key.verifier(), kText, changed).ok()) << i;
  }
  EXPECT_FALSE(VerifyCosignature(key.verifier(), "another text\n", signature.signature).ok());
}

TEST(CosignatureTest, AKeyOfTheOtherTypeIsAnotherKey) {
  std::array<uint8_t, kEd25519Bytes> seed;
  seed.fill(8);
  const SigningKey log = *SigningKey::FromSeed("witness.example", seed);
  EXPECT_EQ(log.verifier().key, Witness().verifier().key);
  EXPECT_NE(log.verifier().id, Witness().verifier().id);
  EXPECT_THAT(VerifyCosignature(log.verifier(), kText, std::string(72, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CosignatureTest, GrowthThereAndBack) {
  Growth growth = {.old_size = 3, .proof = std::vector<Digest>(2), .checkpoint = kText};
  growth.proof[1].bytes.fill(7);
  const auto parsed = ParseGrowth(FormatGrowth(growth));
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->old_size, 3U);
  EXPECT_EQ(parsed->proof, growth.proof);
  EXPECT_EQ(parsed->checkpoint, kText);
  EXPECT_EQ(FormatGrowth({.old_size = 0, .proof = {}, .checkpoint = "x"}), "old 0\n\nx");
}

TEST(CosignatureTest, RefusesWhatIsNoGrowth) {
  for (const char* text : {"", "old 3", "old 3\n", "old 03\n\nx", "old -3\n\nx", "new 3\n\nx",
                           "old 3\nnot a hash\n\nx", "old 3\nAAAA\n\nx", "old 3 \n\nx"}) {
    EXPECT_THAT(ParseGrowth(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
  std::string many = "old 3\n";
  for (int i = 0; i < 64; ++i) many += "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n";
  EXPECT_THAT(ParseGrowth(many + "\nx"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace ladon::ledger

// Goal: a restored journal passes only when it goes on from what was signed for it; what was signed
// later is told. Method: journals that grow from the same beginning, from another one, or stop
// short.
#include "ledger/restored.h"

#include <array>
#include <fstream>

#include "ledger/proof/checkpoint.h"
#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::Pay;
using ::ladon::testing::StatusIs;
using ::ladon::testing::SubmissionOf;
using ::ladon::testing::TempDir;
using ::ladon::testing::TestLedger;
using ::ladon::testing::TransferOf;

SigningKey KeyOf(uint8_t number) {
  std::array<uint8_t, kEd25519Bytes> seed{};
  seed.fill(number);
  return *SigningKey::FromSeed("ladon/test", seed);
}

class RestoredTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(ledger_.Open(), IsOk());
    ledger_.OpenAccounts(1, 3);
    Debit(&ledger_, 10);
  }

  static void Debit(TestLedger* ledger, uint64_t number) {
    EXPECT_EQ(ledger->Do(SubmissionOf(number, Pay({TransferOf(1, 2, 5)}))).code, ResultCode::kOk);
  }
  // A note over all of `ledger`, or over as many entries as its root is told to be of.
  std::string Sign(const Checkpoint& checkpoint) {
    const SigningKey* const keys[] = {&key_};
    return *SignNote(FormatCheckpoint(checkpoint), keys);
  }
  std::string SignHead(TestLedger& ledger) {
    const auto [size, root] = ledger.sequencer().Head();
    return Sign({.origin = "ladon/test", .size = size, .root = root});
  }
  void Keep(const std::string& note) { std::ofstream(path_) << note; }
  absl::StatusOr<RestoredProof> Prove(const std::string& note) {
    const VerifierKey verifiers[] = {KeyOf(9).verifier(), key_.verifier()};
    return ProveRestored(ledger_.sequencer(), note, verifiers, path_);
  }

  const SigningKey key_ = KeyOf(1);
  TempDir dir_;
  const std::string path_ = dir_.Sub("checkpoint");
  TestLedger ledger_;
};

TEST_F(RestoredTest, GoesOnFromWhatWasSigned) {
  const std::string note = SignHead(ledger_);
  const uint64_t promised = ledger_.sequencer().Head().first;
  Debit(&ledger_, 11);
  ASSERT_OK_AND_ASSIGN(const RestoredProof proof, Prove(note));
  EXPECT_EQ(proof.promised, promised);
  EXPECT_EQ(proof.entries, promised + 1);
  EXPECT_EQ(proof.signed_last, std::nullopt);
  Keep(SignHead(ledger_));
  EXPECT_EQ(Prove(note)->signed_last, promised + 1);
  Keep(Sign({.origin = "ladon/test", .size = promised + 7, .root = {}}));
  EXPECT_EQ(Prove(note)->signed_last, promised + 7) << "more than there is: lost";
}

TEST_F(RestoredTest, AnotherOrShorterJournalIsRefused) {
  const auto [size, root] = ledger_.sequencer().Head();
  EXPECT_THAT(Prove(Sign({.origin = "ladon/test", .size = size + 1, .root = root})).status(),
              StatusIs(absl::StatusCode::kDataLoss));
  TestLedger other(2);
  ASSERT_THAT(other.Open(), IsOk());
  other.OpenAccounts(1, 3);
  Debit(&other, 20);
  ASSERT_EQ(other.sequencer().Head().first, size);
  EXPECT_THAT(Prove(SignHead(other)).status(), StatusIs(absl::StatusCode::kDataLoss));
  Keep(SignHead(other));
  EXPECT_THAT(Prove(SignHead(ledger_)).status(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RestoredTest, OnlyOurKeysCount) {
  const SigningKey foreign = KeyOf(2);
  const SigningKey* const keys[] = {&foreign};
  const auto [size, root] = ledger_.sequencer().Head();
  const std::string note =
      *SignNote(FormatCheckpoint({.origin = "ladon/test", .size = size, .root = root}), keys);
  EXPECT_THAT(Prove(note).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Prove("").status(), StatusIs(absl::StatusCode::kInvalidArgument));
  Keep(note);  // Of another log: the start tells more about it than we can.
  EXPECT_EQ(Prove(SignHead(ledger_))->signed_last, std::nullopt);
}

}  // namespace
}  // namespace ladon::ledger

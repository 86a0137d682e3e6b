// Goal: notes of ours open elsewhere, and those of others here; no false one does. Method: the
// public vectors (C2SP signed-note, golang.org/x/mod sumdb/note, Tessera's test log), every byte of
// a note changed, removed and doubled, keys cut at every place.
#include "ledger/proof/note.h"

#include <array>
#include <numeric>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ledger/proof/checkpoint.h"

namespace ladon::ledger {
namespace {

constexpr char kPeterKey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr char kPeterSecret[] =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr char kEnochKey[] = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
constexpr char kText[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr char kPeterLine[] =
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6K"
    "E6RyyBwJnAM=\n";
constexpr char kEnochLine[] =
    "— EnochRoot "
    "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1"
    "RvMc+QQ=\n";

VerifierKey Key(std::string_view vkey) {
  absl::StatusOr<VerifierKey> key = ParseVerifierKey(vkey);
  EXPECT_TRUE(key.ok()) << key.status();
  return key.value_or(VerifierKey{});
}

SigningKey Secret(std::string_view skey) {
  absl::StatusOr<SigningKey> key = SigningKey::Parse(skey);
  EXPECT_TRUE(key.ok()) << key.status();
  return *std::move(key);
}

std::string Signed(std::string_view text, const SigningKey& key) {
  const SigningKey* const keys[] = {&key};
  return SignNote(text, keys).value_or("");
}

TEST(NoteTest, SignsThePublicVectorByteForByte) {
  EXPECT_EQ(Signed(kText, Secret(kPeterSecret)), absl::StrCat(kText, "\n", kPeterLine));
  EXPECT_EQ(FormatVerifierKey(Secret(kPeterSecret).verifier()), kPeterKey);
}

TEST(NoteTest, OpensTheExampleOfTheSpecification) {
  const std::string note =
      "This is an example message.\n\n"
      "— example.com/foo "
      "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuw"
      "HjG1Yu72IneyaQM=\n";
  const VerifierKey keys[] = {
      Key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")};
  const absl::StatusOr<Note> opened = OpenNote(note, keys);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->text, "This is an example message.\n");
}

TEST(NoteTest, SignsACheckpointOfTesserasTestLogByteForByte) {
  const std::string text =
      "example.com/log/testdata\n8\nbC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=\n";
  const std::string line =
      "— example.com/log/testdata "
      "M9e0lq1EK37dHtgv9O3UzPxisw5vwIPcJsX9ab0xt4mvVfbdUR1fbMjN6sBFYpBoBEmD4+cWhj/AVgI5MitCO5+mews="
      "\n";
  const SigningKey key = Secret(
      "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg");
  EXPECT_EQ(FormatVerifierKey(key.verifier()),
            "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  EXPECT_EQ(Signed(text, key), absl::StrCat(text, "\n", line));
}

TEST(NoteTest, KeyOfAKnownSeed) {
  std::array<uint8_t, kEd25519Bytes> seed;
  std::iota(seed.begin(), seed.end(), uint8_t{0});
  const auto key = SigningKey::FromSeed("ledger.example/school-1", seed);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(FormatVerifierKey(key->verifier()),
            "ledger.example/school-1+1b459f69+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
}

TEST(NoteTest, KnownAndUnknownSignaturesAreToldApart) {
  const std::string note = absl::StrCat(kText, "\n", kPeterLine, kEnochLine);
  const VerifierKey both[] = {Key(kPeterKey), Key(kEnochKey)};
  absl::StatusOr<Note> opened = OpenNote(note, both);
  ASSERT_TRUE(opened.ok()) << opened.status();
  ASSERT_EQ(opened->verified.size(), 2U);
  EXPECT_EQ(opened->verified[1].name, "EnochRoot");
  EXPECT_EQ(opened->verified[1].key_id, 0xaf0cfe78U);
  EXPECT_TRUE(opened->unverified.empty());

  const VerifierKey peter[] = {Key(kPeterKey)};
  opened = OpenNote(note, peter);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->verified.size(), 1U);
  EXPECT_EQ(opened->unverified.size(), 1U);
  EXPECT_EQ(OpenNote(note, {}).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST(NoteTest, OneFalseSignatureOfAKnownKeyRefusesTheNote) {
  const std::string line(kEnochLine);
  const std::string false_line = line.substr(0, 60) + "ABCD" + line.substr(60);
  const VerifierKey both[] = {Key(kPeterKey), Key(kEnochKey)};
  EXPECT_EQ(OpenNote(absl::StrCat(kText, "\n", kPeterLine, false_line), both).status().code(),
            absl::StatusCode::kUnauthenticated);
  const VerifierKey peter[] = {Key(kPeterKey)};
  EXPECT_TRUE(OpenNote(absl::StrCat(kText, "\n", kPeterLine, false_line), peter).ok())
      << "of an unknown key it is nothing";
}

TEST(NoteTest, TheSameKeyTwiceIsAmbiguousOnlyWhereItSigned) {
  const VerifierKey keys[] = {Key(kEnochKey), Key(kPeterKey), Key(kEnochKey)};
  EXPECT_EQ(OpenNote(absl::StrCat(kText, "\n", kEnochLine), keys).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(OpenNote(absl::StrCat(kText, "\n", kPeterLine), keys).ok());
}

TEST(NoteTest, RepeatedSignaturesCountOnceAndHaveALimit) {
  const VerifierKey keys[] = {Key(kPeterKey)};
  std::string note = absl::StrCat(kText, "\n");
  for (size_t i = 0; i < kNoteSignaturesMax; ++i) note += kPeterLine;
  const absl::StatusOr<Note> opened = OpenNote(note, keys);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->verified.size(), 1U);
  EXPECT_EQ(OpenNote(note + kPeterLine, keys).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(NoteTest, RefusesWhatIsNoNote) {
  const std::string text(kText);
  const std::string line(kPeterLine);
  const VerifierKey keys[] = {Key(kPeterKey)};
  const std::string notes[] = {
      "",
      "\n",
      "\n\n",
      text,
      text + "\n",
      text + line,
      text + "\n" + line.substr(0, line.size() - 1),
      "\x01" + text + "\n" + line,
      "\xff" + text + "\n" + line,
      "\xed\xa0\x80" + text + "\n" + line,  // A surrogate.
      "\xc0\xaf" + text + "\n" + line,      // An overlong slash.
      text +
          "\n— Bad Name x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
          "pRZb6KE6RyyBwJnAM=\n",
      text + "\n" + line + "Unexpected line.\n",
      text + "\n- PeterNeumann x08go/ZJ\n",
      text + "\n— PeterNeumann \n",
      text + "\n— PeterNeumann x08gow==\n",  // A key id and nothing else.
      text + "\n—  x08go/ZJ\n",
      text + "\r\n" + line,
      std::string(kNoteBytesMax, 'a') + "\n\n" + line,
  };
  for (const std::string& note : notes) {
    EXPECT_EQ(OpenNote(note, keys).status().code(), absl::StatusCode::kInvalidArgument)
        << note.substr(0, 200);
  }
}

TEST(NoteTest, NoByteCanBeChangedRemovedOrDoubled) {
  const std::string note = absl::StrCat(kText, "\n", kPeterLine);
  const VerifierKey keys[] = {Key(kPeterKey)};
  for (size_t i = 0; i < note.size(); ++i) {
    for (const int flip : {1, 0x20, 0x80}) {
      std::string changed = note;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      EXPECT_FALSE(OpenNote(changed, keys).ok()) << i;
    }
    std::string removed = note;
    removed.erase(i, 1);
    EXPECT_FALSE(OpenNote(removed, keys).ok()) << i;
    std::string doubled = note;
    doubled.insert(i, 1, note[i]);
    EXPECT_FALSE(OpenNote(doubled, keys).ok()) << i;
  }
}

TEST(NoteTest, EmptyLinesInsideTheText) {
  const SigningKey key = Secret(kPeterSecret);
  const std::string text = "first\n\n\nsecond\n";
  const VerifierKey keys[] = {key.verifier()};
  const absl::StatusOr<Note> opened = OpenNote(Signed(text, key), keys);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->text, text);
}

TEST(NoteTest, SignsNoTextThatIsNone) {
  const SigningKey key = Secret(kPeterSecret);
  const SigningKey* const keys[] = {&key};
  for (const char* text : {"", "abc", "a\x07\n", "\xff\n", "a\tb\n"}) {
    EXPECT_EQ(SignNote(text, keys).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(NoteTest, RefusesKeysThatAreNone) {
  const std::string vkey(kPeterKey);
  const std::string skey(kPeterSecret);
  for (const std::string& whole : {vkey, skey}) {
    const auto parses = [](const std::string& key) {
      return ParseVerifierKey(key).ok() || SigningKey::Parse(key).ok();
    };
    ASSERT_TRUE(parses(whole));
    for (size_t from = 0; from <= whole.size(); ++from) {
      for (size_t to = from; to <= whole.size(); ++to) {
        if (from == 0 && to == whole.size()) continue;
        // The name is the one part that nothing but the id vouches for.
        EXPECT_FALSE(parses(whole.substr(from, to - from))) << whole.substr(from, to - from);
      }
    }
    for (size_t i = 0; i < whole.size(); ++i) {
      std::string changed = whole;
      ++changed[i];
      EXPECT_FALSE(parses(changed)) << changed;
    }
  }
  // A key of another length, and of an unknown type, each with the id that fits.
  EXPECT_FALSE(
      ParseVerifierKey("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==")
          .ok());
  EXPECT_FALSE(
      ParseVerifierKey("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").ok());
  EXPECT_FALSE(MakeVerifierKey("a+b", KeyType::kEd25519, Key(vkey).key).ok());
  EXPECT_FALSE(MakeVerifierKey("", KeyType::kEd25519, Key(vkey).key).ok());
  EXPECT_FALSE(MakeVerifierKey("a b", KeyType::kEd25519, Key(vkey).key).ok());
}

TEST(NoteTest, SmallOrderKeysSignNothing) {
  // The neutral element as a key accepts a signature made of itself and zero for any message, in
  // verifiers that do not look.
  std::array<uint8_t, kEd25519Bytes> neutral = {1};
  std::string signature(64, '\0');
  signature[0] = 1;
  EXPECT_FALSE(VerifyEd25519(neutral, "anything", signature));
}

TEST(CheckpointTest, ThereAndBack) {
  Checkpoint checkpoint = {.origin = "ladon.example/school", .size = 12345, .root = {}};
  checkpoint.root.bytes.fill(9);
  const auto parsed = ParseCheckpoint(FormatCheckpoint(checkpoint));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, checkpoint);
  EXPECT_EQ(*ParseCheckpoint(FormatCheckpoint(checkpoint) + "extension\n"), checkpoint);
}

TEST(CheckpointTest, RefusesWhatIsNone) {
  const std::string root = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
  for (const std::string& text :
       {std::string(), std::string("a\n"), std::string("a\n1\n"), "\n1\n" + root + "\n",
        "a\n01\n" + root + "\n", "a\n-1\n" + root + "\n", "a\n+1\n" + root + "\n",
        "a\n1 \n" + root + "\n", "a\n18446744073709551616\n" + root + "\n", "a\n\n" + root + "\n",
        "a\n1\n" + root, "a\n1\n" + root.substr(4) + "\n", "a\n1\n" + root + "=\n",
        "a\n1\n" + root + "\n\n", "a\n1\n" + root + "\nextension"}) {
    EXPECT_EQ(ParseCheckpoint(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(CheckpointTest, OnlyTheLogItselfSpeaksForIt) {
  const SigningKey key = Secret(kPeterSecret);
  const VerifierKey keys[] = {key.verifier()};
  const std::string root = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n";
  EXPECT_TRUE(OpenCheckpoint(Signed("PeterNeumann\n1\n" + root, key), keys).ok());
  EXPECT_EQ(OpenCheckpoint(Signed("EnochRoot\n1\n" + root, key), keys).status().code(),
            absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace ladon::ledger

// Goal: records come back as they were, and anything that Encode() does not make is refused.
// Method: full records round trip; every shorter and longer string, version and enumeration fails.
#include "server/vault/records.h"

#include <functional>
#include <string>
#include <vector>

#include "tests/testing/status_testing.h"

namespace ladon::vault {
namespace {

using ::ladon::testing::StatusIs;

template <class Id>
Id Filled(uint8_t value) {
  Id id;
  id.bytes.fill(value);
  return id;
}

SubjectRecord FullSubject() {
  return {.kind = SubjectKind::kPupil,
          .state = SubjectState::kBlocked,
          .family_name = "Петров",
          .given_name = "Иван",
          .class_name = "5А",
          .external_id = "K-17",
          .purses = {{1, Filled<base::AccountId>(1)}, {3, Filled<base::AccountId>(3)}},
          .birth_day = 2015'04'30,
          .left_on = 2026'05'31,
          .payment_account = 405'217'938'861};
}

PalmRecord FullPalm() {
  return {.side = 2, .quality = 91, .sensor = Filled<base::SensorId>(4), .code = "template"};
}

CardRecord FullCard() {
  CardRecord card{.id = Filled<base::CardId>(5),
                  .state = CardState::kTemporary,
                  .valid_until = 2026'09'30,
                  .tail = 0x7F};
  card.hash.fill(6);
  card.canonical = "\x01\x04uid4";
  return card;
}

ConsentRecord FullConsent() {
  ConsentRecord consent{.id = Filled<base::ConsentId>(7),
                        .kind = ConsentKind::kBiometric,
                        .signer = 3,
                        .form = 2,
                        .recorded_by = Filled<base::ActorId>(8),
                        .valid_from = 2026'09'01,
                        .valid_until = 2030'05'31,
                        .recorded_at_ns = 11,
                        .withdrawn_at_ns = 12};
  consent.document.fill(9);
  consent.authority_document.fill(10);
  consent.purposes = 3;
  consent.processor = "ООО «Питание»";
  return consent;
}

TEST(RecordsTest, SubjectsRoundTrip) {
  const SubjectRecord want = FullSubject();
  ASSERT_OK_AND_ASSIGN(const SubjectRecord got, DecodeSubject(Encode(want)));
  EXPECT_EQ(got.kind, want.kind);
  EXPECT_EQ(got.state, want.state);
  EXPECT_EQ(got.family_name, want.family_name);
  EXPECT_EQ(got.given_name, want.given_name);
  EXPECT_EQ(got.class_name, want.class_name);
  EXPECT_EQ(got.external_id, want.external_id);
  EXPECT_EQ(got.payment_account, want.payment_account);
  EXPECT_EQ(got.purses, want.purses);
  EXPECT_EQ(got.birth_day, want.birth_day);
  EXPECT_EQ(got.left_on, want.left_on);
}

TEST(RecordsTest, PinsRoundTrip) {
  PinRecord want{.failures = 2, .locked_until_ns = 5, .set_by = Filled<base::ActorId>(3)};
  want.salt.fill(1);
  want.hash.fill(2);
  ASSERT_OK_AND_ASSIGN(const PinRecord got, DecodePin(Encode(want)));
  EXPECT_EQ(got.salt, want.salt);
  EXPECT_EQ(got.hash, want.hash);
  EXPECT_EQ(got.failures, want.failures);
  EXPECT_EQ(got.locked_until_ns, want.locked_until_ns);
  EXPECT_EQ(got.set_by, want.set_by);
}

// What version 2 wrote: without the payment account.
TEST(RecordsTest, TheSecondVersionIsRead) {
  std::string bytes = Encode(FullSubject());
  bytes[0] = 2;
  bytes.resize(bytes.size() - 8);
  ASSERT_OK_AND_ASSIGN(const SubjectRecord subject, DecodeSubject(bytes));
  EXPECT_EQ(subject.birth_day, FullSubject().birth_day);
  EXPECT_EQ(subject.payment_account, 0);
}

// What version 1 wrote: without the last fields.
TEST(RecordsTest, TheFirstVersionIsRead) {
  const auto first = [](std::string bytes, size_t later) {
    bytes[0] = 1;
    return bytes.substr(0, bytes.size() - later);
  };
  ASSERT_OK_AND_ASSIGN(const SubjectRecord subject,
                       DecodeSubject(first(Encode(FullSubject()), 16)));
  EXPECT_EQ(subject.purses, FullSubject().purses);
  EXPECT_EQ(subject.birth_day, 0);
  ASSERT_OK_AND_ASSIGN(const CardRecord card,
                       DecodeCard(first(Encode(FullCard()), 2 + FullCard().canonical.size())));
  EXPECT_EQ(card.hash, FullCard().hash);
  EXPECT_EQ(card.canonical, "");
  ASSERT_OK_AND_ASSIGN(
      const ConsentRecord consent,
      DecodeConsent(first(Encode(FullConsent()), 32 + 2 + 2 + FullConsent().processor.size())));
  EXPECT_EQ(consent.withdrawn_at_ns, FullConsent().withdrawn_at_ns);
  EXPECT_EQ(consent.purposes, 0);
  EXPECT_THAT(DecodePin(first(Encode(PinRecord{}), 0)), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RecordsTest, PalmsRoundTrip) {
  const PalmRecord want = FullPalm();
  ASSERT_OK_AND_ASSIGN(const PalmRecord got, DecodePalm(Encode(want)));
  EXPECT_EQ(got.side, want.side);
  EXPECT_EQ(got.quality, want.quality);
  EXPECT_EQ(got.sensor, want.sensor);
  EXPECT_EQ(got.code, want.code);
}

TEST(RecordsTest, CardsRoundTrip) {
  const CardRecord want = FullCard();
  ASSERT_OK_AND_ASSIGN(const CardRecord got, DecodeCard(Encode(want)));
  EXPECT_EQ(got.id, want.id);
  EXPECT_EQ(got.state, want.state);
  EXPECT_EQ(got.valid_until, want.valid_until);
  EXPECT_EQ(got.tail, want.tail);
  EXPECT_EQ(got.hash, want.hash);
}

TEST(RecordsTest, ConsentsRoundTrip) {
  const ConsentRecord want = FullConsent();
  ASSERT_OK_AND_ASSIGN(const ConsentRecord got, DecodeConsent(Encode(want)));
  EXPECT_EQ(got.id, want.id);
  EXPECT_EQ(got.kind, want.kind);
  EXPECT_EQ(got.signer, want.signer);
  EXPECT_EQ(got.form, want.form);
  EXPECT_EQ(got.document, want.document);
  EXPECT_EQ(got.recorded_by, want.recorded_by);
  EXPECT_EQ(got.valid_from, want.valid_from);
  EXPECT_EQ(got.valid_until, want.valid_until);
  EXPECT_EQ(got.recorded_at_ns, want.recorded_at_ns);
  EXPECT_EQ(got.withdrawn_at_ns, want.withdrawn_at_ns);
}

TEST(RecordsTest, EveryOtherStringIsDataLoss) {
  const struct {
    std::string bytes;
    std::function<absl::Status(std::string_view)> decode;
    std::vector<size_t> enumerations;  // Offsets of bytes that only take a few values.
  } table[] = {
      {Encode(FullSubject()), [](auto b) { return DecodeSubject(b).status(); }, {1, 2}},
      {Encode(FullPalm()), [](auto b) { return DecodePalm(b).status(); }, {}},
      {Encode(FullCard()), [](auto b) { return DecodeCard(b).status(); }, {17}},
      {Encode(FullConsent()), [](auto b) { return DecodeConsent(b).status(); }, {17}},
  };
  for (const auto& row : table) {
    ASSERT_TRUE(row.decode(row.bytes).ok());
    for (size_t size = 0; size < row.bytes.size(); ++size) {
      EXPECT_THAT(row.decode(row.bytes.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss))
          << size;
    }
    EXPECT_THAT(row.decode(row.bytes + "x"), StatusIs(absl::StatusCode::kDataLoss));
    std::string newer = row.bytes;
    newer[0] = kRecordVersion + 1;
    EXPECT_THAT(row.decode(newer), StatusIs(absl::StatusCode::kDataLoss));
    for (const size_t at : row.enumerations) {
      for (const char value : {'\0', '\x05', '\xFF'}) {
        std::string odd = row.bytes;
        odd[at] = value;
        EXPECT_THAT(row.decode(odd), StatusIs(absl::StatusCode::kDataLoss)) << at;
      }
    }
  }
}

TEST(RecordsTest, LimitsAreRefusedOneBeyond) {
  SubjectRecord subject = FullSubject();
  subject.purses.clear();
  for (uint8_t i = 0; i < kPursesMax; ++i) subject.purses.emplace_back(i, base::AccountId{});
  EXPECT_TRUE(DecodeSubject(Encode(subject)).ok());
  subject.purses.emplace_back(99, base::AccountId{});
  EXPECT_THAT(DecodeSubject(Encode(subject)), StatusIs(absl::StatusCode::kDataLoss));

  PalmRecord palm = FullPalm();
  palm.code.assign(kTemplateBytesMax, 'x');
  EXPECT_TRUE(DecodePalm(Encode(palm)).ok());
  palm.code.push_back('x');
  EXPECT_THAT(DecodePalm(Encode(palm)), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RecordsTest, ATillSeesNoMoreThanItMay) {
  EXPECT_EQ(FullSubject().DisplayName(), "Иван П., 5А");
  SubjectRecord staff = FullSubject();
  staff.class_name.clear();
  EXPECT_EQ(staff.DisplayName(), "Иван П.");
}

TEST(RecordsTest, FirstCharactersNeverCutsOneInTwo) {
  EXPECT_EQ(FirstCharacters("Ёлка", 1), "Ё");
  EXPECT_EQ(FirstCharacters("aЁ漢𝄞b", 4), "aЁ漢𝄞");
  EXPECT_EQ(FirstCharacters("ab", 5), "ab");
  EXPECT_EQ(FirstCharacters("ab", 0), "");
  EXPECT_EQ(FirstCharacters("", 1), "");
}

TEST(RecordsTest, ATemporaryCardExpiresTheDayAfterItsLast) {
  CardRecord card = FullCard();
  EXPECT_EQ(card.StateOn(2026'09'30), CardState::kTemporary);
  EXPECT_EQ(card.StateOn(2026'10'01), CardState::kExpired);
  card.state = CardState::kLost;
  EXPECT_EQ(card.StateOn(2026'10'01), CardState::kLost);
  card.state = CardState::kActive;
  EXPECT_EQ(card.StateOn(2026'10'01), CardState::kActive);
}

TEST(RecordsTest, AConsentHoldsFromItsFirstDayToItsLast) {
  ConsentRecord consent = FullConsent();
  EXPECT_FALSE(consent.ValidOn(2026'09'01)) << "withdrawn";
  consent.withdrawn_at_ns = 0;
  EXPECT_FALSE(consent.ValidOn(2026'08'31));
  EXPECT_TRUE(consent.ValidOn(2026'09'01));
  EXPECT_TRUE(consent.ValidOn(2030'05'31));
  EXPECT_FALSE(consent.ValidOn(2030'06'01));
}

}  // namespace
}  // namespace ladon::vault

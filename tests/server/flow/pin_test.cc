// Goal: a PIN confirms the child it belongs to and nobody else, wrong ones lock it for as long as
// they should, nothing wins a try, and its slow hash holds nobody else up.
// Method: sales with right and wrong PINs in a real house under a clock that stands until a test
// moves it; attempts at once, across restarts and power cuts; the stored hash computed anew.
#include "server/flow/pin.h"

#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>

#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

constexpr int64_t kStart = 1'000'000;
constexpr char kPin[] = "4821";
constexpr char kWrong[] = "4822";

TEST(PinWeaknessTest, RunsRepetitionsAndBirthDatesAreWeak) {
  for (const char* pin : {"1234", "0123", "7890", "8901", "4321", "3210", "0987", "12345678",
                          "0000", "777777", "1212", "123123", "48214821"}) {
    EXPECT_NE(PinWeakness(pin, 0), "") << pin;
  }
  for (const char* pin : {"4821", "1235", "1233", "12121", "0001", "13579", "90210", "14032015"}) {
    EXPECT_EQ(PinWeakness(pin, 0), "") << pin;
  }
  for (const char* pin : {"1403", "0314", "2015", "140315", "150314", "031415", "032015", "201503",
                          "14032015", "20150314"}) {
    EXPECT_NE(PinWeakness(pin, 2015'03'14), "") << pin;
  }
  EXPECT_EQ(PinWeakness("1503", 2015'03'14), "");
  EXPECT_EQ(PinWeakness("1403", 0), "");
}

TEST(PinWeaknessTest, APinIsFourToEightDigits) {
  for (const char* pin : {"", "482", "482148219", "48 21", "48a1", "-4821", "٤٨٢١"}) {
    EXPECT_FALSE(IsPin(pin)) << pin;
    EXPECT_NE(PinWeakness(pin, 0), "") << pin;
  }
  EXPECT_FALSE(IsPin(std::string_view("48\0001", 5)));
  EXPECT_TRUE(IsPin("4821"));
  EXPECT_TRUE(IsPin("48215930"));
}

class PinTest : public ::testing::Test {
 protected:
  PinTest() {
    world_.GiveCard(school_, pupil_.id, card_);
    world_.GivePin(school_, pupil_.id, kPin);
  }

  absl::StatusOr<uint64_t> Set(const base::SubjectId& subject, const std::string& pin,
                               const std::optional<base::RequestId>& id = std::nullopt) {
    return world_.Call<uint64_t>(world_.Desk(school_.school.id), "EnrolmentService/SetPin",
                                 [&](const access::Caller& c, auto done) {
                                   SetPin(world_.house(), c,
                                          world_.RequestOf(c, id ? *id : world_.FreshId(), pin),
                                          subject, pin, std::move(done));
                                 });
  }
  DebitInput Sale(const std::string& pin) {
    DebitInput input = world_.SaleOf(school_, PayMeans(card_), {LineOf(kBun)});
    input.pin = pin;
    input.repeat_confirmed = true;
    return input;
  }
  // What becomes of a sale by card with `pin`; refused ones move nothing.
  Reason Pay(const std::string& pin) {
    const int64_t before = world_.Balance(purse_);
    const Reason reason = ReasonOf(world_.Debit(world_.Till(school_), Sale(pin)));
    EXPECT_EQ(world_.Balance(purse_), before - (reason == Reason::kNone ? kBunKopecks : 0));
    return reason;
  }
  void FailTimes(int times) {
    for (int i = 0; i < times; ++i) ASSERT_EQ(Pay(kWrong), Reason::kPinWrong) << i;
  }
  vault::PinRecord Stored(const base::SubjectId& subject) {
    const auto record =
        world_.vault().ReadPin(world_.store(), {.school = school_.school.id, .subject = subject});
    EXPECT_THAT(record, IsOk());
    EXPECT_TRUE(record->has_value());
    return record->value_or(vault::PinRecord{});
  }

  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
  SubjectView pupil_ = world_.MakePupil(school_, kStart);
  base::AccountId purse_ = pupil_.record.purses[0].second;
  vault::CardNumber card_ = CardOf(1);
};

TEST_F(PinTest, TheStoredHashIsArgon2idUnderThePepperOfTheSchool) {
  const vault::PinRecord record = Stored(pupil_.id);
  ASSERT_OK_AND_ASSIGN(
      const base::SecretKey pepper,
      world_.vault().SchoolKey(school_.school.id, vault::Purpose::kSchoolPinPepper));
  std::array<uint8_t, 32> peppered{};
  ASSERT_EQ(
      crypto_generichash(peppered.data(), peppered.size(), reinterpret_cast<const uint8_t*>(kPin),
                         4, pepper.RevealForCrypto().data(), 32),
      0);
  std::array<uint8_t, 32> hash{};
  ASSERT_EQ(crypto_pwhash(hash.data(), hash.size(), reinterpret_cast<const char*>(peppered.data()),
                          peppered.size(), record.salt.data(), 2, size_t{19} << 20,
                          crypto_pwhash_ALG_ARGON2ID13),
            0);
  EXPECT_EQ(record.hash, hash);
  EXPECT_EQ(record.set_by, world_.Desk(school_.school.id).principal.id);
  EXPECT_EQ(record.set_at_ns, kNoonNs);
  const SubjectView other = world_.MakePupil(school_);
  world_.GivePin(school_, other.id, kPin);
  EXPECT_NE(Stored(other.id).hash, record.hash) << "a salt of its own";
}

TEST_F(PinTest, TheDeskSetsReplacesAndRemovesIt) {
  EXPECT_EQ(Pay(kPin), Reason::kNone);
  ASSERT_THAT(Set(pupil_.id, "59302"), IsOk());
  EXPECT_EQ(Pay(kPin), Reason::kPinWrong);
  EXPECT_EQ(Pay("59302"), Reason::kNone);
  ASSERT_THAT(Set(pupil_.id, ""), IsOk());
  EXPECT_EQ(Pay("59302"), Reason::kPinNotSet);
  EXPECT_THAT(Set(pupil_.id, ""), IsOk()) << "there is none, as was asked for";
  EXPECT_EQ(Pay(""), Reason::kNone) << "none given, none asked";
}

TEST_F(PinTest, AWeakOneOrNobodysIsRefused) {
  for (const char* pin : {"1234", "0000", "482", "abcd"}) {
    const auto refused = Set(pupil_.id, pin);
    EXPECT_EQ(ReasonOf(refused), Reason::kFieldInvalid) << pin;
    EXPECT_EQ(FieldOf(refused), "pin");
    EXPECT_EQ(refused.status().message().find(pin), absl::string_view::npos) << "not told back";
  }
  EXPECT_EQ(ReasonOf(Set(IdOf<base::SubjectId>(404), kPin)), Reason::kSubjectUnknown);
  const vault::SubjectRecord record{
      .family_name = "Лебедева", .given_name = "Анна", .class_name = "5А", .birth_day = 2015'03'14};
  const auto born = world_.Call<SubjectAnswer>(
      world_.Desk(school_.school.id), "EnrolmentService/CreateSubject",
      [&](const access::Caller& c, auto done) {
        CreateSubject(world_.house(), c, world_.Fresh(c), record, {}, std::move(done));
      });
  ASSERT_THAT(born, IsOk());
  EXPECT_EQ(ReasonOf(Set(born->subject.id, "1403")), Reason::kFieldInvalid);
  EXPECT_THAT(Set(born->subject.id, "1503"), IsOk());
  EXPECT_EQ(Pay(kPin), Reason::kNone) << "the one before stays";
}

TEST_F(PinTest, ARepeatedSetChangesNothing) {
  const base::RequestId id = world_.FreshId();
  ASSERT_OK_AND_ASSIGN(const uint64_t first, Set(pupil_.id, "5930", id));
  ASSERT_THAT(Set(pupil_.id, "6174"), IsOk());
  ASSERT_OK_AND_ASSIGN(const uint64_t again, Set(pupil_.id, "5930", id));
  EXPECT_EQ(first, again);
  EXPECT_EQ(Pay("6174"), Reason::kNone);
}

TEST_F(PinTest, ItIsASecondMeansForAPalmOfUnknownLiveness) {
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil_.id);
  const Probe probe = world_.ProbeOf(palm, Liveness::kUnknown);
  DebitInput input = world_.SaleOf(school_, PayMeans(probe), {FreeLine(20'001)});
  EXPECT_EQ(ReasonOf(world_.Debit(world_.Till(school_), input)), Reason::kSecondMeansNeeded);
  input.pin = kWrong;
  EXPECT_EQ(ReasonOf(world_.Debit(world_.Till(school_), input)), Reason::kPinWrong);
  input.pin = kPin;
  EXPECT_THAT(world_.Debit(world_.Till(school_), input), IsOk());
  ASSERT_OK_AND_ASSIGN(const IdentifyAnswer found, world_.Identify(world_.Till(school_), probe));
  input = world_.SaleOf(school_, found.token, {FreeLine(20'002)});
  input.pin = kPin;
  EXPECT_THAT(world_.Debit(world_.Till(school_), input), IsOk());
}

TEST_F(PinTest, AnotherChildsPinIsWrong) {
  const SubjectView other = world_.MakePupil(school_);
  world_.GivePin(school_, other.id, "5930");
  EXPECT_EQ(Pay("5930"), Reason::kPinWrong);
}

TEST_F(PinTest, FiveWrongLockItForAQuarterOfAnHourAndThenTwiceAsLong) {
  uint64_t lock_ns = kPinLockFirstNs;
  for (int round = 0; round < 9; ++round) {
    FailTimes(kPinFailuresMax);
    EXPECT_EQ(Pay(kPin), Reason::kPinLocked) << "the right one too";
    EXPECT_EQ(Pay(kWrong), Reason::kPinLocked);
    world_.now_ns += lock_ns - 1;
    EXPECT_EQ(Pay(kPin), Reason::kPinLocked) << "round " << round;
    world_.now_ns += 1;
    lock_ns = std::min(2 * lock_ns, kPinLockMaxNs);
  }
  EXPECT_EQ(lock_ns, kPinLockMaxNs) << "a day at most";
  EXPECT_EQ(Pay(kPin), Reason::kNone);
  FailTimes(kPinFailuresMax);
  world_.now_ns += kPinLockFirstNs;
  EXPECT_EQ(Pay(kPin), Reason::kNone) << "a right one began the row anew";
}

TEST_F(PinTest, ARightOneEndsTheRowWhateverBecomesOfTheSale) {
  FailTimes(kPinFailuresMax - 1);
  DebitInput dear = Sale(kPin);
  dear.basket = BasketOf(school_, {LineOf(kSoup, 99)});
  EXPECT_EQ(ReasonOf(world_.Debit(world_.Till(school_), dear)), Reason::kInsufficientFunds);
  EXPECT_EQ(Stored(pupil_.id).failures, 0);
  FailTimes(kPinFailuresMax - 1);
  EXPECT_EQ(Pay(kPin), Reason::kNone);
}

TEST_F(PinTest, WhatIsRefusedForSomethingElseSaysNothingAboutThePin) {
  DebitInput wrong = Sale(kWrong);
  --wrong.basket.total_kopecks;
  EXPECT_EQ(ReasonOf(world_.Debit(world_.Till(school_), wrong)), Reason::kTotalMismatch);
  wrong = Sale(kWrong);
  wrong.basket = BasketOf(school_, {LineOf(kBun, 1, 4)});
  EXPECT_EQ(ReasonOf(world_.Debit(world_.Till(school_), wrong)), Reason::kPurseNotOpen);
  ASSERT_THAT(
      world_.Call<CardAnswer>(world_.Desk(school_.school.id), "EnrolmentService/SetCardState",
                              [&](const access::Caller& c, auto done) {
                                SetCardState(world_.house(), c, world_.Fresh(c), card_,
                                             vault::CardState::kBlocked, std::move(done));
                              }),
      IsOk());
  for (const char* pin : {kPin, kWrong}) EXPECT_EQ(Pay(pin), Reason::kCardBlocked);
  EXPECT_EQ(Stored(pupil_.id).failures, 0);
}

TEST_F(PinTest, ANewPinIsNotLocked) {
  FailTimes(kPinFailuresMax);
  ASSERT_THAT(Set(pupil_.id, "5930"), IsOk());
  EXPECT_EQ(Pay("5930"), Reason::kNone);
}

TEST_F(PinTest, NeitherARestartNorAPowerCutForgetsTheRow) {
  FailTimes(2);
  world_.Restart();
  FailTimes(2);
  world_.PowerCutAndRestart();
  FailTimes(1);
  world_.PowerCutAndRestart();
  EXPECT_EQ(Pay(kPin), Reason::kPinLocked);
}

TEST_F(PinTest, AttemptsAtOnceWinNoTry) {
  constexpr size_t kAttempts = 12;
  const access::Caller till = world_.Till(school_);
  std::atomic<size_t> wrong = 0;
  std::atomic<size_t> locked = 0;
  absl::Notification all;
  std::atomic<size_t> left = kAttempts;
  for (size_t i = 0; i < kAttempts; ++i) {
    Debit(world_.house(), till, Sale(kWrong), [&](const absl::StatusOr<DebitAnswer>& answer) {
      wrong += ReasonOf(answer) == Reason::kPinWrong ? 1 : 0;
      locked += ReasonOf(answer) == Reason::kPinLocked ? 1 : 0;
      if (--left == 0) all.Notify();
    });
  }
  all.WaitForNotification();
  EXPECT_EQ(wrong, kPinFailuresMax);
  EXPECT_EQ(locked, kAttempts - kPinFailuresMax);
  EXPECT_EQ(Stored(pupil_.id).failures, kPinFailuresMax);
}

TEST_F(PinTest, MissesThrottleTheirTillAndNothingElse) {
  for (uint32_t miss = 0; miss < kPinMissesBurst; ++miss) {
    if (miss % 4 == 0) {
      EXPECT_EQ(Pay(kPin), Reason::kNone) << "a hit costs nothing";
    }
    ASSERT_EQ(Pay(kWrong), Reason::kPinWrong);
  }
  EXPECT_EQ(Pay(kPin), Reason::kTooManyAttempts);
  EXPECT_EQ(Pay(""), Reason::kNone) << "without a PIN all goes on";
  EXPECT_THAT(world_.Debit(world_.OtherTill(school_), Sale(kPin)), IsOk());
  world_.now_ns += kMinuteNs;
  EXPECT_EQ(Pay(kPin), Reason::kNone);
}

// The only searcher is busy until the test lets it go: whatever hashes waits for it, and the
// committer and the thread that calls do not.
TEST_F(PinTest, ItIsHashedOnASearchersThread) {
  absl::Notification busy;
  absl::Notification go_on;
  ASSERT_TRUE(world_.house().searchers->Run([&] {
    busy.Notify();
    go_on.WaitForNotification();
  }));
  busy.WaitForNotification();
  const access::Caller till = world_.Till(school_);
  absl::Notification paid;
  absl::StatusOr<DebitAnswer> with_pin = absl::UnknownError("no answer");
  Debit(world_.house(), till, Sale(kPin), [&](absl::StatusOr<DebitAnswer> answer) {
    with_pin = std::move(answer);
    paid.Notify();
  });
  EXPECT_EQ(Pay(""), Reason::kNone) << "goes by the searcher and through the committer";
  EXPECT_FALSE(paid.HasBeenNotified());
  go_on.Notify();
  paid.WaitForNotification();
  EXPECT_THAT(with_pin, IsOk());
}

TEST_F(PinTest, ARepeatIsAnsweredWithoutIt) {
  const DebitInput input = Sale(kPin);
  ASSERT_OK_AND_ASSIGN(const DebitAnswer first, world_.Debit(world_.Till(school_), input));
  ASSERT_THAT(Set(pupil_.id, ""), IsOk());
  ASSERT_OK_AND_ASSIGN(const DebitAnswer again, world_.Debit(world_.Till(school_), input));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.transaction, first.transaction);
}

}  // namespace
}  // namespace ladon::flow

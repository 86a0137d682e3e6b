// Goal: a record is found where it was put, opens nowhere else, and is all there after a reopen.
// Method: the real store and key table in a temporary directory; values are moved and broken in
// the store behind the vault's back.
#include "server/vault/vault.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "storage/rocks_store.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::vault {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using storage::Family;

template <class Id>
Id IdOf(uint8_t number) {
  Id id;
  id.bytes.fill(number);
  return id;
}

SubjectRef RefOf(uint8_t school, uint8_t subject) {
  return {.school = IdOf<base::SchoolId>(school), .subject = IdOf<base::SubjectId>(subject)};
}

// Where the vault keeps a record, as vault.h documents it.
std::string KeyOf(const SubjectRef& subject, RecordKind kind, uint16_t number) {
  std::string key(subject.school.view());
  key.append(subject.subject.view());
  key.push_back(static_cast<char>(kind));
  key.push_back(static_cast<char>(number >> 8));
  key.push_back(static_cast<char>(number & 0xFF));
  return key;
}

SubjectRecord Pupil(uint8_t account, const std::string& name = "Иван") {
  return {.family_name = "Петров",
          .given_name = name,
          .class_name = "5А",
          .purses = {{1, IdOf<base::AccountId>(account)}}};
}

CardRecord CardOf(uint8_t number, const CardHash& hash) {
  return {.id = IdOf<base::CardId>(number), .tail = number, .hash = hash};
}

class VaultTest : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    vault_.reset();
    keys_.reset();
    store_.reset();
    storage::RocksStoreOptions options;
    options.path = dir_.Sub("store");
    options.create_if_missing = true;
    options.new_store_id.fill(0x33);
    auto store = storage::OpenRocksStore(options);
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    auto keys = KeyTable::Open({.directory = dir_.Sub("keys"),
                                .store_id = *base::BytesOfHex(store_->store_id()),
                                .create = true},
                               RootKey([this] { return root_.Clone(); }));
    ASSERT_THAT(keys, IsOk());
    keys_ = *std::move(keys);
    auto vault = Vault::Open(store_.get(), keys_.get());
    ASSERT_THAT(vault, IsOk());
    vault_ = *std::move(vault);
  }

  // Prepares both keys of `subject`, runs `changes` on a batch and writes it.
  void Write(const SubjectRef& subject, const std::function<void(storage::Overlay*)>& changes) {
    ASSERT_THAT(vault_->PrepareKeys(subject, Purpose::kPersonal), IsOk());
    ASSERT_THAT(vault_->PrepareKeys(subject, Purpose::kBiometric), IsOk());
    storage::Batch batch;
    storage::Overlay overlay(store_.get(), &batch);
    changes(&overlay);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  void Put(const SubjectRef& subject, const SubjectRecord& record) {
    Write(subject, [&](storage::Overlay* o) { vault_->PutSubject(subject, record, o); });
  }
  void PutPalms(const SubjectRef& subject, const std::vector<uint16_t>& numbers) {
    Write(subject, [&](storage::Overlay* o) {
      for (const uint16_t n : numbers) {
        vault_->PutPalm(subject, n, {.side = 1, .code = "code " + std::to_string(n)}, o);
      }
    });
  }

  std::string Raw(const std::string& key) {
    const auto value = store_->Get(Family::kVault, key);
    EXPECT_THAT(value, IsOk());
    EXPECT_TRUE(value->has_value());
    return value->value_or("");
  }
  void PutRaw(Family family, const std::string& key, const std::string& value) {
    storage::Batch batch;
    batch.Put(family, key, value);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  void Swap(const std::string& a, const std::string& b) {
    const std::string of_a = Raw(a);
    PutRaw(Family::kVault, a, Raw(b));
    PutRaw(Family::kVault, b, of_a);
  }

  const testing::TempDir dir_;
  base::SecretKey root_ = base::SecretKey::Random();
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<KeyTable> keys_;
  std::unique_ptr<Vault> vault_;
};

TEST_F(VaultTest, KeepsEverythingOverAReopen) {
  const SubjectRef subject = RefOf(1, 2);
  Put(subject, Pupil(9));
  ASSERT_OK_AND_ASSIGN(const CardHash hash, vault_->HashCard(subject.school, {"card"}));
  Write(subject, [&](storage::Overlay* o) {
    vault_->PutConsent(subject, {.kind = ConsentKind::kBiometric, .valid_until = 5}, o);
    vault_->PutCard(subject, 0, CardOf(7, hash), o);
  });
  PutPalms(subject, {0, 5, 11});
  Reopen();
  ASSERT_OK_AND_ASSIGN(const auto record, vault_->ReadSubject(*store_, subject));
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->given_name, "Иван");
  ASSERT_OK_AND_ASSIGN(const auto consent,
                       vault_->ReadConsent(*store_, subject, ConsentKind::kBiometric));
  EXPECT_EQ(consent->valid_until, 5);
  ASSERT_OK_AND_ASSIGN(const auto other,
                       vault_->ReadConsent(*store_, subject, ConsentKind::kPersonalData));
  EXPECT_FALSE(other.has_value());
  ASSERT_OK_AND_ASSIGN(const auto numbers, vault_->PalmNumbers(*store_, subject));
  EXPECT_EQ(numbers, (std::vector<uint16_t>{0, 5, 11}));
  ASSERT_OK_AND_ASSIGN(const CardHash same, vault_->HashCard(subject.school, {"card"}));
  EXPECT_EQ(same, hash) << "the pepper is kept";
  ASSERT_OK_AND_ASSIGN(const auto card, vault_->FindCard(*store_, subject.school, hash));
  EXPECT_EQ(card->owner, subject);
  EXPECT_EQ(card->record.tail, 7);
  EXPECT_EQ(vault_->OwnerOf(IdOf<base::AccountId>(9)), subject);
  EXPECT_EQ(vault_->OwnerOf(IdOf<base::AccountId>(8)), std::nullopt);
}

TEST_F(VaultTest, RemovesWhatWasDecidedAMomentAgoToo) {
  const SubjectRef subject = RefOf(1, 2);
  Put(subject, Pupil(9));
  PutPalms(subject, {0, 1});
  const ConsentRecord consent{.kind = ConsentKind::kBiometric, .valid_until = 5};
  ASSERT_OK_AND_ASSIGN(const CardHash hash, vault_->HashCard(subject.school, {"card"}));
  Write(subject, [&](storage::Overlay* o) {
    // Of one batch: palms withdrawn, others enrolled, and everything else there can be.
    EXPECT_EQ(vault_->RemovePalms(subject, o), 2);
    vault_->PutPalm(subject, kPalmSamplesMax - 1, {.side = 1, .code = "code"}, o);
    vault_->PutCard(subject, 0, CardOf(7, hash), o);
    vault_->PutConsent(subject, consent, o);
    vault_->KeepPastConsent(subject, consent, kPastConsentsMax - 1, o);
    vault_->PutPin(subject, {}, o);
    const auto removed = vault_->RemoveSubject(subject, o);
    ASSERT_THAT(removed, IsOk());
    EXPECT_EQ(removed->records, 6);
    EXPECT_EQ(removed->palms, 1) << "those of before are not counted twice";
    EXPECT_EQ(removed->cards, 1);
  });
  for (const Family family : {Family::kVault, Family::kCardIndex}) {
    const auto scan = store_->NewScan(family);
    scan->Seek("");
    EXPECT_FALSE(scan->Valid());
  }
  EXPECT_EQ(vault_->OwnerOf(IdOf<base::AccountId>(9)), std::nullopt);
  EXPECT_TRUE(vault_->Homes().empty());
}

TEST_F(VaultTest, TextsAboutSomebodyEndWithTheKey) {
  const SubjectRef subject = RefOf(1, 2);
  ASSERT_THAT(vault_->PrepareKeys(subject, Purpose::kPersonal), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string sealed, vault_->SealText(subject, "note 1", "the mother"));
  EXPECT_EQ(sealed.find("mother"), std::string::npos);
  ASSERT_OK_AND_ASSIGN(const std::string opened, vault_->OpenText(subject, "note 1", sealed));
  EXPECT_EQ(opened, "the mother");
  EXPECT_THAT(vault_->OpenText(subject, "note 2", sealed), StatusIs(absl::StatusCode::kDataLoss));
  const std::array purposes = {Purpose::kPersonal};
  ASSERT_THAT(vault_->DestroyKeys(std::array{subject}, purposes, 1), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string gone, vault_->OpenText(subject, "note 1", sealed));
  EXPECT_EQ(gone, "");
  EXPECT_FALSE(vault_->SealText(subject, "note 3", "more").ok());
}

TEST_F(VaultTest, WhatIsNotThereIsNotThere) {
  const SubjectRef nobody = RefOf(1, 9);
  ASSERT_OK_AND_ASSIGN(const auto record, vault_->ReadSubject(*store_, nobody));
  EXPECT_FALSE(record.has_value());
  ASSERT_OK_AND_ASSIGN(const auto cards, vault_->Cards(*store_, nobody));
  EXPECT_TRUE(cards.empty());
  ASSERT_OK_AND_ASSIGN(const auto card, vault_->FindCard(*store_, nobody.school, CardHash{}));
  EXPECT_FALSE(card.has_value());
}

TEST_F(VaultTest, StoresNothingReadable) {
  const SubjectRef subject = RefOf(1, 2);
  Put(subject, Pupil(9));
  ASSERT_OK_AND_ASSIGN(const CardHash hash, vault_->HashCard(subject.school, {"card-number"}));
  Write(subject, [&](storage::Overlay* o) { vault_->PutCard(subject, 0, CardOf(1, hash), o); });
  for (const Family family : {Family::kVault, Family::kCardIndex}) {
    const auto scan = store_->NewScan(family);
    for (scan->Seek(""); scan->Valid(); scan->Next()) {
      for (const std::string_view secret : {"Иван", "Петров", "5А", "card-number"}) {
        EXPECT_EQ(scan->value().find(secret), std::string_view::npos);
        EXPECT_EQ(scan->key().find(secret), std::string_view::npos);
      }
    }
  }
}

TEST_F(VaultTest, NoRecordCanBeMoved) {
  const SubjectRef one = RefOf(1, 2);
  const SubjectRef two = RefOf(1, 3);
  Put(one, Pupil(8, "Иван"));
  Put(two, Pupil(9, "Пётр"));
  PutPalms(one, {0, 1});
  const std::string subject_one = KeyOf(one, RecordKind::kSubject, 0);
  const std::string subject_two = KeyOf(two, RecordKind::kSubject, 0);
  Swap(subject_one, subject_two);  // Between two children.
  EXPECT_THAT(vault_->ReadSubject(*store_, one), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(vault_->ReadSubject(*store_, two), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Vault::Open(store_.get(), keys_.get()), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(vault_->ListSubjects(one.school, {}, 10), StatusIs(absl::StatusCode::kDataLoss));
  Swap(subject_one, subject_two);
  EXPECT_THAT(Vault::Open(store_.get(), keys_.get()), IsOk());
  // Between two numbers of one child, under the same key.
  Swap(KeyOf(one, RecordKind::kPalm, 0), KeyOf(one, RecordKind::kPalm, 1));
  EXPECT_THAT(vault_->ForEachPalm(2, [](auto&&...) { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(VaultTest, NoRecordCanBeRelabelled) {
  const SubjectRef one = RefOf(1, 2);
  Put(one, Pupil(8));
  Write(one, [&](storage::Overlay* o) {
    vault_->PutConsent(one, {.kind = ConsentKind::kPersonalData}, o);
  });
  const std::string personal = Raw(KeyOf(one, RecordKind::kConsent, 1));
  PutRaw(Family::kVault, KeyOf(one, RecordKind::kConsent, 2), personal);
  EXPECT_THAT(vault_->ReadConsent(*store_, one, ConsentKind::kBiometric),
              StatusIs(absl::StatusCode::kDataLoss));
  // The same child's record in another school.
  const SubjectRef elsewhere = {.school = IdOf<base::SchoolId>(7), .subject = one.subject};
  PutRaw(Family::kVault, KeyOf(elsewhere, RecordKind::kSubject, 0),
         Raw(KeyOf(one, RecordKind::kSubject, 0)));
  EXPECT_THAT(vault_->ReadSubject(*store_, elsewhere), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(VaultTest, RefusesADamagedRecordOrKey) {
  const SubjectRef one = RefOf(1, 2);
  Put(one, Pupil(8));
  const std::string key = KeyOf(one, RecordKind::kSubject, 0);
  std::string blob = Raw(key);
  blob.back() = static_cast<char>(blob.back() ^ 1);
  PutRaw(Family::kVault, key, blob);
  EXPECT_THAT(vault_->ReadSubject(*store_, one), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Vault::Open(store_.get(), keys_.get()), StatusIs(absl::StatusCode::kDataLoss));
  PutRaw(Family::kVault, "short", blob);
  EXPECT_THAT(Vault::Open(store_.get(), keys_.get()), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(VaultTest, ARecordWithoutItsDataKeyStaysShut) {
  const SubjectRef one = RefOf(1, 2);
  Put(one, Pupil(8));
  ASSERT_OK_AND_ASSIGN(const auto others,
                       KeyTable::Open({.directory = dir_.Sub("empty"),
                                       .store_id = *base::BytesOfHex(store_->store_id()),
                                       .create = true},
                                      RootKey([this] { return root_.Clone(); })));
  const auto refused = Vault::Open(store_.get(), others.get());
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(VaultTest, ReadsSeeTheBatchInTheMaking) {
  const SubjectRef one = RefOf(1, 2);
  ASSERT_THAT(vault_->PrepareKeys(one, Purpose::kPersonal), IsOk());
  storage::Batch batch;
  storage::Overlay overlay(store_.get(), &batch);
  vault_->PutSubject(one, Pupil(8), &overlay);
  ASSERT_OK_AND_ASSIGN(const auto decided, vault_->ReadSubject(overlay, one));
  EXPECT_TRUE(decided.has_value());
  ASSERT_OK_AND_ASSIGN(const auto durable, vault_->ReadSubject(*store_, one));
  EXPECT_FALSE(durable.has_value());
}

TEST_F(VaultTest, CardsAreFoundOnlyInTheirSchool) {
  const SubjectRef one = RefOf(1, 2);
  const base::SchoolId other = IdOf<base::SchoolId>(7);
  ASSERT_OK_AND_ASSIGN(const CardHash here, vault_->HashCard(one.school, {"card"}));
  ASSERT_OK_AND_ASSIGN(const CardHash there, vault_->HashCard(other, {"card"}));
  EXPECT_NE(here, there) << "every school has a pepper of its own";
  Write(one, [&](storage::Overlay* o) { vault_->PutCard(one, 0, CardOf(1, here), o); });
  ASSERT_OK_AND_ASSIGN(const auto found, vault_->FindCard(*store_, other, there));
  EXPECT_FALSE(found.has_value());
}

TEST_F(VaultTest, ADamagedCardIndexIsRefused) {
  const SubjectRef one = RefOf(1, 2);
  Put(one, Pupil(8));
  ASSERT_OK_AND_ASSIGN(const CardHash hash, vault_->HashCard(one.school, {"card"}));
  const std::string key(reinterpret_cast<const char*>(hash.data()), hash.size());
  PutRaw(Family::kCardIndex, key, std::string(one.subject.view()) + std::string(2, '\0'));
  EXPECT_THAT(vault_->FindCard(*store_, one.school, hash), StatusIs(absl::StatusCode::kDataLoss))
      << "names a card that is not there";
  PutRaw(Family::kCardIndex, key, "short");
  EXPECT_THAT(vault_->FindCard(*store_, one.school, hash), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(VaultTest, CardsComeInOrderUpToTheLimit) {
  const SubjectRef one = RefOf(1, 2);
  Write(one, [&](storage::Overlay* o) {
    for (uint16_t n = 0; n < kCardsMax; ++n) {
      CardHash hash{};
      hash.fill(static_cast<uint8_t>(n));
      vault_->PutCard(one, n, CardOf(static_cast<uint8_t>(n + 1), hash), o);
    }
  });
  ASSERT_OK_AND_ASSIGN(const auto cards, vault_->Cards(*store_, one));
  ASSERT_EQ(cards.size(), kCardsMax);
  for (uint16_t n = 0; n < kCardsMax; ++n) {
    EXPECT_EQ(cards[n].first, n);
    EXPECT_EQ(cards[n].second.tail, n + 1);
  }
}

TEST_F(VaultTest, RemovesThePalmsOfOneAndOfNobodyElse) {
  const SubjectRef one = RefOf(1, 2);
  const SubjectRef two = RefOf(1, 3);
  PutPalms(one, {0, 3, kPalmSamplesMax - 1});
  PutPalms(two, {0});
  Write(one, [&](storage::Overlay* o) {
    EXPECT_EQ(vault_->RemovePalms(one, o), 3);
    EXPECT_EQ(vault_->RemovePalms(one, o), 0) << "the batch remembers";
  });
  ASSERT_OK_AND_ASSIGN(const auto left, vault_->PalmNumbers(*store_, one));
  EXPECT_TRUE(left.empty());
  std::vector<SubjectRef> seen;
  ASSERT_THAT(vault_->ForEachPalm(1,
                                  [&](const SubjectRef& ref, uint16_t number, const PalmRecord& p) {
                                    seen.push_back(ref);
                                    EXPECT_EQ(number, 0);
                                    EXPECT_EQ(p.code, "code 0");
                                    return absl::OkStatus();
                                  }),
              IsOk());
  EXPECT_EQ(seen, std::vector<SubjectRef>{two});
}

TEST_F(VaultTest, EveryPalmIsVisitedOnceOnAnyNumberOfThreads) {
  std::set<std::pair<SubjectRef, uint16_t>> stored;
  for (uint8_t subject = 1; subject <= 60; ++subject) {
    const SubjectRef ref = RefOf(static_cast<uint8_t>(1 + subject % 3), subject);
    PutPalms(ref, {0, 1, 7});
    for (const auto number : {uint16_t{0}, uint16_t{1}, uint16_t{7}}) stored.emplace(ref, number);
  }
  for (const size_t threads : {1, 4}) {
    std::mutex mutex;
    std::multiset<std::pair<SubjectRef, uint16_t>> seen;
    ASSERT_THAT(vault_->ForEachPalm(threads,
                                    [&](const SubjectRef& ref, uint16_t number, const PalmRecord&) {
                                      const std::scoped_lock lock(mutex);
                                      seen.emplace(ref, number);
                                      return absl::OkStatus();
                                    }),
                IsOk());
    EXPECT_TRUE(std::equal(seen.begin(), seen.end(), stored.begin(), stored.end()));
    // The first error ends it.
    EXPECT_THAT(
        vault_->ForEachPalm(threads, [](auto&&...) { return absl::AbortedError("enough"); }),
        StatusIs(absl::StatusCode::kAborted));
  }
}

TEST_F(VaultTest, ListsPagesOfOneSchoolOnly) {
  for (uint8_t subject = 2; subject <= 6; ++subject) {
    Put(RefOf(5, subject), Pupil(subject));
    PutPalms(RefOf(5, subject), {0, 11});
  }
  Put(RefOf(4, 9), Pupil(40));
  Put(RefOf(6, 1), Pupil(60));
  for (const size_t limit : {1, 2, 3, 5, 10}) {
    std::vector<uint8_t> seen;
    base::SubjectId after;
    while (true) {
      ASSERT_OK_AND_ASSIGN(const auto page,
                           vault_->ListSubjects(IdOf<base::SchoolId>(5), after, limit));
      if (page.empty()) break;
      EXPECT_LE(page.size(), limit);
      for (const auto& [ref, record] : page) seen.push_back(ref.subject.bytes[0]);
      after = page.back().first.subject;
    }
    EXPECT_EQ(seen, (std::vector<uint8_t>{2, 3, 4, 5, 6})) << "pages of " << limit;
  }
}

TEST_F(VaultTest, BiometricKeysAreApartFromPersonalOnes) {
  const SubjectRef one = RefOf(1, 2);
  ASSERT_THAT(vault_->PrepareKeys(one, Purpose::kPersonal), IsOk());
  EXPECT_THAT(keys_->Find({.owner = one.subject.bytes, .purpose = Purpose::kBiometric}),
              StatusIs(absl::StatusCode::kNotFound));
  Put(one, Pupil(8));
  PutPalms(one, {0});
  // Purpose stands at offset 7 of a sealed record.
  EXPECT_EQ(Raw(KeyOf(one, RecordKind::kSubject, 0))[7], static_cast<char>(Purpose::kPersonal));
  EXPECT_EQ(Raw(KeyOf(one, RecordKind::kPalm, 0))[7], static_cast<char>(Purpose::kBiometric));
}

}  // namespace
}  // namespace ladon::vault

// Goal: what was put is found, now and after a reopen; the price list in force is the one of the
// day; a store that is not what we wrote is refused.
// Method: the real store in a temporary directory, written through batches as the committer does.
#include "server/directory/directory.h"

#include <functional>
#include <memory>
#include <string>

#include "server/directory/records.h"
#include "storage/rocks_store.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::directory {
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

School SchoolOf(uint8_t number) {
  return {.id = IdOf<base::SchoolId>(number),
          .settings = {.name = "Школа", .time_zone = "Asia/Tomsk"},
          .cash_desk_account = IdOf<base::AccountId>(number)};
}

Terminal TerminalOf(uint8_t school, uint8_t number) {
  return {.id = IdOf<base::TerminalId>(number),
          .school = IdOf<base::SchoolId>(school),
          .label = "Касса"};
}

Caterer CatererOf(uint8_t school, uint8_t number) {
  return {.id = IdOf<base::CatererId>(number),
          .school = IdOf<base::SchoolId>(school),
          .name = "Столовая",
          .payable_account = IdOf<base::AccountId>(number)};
}

PriceList ListOf(uint8_t caterer, Day from, int64_t kopecks) {
  return {.caterer = IdOf<base::CatererId>(caterer),
          .valid_from = from,
          .items = {{.id = IdOf<base::ItemId>(1), .name = "Суп", .unit_price_kopecks = kopecks}}};
}

class DirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    directory_.reset();
    store_.reset();
    storage::RocksStoreOptions options;
    options.path = dir_.Sub("store");
    options.create_if_missing = true;
    options.new_store_id.fill(0x44);
    auto store = storage::OpenRocksStore(options);
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    auto directory = Directory::Open(*store_);
    ASSERT_THAT(directory, IsOk());
    directory_ = *std::move(directory);
  }
  void Write(const std::function<void(storage::Overlay*)>& changes) {
    storage::Batch batch;
    storage::Overlay overlay(store_.get(), &batch);
    changes(&overlay);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  int64_t PriceOn(uint8_t caterer, Day day) {
    const auto list = directory_->FindPriceList(IdOf<base::CatererId>(caterer), day);
    return list == nullptr ? -1 : list->Find(IdOf<base::ItemId>(1))->unit_price_kopecks;
  }

  const testing::TempDir dir_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Directory> directory_;
};

TEST_F(DirectoryTest, FindsWhatWasPutNowAndAfterAReopen) {
  Write([&](storage::Overlay* o) {
    directory_->PutSchool(SchoolOf(1), o);
    directory_->PutTerminal(TerminalOf(1, 2), o);
    directory_->PutCaterer(CatererOf(1, 3), o);
    directory_->PutPriceList(ListOf(3, 2026'09'01, 100), o);
  });
  for (const bool reopened : {false, true}) {
    if (reopened) Reopen();
    const auto school = directory_->FindSchool(IdOf<base::SchoolId>(1));
    ASSERT_TRUE(school.has_value());
    EXPECT_EQ(Encode(*school), Encode(SchoolOf(1)));
    EXPECT_EQ(directory_->FindTerminal(IdOf<base::TerminalId>(2))->label, "Касса");
    EXPECT_EQ(directory_->FindCaterer(IdOf<base::CatererId>(3))->name, "Столовая");
    EXPECT_EQ(PriceOn(3, 2026'09'01), 100);
    EXPECT_FALSE(directory_->FindSchool(IdOf<base::SchoolId>(9)).has_value());
    EXPECT_FALSE(directory_->FindTerminal(IdOf<base::TerminalId>(9)).has_value());
    EXPECT_FALSE(directory_->FindCaterer(IdOf<base::CatererId>(9)).has_value());
  }
}

TEST_F(DirectoryTest, ALaterPutReplaces) {
  Write([&](storage::Overlay* o) { directory_->PutTerminal(TerminalOf(1, 2), o); });
  Terminal blocked = TerminalOf(1, 2);
  blocked.state = TerminalState::kBlocked;
  Write([&](storage::Overlay* o) { directory_->PutTerminal(blocked, o); });
  for (const bool reopened : {false, true}) {
    if (reopened) Reopen();
    EXPECT_EQ(directory_->FindTerminal(blocked.id)->state, TerminalState::kBlocked);
  }
}

TEST_F(DirectoryTest, ThePriceListInForceIsTheLatestThatBegan) {
  Write([&](storage::Overlay* o) {
    directory_->PutPriceList(ListOf(3, 2026'09'01, 100), o);
    directory_->PutPriceList(ListOf(3, 2026'10'01, 200), o);
    directory_->PutPriceList(ListOf(2, 2026'01'01, 700), o);  // Neighbours in the order of keys.
    directory_->PutPriceList(ListOf(4, 2026'01'01, 900), o);
  });
  for (const bool reopened : {false, true}) {
    if (reopened) Reopen();
    EXPECT_EQ(PriceOn(3, 2026'08'31), -1);
    EXPECT_EQ(PriceOn(3, 2026'09'01), 100);
    EXPECT_EQ(PriceOn(3, 2026'09'30), 100);
    EXPECT_EQ(PriceOn(3, 2026'10'01), 200);
    EXPECT_EQ(PriceOn(3, 2999'12'31), 200);
    EXPECT_EQ(PriceOn(5, 2026'10'01), -1);
  }
}

TEST_F(DirectoryTest, AListInHandOutlivesItsReplacement) {
  Write([&](storage::Overlay* o) { directory_->PutPriceList(ListOf(3, 2026'09'01, 100), o); });
  const auto held = directory_->FindPriceList(IdOf<base::CatererId>(3), 2026'09'01);
  Write([&](storage::Overlay* o) { directory_->PutPriceList(ListOf(3, 2026'09'01, 150), o); });
  EXPECT_EQ(held->items.front().unit_price_kopecks, 100);
  EXPECT_EQ(PriceOn(3, 2026'09'01), 150);
  EXPECT_EQ(held->Find(IdOf<base::ItemId>(2)), nullptr);
}

TEST_F(DirectoryTest, PagesCoverEverythingOnceAndKeepSchoolsApart) {
  Write([&](storage::Overlay* o) {
    for (uint8_t n = 1; n <= 7; ++n) {
      directory_->PutSchool(SchoolOf(n), o);
      directory_->PutTerminal(TerminalOf(n % 2, static_cast<uint8_t>(10 + n)), o);
      directory_->PutCaterer(CatererOf(n % 2, static_cast<uint8_t>(20 + n)), o);
    }
  });
  const base::SchoolId odd = IdOf<base::SchoolId>(1);
  for (const size_t limit : {1, 2, 3, 4, 7, 100}) {
    std::string schools;
    std::string terminals;
    std::string caterers;
    for (base::SchoolId after;;) {
      const auto page = directory_->ListSchools(after, limit);
      if (page.empty()) break;
      EXPECT_LE(page.size(), limit);
      for (const School& s : page) schools += static_cast<char>('0' + s.id.bytes[0]);
      after = page.back().id;
    }
    for (base::TerminalId after;;) {
      const auto page = directory_->ListTerminals(odd, after, limit);
      if (page.empty()) break;
      EXPECT_LE(page.size(), limit);
      for (const Terminal& t : page) terminals += static_cast<char>('0' + t.id.bytes[0] - 10);
      after = page.back().id;
    }
    for (base::CatererId after;;) {
      const auto page = directory_->ListCaterers(odd, after, limit);
      if (page.empty()) break;
      EXPECT_LE(page.size(), limit);
      for (const Caterer& c : page) caterers += static_cast<char>('0' + c.id.bytes[0] - 20);
      after = page.back().id;
    }
    EXPECT_EQ(schools, "1234567");
    EXPECT_EQ(terminals, "1357");
    EXPECT_EQ(caterers, "1357");
  }
}

TEST_F(DirectoryTest, RefusesAStoreThatIsNotWhatItWrote) {
  const std::string school_key = "S" + std::string(16, '\x01');
  const struct {
    const char* what;
    std::string key;
    std::string value;
  } table[] = {
      {"a damaged school", school_key, Encode(SchoolOf(1)).substr(1)},
      {"a school under another's key", school_key, Encode(SchoolOf(2))},
      {"a terminal under another's key", "T" + std::string(16, '\x01'), Encode(TerminalOf(1, 2))},
      {"a caterer under another's key", "C" + std::string(16, '\x01'), Encode(CatererOf(1, 2))},
      {"a price list under another day", "P" + std::string(16, '\x01') + std::string(4, '\0'),
       Encode(ListOf(1, 2026'09'01, 1))},
      {"an unknown kind", "X" + std::string(16, '\x01'), Encode(SchoolOf(1))},
  };
  for (const auto& row : table) {
    storage::Batch batch;
    batch.Put(Family::kDirectory, row.key, row.value);
    ASSERT_THAT(store_->Write(batch), IsOk());
    EXPECT_THAT(Directory::Open(*store_), StatusIs(absl::StatusCode::kDataLoss)) << row.what;
    storage::Batch undo;
    undo.Delete(Family::kDirectory, row.key);
    ASSERT_THAT(store_->Write(undo), IsOk());
  }
  EXPECT_THAT(Directory::Open(*store_), IsOk());
}

}  // namespace
}  // namespace ladon::directory

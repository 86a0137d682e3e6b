// Goal: the security log has no hole, never goes back in time, and is refused when it was touched.
// Method: the real store in a temporary directory; records and tiles are removed, exchanged and
// flipped; old records are dropped; a store of before tiles is opened.
#include "server/audit/log.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "storage/rocks_store.h"
#include "tests/server/audit/audit_testing.h"

namespace ladon::audit {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using storage::Family;

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    log_.reset();
    store_.reset();
    storage::RocksStoreOptions options;
    options.path = dir_.Sub("store");
    options.create_if_missing = true;
    options.new_store_id.fill(0x22);
    auto store = storage::OpenRocksStore(options);
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    auto log = Log::Open(store_.get());
    ASSERT_THAT(log, IsOk());
    log_ = *std::move(log);
  }
  // A record for each of `times`, each in a block of its own, as if it had come alone.
  void Append(const std::vector<uint64_t>& times) {
    storage::Batch all;
    for (const uint64_t at_ns : times) {
      storage::Batch batch;
      storage::Overlay overlay(store_.get(), &batch);
      log_->Append(LeafAt(at_ns), &overlay);
      for (const auto& [key, value] : batch.changes()) all.Put(key.first, key.second, *value);
    }
    ASSERT_THAT(store_->Write(all), IsOk());
  }
  ledger::AuditLeaf Read(uint64_t index) {
    RecordCursor cursor(*log_);
    const auto leaf = cursor.Read(index);
    EXPECT_THAT(leaf, IsOk());
    return leaf.ok() ? **leaf : ledger::AuditLeaf{};
  }
  void Put(uint64_t index, const std::string& value) {
    storage::Batch batch;
    batch.Put(Family::kAuditLog, RecordKey(index), value);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  std::string Raw(uint64_t index) {
    return store_->Get(Family::kAuditLog, RecordKey(index)).value().value();
  }

  const testing::TempDir dir_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Log> log_;
};

TEST_F(LogTest, IndicesAreDenseOverBatchesAndReopens) {
  EXPECT_EQ(log_->Head().first, 0);
  Append({10, 20});
  Append({30});
  Reopen();
  Append({40});
  EXPECT_EQ(log_->Head().first, 4);
  EXPECT_EQ(log_->durable_size(), 3u) << "what was there when it was opened";
  log_->MarkDurable(3);
  log_->MarkDurable(1);
  EXPECT_EQ(log_->durable_size(), 4u);
  for (uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(Read(i).index, i);
    EXPECT_EQ(Read(i).at_ns, 10 * (i + 1));
  }
}

TEST_F(LogTest, TheCallerCannotChooseAnIndex) {
  storage::Batch batch;
  storage::Overlay overlay(store_.get(), &batch);
  ledger::AuditLeaf leaf = LeafAt(5);
  leaf.index = 77;
  log_->Append(leaf, &overlay);
  ASSERT_THAT(store_->Write(batch), IsOk());
  EXPECT_EQ(Read(0).index, 0);
}

TEST_F(LogTest, TimeNeverGoesBackNotEvenOverAReopen) {
  Append({100, 50, 200});
  EXPECT_EQ(Read(1).at_ns, 100);
  Reopen();
  Append({150});
  EXPECT_EQ(Read(3).at_ns, 200);
  Append({201});
  EXPECT_EQ(Read(4).at_ns, 201);
}

TEST_F(LogTest, TheRootIsThatOfTheLeavesAndSurvivesAReopen) {
  ledger::MerkleTree tree;
  EXPECT_EQ(log_->Head().second, tree.Root());
  Append({1, 2, 3, 4, 5});
  for (uint64_t i = 0; i < 5; ++i) tree.Append(*ledger::EncodeAuditLeaf(Read(i)));
  EXPECT_EQ(log_->Head().second, tree.Root());
  Reopen();
  EXPECT_EQ(log_->Head().second, tree.Root());
}

TEST_F(LogTest, RefusesAHole) {
  Append({1, 2, 3});
  storage::Batch batch;
  batch.Delete(Family::kAuditLog, RecordKey(1));
  ASSERT_THAT(store_->Write(batch), IsOk());
  const auto refused = Log::Open(store_.get());
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("record 1 is missing"));
}

TEST_F(LogTest, RefusesExchangedDamagedAndBackdatedRecords) {
  Append({10, 20, 30});
  const std::string first = Raw(0);
  const std::string second = Raw(1);
  ledger::AuditLeaf backdated = Read(1);
  backdated.at_ns = 9;
  Forge(store_.get(), backdated);
  const std::string before = Raw(1);
  const std::string broken[] = {first, second.substr(1), second.substr(0, second.size() - 1), "",
                                before};
  for (const std::string& value : broken) {
    Put(1, value);
    const auto refused = Log::Open(store_.get());
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(std::string(refused.status().message()),
                ::testing::HasSubstr("record 1 is damaged"));
  }
  Put(1, second + "x");
  const auto refused = Log::Open(store_.get());
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("record 2 is damaged"));
  Put(1, second);
  EXPECT_THAT(Log::Open(store_.get()), IsOk());
}

// A log with records on both sides of its first mark.
class MarkedLogTest : public LogTest {
 protected:
  static constexpr uint64_t kRecords = kMarkEvery + 10;

  void SetUp() override {
    LogTest::SetUp();
    for (uint64_t first = 0; first < kRecords; first += 1'000) {
      std::vector<uint64_t> times;
      for (uint64_t i = first; i < std::min(first + 1'000, kRecords); ++i) times.push_back(10 * i);
      Append(times);
    }
  }
  void Delete(uint64_t index) {
    storage::Batch batch;
    batch.Delete(Family::kAuditLog, RecordKey(index));
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  void DeleteTile(unsigned level, uint64_t number) {
    storage::Batch batch;
    batch.Delete(Family::kTree, RecordTileKey(level, number));
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  absl::Status OpenedWith(bool verify_all) {
    return Log::Open(store_.get(), {.verify_all = verify_all}).status();
  }
};

TEST_F(MarkedLogTest, GoesOnFromTheMarkAsFromTheBeginning) {
  const auto head = log_->Head();
  EXPECT_EQ(head.first, kRecords);
  for (const bool verify_all : {false, true}) {
    ASSERT_OK_AND_ASSIGN(const auto again, Log::Open(store_.get(), {.verify_all = verify_all}));
    EXPECT_EQ(again->Head(), head);
    EXPECT_EQ(again->durable_size(), kRecords);
  }
  Reopen();
  Append({1});
  EXPECT_EQ(Read(kRecords).at_ns, 10 * (kRecords - 1)) << "time does not go back";
}

TEST_F(MarkedLogTest, DamageBeforeTheMarkIsFoundWhenAllIsVerified) {
  const std::string old = Raw(5);
  ledger::AuditLeaf other = Read(5);
  Put(5, Raw(6));
  EXPECT_THAT(OpenedWith(false), IsOk());
  EXPECT_THAT(OpenedWith(true), StatusIs(absl::StatusCode::kDataLoss));
  // Even when it is a record as it should be, only another one.
  other.event = 103;
  Put(5, old);
  Forge(store_.get(), other);
  absl::Status refused = OpenedWith(true);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(std::string(refused.message()),
              ::testing::HasSubstr("tile 0 of level 0 is not that of its records"));
  // And when its tiles were taken away, so that they are made of what is there.
  for (uint64_t number = 0; number < kMarkEvery / ledger::kTileWidth; ++number) {
    DeleteTile(0, number);
  }
  DeleteTile(1, 0);
  refused = OpenedWith(true);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("not those that were marked"));
  Put(5, old);
  EXPECT_THAT(OpenedWith(true), IsOk());
}

TEST_F(MarkedLogTest, RefusesAHoleAndDamageAtTheMark) {
  for (const uint64_t index : {kMarkEvery - 1, kMarkEvery}) {
    const std::string value = Raw(index);
    Delete(index);
    EXPECT_THAT(OpenedWith(false), StatusIs(absl::StatusCode::kDataLoss)) << index;
    Put(index, value.substr(1));
    EXPECT_THAT(OpenedWith(false), StatusIs(absl::StatusCode::kDataLoss)) << index;
    Put(index, value);
    EXPECT_THAT(OpenedWith(false), IsOk()) << index;
  }
  // Everything from before the mark on is gone.
  for (uint64_t i = kMarkEvery - 3; i < kRecords; ++i) Delete(i);
  EXPECT_THAT(OpenedWith(false), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(OpenedWith(true), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(MarkedLogTest, RefusesADamagedMark) {
  const std::string mark = store_->Get(Family::kMeta, "audit/mark").value().value();
  for (size_t at = 0; at < mark.size(); ++at) {
    std::string spoilt = mark;
    spoilt[at] = static_cast<char>(spoilt[at] ^ 1);
    storage::Batch batch;
    batch.Put(Family::kMeta, "audit/mark", at % 2 == 0 ? spoilt : mark.substr(0, at));
    ASSERT_THAT(store_->Write(batch), IsOk());
    EXPECT_THAT(OpenedWith(false), StatusIs(absl::StatusCode::kDataLoss)) << at;
  }
}

// What a store of before blocks and tiles looks like: a leaf under its index, and nothing else.
TEST_F(MarkedLogTest, AStoreOfBeforeIsReadAndGoesOn) {
  const auto head = log_->Head();
  storage::Batch batch;
  for (uint64_t i = 0; i < kRecords; ++i) {
    batch.Put(Family::kAuditLog, RecordKey(i), *ledger::EncodeAuditLeaf(Read(i)));
  }
  ASSERT_THAT(store_->Write(batch), IsOk());
  for (uint64_t number = 0; number < kRecords / ledger::kTileWidth; ++number) DeleteTile(0, number);
  DeleteTile(1, 0);
  Reopen();
  EXPECT_EQ(log_->Head(), head);
  Append({10 * kRecords, 10 * kRecords + 1});
  EXPECT_THAT(OpenedWith(true), IsOk());
  EXPECT_EQ(Read(3).at_ns, 30);
  EXPECT_EQ(Read(kRecords + 1).at_ns, 10 * kRecords + 1);
}

// A store whose tiles were lost.
TEST_F(MarkedLogTest, TilesThatAreNotThereAreMadeOnce) {
  const auto head = log_->Head();
  for (uint64_t number = 0; number < kRecords / ledger::kTileWidth; ++number) DeleteTile(0, number);
  DeleteTile(1, 0);
  Reopen();
  EXPECT_EQ(log_->Head(), head);
  EXPECT_TRUE(store_->Get(Family::kTree, RecordTileKey(0, 255))->has_value());
  EXPECT_TRUE(store_->Get(Family::kTree, RecordTileKey(1, 0))->has_value());
  ledger::MerkleTree naive;
  for (uint64_t i = 0; i < 1'000; ++i) naive.Append(*ledger::EncodeAuditLeaf(Read(i)));
  EXPECT_EQ(*log_->RootAt(1'000), naive.Root());
  EXPECT_THAT(OpenedWith(true), IsOk());
}

TEST_F(MarkedLogTest, NothingIsArchivedThatAStartLooksAt) {
  EXPECT_EQ(log_->ArchivableEnd(), 0) << "what is not known to be durable does not count";
  log_->MarkDurable(kRecords - 1);
  EXPECT_EQ(log_->ArchivableEnd(), 0) << "the record before the mark must stay";
}

// A log with two marks.
class DroppedLogTest : public MarkedLogTest {
 protected:
  void SetUp() override {
    MarkedLogTest::SetUp();
    for (uint64_t done = 0; done < kMarkEvery; done += 4'096) {
      storage::Batch batch;
      storage::Overlay overlay(store_.get(), &batch);
      uint64_t last = 0;
      for (uint64_t i = 0; i < 4'096; ++i) last = log_->Append(LeafAt(900'000), &overlay);
      ASSERT_THAT(store_->Write(batch), IsOk());
      log_->MarkDurable(last);
    }
  }
  void Drop() {
    storage::Batch batch;
    storage::Overlay overlay(store_.get(), &batch);
    log_->Drop(log_->ArchivableEnd(), &overlay);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
};

TEST_F(DroppedLogTest, GoesOnWithoutItsOldRecordsAfterEveryStep) {
  const auto head = log_->Head();
  const ledger::Digest old_root = *log_->RootAt(1'000);
  ASSERT_EQ(log_->ArchivableEnd(), kMarkEvery);
  for (uint64_t first = kDroppedAtOnceMax; first <= kMarkEvery; first += kDroppedAtOnceMax) {
    Drop();
    EXPECT_EQ(log_->first(), first);
    EXPECT_FALSE(store_->Get(Family::kAuditLog, RecordKey(first - 1))->has_value());
    if (first % (4 * kDroppedAtOnceMax) == 0) Reopen();
    EXPECT_EQ(log_->first(), first);
    EXPECT_EQ(log_->Head(), head);
  }
  Drop();
  EXPECT_EQ(log_->first(), kMarkEvery) << "no further";
  EXPECT_THAT(OpenedWith(true), IsOk());
  EXPECT_EQ(*log_->RootAt(1'000), old_root) << "what is archived is proved as before";
  Append({1});
  Reopen();
  EXPECT_EQ(log_->durable_size(), head.first + 1);
}

TEST_F(DroppedLogTest, AMissingFirstRecordAndAChangedNumberAreFound) {
  Drop();
  const std::string first = store_->Get(Family::kMeta, "audit/first").value().value();
  std::string spoilt = first;
  spoilt[6] = static_cast<char>(spoilt[6] + 1);
  for (const std::string& value : {spoilt, first.substr(1), std::string()}) {
    storage::Batch batch;
    batch.Put(Family::kMeta, "audit/first", value);
    ASSERT_THAT(store_->Write(batch), IsOk());
    EXPECT_THAT(OpenedWith(false), StatusIs(absl::StatusCode::kDataLoss));
  }
  storage::Batch batch;
  batch.Put(Family::kMeta, "audit/first", first);
  batch.Delete(Family::kAuditLog, RecordKey(log_->first()));
  ASSERT_THAT(store_->Write(batch), IsOk());
  EXPECT_THAT(OpenedWith(false), IsOk());
  EXPECT_THAT(OpenedWith(true), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(LogTest, RecordsOfABatchStandInOneBlock) {
  storage::Batch batch;
  storage::Overlay overlay(store_.get(), &batch);
  for (uint64_t i = 0; i < 2 * kBlockRecordsMax + 1; ++i) log_->Append(LeafAt(i), &overlay);
  ASSERT_THAT(store_->Write(batch), IsOk());
  std::vector<uint64_t> firsts;
  const auto scan = store_->NewScan(Family::kAuditLog);
  for (scan->Seek(""); scan->Valid(); scan->Next()) firsts.push_back(IndexOf(scan->key()));
  EXPECT_EQ(firsts, (std::vector<uint64_t>{0, kBlockRecordsMax, 2 * kBlockRecordsMax}));
  for (const uint64_t index : {uint64_t{0}, uint64_t{4'095}, uint64_t{4'096}, uint64_t{8'192}}) {
    EXPECT_EQ(Read(index).at_ns, index);
  }
}

TEST_F(LogTest, ABenchmarkMayThrowRecordsAway) {
  Append({10});
  ASSERT_OK_AND_ASSIGN(log_, Log::Open(store_.get(), {.discard = true}));
  storage::Batch batch;
  storage::Overlay overlay(store_.get(), &batch);
  EXPECT_EQ(log_->Append(LeafAt(20), &overlay), kDiscarded);
  log_->MarkDurable(kDiscarded);
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(log_->durable_size(), 1);
  EXPECT_EQ(log_->Head().first, 1);
}

TEST_F(LogTest, RemembersWhereNewLogsBegan) {
  EXPECT_TRUE(log_->origins().empty());
  for (const uint64_t index : {5, 9}) {
    storage::Batch batch;
    storage::Overlay overlay(store_.get(), &batch);
    log_->AddOrigin({.index = index, .old_note = ledger::Sha256(std::to_string(index))}, &overlay);
    ASSERT_THAT(store_->Write(batch), IsOk());
    Reopen();
  }
  ASSERT_EQ(log_->origins().size(), 2);
  EXPECT_EQ(log_->origins()[1].index, 9);
  EXPECT_EQ(log_->origins()[1].old_note, ledger::Sha256("9"));
}

}  // namespace
}  // namespace ladon::audit

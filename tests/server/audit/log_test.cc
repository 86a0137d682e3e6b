// Goal: the security log has no hole, never goes back in time, and is refused when it was touched.
// Method: the real store in a temporary directory; records are removed, exchanged and flipped.
#include "server/audit/log.h"

#include <algorithm>
#include <memory>
#include <string>

#include "storage/rocks_store.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::audit {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using storage::Family;

std::string KeyOf(uint64_t index) {
  std::string key(8, '\0');
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(index >> (56 - 8 * i));
  return key;
}

ledger::AuditLeaf LeafAt(uint64_t at_ns) {
  ledger::AuditLeaf leaf;
  leaf.at_ns = at_ns;
  leaf.event = 102;
  leaf.peer = "ipv4:127.0.0.1:1";
  leaf.software_version = "0.1.0";
  return leaf;
}

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
    auto log = Log::Open(*store_);
    ASSERT_THAT(log, IsOk());
    log_ = *std::move(log);
  }
  // One batch with a record for each of `times`.
  void Append(std::initializer_list<uint64_t> times) {
    storage::Batch batch;
    storage::Overlay overlay(store_.get(), &batch);
    for (const uint64_t at_ns : times) log_->Append(LeafAt(at_ns), &overlay);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  ledger::AuditLeaf Read(uint64_t index) {
    const auto bytes = store_->Get(Family::kAuditLog, KeyOf(index));
    EXPECT_TRUE(bytes.ok() && bytes->has_value());
    const auto leaf = ledger::DecodeAuditLeaf(**bytes);
    EXPECT_THAT(leaf, IsOk());
    return *leaf;
  }
  void Put(uint64_t index, const std::string& value) {
    storage::Batch batch;
    batch.Put(Family::kAuditLog, KeyOf(index), value);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  std::string Raw(uint64_t index) {
    return store_->Get(Family::kAuditLog, KeyOf(index)).value().value();
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
  for (uint64_t i = 0; i < 5; ++i) tree.Append(Raw(i));
  EXPECT_EQ(log_->Head().second, tree.Root());
  Reopen();
  EXPECT_EQ(log_->Head().second, tree.Root());
}

TEST_F(LogTest, RefusesAHole) {
  Append({1, 2, 3});
  storage::Batch batch;
  batch.Delete(Family::kAuditLog, KeyOf(1));
  ASSERT_THAT(store_->Write(batch), IsOk());
  const auto refused = Log::Open(*store_);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::HasSubstr("record 1 is missing"));
}

TEST_F(LogTest, RefusesExchangedDamagedAndBackdatedRecords) {
  Append({10, 20, 30});
  const std::string first = Raw(0);
  const std::string second = Raw(1);
  ledger::AuditLeaf backdated = Read(1);
  backdated.at_ns = 9;
  const std::string broken[] = {first,
                                second.substr(1),
                                second.substr(0, second.size() - 1),
                                second + "x",
                                "",
                                ledger::EncodeAuditLeaf(backdated).value()};
  for (const std::string& value : broken) {
    Put(1, value);
    const auto refused = Log::Open(*store_);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(std::string(refused.status().message()),
                ::testing::HasSubstr("record 1 is damaged"));
  }
  Put(1, second);
  EXPECT_THAT(Log::Open(*store_), IsOk());
}

// A log with records on both sides of its first mark.
class MarkedLogTest : public LogTest {
 protected:
  static constexpr uint64_t kRecords = kMarkEvery + 10;

  void SetUp() override {
    LogTest::SetUp();
    for (uint64_t first = 0; first < kRecords; first += 1'000) {
      storage::Batch batch;
      storage::Overlay overlay(store_.get(), &batch);
      for (uint64_t i = first; i < std::min(first + 1'000, kRecords); ++i) {
        log_->Append(LeafAt(10 * i), &overlay);
      }
      ASSERT_THAT(store_->Write(batch), IsOk());
    }
  }
  void Delete(uint64_t index) {
    storage::Batch batch;
    batch.Delete(Family::kAuditLog, KeyOf(index));
    ASSERT_THAT(store_->Write(batch), IsOk());
  }
  absl::Status OpenedWith(bool verify_all) { return Log::Open(*store_, verify_all).status(); }
};

TEST_F(MarkedLogTest, GoesOnFromTheMarkAsFromTheBeginning) {
  const auto head = log_->Head();
  EXPECT_EQ(head.first, kRecords);
  for (const bool verify_all : {false, true}) {
    ASSERT_OK_AND_ASSIGN(const auto again, Log::Open(*store_, verify_all));
    EXPECT_EQ(again->Head(), head);
    EXPECT_EQ(again->durable_size(), kRecords);
  }
  Reopen();
  Append({1});
  EXPECT_EQ(Read(kRecords).at_ns, 10 * (kRecords - 1)) << "time does not go back";
}

TEST_F(MarkedLogTest, DamageBeforeTheMarkIsFoundWhenAllIsVerified) {
  const std::string old = Raw(5);
  Put(5, Raw(6));
  EXPECT_THAT(OpenedWith(false), IsOk());
  EXPECT_THAT(OpenedWith(true), StatusIs(absl::StatusCode::kDataLoss));
  // Even when it is a record as it should be, only another one.
  ledger::AuditLeaf other = ledger::DecodeAuditLeaf(old).value();
  other.event = 103;
  Put(5, ledger::EncodeAuditLeaf(other).value());
  const absl::Status refused = OpenedWith(true);
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

}  // namespace
}  // namespace ladon::audit

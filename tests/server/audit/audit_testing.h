// What tests of the security log share: a ledger on a disk that can fail, with a security log in
// its store and somebody who signs it.
#ifndef LADON_TESTS_SERVER_AUDIT_AUDIT_TESTING_H_
#define LADON_TESTS_SERVER_AUDIT_AUDIT_TESTING_H_

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "ledger/checkpointer.h"
#include "server/audit/log.h"
#include "server/audit/query.h"
#include "server/audit/record.h"
#include "server/audit/signed_records.h"
#include "tests/testing/ledger_testing.h"

namespace ladon::audit {

inline ledger::AuditLeaf LeafAt(uint64_t at_ns, uint16_t event = 102) {
  ledger::AuditLeaf leaf;
  leaf.at_ns = at_ns;
  leaf.event = event;
  leaf.peer = "ipv4:127.0.0.1:1";
  leaf.software_version = "0.1.0";
  return leaf;
}

// Puts another record in the place of `leaf.index`, in its block, as somebody with the store's
// files might.
inline void Forge(storage::Store* store, const ledger::AuditLeaf& leaf) {
  const auto scan = store->NewScan(storage::Family::kAuditLog);
  scan->SeekForPrev(RecordKey(leaf.index));
  ASSERT_TRUE(scan->Valid());
  const uint64_t first = IndexOf(scan->key());
  auto leaves = DecodeBlock(first, scan->value());
  ASSERT_THAT(leaves, testing::IsOk());
  leaves->at(leaf.index - first) = leaf;
  BlockEncoder encoder;
  ledger::ByteWriter value;
  encoder.Begin(first, &value);
  for (const ledger::AuditLeaf& one : *leaves) encoder.Add(one, &value);
  storage::Batch batch;
  batch.Put(storage::Family::kAuditLog, RecordKey(first), value.Take());
  ASSERT_THAT(store->Write(batch), testing::IsOk());
}

inline ledger::SigningKey SecurityKey(const std::string& name = "ladon.example/security") {
  std::array<uint8_t, ledger::kEd25519Bytes> seed;
  seed.fill(8);
  return *ledger::SigningKey::FromSeed(name, seed);
}

class AuditWorld {
 public:
  AuditWorld() { Open(); }

  void Open() {
    ASSERT_THAT(ledger_.Open(), testing::IsOk());
    auto log = Log::Open(&ledger_.store());
    ASSERT_THAT(log, testing::IsOk());
    log_ = *std::move(log);
    records_ = std::make_unique<SignedRecords>(log_.get(), &ledger_.sequencer(), [] { return 7; });
    ASSERT_THAT(Sign(), testing::IsOk());
  }
  void Close() {
    checkpointer_.reset();
    records_.reset();
    ledger_.sequencer().Stop();
    log_.reset();
    ledger_.Close();
  }
  void Reopen() {
    Close();
    Open();
  }
  // Signs as a server would that was just started.
  absl::StatusOr<std::string> Sign() {
    ledger::CheckpointerOptions options{.log = records_.get(), .path = checkpoint_path()};
    options.keys.push_back(SecurityKey(LogNameNow()));
    auto opened = ledger::Checkpointer::Open(std::move(options));
    if (!opened.ok()) return opened.status();
    checkpointer_ = *std::move(opened);
    return checkpointer_->Sign();
  }
  [[nodiscard]] std::string LogNameNow() const {
    return ledger::LogName("ladon.example/security", log_->origins().size());
  }
  // As many records as fit into a batch at a time, `step_ns` apart.
  void Append(uint64_t count, uint64_t from_ns = 1'000, uint64_t step_ns = 1) {
    constexpr uint64_t kAtOnce = 5'000;
    for (uint64_t done = 0; done < count; done += kAtOnce) {
      uint64_t last = 0;
      ASSERT_THAT(CommitAndWait(&ledger_.sequencer(),
                                [&](storage::Overlay* overlay) {
                                  for (uint64_t i = done; i < std::min(count, done + kAtOnce);
                                       ++i) {
                                    last = log_->Append(LeafAt(from_ns + i * step_ns), overlay);
                                  }
                                }),
                  testing::IsOk());
      log_->MarkDurable(last);
    }
  }
  uint64_t Append(const ledger::AuditLeaf& leaf) {
    const auto record = RecordAndWait(&ledger_.sequencer(), log_.get(), leaf);
    EXPECT_THAT(record, testing::IsOk());
    return record.value_or(0);
  }
  [[nodiscard]] bool Has(uint64_t index) { return RecordCursor(*log_).Read(index).ok(); }

  [[nodiscard]] ledger::AuditLeaf Read(uint64_t index) {
    RecordCursor cursor(*log_);
    const auto leaf = cursor.Read(index);
    EXPECT_THAT(leaf, testing::IsOk());
    return leaf.ok() ? **leaf : ledger::AuditLeaf{};
  }

  [[nodiscard]] Log& log() { return *log_; }
  [[nodiscard]] SignedRecords& records() { return *records_; }
  [[nodiscard]] testing::TestLedger& ledger() { return ledger_; }
  [[nodiscard]] ledger::Checkpointer& checkpointer() { return *checkpointer_; }
  [[nodiscard]] std::string checkpoint_path() const { return dir_.Sub("security-checkpoint"); }
  [[nodiscard]] const testing::TempDir& dir() const { return dir_; }

 private:
  const testing::TempDir dir_;
  testing::TestLedger ledger_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<SignedRecords> records_;
  std::unique_ptr<ledger::Checkpointer> checkpointer_;
};

}  // namespace ladon::audit

#endif  // LADON_TESTS_SERVER_AUDIT_AUDIT_TESTING_H_

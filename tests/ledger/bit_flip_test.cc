// Goal: a disk that gives back other bytes than were written never makes the ledger serve a wrong
// balance. Method: a store whose files are of every kind; one bit of one file is turned over, at
// many places of each file; then the store is opened as at any start and as for a full
// verification. Either it is refused, or what is served is a prefix of the journal as it was, to
// the byte, with exactly the balances of that prefix.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "tests/ledger/model_workload.h"
#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

namespace fs = std::filesystem;
using ::ladon::testing::IsOk;
using ::ladon::testing::TempDir;
using ::ladon::testing::TestSecret;

constexpr uint64_t kSeed = 20'261'123;
constexpr int kPlacesPerFile = 24;

struct Ledger {
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<Sequencer> sequencer;

  absl::Status Open(const std::string& path, uint64_t now_ns, bool verify_all) {
    storage::RocksStoreOptions options{.path = path, .create_if_missing = !fs::exists(path)};
    options.new_store_id.fill(3);
    auto opened = storage::OpenRocksStore(options);
    if (!opened.ok()) return opened.status();
    store = *std::move(opened);
    SequencerOptions sequencing;
    sequencing.store = store.get();
    sequencing.ledger_secret = TestSecret();
    sequencing.now_ns = [now_ns] { return now_ns; };
    sequencing.verify_all = verify_all;
    auto ledger = Sequencer::Open(std::move(sequencing));
    if (!ledger.ok()) return ledger.status();
    sequencer = *std::move(ledger);
    return absl::OkStatus();
  }
  ~Ledger() { Close(); }
  void Close() {
    sequencer.reset();
    store.reset();
  }
};

class BitFlipTest : public ::testing::Test {
 protected:
  using Balances = std::map<AccountId, int64_t>;

  void SetUp() override {
    ModelWorkload workload(kSeed);
    for (int opening = 0; opening < 3; ++opening) {
      Ledger ledger;
      ASSERT_THAT(ledger.Open(path(), now_ns_, false), IsOk());
      for (int i = 0; i < 700; ++i) {
        Submission submission = workload.Next(now_ns_);
        if (std::holds_alternative<std::monostate>(submission.command)) continue;
        ::ladon::testing::Countdown answered(1);
        submission.done = [&](const absl::Status&, const Outcome&) { answered.Done(); };
        ASSERT_THAT(ledger.sequencer->Submit(std::move(submission)), IsOk());
        answered.Wait();
      }
      ASSERT_THAT(ledger.sequencer->BookClosing(2026'09'01), IsOk());
      if (opening < 2) continue;
      for (uint64_t i = 0; i < ledger.sequencer->Head().first; ++i) {
        entries_.push_back(*ledger.sequencer->ReadEntry(i));
        balances_.push_back(balances_.empty() ? Balances() : balances_.back());
        for (const Opening& one : entries_.back().openings) {
          if (const auto* terms = std::get_if<AccountTerms>(&one)) {
            balances_.back().try_emplace(terms->account, 0);
          } else if (const auto* posting = std::get_if<Posting>(&one)) {
            balances_.back()[posting->account] = posting->balance_kopecks;
          }
        }
      }
    }
    ASSERT_GT(entries_.size(), 1'000);
  }

  std::string path() const { return dir_.Sub("store"); }

  // What a damaged store serves is a prefix of what was.
  void ExpectPrefix(const Ledger& ledger) {
    const uint64_t size = ledger.sequencer->Head().first;
    ASSERT_LE(size, entries_.size());
    if (size == 0) return;
    for (uint64_t i = 0; i < size; ++i) {
      const auto entry = ledger.sequencer->ReadEntry(i);
      if (!entry.ok()) continue;  // Damage found when it is read.
      ASSERT_EQ(entry->leaf, entries_[i].leaf);
      ASSERT_EQ(entry->openings, entries_[i].openings);
    }
    for (const auto& [account, balance] : balances_[size - 1]) {
      const auto view = ledger.sequencer->FindAccount(account);
      ASSERT_TRUE(view.has_value());
      ASSERT_EQ(view->balance_kopecks, balance);
    }
  }

  TempDir dir_;
  uint64_t now_ns_ = 1'788'250'500'000'000'000;
  std::vector<Entry> entries_;
  std::vector<Balances> balances_;  // After each entry.
};

std::string KindOf(const fs::path& file) {
  const std::string name = file.filename().string();
  return file.has_extension() ? file.extension().string() : name.substr(0, name.find('-'));
}

TEST_F(BitFlipTest, NothingWrongIsServed) {
  struct Seen {
    int refused = 0;
    int prefix = 0;
    int whole = 0;
  };
  std::map<std::string, Seen> seen;
  std::mt19937_64 random(kSeed);
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(path())) {
    if (file.is_regular_file() && file.file_size() > 0 &&
        !file.path().filename().string().starts_with("LOG")) {
      files.push_back(file.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const uint64_t size = fs::file_size(file);
    for (int place = 0; place < kPlacesPerFile; ++place) {
      // Spread over the file, and both ends.
      const uint64_t at = place == 0 ? 0 : place == 1 ? size - 1 : random() % size;
      SCOPED_TRACE(file.filename().string() + " byte " + std::to_string(at));
      const TempDir copies;
      const std::string copy = copies.Sub("store");
      fs::copy(path(), copy);
      fs::permissions(copy, fs::perms::owner_all);
      {
        std::fstream spoilt(fs::path(copy) / file.filename(),
                            std::ios::in | std::ios::out | std::ios::binary);
        spoilt.seekg(static_cast<std::streamoff>(at));
        const char byte = static_cast<char>(spoilt.get() ^ (1 << random() % 8));
        spoilt.seekp(static_cast<std::streamoff>(at));
        spoilt.put(byte);
      }
      Ledger ledger;
      const absl::Status opened = ledger.Open(copy, now_ns_ + 1, place % 2 == 0);
      Seen& kind = seen[KindOf(file)];
      if (!opened.ok()) {
        EXPECT_NE(opened.message(), "");
        ++kind.refused;
        continue;
      }
      ASSERT_NO_FATAL_FAILURE(ExpectPrefix(ledger));
      ++(ledger.sequencer->Head().first == entries_.size() ? kind.whole : kind.prefix);
    }
  }
  for (const auto& [kind, count] : seen) {
    std::cout << kind << ": " << count.refused << " refused, " << count.prefix << " a prefix, "
              << count.whole << " unharmed\n";
  }
  for (const char* kind : {".sst", ".log", "MANIFEST", "CURRENT"}) {
    EXPECT_GT(seen[kind].refused + seen[kind].prefix, 0) << kind << " was never found damaged";
  }
}

}  // namespace
}  // namespace ladon::ledger

#include "bench/ledger/embedded.h"

#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "bench/ledger/latency.h"
#include "bench/ledger/workload.h"
#include "ledger/extract_writer.h"
#include "ledger/proof/extract_verifier.h"
#include "ledger/seal.h"
#include "ledger/sequencer.h"
#include "server/audit/log.h"
#include "server/audit/record.h"
#include "storage/rocks_store.h"

namespace ladon::bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace ladon::ledger;  // NOLINT(google-build-using-namespace)

constexpr Date kDay = 2026'09'01;
constexpr size_t kSubmitAtOnce = 100;

template <class Id>
Id IdOf(uint64_t number) {
  Id id;
  for (size_t at = 0; at < sizeof(id); at += sizeof(uint64_t)) {
    const uint64_t bits = Mix(number * 8 + at);
    std::memcpy(reinterpret_cast<uint8_t*>(&id) + at, &bits, sizeof(bits));
  }
  return id;
}

uint64_t BytesWrittenByProcess() {
  std::ifstream file("/proc/self/io");
  std::string name;
  uint64_t value = 0;
  while (file >> name >> value) {
    if (name == "write_bytes:") return value;
  }
  return 0;
}

uint64_t BytesBelow(const std::string& directory) {
  uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  return bytes;
}

class Run {
 public:
  explicit Run(const EmbeddedOptions& options)
      : options_(options),
        path_(options.directory + "/store"),
        workload_(options.workload, options.accounts, options.seed),
        accounts_(options.accounts) {
    std::filesystem::remove_all(path_);
    for (uint64_t i = 0; i < options.accounts; ++i) accounts_[i] = IdOf<AccountId>(i + 1);
  }
  ~Run() {
    Close();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  EmbeddedFigures Measure() {
    Open();
    OpenAccounts();
    if (options_.transfers_before > 0) Transfer(options_.transfers_before, 0, 0);
    latencies_.Clear();
    const uint64_t written_before = BytesWrittenByProcess();
    const uint64_t entries_before = ledger_->Head().first;
    const auto start = Clock::now();
    const uint64_t done = Transfer(~uint64_t{0}, options_.seconds, options_.rate);
    const std::chrono::duration<double> took = Clock::now() - start;
    assert(ledger_->Head().first == entries_before + done);
    assert(log_ == nullptr || log_->durable_size() == done + options_.transfers_before);
    figures_.transfers = done;
    figures_.transfers_per_s = static_cast<double>(done) / took.count();
    figures_.p50_ms = latencies_.QuantileMs(0.50);
    figures_.p99_ms = latencies_.QuantileMs(0.99);
    figures_.max_ms = latencies_.QuantileMs(1);
    CheckBalances();
    if (options_.measure_extract) MeasureExtract();
    const uint64_t all = ledger_->Head().first;
    Close();
    figures_.bytes_per_transfer = static_cast<double>(BytesBelow(path_)) / static_cast<double>(all);
    figures_.write_amplification = static_cast<double>(BytesWrittenByProcess() - written_before) /
                                   (figures_.bytes_per_transfer * static_cast<double>(done));
    if (options_.measure_restart) {
      const auto restart = Clock::now();
      Open();
      figures_.restart_s = std::chrono::duration<double>(Clock::now() - restart).count();
      CheckBalances();
    }
    return figures_;
  }

 private:
  void Open() {
    storage::RocksStoreOptions store{.path = path_, .create_if_missing = true};
    store.new_store_id.fill(1);
    auto opened = storage::OpenRocksStore(store);
    assert(opened.ok());
    store_ = *std::move(opened);
    SequencerOptions options;
    options.store = store_.get();
    options.now_ns = [] {
      return static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch() /
                                   std::chrono::nanoseconds(1));
    };
    if (options_.audit) {
      auto log = audit::Log::Open(store_.get());
      assert(log.ok());
      log_ = *std::move(log);
    }
    auto ledger = Sequencer::Open(std::move(options));
    if (!ledger.ok()) std::fprintf(stderr, "%s\n", ledger.status().ToString().c_str());
    assert(ledger.ok());
    ledger_ = *std::move(ledger);
  }

  // Seconds that `work` takes.
  template <class Work>
  static double Time(Work work) {
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  // What an auditor takes away of all this, and how long a laptop's one core needs for it.
  void MeasureExtract() {
    figures_.closing_s = Time([this] {
      const auto closing = ledger_->BookClosing(kDay);
      assert(closing.ok());
    });
    const auto [size, root] = ledger_->Head();
    const SigningKey key = *SigningKey::FromSeed("ladon/bench", std::array<uint8_t, 32>{1});
    const SigningKey* const keys[] = {&key};
    const std::string note = *SignNote(
        FormatCheckpoint({.origin = key.verifier().name, .size = size, .root = root}), keys);
    std::string extract;
    figures_.extract_write_s = Time([&, size = size] {
      auto writer = ExtractWriter::Begin(
          ledger_->View(), {.last = size, .checkpoint = note, .checkpoint_size = size});
      assert(writer.ok());
      while (!(*writer)->done()) {
        std::string piece;
        const absl::Status written = (*writer)->Write(size_t{1} << 20, &piece);
        assert(written.ok());
        extract += piece;
      }
    });
    const VerifierKey verifiers[] = {key.verifier()};
    figures_.extract_verify_s = Time([&, size = size] {
      const VerifiedExtract verified = VerifyExtract(extract, {.keys = verifiers});
      assert(verified.good() && verified.entries == size && verified.closings.size() == 1);
    });
    figures_.extract_entries = size;
    figures_.extract_bytes = extract.size();
  }

  void Close() {
    ledger_.reset();
    log_.reset();
    store_.reset();
  }

  // The record of a debit as server/flow/commit.cc makes it.
  void Record(uint64_t now_ns, Submission* submission) {
    AuditLeaf leaf;
    leaf.at_ns = now_ns;
    leaf.event = 103;
    leaf.role = 1;
    leaf.actor.fill(7);
    leaf.school.fill(8);
    leaf.object = IdOf<AccountId>(1).bytes;
    leaf.request = submission->operation.digest.bytes;
    leaf.certificate_serial.fill(9);
    leaf.peer = "ipv4:192.0.2.7:40000";
    leaf.process_id = 1'234;
    leaf.software_version = "0.1.0";
    audit::Attach(
        log_.get(), std::move(leaf),
        [](const absl::Status& status, const Outcome& outcome, AuditLeaf* finished) {
          assert(status.ok());
          finished->journal_index = outcome.index;
        },
        std::move(submission->done), submission);
  }

  Submission Prepare(Command command) {
    ++number_;
    Submission submission;
    submission.operation = IdOf<OperationKey>(~number_);
    submission.content = {submission.operation.digest};
    submission.command = std::move(command);
    submission.service_date = kDay;
    submission.transaction = IdOf<TransactionId>(~number_ - (uint64_t{1} << 62));
    return submission;
  }

  void OpenAccounts() {
    for (uint64_t at = 0; at < accounts_.size(); at += kAccountsPerCommandMax) {
      ledger::OpenAccounts open;
      for (uint64_t i = at; i < std::min<uint64_t>(accounts_.size(), at + kAccountsPerCommandMax);
           ++i) {
        AccountTerms terms;
        terms.account = accounts_[i];
        terms.flags = kAccountLimited;
        terms.overdraft_limit_kopecks = int64_t{1} << 60;  // Limited, and never short.
        open.accounts.push_back(terms);
      }
      Reserve(1);
      Submission submission = Prepare(Command(std::move(open)));
      submission.done = [this](const absl::Status& status, const Outcome& outcome) {
        Done(status, outcome, 0);
      };
      const absl::Status taken = ledger_->Submit(std::move(submission));
      assert(taken.ok());
    }
    AwaitAll();
  }

  // Until `transfers_max` are booked or `seconds` have passed. How many were.
  uint64_t Transfer(uint64_t transfers_max, double seconds, double rate) {
    const auto start = Clock::now();
    const uint64_t start_ns = Now();
    uint64_t count = 0;
    while (count < transfers_max) {
      const std::chrono::duration<double> passed = Clock::now() - start;
      if (seconds > 0 && passed.count() >= seconds) break;
      uint64_t batch = std::min<uint64_t>(kSubmitAtOnce, transfers_max - count);
      if (rate > 0) {
        // Open loop: what is due now is sent now, and its time counts from when it was due.
        const auto due = static_cast<uint64_t>(passed.count() * rate);
        if (due <= count) {
          const double next = static_cast<double>(count + 1) / rate;
          std::this_thread::sleep_until(start + std::chrono::duration_cast<Clock::duration>(
                                                    std::chrono::duration<double>(next)));
          continue;
        }
        batch = std::min(batch, due - count);
      }
      Reserve(batch);
      std::vector<Submission> submissions;
      submissions.reserve(batch);
      for (uint64_t i = 0; i < batch; ++i) {
        const auto [debit, credit] = workload_.Next();
        PostTransaction post;
        post.transfers.push_back({.debit = accounts_[debit],
                                  .credit = accounts_[credit],
                                  .amount_kopecks = kPriceKopecks,
                                  .line = std::nullopt});
        Submission& submission = submissions.emplace_back(Prepare(Command(std::move(post))));
        const uint64_t due_ns =
            rate > 0 ? start_ns + static_cast<uint64_t>(static_cast<double>(count + i) / rate * 1e9)
                     : Now();
        submission.done = [this, due_ns](const absl::Status& status, const Outcome& outcome) {
          Done(status, outcome, due_ns);
        };
        if (log_ != nullptr) Record(due_ns, &submission);
      }
      for (;;) {
        const absl::Status taken = ledger_->SubmitAll(std::move(submissions));
        if (taken.ok()) break;
        assert(false && "more in flight than the queue takes");
      }
      count += batch;
    }
    AwaitAll();
    return count;
  }

  static uint64_t Now() {
    return static_cast<uint64_t>(Clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
  }

  void Reserve(uint64_t count) {
    const uint64_t limit =
        options_.rate > 0 ? kQueueOfCallerMax - kSubmitAtOnce : options_.in_flight;
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return in_flight_ + count <= limit; });
    in_flight_ += count;
  }

  void AwaitAll() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return in_flight_ == 0; });
  }

  void Done(const absl::Status& status, const Outcome& outcome, uint64_t due_ns) {
    assert(status.ok() && outcome.code == ResultCode::kOk && outcome.entry != nullptr);
    if (due_ns != 0) latencies_.Add(Now() - due_ns);
    const std::lock_guard lock(mutex_);
    --in_flight_;
    if (in_flight_ % kSubmitAtOnce == 0) room_.notify_one();
  }

  // Every transfer that was acknowledged was booked once: the money is where it went.
  void CheckBalances() {
    __int128 sum = 0;
    uint64_t postings = 0;
    for (const AccountId& account : accounts_) {
      const auto view = ledger_->FindAccount(account);
      assert(view.has_value());
      sum += view->balance_kopecks;
      postings += view->last_sequence - 1;
    }
    const uint64_t openings =
        (accounts_.size() + kAccountsPerCommandMax - 1) / kAccountsPerCommandMax;
    assert(sum == 0 && postings == 2 * (number_ - openings));
    (void)openings;
  }

  const EmbeddedOptions options_;
  const std::string path_;
  Workload workload_;
  std::vector<AccountId> accounts_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<audit::Log> log_;  // Null: no records.
  std::unique_ptr<Sequencer> ledger_;
  uint64_t number_ = 0;
  Latencies latencies_;  // Of the writer thread, read when nothing is in flight.
  EmbeddedFigures figures_;
  std::mutex mutex_;
  std::condition_variable room_;
  uint64_t in_flight_ = 0;
};

}  // namespace

double ProofSecondsPerTransfer() {
  constexpr uint64_t kEntries = 300'000;
  const SaltSource salts(std::array<uint8_t, 32>{1});
  Entry entry;
  entry.leaf.kind = EntryKind::kTransaction;
  entry.leaf.service_date = kDay;
  entry.leaf.transaction = IdOf<TransactionId>(1);
  entry.leaf.operation = IdOf<OperationKey>(2);
  entry.leaf.content = entry.leaf.operation.digest;
  entry.openings = {Posting{.account = IdOf<AccountId>(1), .amount_kopecks = -kPriceKopecks},
                    Posting{.account = IdOf<AccountId>(2), .amount_kopecks = kPriceKopecks},
                    Context{}};
  MerkleTree tree;
  ByteWriter openings;
  ByteWriter leaf;
  const auto start = Clock::now();
  for (uint64_t i = 0; i < kEntries; ++i) {  // As the journal's writer does it.
    entry.leaf.index = i;
    entry.leaf.booked_at_ns = i + 1;
    entry.leaf.commitments.clear();
    openings.Clear();
    SealEntry(salts, &entry, &openings);
    leaf.Clear();
    const absl::Status encoded = AppendLeaf(entry.leaf, &leaf);
    assert(encoded.ok());
    tree.Append(leaf.view());
  }
  const std::chrono::duration<double> took = Clock::now() - start;
  assert(tree.size() == kEntries);
  return took.count() / kEntries;
}

EmbeddedFigures RunEmbedded(const EmbeddedOptions& options) {
  return Run(options).Measure();
}

}  // namespace ladon::bench

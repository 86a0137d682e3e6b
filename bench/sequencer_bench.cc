// Durable debits through the sequencer: `flight` of them wait at once, each is acknowledged after
// the sync of its batch. The bound for flight 1 is the disk's fdatasync.
#include <benchmark/benchmark.h>

#include <cassert>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/blocking_counter.h"
#include "ledger/sequencer.h"
#include "storage/rocks_store.h"

namespace ladon::ledger {
namespace {

constexpr int64_t kPriceKopecks = 7'500;
constexpr Date kDay = 2026'09'01;

// Distinct for distinct numbers, which is all that a benchmark asks of an id.
template <class Id>
Id IdOf(uint64_t number) {
  Id id;
  std::memcpy(id.bytes.data(), &number, sizeof(number));
  id.bytes.back() = 1;
  return id;
}

class BenchLedger {
 public:
  BenchLedger() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ladon-bench-XXXXXX").string();
    const char* const made = ::mkdtemp(pattern.data());
    assert(made != nullptr);
    directory_ = made;
    storage::RocksStoreOptions options{.path = directory_ + "/store", .create_if_missing = true};
    options.new_store_id.fill(1);
    auto store = storage::OpenRocksStore(options);
    assert(store.ok());
    store_ = *std::move(store);
    auto sequencer = Sequencer::Open({.store = store_.get(), .now_ns = [] {
                                        const auto now = std::chrono::system_clock::now();
                                        return static_cast<uint64_t>(now.time_since_epoch() /
                                                                     std::chrono::nanoseconds(1));
                                      }});
    assert(sequencer.ok());
    ledger_ = *std::move(sequencer);
    OpenAccounts open;
    for (const uint64_t number : {1, 2}) {
      AccountTerms terms;
      terms.account = IdOf<AccountId>(number);
      terms.flags = 0;  // No limit: the benchmark never tops up.
      open.accounts.push_back(terms);
    }
    Run(1, [&](size_t) { return Command(open); });
  }
  BenchLedger(const BenchLedger&) = delete;
  BenchLedger& operator=(const BenchLedger&) = delete;
  ~BenchLedger() {
    ledger_.reset();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  // Submits `count` commands at once and returns when all are durable.
  template <class MakeCommand>
  void Run(size_t count, const MakeCommand& make_command) {
    absl::BlockingCounter durable(static_cast<int>(count));
    for (size_t i = 0; i < count; ++i) {
      ++number_;
      Submission submission;
      submission.operation = {.digest = IdOf<Digest>(number_)};
      submission.content = IdOf<Digest>(number_);
      submission.command = make_command(i);
      submission.service_date = kDay;
      submission.transaction = IdOf<TransactionId>(number_);
      submission.done = [&durable](const absl::Status& status, const Outcome& outcome) {
        assert(status.ok() && outcome.code == ResultCode::kOk);
        durable.DecrementCount();
      };
      const absl::Status accepted = ledger_->Submit(std::move(submission));
      assert(accepted.ok());
    }
    durable.Wait();
  }

  [[nodiscard]] int64_t BalanceOf(uint64_t account) const {
    return ledger_->FindAccount(IdOf<AccountId>(account))->balance_kopecks;
  }

 private:
  std::string directory_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Sequencer> ledger_;
  uint64_t number_ = 0;
};

void BM_DurableDebits(benchmark::State& state) {
  BenchLedger ledger;
  const auto flight = static_cast<size_t>(state.range(0));
  PostTransaction debit;
  debit.transfers.push_back({.debit = IdOf<AccountId>(1),
                             .credit = IdOf<AccountId>(2),
                             .amount_kopecks = kPriceKopecks,
                             .line = std::nullopt});
  for (auto _ : state) ledger.Run(flight, [&](size_t) { return Command(debit); });
  const int64_t debits = state.iterations() * state.range(0);
  // Every debit that was timed was booked, once.
  assert(ledger.BalanceOf(2) == debits * kPriceKopecks);
  assert(ledger.BalanceOf(1) == -debits * kPriceKopecks);
  state.SetItemsProcessed(debits);
}
BENCHMARK(BM_DurableDebits)->ArgName("flight")->Arg(1)->Arg(64)->Arg(1'000)->UseRealTime();

}  // namespace
}  // namespace ladon::ledger

#include "bench/ledger/region.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <random>
#include <string_view>
#include <vector>

#include "bench/ledger/workload.h"
#include "ledger/sequencer.h"
#include "matcher/vein_code.h"
#include "server/audit/log.h"
#include "server/base/id.h"
#include "server/base/key_file.h"
#include "server/vault/key_table.h"
#include "server/vault/vault.h"
#include "storage/rocks_store.h"

namespace ladon::bench {
namespace {

constexpr ledger::Date kDay = 2026'09'01;
constexpr size_t kCodesDrawn = 500;  // Then they come again: a start does not compare them.
constexpr uint64_t kAtOnce = 100;
constexpr uint64_t kInFlightMax = 4'000;

template <class Id>
Id IdOf(uint64_t kind, uint64_t number) {
  Id id;
  for (size_t at = 0; at < sizeof(id); at += sizeof(uint64_t)) {
    const uint64_t bits = Mix(Mix(kind) + number * 8 + at);
    std::memcpy(reinterpret_cast<uint8_t*>(&id) + at, &bits, sizeof(bits));
  }
  return id;
}

uint64_t NowNs() {
  return static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch() /
                               std::chrono::nanoseconds(1));
}

std::string RandomTemplate(std::mt19937_64* random) {
  matcher::VeinCode code;
  std::uniform_int_distribution<int> orientation(0, matcher::kOrientations - 1);
  for (size_t y = 0; y < matcher::kGridSide; ++y) {
    for (size_t x = 0; x < matcher::kGridSide; ++x) {
      const int fine = orientation(*random);
      matcher::SetCell(code, x, y, {.fine = fine, .coarse = orientation(*random)});
    }
  }
  const std::vector<uint8_t> bytes = matcher::SerializeTemplate(code);
  return {bytes.begin(), bytes.end()};
}

class Region {
 public:
  explicit Region(const RegionOptions& options) : options_(options) {}

  absl::Status Open() {
    storage::RocksStoreOptions store{.path = options_.store, .create_if_missing = true};
    store.new_store_id.fill(7);
    auto opened = storage::OpenRocksStore(store);
    if (!opened.ok()) return opened.status();
    store_ = *std::move(opened);
    auto keys = vault::KeyTable::Open({.directory = options_.keys,
                                       .store_id = base::BytesOfHex(store_->store_id()).value(),
                                       .create = true},
                                      vault::RootKey::InFile(options_.root_key_file));
    if (!keys.ok()) return keys.status();
    keys_ = *std::move(keys);
    auto vault = vault::Vault::Open(store_.get(), keys_.get());
    if (!vault.ok()) return vault.status();
    vault_ = *std::move(vault);
    return absl::OkStatus();
  }

  absl::Status FillVault() {
    std::mt19937_64 random(options_.seed);
    std::vector<std::string> templates;
    for (size_t i = 0; i < kCodesDrawn; ++i) templates.push_back(RandomTemplate(&random));
    for (uint32_t child = 0; child < options_.children; ++child) {
      Tell("children", child, options_.children);
      const vault::SubjectRef subject = {
          .school = IdOf<base::SchoolId>(1, child % options_.schools),
          .subject = IdOf<base::SubjectId>(2, child)};
      for (const vault::Purpose purpose : {vault::Purpose::kPersonal, vault::Purpose::kBiometric}) {
        if (absl::Status made = vault_->PrepareKeys(subject, purpose); !made.ok()) return made;
      }
      storage::Batch batch;
      storage::Overlay overlay(store_.get(), &batch);
      vault_->PutSubject(subject,
                         {.family_name = "Иванов",
                          .given_name = "Иван",
                          .class_name = "5А",
                          .external_id = std::to_string(child),
                          .purses = {{uint8_t{1}, IdOf<base::AccountId>(3, child)}}},
                         &overlay);
      for (uint32_t sample = 0; sample < options_.samples; ++sample) {
        vault_->PutPalm(
            subject, static_cast<uint16_t>(sample),
            {.side = static_cast<uint8_t>(1 + sample % 2),
             .quality = 90,
             .sensor = {},
             .code = templates[(uint64_t{child} * options_.samples + sample) % kCodesDrawn]},
            &overlay);
      }
      if (absl::Status written = store_->Write(batch); !written.ok()) return written;
    }
    return absl::OkStatus();
  }

  absl::Status FillLedger() {
    const auto secret =
        keys_->FindOrCreate({.owner = {}, .purpose = vault::Purpose::kLedgerSecret});
    if (!secret.ok()) return secret.status();
    ledger::SequencerOptions options{.store = store_.get(), .now_ns = NowNs};
    std::copy_n(secret->RevealForCrypto().begin(), options.ledger_secret.size(),
                options.ledger_secret.begin());
    auto ledger = ledger::Sequencer::Open(std::move(options));
    if (!ledger.ok()) return ledger.status();
    ledger_ = *std::move(ledger);
    for (uint64_t at = 0; at < options_.children; at += ledger::kAccountsPerCommandMax) {
      ledger::OpenAccounts open;
      const uint64_t end =
          std::min<uint64_t>(options_.children, at + ledger::kAccountsPerCommandMax);
      for (uint64_t i = at; i < end; ++i) {
        ledger::AccountTerms terms;
        terms.account = IdOf<ledger::AccountId>(3, i);
        open.accounts.push_back(terms);
      }
      std::vector<ledger::Submission> one;
      one.push_back(Prepare(ledger::Command(std::move(open))));
      if (absl::Status taken = Submit(std::move(one)); !taken.ok()) return taken;
    }
    for (uint64_t done = 0; done < options_.transfers; done += kAtOnce) {
      Tell("transfers", done, options_.transfers);
      std::vector<ledger::Submission> batch;
      for (uint64_t i = 0; i < kAtOnce; ++i) {
        const uint64_t debit = Mix(done + i) % options_.children;
        ledger::PostTransaction post;
        post.transfers.push_back(
            {.debit = IdOf<ledger::AccountId>(3, debit),
             .credit = IdOf<ledger::AccountId>(3, (debit + 1) % options_.children),
             .amount_kopecks = kPriceKopecks,
             .line = std::nullopt});
        batch.push_back(Prepare(ledger::Command(std::move(post))));
      }
      if (absl::Status taken = Submit(std::move(batch)); !taken.ok()) return taken;
    }
    AwaitAtMost(0);
    if (failed_) return absl::InternalError("a transfer was refused");
    ledger_.reset();  // A server that is killed would have pages to come; this one stopped.
    return absl::OkStatus();
  }

  absl::Status FillSecurityLog() {
    auto log = audit::Log::Open(store_.get());
    if (!log.ok()) return log.status();
    constexpr uint64_t kRecordsAtOnce = 10'000;
    ledger::AuditLeaf leaf;
    leaf.event = 102;
    leaf.actor.fill(3);
    leaf.peer = "ipv4:10.0.0.1:50000";
    leaf.software_version = "0.1.0";
    for (uint64_t done = 0; done < options_.transfers; done += kRecordsAtOnce) {
      Tell("records", done, options_.transfers);
      storage::Batch batch;
      storage::Overlay overlay(store_.get(), &batch);
      uint64_t last = 0;
      for (uint64_t i = 0; i < kRecordsAtOnce; ++i) {
        leaf.at_ns = NowNs();
        last = (*log)->Append(leaf, &overlay);
      }
      if (absl::Status written = store_->Write(batch); !written.ok()) return written;
      (*log)->MarkDurable(last);
    }
    return absl::OkStatus();
  }

 private:
  ledger::Submission Prepare(ledger::Command command) {
    ++number_;
    ledger::Submission submission;
    submission.operation = IdOf<ledger::OperationKey>(4, number_);
    submission.content = {submission.operation.digest};
    submission.command = std::move(command);
    submission.service_date = kDay;
    submission.transaction = IdOf<ledger::TransactionId>(5, number_);
    submission.done = [this](const absl::Status& status, const ledger::Outcome& outcome) {
      const std::lock_guard lock(mutex_);
      if (!status.ok() || outcome.code != ledger::ResultCode::kOk) failed_ = true;
      --in_flight_;
      if (in_flight_ % kAtOnce == 0) changed_.notify_one();
    };
    return submission;
  }

  absl::Status Submit(std::vector<ledger::Submission> batch) {
    AwaitAtMost(kInFlightMax - batch.size());
    {
      const std::lock_guard lock(mutex_);
      if (failed_) return absl::InternalError("a transfer was refused");
      in_flight_ += batch.size();
    }
    return ledger_->SubmitAll(std::move(batch));
  }

  void AwaitAtMost(uint64_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return in_flight_ <= count; });
  }

  static void Tell(std::string_view what, uint64_t done, uint64_t all) {
    if (done * 10 / all != (done == 0 ? 10 : (done - 1) * 10 / all)) {
      std::fprintf(stderr, "  %.*s: %llu of %llu\n", static_cast<int>(what.size()), what.data(),
                   static_cast<unsigned long long>(done), static_cast<unsigned long long>(all));
    }
  }

  const RegionOptions options_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<vault::KeyTable> keys_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<ledger::Sequencer> ledger_;
  uint64_t number_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t in_flight_ = 0;
  bool failed_ = false;
};

}  // namespace

absl::Status FillRegion(const RegionOptions& options) {
  Region region(options);
  absl::Status s = region.Open();
  if (s.ok()) s = region.FillVault();
  if (s.ok()) s = region.FillLedger();
  if (s.ok()) s = region.FillSecurityLog();
  return s;
}

}  // namespace ladon::bench

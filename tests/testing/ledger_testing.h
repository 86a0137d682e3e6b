// What ledger tests share: ids by number, submissions, and a ledger on a disk that can fail.
#ifndef LADON_TESTS_TESTING_LEDGER_TESTING_H_
#define LADON_TESTS_TESTING_LEDGER_TESTING_H_

#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ledger/proof/merkle.h"
#include "ledger/sequencer.h"
#include "storage/rocks_store.h"
#include "tests/testing/countdown.h"
#include "tests/testing/fault_fs.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::testing {

// Looks random, and is the same in every run.
template <class Id>
Id IdOf(uint64_t number) {
  const ledger::Digest digest = ledger::Sha256(absl::StrCat("id ", number));
  Id id;
  std::memcpy(id.bytes.data(), digest.bytes.data(), id.bytes.size());
  return id;
}

inline ledger::Digest DigestOf(uint64_t number) {
  return ledger::Sha256(absl::StrCat("digest ", number));
}

inline ledger::OperationKey OperationOf(uint64_t number) {
  return {.digest = ledger::Sha256(absl::StrCat("operation ", number))};
}

inline std::array<uint8_t, 32> TestSecret() {
  std::array<uint8_t, 32> secret{};
  secret.fill(0x42);
  return secret;
}

// Request number `number`: its key, its content and its transaction follow from the number.
inline ledger::Submission SubmissionOf(uint64_t number, ledger::Command command) {
  ledger::Submission submission;
  submission.operation = OperationOf(number);
  submission.content = DigestOf(number);
  submission.command = std::move(command);
  submission.context = {.school = IdOf<ledger::SchoolId>(1), .actor = IdOf<ledger::ActorId>(2)};
  submission.service_date = 2026'09'01;
  submission.transaction = IdOf<ledger::TransactionId>(number);
  return submission;
}

inline ledger::AccountTerms TermsOf(uint64_t account, uint16_t flags = 0, int64_t overdraft = 0) {
  ledger::AccountTerms terms;
  terms.account = IdOf<ledger::AccountId>(account);
  terms.flags = flags;
  terms.overdraft_limit_kopecks = overdraft;
  return terms;
}

inline ledger::Transfer TransferOf(uint64_t debit, uint64_t credit, int64_t amount_kopecks) {
  return {.debit = IdOf<ledger::AccountId>(debit),
          .credit = IdOf<ledger::AccountId>(credit),
          .amount_kopecks = amount_kopecks,
          .line = std::nullopt};
}

inline ledger::PostTransaction Pay(std::vector<ledger::Transfer> transfers) {
  ledger::PostTransaction post;
  post.transfers = std::move(transfers);
  return post;
}

inline ledger::CancelOperation CancelOf(uint64_t target) {
  ledger::CancelOperation cancel;
  cancel.target = OperationOf(target);
  return cancel;
}

// A store and a sequencer in a directory of their own, on a disk that counts and can fail.
class TestLedger {
 public:
  explicit TestLedger(uint64_t seed = 1, bool tear = false, uint8_t store_id = 0x77)
      : store_id_(store_id), disk_(std::make_unique<FaultDisk>(seed, tear)) {}
  ~TestLedger() { Close(); }

  // The store as it is on the disk, a fresh one the first time, and the ledger on it.
  absl::Status Open(bool sync = true) {
    if (absl::Status opened = OpenStore(sync); !opened.ok()) {
      return opened;
    }
    return OpenSequencer();
  }

  absl::Status OpenStore(bool sync = true) {
    storage::RocksStoreOptions options;
    options.path = dir_.Sub("store");
    options.create_if_missing = true;
    options.new_store_id.fill(store_id_);
    options.env = disk_->env();
    options.unsafe_no_sync_for_tests = !sync;
    absl::StatusOr<std::unique_ptr<storage::Store>> store = storage::OpenRocksStore(options);
    if (!store.ok()) {
      return store.status();
    }
    store_ = *std::move(store);
    return absl::OkStatus();
  }

  absl::Status OpenSequencer(bool verify_all = false) {
    ledger::SequencerOptions sequencing;
    sequencing.verify_all = verify_all;
    sequencing.store = store_.get();
    sequencing.ledger_secret = TestSecret();
    sequencing.now_ns = [this] { return now_ns.load(); };
    sequencing.on_fatal = [this](const absl::Status& status) {
      ++fatal_calls;
      fatal_text = status.ToString();
    };
    absl::StatusOr<std::unique_ptr<ledger::Sequencer>> sequencer =
        ledger::Sequencer::Open(std::move(sequencing));
    if (!sequencer.ok()) {
      return sequencer.status();
    }
    sequencer_ = *std::move(sequencer);
    return absl::OkStatus();
  }

  void Close() {
    sequencer_.reset();
    store_.reset();
  }

  // Cuts the power and puts a healthy disk in.
  void PowerCut() {
    disk_->PowerCut();
    Close();
    disk_ = std::make_unique<FaultDisk>();
  }

  // Submits all at once and waits for all answers.
  std::vector<std::pair<absl::Status, ledger::Outcome>> CallAll(
      std::vector<ledger::Submission> submissions) {
    std::vector<std::pair<absl::Status, ledger::Outcome>> answers(submissions.size());
    Countdown waiting(submissions.size());
    for (size_t i = 0; i < submissions.size(); ++i) {
      submissions[i].done = [&answers, &waiting, i](const absl::Status& status,
                                                    const ledger::Outcome& outcome) {
        answers[i] = {status, outcome};
        waiting.Done();
      };
      if (absl::Status taken = sequencer_->Submit(std::move(submissions[i])); !taken.ok()) {
        answers[i].first = taken;
        waiting.Done();
      }
    }
    waiting.Wait();
    return answers;
  }

  std::pair<absl::Status, ledger::Outcome> Call(ledger::Submission submission) {
    std::vector<ledger::Submission> one;
    one.push_back(std::move(submission));
    return CallAll(std::move(one)).front();
  }

  // As above; the answer must be OK.
  ledger::Outcome Do(ledger::Submission submission) {
    auto [status, outcome] = Call(std::move(submission));
    EXPECT_THAT(status, IsOk());
    return outcome;
  }

  // Opens accounts 1..count without limits. Uses request number `number`.
  void OpenAccounts(uint64_t number, uint64_t count) {
    ledger::OpenAccounts open;
    for (uint64_t account = 1; account <= count; ++account) {
      open.accounts.push_back(TermsOf(account));
    }
    EXPECT_EQ(Do(SubmissionOf(number, open)).code, ledger::ResultCode::kOk);
  }

  [[nodiscard]] int64_t Balance(uint64_t account) const {
    const auto view = sequencer_->FindAccount(IdOf<ledger::AccountId>(account));
    EXPECT_TRUE(view.has_value());
    return view.has_value() ? view->balance_kopecks : 0;
  }

  [[nodiscard]] ledger::Sequencer& sequencer() { return *sequencer_; }
  [[nodiscard]] storage::Store& store() { return *store_; }
  [[nodiscard]] FaultDisk& disk() { return *disk_; }

  std::atomic<uint64_t> now_ns = 1'788'250'500'000'000'000;
  std::atomic<int> fatal_calls = 0;
  std::string fatal_text;  // Read after Close().

 private:
  const uint8_t store_id_;
  TempDir dir_;
  std::unique_ptr<FaultDisk> disk_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<ledger::Sequencer> sequencer_;
};

}  // namespace ladon::testing

#endif  // LADON_TESTS_TESTING_LEDGER_TESTING_H_

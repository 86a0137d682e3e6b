// A burst of sales in which the server is killed without warning, and the proof afterwards.
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/client/connection.h"
#include "server/client/demo/show.h"

namespace ladon::demo {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBurstThreads = 4;
constexpr int kAcknowledgedBeforeKillMin = 50;
constexpr int kAcknowledgedBeforeKillSpread = 250;
constexpr std::chrono::seconds kBurstTimeout{30};
constexpr std::chrono::milliseconds kWatchPause{1};
constexpr size_t kCheapestItem = 6;
constexpr int kResolveSendsMax = 20;
constexpr std::chrono::milliseconds kResolvePause{100};

struct Unanswered {
  size_t till = 0;
  size_t child = 0;
  v1::IdentifyAndDebitRequest request;
};

struct Burst {
  std::atomic<bool> stop{false};
  std::atomic<int> acknowledged{0};
  std::atomic<int> refused{0};
  std::mutex mutex;
  std::vector<Unanswered> unanswered;
  std::vector<int64_t> debit_us;
  int64_t wrong_child = 0;
};

struct Resolved {
  int booked = 0;    // GetOperation: it had gone through.
  int repeated = 0;  // It had not arrived; the repeat under the same id went through.
  int refused = 0;
};

struct BurstScene {
  const World* world;
  const std::vector<Child>* children;
  const std::vector<std::unique_ptr<TillClient>>* tills;
  SalesRecord* record;
};

// One till that sells as fast as it is answered, until an answer is missing.
void SellUntilSilence(const BurstScene& scene, uint64_t seed, size_t till, Burst* burst) {
  std::mt19937_64 random(seed);
  const size_t payers = scene.children->size() - kExtraChildren;
  while (!burst->stop.load()) {
    Unanswered sale;
    sale.till = till;
    sale.child = random() % payers;
    const Child& child = (*scene.children)[sale.child];
    sale.request.set_request_id(FreshId());
    *sale.request.mutable_card() = child.card;
    *sale.request.mutable_basket() = BasketOf(*scene.world, kCheapestItem, 1);
    sale.request.set_repeat_confirmed(true);
    v1::IdentifyAndDebitResponse response;
    int64_t took_us = 0;
    const grpc::Status status =
        (*scene.tills)[till]->IdentifyAndDebit(sale.request, &response, &took_us);
    if (status.ok()) {
      scene.record->Sold(response.transaction_id(), sale.child,
                         sale.request.basket().total_kopecks());
      ++burst->acknowledged;
      const std::lock_guard<std::mutex> lock(burst->mutex);
      burst->debit_us.push_back(took_us);
      if (response.payer().display_name() != child.till_name) ++burst->wrong_child;
      continue;
    }
    if (client::IsDefinite(status)) {
      ++burst->refused;
      continue;
    }
    const std::lock_guard<std::mutex> lock(burst->mutex);
    burst->unanswered.push_back(std::move(sale));
    return;
  }
}

// What became of one unanswered sale: ask, and where nothing is known repeat the same bytes.
absl::Status Resolve(const Unanswered& sale, TillClient* till, SalesRecord* record, Resolved* out) {
  const int64_t amount = sale.request.basket().total_kopecks();
  grpc::Status status;
  for (int i = 0; i < kResolveSendsMax; ++i) {
    if (i > 0) std::this_thread::sleep_for(kResolvePause);
    v1::GetOperationResponse operation;
    status = till->GetOperation(sale.request.request_id(), &operation);
    if (!status.ok()) continue;
    if (operation.state() == v1::OPERATION_STATE_SUCCEEDED) {
      record->Sold(operation.transaction_id(), sale.child, amount);
      ++out->booked;
      return absl::OkStatus();
    }
    if (operation.state() != v1::OPERATION_STATE_UNKNOWN) {
      ++out->refused;
      return absl::OkStatus();
    }
    v1::IdentifyAndDebitResponse response;
    status = till->IdentifyAndDebit(sale.request, &response);
    if (status.ok()) {
      record->Sold(response.transaction_id(), sale.child, amount);
      ++out->repeated;
      return absl::OkStatus();
    }
    if (client::IsDefinite(status)) {
      ++out->refused;
      return absl::OkStatus();
    }
  }
  return StepStatus(status, "an unanswered sale could not be resolved");
}

}  // namespace

absl::Status Show::KillInBurst(int round) {
  if (round == 0) stage_->Scene("demo.scene.burst");
  Burst burst;
  const BurstScene scene = {
      .world = world_.get(), .children = &children_, .tills = &till_clients_, .record = &record_};
  std::vector<std::thread> threads;
  threads.reserve(kBurstThreads);
  for (int t = 0; t < kBurstThreads; ++t) {
    threads.emplace_back(SellUntilSilence, std::cref(scene), random_(),
                         static_cast<size_t>(t) % till_clients_.size(), &burst);
  }
  // The moment is drawn by lot, in the middle of the work.
  const int kill_at =
      kAcknowledgedBeforeKillMin + static_cast<int>(random_() % kAcknowledgedBeforeKillSpread);
  const Clock::time_point deadline = Clock::now() + kBurstTimeout;
  while (burst.acknowledged.load() < kill_at && Clock::now() < deadline) {
    std::this_thread::sleep_for(kWatchPause);
  }
  server_->Kill();
  burst.stop = true;
  for (std::thread& thread : threads) thread.join();
  const int acknowledged = burst.acknowledged.load();
  figures_.debit_us.insert(figures_.debit_us.end(), burst.debit_us.begin(), burst.debit_us.end());
  figures_.wrong_child += burst.wrong_child;
  stage_->Check(acknowledged >= kAcknowledgedBeforeKillMin, "demo.burst.killed",
                {std::to_string(acknowledged), std::to_string(burst.unanswered.size())});

  const Clock::time_point start = Clock::now();
  const absl::StatusOr<std::string> address = server_->Start();
  if (!address.ok()) return address.status();
  const auto took_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
  stage_->Tick("demo.burst.restarted", {std::to_string(took_ms)});
  if (absl::Status s = world_->Reconnect(*address); !s.ok()) return s;
  if (absl::Status s = ReconnectTills(); !s.ok()) return s;
  Resolved resolved;
  for (const Unanswered& sale : burst.unanswered) {
    if (absl::Status s = Resolve(sale, till_clients_[sale.till].get(), &record_, &resolved);
        !s.ok()) {
      return s;
    }
  }
  stage_->Check(
      resolved.refused == 0 && burst.refused.load() == 0, "demo.burst.resolved",
      {std::to_string(burst.unanswered.size()), std::to_string(resolved.booked),
       std::to_string(resolved.repeated), std::to_string(resolved.refused + burst.refused.load())});
  return absl::OkStatus();
}

absl::Status Show::ProveNothingLost() {
  stage_->Scene("demo.scene.proof");
  std::vector<std::vector<v1::StatementLine>> statements;
  std::vector<int64_t> balances_kopecks;
  size_t lines = 0;
  for (const Child& child : children_) {
    auto statement = world_->Statement(child);
    if (!statement.ok()) return statement.status();
    const absl::StatusOr<int64_t> balance = world_->BalanceKopecks(child);
    if (!balance.ok()) return balance.status();
    lines += statement->size();
    statements.push_back(*std::move(statement));
    balances_kopecks.push_back(*balance);
  }
  const Reconciliation proof = Reconcile(record_, statements, balances_kopecks);
  figures_.acknowledged = proof.acknowledged;
  figures_.lost = proof.lost;
  figures_.duplicated = proof.duplicated;
  figures_.wrong_child += proof.wrong_child;
  stage_->Tick("demo.proof.read", {std::to_string(statements.size()), std::to_string(lines)});
  client::Table table;
  table.Column(stage_->Text("demo.table.what"));
  table.Column(stage_->Text("demo.table.count"), client::Align::kRight);
  table.Column(stage_->Text("demo.table.sum"), client::Align::kRight);
  table.Row({stage_->Text("demo.proof.acknowledged"), std::to_string(proof.acknowledged),
             stage_->Money(proof.acknowledged_kopecks)});
  int64_t meals = 0;
  for (const auto& statement : statements) {
    for (const v1::StatementLine& line : statement) {
      meals += line.kind() == v1::STATEMENT_KIND_MEAL ? 1 : 0;
    }
  }
  table.Row({stage_->Text("demo.proof.found"), std::to_string(meals),
             stage_->Money(proof.found_kopecks)});
  table.Row({stage_->Text("demo.proof.lost"), std::to_string(proof.lost), ""});
  table.Row({stage_->Text("demo.proof.duplicated"), std::to_string(proof.duplicated), ""});
  stage_->Show(table);
  stage_->Check(proof.lost == 0 && proof.duplicated == 0 && proof.wrong_child == 0 &&
                    proof.acknowledged_kopecks == proof.found_kopecks,
                "demo.proof.once");
  stage_->Check(proof.wrong_balances == 0, "demo.proof.balances",
                {std::to_string(proof.wrong_balances)});
  return absl::OkStatus();
}

}  // namespace ladon::demo

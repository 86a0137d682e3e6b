// A whole house in a directory of its own: the real store on a disk that can fail, the real
// committer, vault, galleries and security log, and a clock that stands until a test moves it.
//
// Every verb here waits for its answer. Each one also asserts the rule that holds for all of them:
// exactly one security record per answer, with the event of the call, its outcome and its reason.
// Threading: one test, one thread; Start…() forms of a verb are not here, tests call flow itself.
#ifndef LADON_TESTS_SERVER_FLOW_FLOW_WORLD_H_
#define LADON_TESTS_SERVER_FLOW_FLOW_WORLD_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "server/flow/cancel.h"
#include "server/flow/debit.h"
#include "server/flow/enrol.h"
#include "server/flow/enrol_check.h"
#include "server/flow/epochs.h"
#include "server/flow/house.h"
#include "server/flow/identify.h"
#include "server/flow/money.h"
#include "server/flow/principals.h"
#include "server/flow/refusal.h"
#include "server/flow/rights.h"
#include "server/flow/setup.h"
#include "tests/testing/fault_fs.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::flow {

inline constexpr uint64_t kSecondNs = 1'000'000'000;
inline constexpr uint64_t kMinuteNs = 60 * kSecondNs;
inline constexpr uint64_t kHourNs = 60 * kMinuteNs;
inline constexpr uint64_t kDayNs = 24 * kHourNs;
// 2026-09-01 12:00 in Tomsk (UTC+7).
inline constexpr uint64_t kNoonNs = 1'788'238'800 * kSecondNs;
inline constexpr uint32_t kToday = 2026'09'01;

template <class T>
absl::StatusOr<T> WaitFor(const std::function<void(Done<T>)>& start) {
  absl::Notification answered;
  absl::StatusOr<T> answer = absl::UnknownError("no answer");
  start([&](absl::StatusOr<T> given) {
    answer = std::move(given);
    answered.Notify();  // A second answer to one call stops the test here.
  });
  answered.WaitForNotification();
  return answer;
}

// 16 bytes that follow from a number.
template <class Id>
Id IdOf(uint64_t number) {
  Id id;
  for (size_t i = 0; i < 8; ++i) {
    id.bytes[i] = 0xA5;
    id.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  }
  return id;
}

// The refusal in an answer; kNone for OK.
template <class T>
Reason ReasonOf(const absl::StatusOr<T>& answer) {
  return DetailOf(answer.status()).reason;
}
inline Reason ReasonOf(const absl::Status& status) {
  return DetailOf(status).reason;
}
template <class T>
std::string FieldOf(const absl::StatusOr<T>& answer) {
  return DetailOf(answer.status()).field;
}

// A school as most tests want it: one caterer, one price list, two tills.
struct TestSchool {
  directory::School school;
  directory::Caterer caterer;
  directory::Terminal till;
  directory::Terminal other_till;
};

inline constexpr uint16_t kSoup = 1;  // Item numbers and categories of the price list.
inline constexpr uint16_t kBun = 2;
inline constexpr int64_t kSoupKopecks = 12'000;
inline constexpr int64_t kBunKopecks = 3'550;

[[nodiscard]] BasketLine LineOf(uint16_t item, uint32_t quantity = 1, uint8_t purse = kMainPurse);
[[nodiscard]] BasketLine FreeLine(int64_t kopecks, uint8_t purse = kMainPurse);
[[nodiscard]] Basket BasketOf(const TestSchool& school, std::vector<BasketLine> lines);
[[nodiscard]] vault::CardNumber CardOf(uint32_t number);
[[nodiscard]] directory::SchoolSettings DefaultSettings();

class FlowWorld {
 public:
  FlowWorld();
  ~FlowWorld();
  FlowWorld(const FlowWorld&) = delete;
  FlowWorld& operator=(const FlowWorld&) = delete;

  // Stops everything and opens it again from the disk: tokens become void, the rest stays.
  void Restart();
  // As Restart(), after a power cut: what was not synced is gone; the new disk is healthy.
  void PowerCutAndRestart();
  // As Restart(), with room for so many samples in a school's gallery.
  void RestartWithRoomFor(size_t rows_max);

  [[nodiscard]] const House& house() const { return house_; }
  [[nodiscard]] storage::Store& store() { return *store_; }
  [[nodiscard]] vault::Vault& vault() { return *vault_; }
  [[nodiscard]] vault::KeyTable& keys() { return *keys_; }
  [[nodiscard]] testing::FaultDisk& disk() { return *disk_; }
  [[nodiscard]] std::mt19937_64& rng() { return rng_; }

  // Callers, as their certificates make them.
  [[nodiscard]] access::Caller Till(const TestSchool& school) const;
  [[nodiscard]] access::Caller OtherTill(const TestSchool& school) const;
  [[nodiscard]] access::Caller Cashier(const base::SchoolId& school) const;
  [[nodiscard]] access::Caller Desk(const base::SchoolId& school) const;
  [[nodiscard]] access::Caller OtherDesk(const base::SchoolId& school) const;
  [[nodiscard]] access::Caller Sysadmin() const;
  // Of all schools, one person each `number`.
  [[nodiscard]] access::Caller Officer(uint8_t number = 1) const;
  [[nodiscard]] access::Caller SecurityAdmin(uint8_t number = 1) const;
  [[nodiscard]] access::Caller Head(const base::SchoolId& school) const;

  // Request `id` of `caller` with content `content`; without an id, a fresh one.
  [[nodiscard]] Request RequestOf(const access::Caller& caller, const base::RequestId& id,
                                  std::string_view content = "content") const;
  [[nodiscard]] base::RequestId FreshId() { return IdOf<base::RequestId>(++last_request_); }
  [[nodiscard]] Request Fresh(const access::Caller& caller) { return RequestOf(caller, FreshId()); }

  // Things that most tests need; each asserts that it worked.
  TestSchool MakeSchool(const directory::SchoolSettings& settings = DefaultSettings());
  void PutList(const TestSchool& school, uint32_t from, int64_t soup_kopecks = kSoupKopecks);
  void ChangeSettings(TestSchool* school, const directory::SchoolSettings& settings);
  SubjectView MakePupil(const TestSchool& school, int64_t kopecks = 0,
                        const std::vector<uint8_t>& purses = {});
  void GiveConsents(const TestSchool& school, const base::SubjectId& subject);
  void TopUpPurse(const TestSchool& school, const base::AccountId& purse, int64_t kopecks);
  // Consents, and `samples` noisy samples of a palm that is returned.
  matcher::VeinCode GivePalm(const TestSchool& school, const base::SubjectId& subject,
                             size_t samples = 2);
  void GivePin(const TestSchool& school, const base::SubjectId& subject, const std::string& pin);
  base::CardId GiveCard(const TestSchool& school, const base::SubjectId& subject,
                        const vault::CardNumber& number);
  [[nodiscard]] matcher::VeinCode NewPalm();
  // The same palm as another capture shows it.
  [[nodiscard]] Probe ProbeOf(const matcher::VeinCode& palm, Liveness liveness = Liveness::kPass);
  [[nodiscard]] int64_t Balance(const base::AccountId& account) const;
  // A sale at `school`'s first till, with a fresh request id; by list, at its senior cashier's.
  [[nodiscard]] DebitInput SaleOf(const TestSchool& school, DebitMeans means,
                                  std::vector<BasketLine> lines);

  // The verbs. Every one expects its one security record.
  absl::StatusOr<IdentifyAnswer> Identify(const access::Caller& caller, const PayMeans& means);
  absl::StatusOr<DebitAnswer> Debit(const access::Caller& caller, const DebitInput& input);
  absl::StatusOr<CancelAnswer> Cancel(const access::Caller& caller, const CancelInput& input);
  absl::StatusOr<OperationAnswer> GetOperation(const access::Caller& caller,
                                               const base::RequestId& id);
  // Any other verb: `start` is called with the admitted caller and a callback.
  template <class T>
  absl::StatusOr<T> Call(const access::Caller& caller, std::string_view rpc,
                         const std::function<void(const access::Caller&, Done<T>)>& start) {
    const access::Caller admitted = Admit(caller, rpc);
    const uint64_t before = AuditSize();
    absl::StatusOr<T> answer = WaitFor<T>([&](Done<T> done) { start(admitted, std::move(done)); });
    ExpectAudit(before, admitted, answer.status());
    return answer;
  }

  [[nodiscard]] uint64_t AuditSize() const { return audit_->Head().first; }
  // The record of the last verb.
  [[nodiscard]] const ledger::AuditLeaf& last_audit() const { return last_audit_; }

  std::atomic<uint64_t> now_ns = kNoonNs;
  std::atomic<int> fatal_calls = 0;
  PrincipalRules principal_rules;
  base::Calendar calendar = base::Calendar::Statutory();

 private:
  void Open();
  void MakeHouse();
  void Close();
  [[nodiscard]] access::Caller Admit(access::Caller caller, std::string_view rpc) const;
  [[nodiscard]] access::Caller CallerOf(base::Role role, const base::SchoolId& school,
                                        const std::array<uint8_t, 16>& id) const;
  void ExpectAudit(uint64_t before, const access::Caller& caller, const absl::Status& status);

  testing::TempDir dir_;
  std::unique_ptr<testing::FaultDisk> disk_ = std::make_unique<testing::FaultDisk>();
  base::SecretKey root_ = base::SecretKey::Random();
  std::optional<base::SecretKey> digest_key_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<vault::KeyTable> keys_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<directory::Directory> directory_;
  std::unique_ptr<audit::Log> audit_;
  std::unique_ptr<registers::Registers> registers_;
  std::unique_ptr<Epochs> epochs_;
  ExportQuota export_quota_;
  std::unique_ptr<Galleries> galleries_;
  std::unique_ptr<TokenSealer> tokens_;
  Throttle palm_throttle_;
  std::unique_ptr<Throttles> throttles_;
  LookAlikes look_alikes_;
  std::unique_ptr<WorkerPool> searchers_;
  std::unique_ptr<WorkerPool> keeper_;
  std::unique_ptr<WorkerPool> exporter_;
  std::unique_ptr<ledger::Sequencer> sequencer_;
  House house_;
  size_t rows_max_ = matcher::kGalleryRowsDefault;
  ledger::AuditLeaf last_audit_;
  uint64_t last_request_ = 0;
  std::mt19937_64 rng_{20260901};
};

}  // namespace ladon::flow

#endif  // LADON_TESTS_SERVER_FLOW_FLOW_WORLD_H_

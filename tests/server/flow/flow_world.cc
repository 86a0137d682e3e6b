#include "tests/server/flow/flow_world.h"

#include <cassert>
#include <cstring>

#include "server/audit/query.h"
#include "server/flow/mutate.h"
#include "server/flow/pin.h"
#include "storage/rocks_store.h"
#include "tests/matcher/random_codes.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

constexpr double kCaptureNoise = 0.1;  // Cells that differ between two captures of one palm.

base::ItemId ItemOf(uint16_t item) {
  return IdOf<base::ItemId>(item);
}

}  // namespace

BasketLine LineOf(uint16_t item, uint32_t quantity, uint8_t purse) {
  return {.item = ItemOf(item),
          .category = item,
          .quantity = quantity,
          .unit_price_kopecks = item == kSoup ? kSoupKopecks : kBunKopecks,
          .purse = purse};
}

BasketLine FreeLine(int64_t kopecks, uint8_t purse) {
  return {.item = {}, .quantity = 1, .unit_price_kopecks = kopecks, .purse = purse};
}

Basket BasketOf(const TestSchool& school, std::vector<BasketLine> lines) {
  Basket basket{.caterer = school.caterer.id, .lines = std::move(lines)};
  for (const BasketLine& line : basket.lines) basket.total_kopecks += line.amount_kopecks();
  return basket;
}

vault::CardNumber CardOf(uint32_t number) {
  std::string uid = "\x04" + std::string(6, '\0');
  std::memcpy(uid.data() + 3, &number, sizeof(number));
  const auto card = vault::CanonicalCard(vault::CardTechnology::kIso14443A, uid,
                                         vault::ReaderProfile::kTransmissionOrder);
  assert(card.ok());
  return *card;
}

directory::SchoolSettings DefaultSettings() {
  return {.name = "Школа № 1",
          .time_zone = "Asia/Tomsk",
          .biometrics = true,
          .biometrics_document_id = "order-17",
          .show_balance_at_till = true,
          .low_money_kopecks = 5'000,
          .free_amount_max_kopecks = 50'000,
          .unknown_liveness_max_kopecks = 20'000,
          .cancel_window_seconds = 900};
}

FlowWorld::FlowWorld() {
  Open();
}
FlowWorld::~FlowWorld() {
  Close();
}

void FlowWorld::Open() {
  storage::RocksStoreOptions options;
  options.path = dir_.Sub("store");
  options.create_if_missing = true;
  options.new_store_id.fill(0x51);
  options.env = disk_->env();
  auto store = storage::OpenRocksStore(options);
  ASSERT_THAT(store, IsOk());
  store_ = *std::move(store);
  auto keys = vault::KeyTable::Open({.directory = dir_.Sub("keys"),
                                     .store_id = *base::BytesOfHex(store_->store_id()),
                                     .create = true},
                                    vault::RootKey([this] { return root_.Clone(); }));
  ASSERT_THAT(keys, IsOk());
  keys_ = *std::move(keys);
  auto vault = vault::Vault::Open(store_.get(), keys_.get());
  ASSERT_THAT(vault, IsOk());
  vault_ = *std::move(vault);
  auto directory = directory::Directory::Open(*store_);
  ASSERT_THAT(directory, IsOk());
  directory_ = *std::move(directory);
  auto log = audit::Log::Open(store_.get());
  ASSERT_THAT(log, IsOk());
  audit_ = *std::move(log);
  auto galleries = Galleries::Load(vault_.get(), {}, matcher::kDefaultThresholds, rows_max_);
  ASSERT_THAT(galleries, IsOk());
  galleries_ = *std::move(galleries);
  auto digest_key = keys_->FindOrCreate({.owner = {}, .purpose = vault::Purpose::kContentDigest});
  ASSERT_THAT(digest_key, IsOk());
  digest_key_ = *std::move(digest_key);
  const auto secret = keys_->FindOrCreate({.owner = {}, .purpose = vault::Purpose::kLedgerSecret});
  ASSERT_THAT(secret, IsOk());

  ledger::SequencerOptions sequencing;
  sequencing.store = store_.get();
  std::memcpy(sequencing.ledger_secret.data(), secret->RevealForCrypto().data(),
              sequencing.ledger_secret.size());
  sequencing.now_ns = [this] { return now_ns.load(); };
  sequencing.on_fatal = [this](const absl::Status&) { ++fatal_calls; };
  auto sequencer = ledger::Sequencer::Open(std::move(sequencing));
  ASSERT_THAT(sequencer, IsOk());
  sequencer_ = *std::move(sequencer);
  tokens_ = std::make_unique<TokenSealer>();
  throttles_ = std::make_unique<Throttles>();
  searchers_ = std::make_unique<WorkerPool>(1);
  keeper_ = std::make_unique<WorkerPool>(1);
  exporter_ = std::make_unique<WorkerPool>(1);
  auto registers = registers::Registers::Open(*store_);
  ASSERT_THAT(registers, IsOk());
  registers_ = *std::move(registers);
  epochs_ = std::make_unique<Epochs>(
      Epochs::Options{.keys = keys_.get(), .now_ns = [this] { return now_ns.load(); }});
  MakeHouse();
}

void FlowWorld::MakeHouse() {
  house_ = {.matrix = &access::Matrix::BuiltIn(),
            .ledger = sequencer_.get(),
            .vault = vault_.get(),
            .directory = directory_.get(),
            .audit = audit_.get(),
            .registers = registers_.get(),
            .galleries = galleries_.get(),
            .tokens = tokens_.get(),
            .palm_throttle = &palm_throttle_,
            .throttles = throttles_.get(),
            .look_alikes = &look_alikes_,
            .searchers = searchers_.get(),
            .keeper = keeper_.get(),
            .exporter = exporter_.get(),
            .export_quota = &export_quota_,
            .principal_rules = &principal_rules,
            .calendar = &calendar,
            .epochs = epochs_.get(),
            .time_zone = "Europe/Moscow",
            .digest_key = &*digest_key_,
            .now_ns = [this] { return now_ns.load(); }};
}

void FlowWorld::Close() {
  if (searchers_) searchers_->Stop();
  if (exporter_) exporter_->Stop();
  if (sequencer_) sequencer_->Stop();
  if (keeper_) keeper_->Stop();
  sequencer_.reset();
  keeper_.reset();
  exporter_.reset();
  epochs_.reset();
  registers_.reset();
  searchers_.reset();
  tokens_.reset();
  galleries_.reset();
  audit_.reset();
  directory_.reset();
  vault_.reset();
  keys_.reset();
  store_.reset();
}

void FlowWorld::Restart() {
  Close();
  Open();
}

void FlowWorld::PowerCutAndRestart() {
  disk_->PowerCut();
  Close();
  disk_ = std::make_unique<testing::FaultDisk>();
  Open();
}

void FlowWorld::RestartWithRoomFor(size_t rows_max) {
  rows_max_ = rows_max;
  Restart();
}

access::Caller FlowWorld::CallerOf(base::Role role, const base::SchoolId& school,
                                   const std::array<uint8_t, 16>& id) const {
  access::Caller caller;
  caller.principal = {.role = role, .school = school, .id = {id}};
  caller.uri = base::FormatPrincipal(caller.principal);
  caller.certificate_serial.back() = static_cast<uint8_t>(role);
  caller.peer = "ipv4:127.0.0.1:40000";
  return caller;
}

access::Caller FlowWorld::Till(const TestSchool& school) const {
  return CallerOf(base::Role::kTerminal, school.school.id, school.till.id.bytes);
}

access::Caller FlowWorld::OtherTill(const TestSchool& school) const {
  return CallerOf(base::Role::kTerminal, school.school.id, school.other_till.id.bytes);
}

access::Caller FlowWorld::Cashier(const base::SchoolId& school) const {
  return CallerOf(base::Role::kSeniorCashier, school, IdOf<base::ActorId>(71).bytes);
}

access::Caller FlowWorld::Desk(const base::SchoolId& school) const {
  return CallerOf(base::Role::kEnroller, school, IdOf<base::ActorId>(72).bytes);
}

access::Caller FlowWorld::OtherDesk(const base::SchoolId& school) const {
  return CallerOf(base::Role::kEnroller, school, IdOf<base::ActorId>(74).bytes);
}

access::Caller FlowWorld::Sysadmin() const {
  return CallerOf(base::Role::kSysadmin, {}, IdOf<base::ActorId>(73).bytes);
}
access::Caller FlowWorld::Officer(uint8_t number) const {
  return CallerOf(base::Role::kDataProtectionOfficer, {}, IdOf<base::ActorId>(200u + number).bytes);
}

access::Caller FlowWorld::SecurityAdmin(uint8_t number) const {
  return CallerOf(base::Role::kSecurityAdmin, {}, IdOf<base::ActorId>(220u + number).bytes);
}

access::Caller FlowWorld::Head(const base::SchoolId& school) const {
  return CallerOf(base::Role::kSchool, school, IdOf<base::ActorId>(240).bytes);
}

Request FlowWorld::RequestOf(const access::Caller& caller, const base::RequestId& id,
                             std::string_view content) const {
  return {.key = OperationKeyOf(caller.uri, id), .content = ContentDigest(house_, "test", content)};
}

access::Caller FlowWorld::Admit(access::Caller caller, std::string_view rpc) const {
  EXPECT_THAT(
      access::Authorize(access::Matrix::BuiltIn(), "/ladon.v1." + std::string(rpc), &caller),
      IsOk());
  return caller;
}

void FlowWorld::ExpectAudit(uint64_t before, const access::Caller& caller,
                            const absl::Status& status) {
  // One record for the answer; whatever else is there the house did by itself.
  std::optional<ledger::AuditLeaf> leaf;
  audit::RecordCursor cursor(*audit_);
  for (uint64_t index = before; index < AuditSize(); ++index) {
    const auto record = cursor.Read(index);
    if (leaf && absl::IsNotFound(record.status())) break;  // Own work under way.
    ASSERT_THAT(record, IsOk()) << "the record is durable before the answer";
    if ((*record)->role == 0) continue;
    ASSERT_FALSE(leaf) << "one record per answer: " << status;
    leaf = **record;
  }
  ASSERT_TRUE(leaf) << status;
  last_audit_ = *leaf;
  const Reason reason = ReasonOf(status);
  EXPECT_EQ(leaf->event, caller.event);
  EXPECT_EQ(leaf->reason_code, static_cast<uint16_t>(reason)) << status;
  EXPECT_EQ(leaf->outcome == ledger::AuditOutcome::kSuccess, status.ok());
  EXPECT_EQ(leaf->outcome == ledger::AuditOutcome::kFailed, reason == Reason::kInternal ||
                                                                reason == Reason::kOverloaded ||
                                                                reason == Reason::kDeadlinePassed);
  EXPECT_EQ(leaf->actor, caller.principal.id.bytes);
  EXPECT_EQ(leaf->school, caller.principal.school.bytes);
  EXPECT_EQ(leaf->role, static_cast<uint8_t>(caller.principal.role));
  EXPECT_EQ(leaf->certificate_serial, caller.certificate_serial);
  EXPECT_EQ(leaf->peer, caller.peer);
}

TestSchool FlowWorld::MakeSchool(const directory::SchoolSettings& settings) {
  TestSchool made;
  const access::Caller admin = Sysadmin();
  const auto school = Call<SetUp<directory::School>>(
      admin, "AdminService/CreateSchool", [&](const access::Caller& c, auto done) {
        CreateSchool(house_, c, Fresh(c), settings, std::move(done));
      });
  EXPECT_THAT(school, IsOk());
  made.school = school->made;
  for (directory::Terminal* const till : {&made.till, &made.other_till}) {
    const auto registered = Call<SetUp<directory::Terminal>>(
        admin, "AdminService/RegisterTerminal", [&](const access::Caller& c, auto done) {
          RegisterTerminal(house_, c, Fresh(c), made.school.id, "Касса", std::move(done));
        });
    EXPECT_THAT(registered, IsOk());
    *till = registered->made;
  }
  const auto caterer = Call<SetUp<directory::Caterer>>(
      admin, "AdminService/CreateCaterer", [&](const access::Caller& c, auto done) {
        CreateCaterer(house_, c, Fresh(c), made.school.id, "Столовая", std::move(done));
      });
  EXPECT_THAT(caterer, IsOk());
  made.caterer = caterer->made;
  PutList(made, *TodayAt(house_, made.school.id, now_ns.load()));
  return made;
}

void FlowWorld::PutList(const TestSchool& school, uint32_t from, int64_t soup_kopecks) {
  const directory::PriceList list{.caterer = school.caterer.id,
                                  .valid_from = from,
                                  .items = {{.id = ItemOf(kSoup),
                                             .category = kSoup,
                                             .name = "Суп",
                                             .unit_price_kopecks = soup_kopecks},
                                            {.id = ItemOf(kBun),
                                             .category = kBun,
                                             .name = "Булка",
                                             .unit_price_kopecks = kBunKopecks}}};
  const auto put = Call<uint64_t>(Sysadmin(), "AdminService/PutPriceList",
                                  [&](const access::Caller& c, auto done) {
                                    PutPriceList(house_, c, Fresh(c), list, std::move(done));
                                  });
  EXPECT_THAT(put, IsOk());
}

void FlowWorld::ChangeSettings(TestSchool* school, const directory::SchoolSettings& settings) {
  const auto changed = Call<SetUp<directory::School>>(
      Sysadmin(), "AdminService/UpdateSchoolSettings", [&](const access::Caller& c, auto done) {
        UpdateSchoolSettings(house_, c, Fresh(c), school->school.id, settings, std::move(done));
      });
  ASSERT_THAT(changed, IsOk());
  school->school = changed->made;
}

SubjectView FlowWorld::MakePupil(const TestSchool& school, int64_t kopecks,
                                 const std::vector<uint8_t>& purses) {
  const vault::SubjectRecord record{
      .family_name = "Петров", .given_name = "Иван", .class_name = "5А"};
  const auto made =
      Call<SubjectAnswer>(Desk(school.school.id), "EnrolmentService/CreateSubject",
                          [&](const access::Caller& c, auto done) {
                            CreateSubject(house_, c, Fresh(c), record, purses, std::move(done));
                          });
  EXPECT_THAT(made, IsOk());
  if (kopecks > 0) TopUpPurse(school, made->subject.record.purses.front().second, kopecks);
  return made->subject;
}

void FlowWorld::GiveConsents(const TestSchool& school, const base::SubjectId& subject) {
  for (const auto kind : {vault::ConsentKind::kPersonalData, vault::ConsentKind::kBiometric}) {
    const ConsentInput input{.subject = subject,
                             .record = {.kind = kind,
                                        .signer = 1,
                                        .form = 1,
                                        .valid_from = kToday,
                                        .valid_until = kToday + 10'000}};
    const auto given =
        Call<ConsentAnswer>(Desk(school.school.id), "EnrolmentService/RecordConsent",
                            [&](const access::Caller& c, auto done) {
                              RecordConsent(house_, c, Fresh(c), input, std::move(done));
                            });
    ASSERT_THAT(given, IsOk());
  }
}

void FlowWorld::TopUpPurse(const TestSchool& school, const base::AccountId& purse,
                           int64_t kopecks) {
  const auto paid = Call<TopUpAnswer>(Cashier(school.school.id), "AccountsService/TopUp",
                                      [&](const access::Caller& c, auto done) {
                                        TopUp(house_, c, Fresh(c), purse, kopecks, std::move(done));
                                      });
  ASSERT_THAT(paid, IsOk());
}

matcher::VeinCode FlowWorld::NewPalm() {
  return matcher::RandomCode(rng_);
}

Probe FlowWorld::ProbeOf(const matcher::VeinCode& palm, Liveness liveness) {
  return {.codes = {matcher::NoisyCopy(palm, kCaptureNoise, rng_)}, .liveness = liveness};
}

matcher::VeinCode FlowWorld::GivePalm(const TestSchool& school, const base::SubjectId& subject,
                                      size_t samples) {
  GiveConsents(school, subject);
  const matcher::VeinCode palm = NewPalm();
  PalmInput input{.subject = subject, .side = 1, .samples = {}};
  for (size_t i = 0; i < samples; ++i) {
    input.samples.emplace_back(matcher::NoisyCopy(palm, kCaptureNoise, rng_), uint8_t{90});
  }
  input.check = ProbeOf(palm);
  const auto enrolled = Call<PalmAnswer>(Desk(school.school.id), "EnrolmentService/EnrolPalm",
                                         [&](const access::Caller& c, auto done) {
                                           EnrolPalm(house_, c, Fresh(c), input, std::move(done));
                                         });
  EXPECT_THAT(enrolled, IsOk());
  return palm;
}

base::CardId FlowWorld::GiveCard(const TestSchool& school, const base::SubjectId& subject,
                                 const vault::CardNumber& number) {
  const CardInput input{.subject = subject, .number = number};
  const auto bound = Call<CardAnswer>(Desk(school.school.id), "EnrolmentService/BindCard",
                                      [&](const access::Caller& c, auto done) {
                                        BindCard(house_, c, Fresh(c), input, std::move(done));
                                      });
  EXPECT_THAT(bound, IsOk());
  return bound->id;
}

void FlowWorld::GivePin(const TestSchool& school, const base::SubjectId& subject,
                        const std::string& pin) {
  const auto set = Call<uint64_t>(Desk(school.school.id), "EnrolmentService/SetPin",
                                  [&](const access::Caller& c, auto done) {
                                    SetPin(house_, c, Fresh(c), subject, pin, std::move(done));
                                  });
  ASSERT_THAT(set, IsOk());
}

int64_t FlowWorld::Balance(const base::AccountId& account) const {
  const auto view = sequencer_->FindAccount(ToLedger(account));
  EXPECT_TRUE(view.has_value());
  return view.has_value() ? view->balance_kopecks : 0;
}

DebitInput FlowWorld::SaleOf(const TestSchool& school, DebitMeans means,
                             std::vector<BasketLine> lines) {
  const auto* const pay = std::get_if<PayMeans>(&means);
  const bool by_list = pay != nullptr && std::holds_alternative<ListMeans>(*pay);
  return {.request = Fresh(by_list ? Cashier(school.school.id) : Till(school)),
          .means = std::move(means),
          .basket = BasketOf(school, std::move(lines)),
          .second_means = std::nullopt};
}

absl::StatusOr<IdentifyAnswer> FlowWorld::Identify(const access::Caller& caller,
                                                   const PayMeans& means) {
  return Call<IdentifyAnswer>(caller, "TerminalService/Identify",
                              [&](const access::Caller& c, auto done) {
                                flow::Identify(house_, c, means, std::move(done));
                              });
}

absl::StatusOr<DebitAnswer> FlowWorld::Debit(const access::Caller& caller,
                                             const DebitInput& input) {
  const auto* const means = std::get_if<PayMeans>(&input.means);
  std::string_view rpc = "TerminalService/Debit";
  if (means != nullptr) {
    rpc = std::holds_alternative<ListMeans>(*means) ? "TerminalService/BookByList"
                                                    : "TerminalService/IdentifyAndDebit";
  }
  return Call<DebitAnswer>(caller, rpc, [&](const access::Caller& c, auto done) {
    flow::Debit(house_, c, input, std::move(done));
  });
}

absl::StatusOr<CancelAnswer> FlowWorld::Cancel(const access::Caller& caller,
                                               const CancelInput& input) {
  return Call<CancelAnswer>(
      caller, "TerminalService/Cancel",
      [&](const access::Caller& c, auto done) { flow::Cancel(house_, c, input, std::move(done)); });
}

absl::StatusOr<OperationAnswer> FlowWorld::GetOperation(const access::Caller& caller,
                                                        const base::RequestId& id) {
  return Call<OperationAnswer>(
      caller, "OperationService/GetOperation", [&](const access::Caller& c, auto done) {
        flow::GetOperation(house_, c, OperationKeyOf(c.uri, id), std::move(done));
      });
}

}  // namespace ladon::flow

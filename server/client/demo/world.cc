#include "server/client/demo/world.h"

#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/secret.h"
#include "server/client/call.h"
#include "server/client/connection.h"
#include "server/client/demo/names.h"
#include "server/client/pki/pki.h"

namespace ladon::demo {
namespace {

constexpr const char* kTimeZone = "Europe/Moscow";
constexpr int64_t kMoscowAheadSeconds = 3 * 3'600;  // All year round.
constexpr const char* kBiometricsDocument = "DEMO-2026-001";

struct Dish {
  const char* name;
  uint32_t category;
  int64_t unit_price_kopecks;
};
constexpr std::array<Dish, 8> kDishes = {{{"Обед комплексный", 1, 12'000},
                                          {"Суп с лапшой", 2, 4'500},
                                          {"Котлета с пюре", 2, 7'850},
                                          {"Салат овощной", 3, 3'200},
                                          {"Булочка", 4, 2'500},
                                          {"Компот", 5, 1'990},
                                          {"Чай", 5, 1'000},
                                          {"Яблоко", 6, 1'500}}};

v1::Date MoscowDay(int64_t shift_days) {
  const time_t at = std::time(nullptr) + kMoscowAheadSeconds + shift_days * 86'400;
  tm parts{};
  gmtime_r(&at, &parts);
  v1::Date date;
  date.set_year(parts.tm_year + 1900);
  date.set_month(parts.tm_mon + 1);
  date.set_day(parts.tm_mday);
  return date;
}

// First letter of a UTF-8 name in Cyrillic or Latin.
std::string Initial(const std::string& name) {
  const auto lead = static_cast<unsigned char>(name[0]);
  return name.substr(0, lead < 0x80 ? 1 : 2);
}

template <class Id>
Id IdOfBytes(const std::string& bytes) {
  return Id::FromBytes(bytes).value_or(Id{});
}

}  // namespace

absl::Status StepStatus(const grpc::Status& status, const std::string& step) {
  if (status.ok()) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat(step, ": gRPC code ", static_cast<int>(status.error_code()), " ",
                   v1::ErrorReason_Name(client::DetailOf(status).reason()), " ",
                   client::DetailOf(status).field(), " ", status.error_message()));
}

std::string FreshId() {
  base::RequestId id;
  base::FillRandom(id.bytes);
  return std::string(id.view());
}

World::World(WorldOptions options) : options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<World>> World::Open(WorldOptions options) {
  auto world = std::unique_ptr<World>(new World(std::move(options)));
  std::error_code error;
  std::filesystem::create_directories(world->options_.identities, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat(world->options_.identities, ": ", error.message()));
  }
  if (absl::Status s = world->Reconnect(world->options_.server); !s.ok()) return s;
  return world;
}

absl::StatusOr<client::ChannelPtr> World::ConnectAs(const std::string& identity) const {
  return client::ConnectAndWait(
      {.server = options_.server, .identity = identity, .server_name = options_.server_name});
}

absl::Status World::Reconnect(const std::string& server) {
  options_.server = server;
  const auto admin = ConnectAs(options_.sysadmin);
  if (!admin.ok()) return admin.status();
  admin_ = *admin;
  if (enroller_identity_.empty()) return absl::OkStatus();
  const auto enroller = ConnectAs(enroller_identity_);
  if (!enroller.ok()) return enroller.status();
  const auto cashier = ConnectAs(cashier_identity_);
  if (!cashier.ok()) return cashier.status();
  enrolment_ = *enroller;
  accounts_ = *cashier;
  return absl::OkStatus();
}

absl::StatusOr<std::string> World::MakeAuditor() const {
  return MakeIdentity(base::Role::kAuditor, "", FreshId(), "auditor");
}

absl::StatusOr<std::string> World::MakeChannel() const {
  return MakeIdentity(base::Role::kChannel, "", FreshId(), "channel");
}

absl::StatusOr<std::string> World::MakeAccountant() const {
  return MakeIdentity(base::Role::kAccountant, "", FreshId(), "accountant");
}

absl::StatusOr<std::string> World::MakeIdentity(base::Role role, const std::string& school_id,
                                                const std::string& actor_id,
                                                const std::string& directory_name) const {
  base::Principal principal;
  principal.role = role;
  if (!school_id.empty()) principal.school = IdOfBytes<base::SchoolId>(school_id);
  principal.id = IdOfBytes<base::ActorId>(actor_id);
  const std::string directory = absl::StrCat(options_.identities, "/", directory_name);
  pki::IssueOptions issue;
  issue.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (absl::Status s = pki::Issue(options_.authority, principal, directory, issue); !s.ok()) {
    return s;
  }
  return directory;
}

absl::Status World::CreateSchool(const std::string& name) {
  v1::CreateSchoolRequest request;
  request.set_request_id(FreshId());
  v1::SchoolSettings* settings = request.mutable_settings();
  settings->set_name(name);
  settings->set_time_zone(kTimeZone);
  settings->set_biometrics(true);
  settings->set_biometrics_document_id(kBiometricsDocument);
  settings->set_show_balance_at_till(true);
  settings->set_low_money_kopecks(10'000);
  settings->set_free_amount_max_kopecks(50'000);
  settings->set_unknown_liveness_max_kopecks(100'000);
  settings->set_cancel_window_seconds(600);
  v1::CreateSchoolResponse response;
  const grpc::Status status = client::CallPatiently(admin_, request, &response);
  if (!status.ok()) return StepStatus(status, "CreateSchool");
  school_id_ = response.school().school_id();
  const auto enroller = MakeIdentity(base::Role::kEnroller, school_id_, FreshId(), "enroller");
  if (!enroller.ok()) return enroller.status();
  const auto cashier =
      MakeIdentity(base::Role::kSeniorCashier, school_id_, FreshId(), "senior-cashier");
  if (!cashier.ok()) return cashier.status();
  enroller_identity_ = *enroller;
  cashier_identity_ = *cashier;
  return Reconnect(options_.server);
}

absl::Status World::CreateCaterer(const std::string& name) {
  v1::CreateCatererRequest request;
  request.set_request_id(FreshId());
  request.set_school_id(school_id_);
  request.set_name(name);
  v1::CreateCatererResponse response;
  const grpc::Status created = client::CallPatiently(admin_, request, &response);
  if (!created.ok()) return StepStatus(created, "CreateCaterer");
  caterer_id_ = response.caterer().caterer_id();

  v1::PutPriceListRequest put;
  put.set_request_id(FreshId());
  put.mutable_price_list()->set_caterer_id(caterer_id_);
  *put.mutable_price_list()->mutable_valid_from() = MoscowDay(0);
  for (const Dish& dish : kDishes) {
    v1::PriceListItem* item = put.mutable_price_list()->add_items();
    item->set_item_id(FreshId());
    item->set_category(dish.category);
    item->set_name(dish.name);
    item->set_unit_price_kopecks(dish.unit_price_kopecks);
  }
  items_.assign(put.price_list().items().begin(), put.price_list().items().end());
  v1::PutPriceListResponse done;
  return StepStatus(client::CallPatiently(admin_, put, &done), "PutPriceList");
}

absl::StatusOr<Till> World::RegisterTill(const std::string& label) {
  v1::RegisterTerminalRequest request;
  request.set_request_id(FreshId());
  request.set_school_id(school_id_);
  request.set_label(label);
  v1::RegisterTerminalResponse response;
  const grpc::Status status = client::CallPatiently(admin_, request, &response);
  if (!status.ok()) return StepStatus(status, "RegisterTerminal");
  Till till;
  till.terminal_id = response.terminal().terminal_id();
  absl::StatusOr<std::string> identity =
      MakeIdentity(base::Role::kTerminal, school_id_, till.terminal_id,
                   absl::StrCat("till-", base::HexOf(till.terminal_id)));
  if (!identity.ok()) return identity.status();
  till.identity = *std::move(identity);
  return till;
}

absl::StatusOr<Child> World::CreateChild(size_t index) {
  v1::CreateSubjectRequest request;
  request.set_request_id(FreshId());
  request.set_kind(v1::SUBJECT_KIND_PUPIL);
  *request.mutable_name() = InventedName(index);
  request.set_external_id(absl::StrCat("DEMO-", index));
  v1::CreateSubjectResponse response;
  const grpc::Status status = client::CallPatiently(enrolment_, request, &response);
  if (!status.ok()) return StepStatus(status, "CreateSubject");
  Child child;
  child.subject_id = response.subject().subject_id();
  child.payment_account = response.subject().payment_account();
  for (const v1::PurseAccount& purse : response.subject().purses()) {
    if (purse.purse() == v1::PURSE_MAIN) child.account_id = purse.account_id();
  }
  if (child.account_id.empty()) return absl::InternalError("CreateSubject: no main purse");
  const v1::SubjectName& name = request.name();
  child.till_name =
      absl::StrCat(name.given_name(), " ", Initial(name.family_name()), "., ", name.class_name());
  return child;
}

absl::Status World::BindCard(size_t index, Child* child) {
  // A seven-byte UID as NXP's cards have it, unique by its tail.
  std::string uid("\x04\xA1\xB2", 3);
  for (int shift = 24; shift >= 0; shift -= 8) {
    uid.push_back(static_cast<char>((index >> shift) & 0xFF));
  }
  child->card.set_technology(v1::CARD_TECHNOLOGY_ISO14443A);
  child->card.set_uid(uid);
  child->card.set_reader_profile(v1::READER_PROFILE_TRANSMISSION_ORDER);
  v1::BindCardRequest request;
  request.set_request_id(FreshId());
  request.set_subject_id(child->subject_id);
  *request.mutable_card() = child->card;
  request.set_state(v1::CARD_STATE_ACTIVE);
  v1::BindCardResponse response;
  return StepStatus(client::CallPatiently(enrolment_, request, &response), "BindCard");
}

absl::Status World::RecordConsent(const Child& child, v1::ConsentKind kind) {
  v1::RecordConsentRequest request;
  request.set_request_id(FreshId());
  request.set_subject_id(child.subject_id);
  request.set_kind(kind);
  request.set_signer(v1::CONSENT_SIGNER_REPRESENTATIVE);
  request.set_form(v1::CONSENT_FORM_PAPER);
  // Stands for the digest of a scanned form; the invented child has none.
  request.set_document_sha256(FreshId() + FreshId());
  request.set_authority_checked(true);
  *request.mutable_valid_from() = MoscowDay(0);
  *request.mutable_valid_until() = MoscowDay(365);
  v1::RecordConsentResponse response;
  return StepStatus(client::CallPatiently(enrolment_, request, &response), "RecordConsent");
}

absl::Status World::TopUp(const Child& child, int64_t amount_kopecks) {
  v1::TopUpRequest request;
  request.set_request_id(FreshId());
  request.set_account_id(child.account_id);
  request.set_amount_kopecks(amount_kopecks);
  v1::TopUpResponse response;
  return StepStatus(client::CallPatiently(accounts_, request, &response), "TopUp");
}

absl::StatusOr<std::vector<v1::StatementLine>> World::Statement(const Child& child) {
  std::vector<v1::StatementLine> lines;
  v1::GetStatementRequest request;
  request.set_account_id(child.account_id);
  request.set_page_size(1'000);
  do {
    v1::GetStatementResponse page;
    const grpc::Status status = client::CallPatiently(accounts_, request, &page);
    if (!status.ok()) return StepStatus(status, "GetStatement");
    lines.insert(lines.end(), page.lines().begin(), page.lines().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return lines;
}

absl::StatusOr<int64_t> World::BalanceKopecks(const Child& child) {
  v1::GetBalanceRequest request;
  request.set_account_id(child.account_id);
  v1::GetBalanceResponse response;
  const grpc::Status status = client::CallPatiently(accounts_, request, &response);
  if (!status.ok()) return StepStatus(status, "GetBalance");
  return response.balance_kopecks();
}

v1::Basket BasketOf(const World& world, size_t item, uint32_t quantity) {
  const v1::PriceListItem& priced = world.items()[item % world.items().size()];
  v1::Basket basket;
  basket.set_caterer_id(world.caterer_id());
  v1::BasketLine* line = basket.add_lines();
  line->set_item_id(priced.item_id());
  line->set_category(priced.category());
  line->set_quantity(quantity);
  line->set_unit_price_kopecks(priced.unit_price_kopecks());
  line->set_purse(v1::PURSE_MAIN);
  basket.set_total_kopecks(priced.unit_price_kopecks() * quantity);
  return basket;
}

}  // namespace ladon::demo

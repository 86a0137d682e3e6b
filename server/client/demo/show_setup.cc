// The first scenes: keys and certificates, the server, the school, the children, their palms.
#include <chrono>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "matcher/calibration.h"
#include "server/base/key_file.h"
#include "server/client/connection.h"
#include "server/client/demo/enrol_palm.h"
#include "server/client/demo/show.h"
#include "server/client/pki/pki.h"
#include "server/client/text/progress.h"

namespace ladon::demo {
namespace {

constexpr int64_t kPocketMoneyKopecks = 2'000'000;

std::string ConfigText(const std::string& work) {
  return absl::StrCat(
      "[server]\nlisten = \"127.0.0.1:0\"\nport_file = \"", work, "/port\"\n\n",
      "[tls]\ncertificate = \"", work, "/pki/server/cert.pem\"\nprivate_key = \"", work,
      "/pki/server/key.pem\"\nclient_ca = \"", work, "/pki/server/ca.pem\"\n\n",
      "[store]\npath = \"", work, "/store\"\ncreate = true\n\n", "[keys]\nroot_key_file = \"", work,
      "/root.key\"\ndirectory = \"", work, "/keys\"\n\n", "[matcher]\ncalibration = \"", work,
      "/calibration.json\"\n",
      // One till shows hundreds of strangers here, to count false accepts.
      "palm_misses_burst = 0\npalm_misses_per_minute = 0\n\n", "[metrics]\nlisten = \"\"\n\n",
      "[log]\nlevel = \"info\"\n\n", "[[contract]]\nname = \"bank\"\ntime_zone = \"UTC\"\n",
      "registry_max = \"1000.00\"\n");
}

absl::Status MakeKeys(const std::string& work) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  pki::AuthorityOptions authority;
  authority.now = now;
  if (absl::Status s = pki::InitAuthority(work + "/pki", authority); !s.ok()) return s;
  base::Principal sysadmin;
  sysadmin.role = base::Role::kSysadmin;
  sysadmin.id = base::ActorId::FromBytes(FreshId()).value_or(base::ActorId{});
  pki::IssueOptions issue;
  issue.now = now;
  if (absl::Status s = pki::Issue(work + "/pki", sysadmin, work + "/sysadmin", issue); !s.ok()) {
    return s;
  }
  return base::CreateRootKeyFile(work + "/root.key");
}

}  // namespace

absl::Status Show::StartServer() {
  stage_->Scene("demo.scene.server");
  const std::string& work = options_.work;
  if (absl::Status s = MakeKeys(work); !s.ok()) return s;
  stage_->Tick("demo.server.keys");
  std::ofstream(work + "/calibration.json") << matcher::ShippedCalibration();
  std::ofstream config(work + "/ladond.toml");
  config << ConfigText(work);
  config.close();
  if (!config) return absl::FailedPreconditionError(work + "/ladond.toml: cannot be written");
  server_ = std::make_unique<ServerProcess>(ServerFiles{.binary = options_.ladond,
                                                        .config = work + "/ladond.toml",
                                                        .port_file = work + "/port",
                                                        .log = work + "/ladond.log"});
  const absl::StatusOr<std::string> address = server_->Start();
  if (!address.ok()) return address.status();
  stage_->Tick("demo.server.serves", {*address});
  absl::StatusOr<std::unique_ptr<World>> world = World::Open({.server = *address,
                                                              .server_name = "",
                                                              .authority = work + "/pki",
                                                              .sysadmin = work + "/sysadmin",
                                                              .identities = work + "/identities"});
  if (!world.ok()) return world.status();
  world_ = *std::move(world);
  return absl::OkStatus();
}

absl::Status Show::ReconnectTills() {
  till_clients_.clear();
  for (const Till& till : tills_) {
    const auto channel = world_->ConnectAs(till.identity);
    if (!channel.ok()) return channel.status();
    till_clients_.push_back(std::make_unique<TillClient>(*channel));
  }
  return absl::OkStatus();
}

absl::Status Show::OpenSchool() {
  stage_->Scene("demo.scene.school");
  const std::string school = stage_->Text("demo.school.name");
  const std::string caterer = stage_->Text("demo.caterer.name");
  if (absl::Status s = world_->CreateSchool(school); !s.ok()) return s;
  stage_->Tick("demo.school.created", {school});
  if (absl::Status s = world_->CreateCaterer(caterer); !s.ok()) return s;
  stage_->Tick("demo.caterer.created", {caterer, std::to_string(world_->items().size())});
  for (size_t i = 0; i < kDemoTills; ++i) {
    const std::string label = stage_->Text("demo.till.label", {std::to_string(i + 1)});
    absl::StatusOr<Till> till = world_->RegisterTill(label);
    if (!till.ok()) return till.status();
    tills_.push_back(*std::move(till));
  }
  stage_->Tick("demo.till.registered", {std::to_string(tills_.size())});
  client::Table table;
  table.Column(stage_->Text("demo.table.item"));
  table.Column(stage_->Text("demo.table.price"), client::Align::kRight);
  for (const v1::PriceListItem& item : world_->items()) {
    table.Row({item.name(), stage_->Money(item.unit_price_kopecks())});
  }
  stage_->Show(table);
  return ReconnectTills();
}

absl::Status Show::AddChildren() {
  stage_->Scene("demo.scene.children");
  size_t with_palm = 0;
  for (const Palm& palm : palms_) with_palm += palm.enrolled ? 1 : 0;
  const size_t count = with_palm + kExtraChildren;
  {
    client::Progress progress(stage_->Text("demo.children.progress"), static_cast<int64_t>(count));
    for (size_t i = 0; i < count; ++i) {
      absl::StatusOr<Child> child = world_->CreateChild(i);
      if (!child.ok()) return child.status();
      if (absl::Status s = world_->BindCard(i, &*child); !s.ok()) return s;
      if (absl::Status s = world_->RecordConsent(*child, v1::CONSENT_KIND_PERSONAL_DATA); !s.ok()) {
        return s;
      }
      if (i < with_palm) {
        if (absl::Status s = world_->TopUp(*child, kPocketMoneyKopecks); !s.ok()) return s;
        record_.ToppedUp(i, kPocketMoneyKopecks);
      }
      children_.push_back(*std::move(child));
      progress.Advance(static_cast<int64_t>(i) + 1);
    }
  }
  stage_->Tick("demo.children.created", {std::to_string(count)});
  stage_->Tick("demo.children.cards", {std::to_string(count)});
  stage_->Tick("demo.children.consents", {std::to_string(count)});
  stage_->Tick("demo.children.money",
               {std::to_string(with_palm), stage_->Money(kPocketMoneyKopecks)});
  return absl::OkStatus();
}

absl::Status Show::EnrolPalms() {
  stage_->Scene("demo.scene.enrol");
  size_t child = 0;
  int64_t samples = 0;
  {
    client::Progress progress(stage_->Text("demo.enrol.progress"),
                              static_cast<int64_t>(palms_.size()));
    for (size_t i = 0; i < palms_.size(); ++i) {
      progress.Advance(static_cast<int64_t>(i));
      if (!palms_[i].enrolled) continue;
      const Child& owner = children_[child++];
      if (absl::Status s = world_->RecordConsent(owner, v1::CONSENT_KIND_BIOMETRIC); !s.ok()) {
        return s;
      }
      const absl::StatusOr<v1::EnrolPalmRequest> request = EnrolmentOf(owner, palms_[i]);
      if (absl::IsFailedPrecondition(request.status())) {
        stage_->Check(false, "demo.enrol.failed", {owner.till_name});
        continue;
      }
      if (!request.ok()) return request.status();
      v1::EnrolPalmResponse response;
      const grpc::Status status = client::CallPatiently(world_->enrolment(), *request, &response);
      const v1::ErrorReason reason = client::DetailOf(status).reason();
      if (reason == v1::ERROR_REASON_CAPTURES_DIFFER ||
          reason == v1::ERROR_REASON_ENROLMENT_NOT_CONFIRMED ||
          reason == v1::ERROR_REASON_PALM_ALREADY_ENROLLED) {
        stage_->Check(false, "demo.enrol.failed", {owner.till_name});
        continue;
      }
      if (!status.ok()) return StepStatus(status, "EnrolPalm");
      ++figures_.palms_enrolled;
      samples += response.samples();
    }
  }
  stage_->Tick("demo.enrol.consents", {std::to_string(child)});
  stage_->Tick("demo.enrol.done",
               {std::to_string(figures_.palms_enrolled), std::to_string(samples)});
  stage_->Tick("demo.enrol.strangers", {std::to_string(palms_.size() - child)});
  return absl::OkStatus();
}

}  // namespace ladon::demo

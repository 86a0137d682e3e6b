// A parent pays at a bank: through the real gateway, twice by mistake of the line, and the day
// after the bank's registry tells of one payment more.
#include <httplib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/base/secret.h"
#include "server/client/demo/run_tool.h"
#include "server/client/demo/show.h"

namespace ladon::demo {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPaidKopecks = 20'000;
constexpr int64_t kOnlyInRegistryKopecks = 10'000;
constexpr const char* kUser = "bank";

constexpr const char* kProfile = R"(name = "demo"
charset = "utf-8"
delimiter = ";"
decimal_mark = "."
quote = false

[fields]
payment_id = 1
account = 2
sum = 3

[paid_at]
date = 4
date_format = "DD.MM.YYYY"

[footer]
prefix = "="
count = 1
sum = 2
)";

std::string Password() {
  std::array<uint8_t, 16> bytes{};
  base::FillRandom(bytes);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::string GatewayConfig(const std::string& work, const std::string& server,
                          const std::string& identity) {
  return absl::StrCat("[gateway]\nlisten = \"127.0.0.1:0\"\nport_file = \"", work,
                      "/gateway-port\"\n\n[core]\nserver = \"", server, "\"\nidentity = \"",
                      identity, "\"\n\n[[contract]]\nname = \"bank\"\nprotocol = \"osmp\"\n",
                      "path = \"/osmp\"\nuser = \"", kUser, "\"\npassword_file = \"", work,
                      "/bank.password\"\n");
}

std::string FileText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The body of the answer; empty: there was none.
std::string Get(const std::string& address, const std::string& password, const std::string& query) {
  httplib::Client bank("http://" + address);
  bank.set_basic_auth(kUser, password);
  const auto answer = bank.Get("/osmp?" + query);
  return answer ? answer->body : std::string();
}

bool Has(const std::string& body, const std::string& element) {
  return body.find(element) != std::string::npos;
}

}  // namespace

absl::Status Show::PayThroughABank() {
  stage_->Scene("demo.scene.payments");
  const std::string& work = options_.work;
  const std::string tools = fs::path(options_.ladond).parent_path().string();
  const absl::StatusOr<std::string> identity = world_->MakeChannel();
  if (!identity.ok()) return identity.status();
  const absl::StatusOr<std::string> accountant = world_->MakeAccountant();
  if (!accountant.ok()) return accountant.status();
  const std::string password = Password();
  std::ofstream(work + "/bank.password") << password;
  std::ofstream(work + "/ladon-gateway.toml") << GatewayConfig(work, world_->server(), *identity);
  std::ofstream(work + "/profile.toml") << kProfile;
  ServerProcess gateway({.binary = tools + "/ladon-gateway",
                         .config = work + "/ladon-gateway.toml",
                         .port_file = work + "/gateway-port",
                         .log = work + "/ladon-gateway.log"});
  const absl::StatusOr<std::string> address = gateway.Start();
  if (!address.ok()) return address.status();
  stage_->Tick("demo.payments.gateway", {*address});

  const Child& child = children_.front();
  const std::string& account = child.payment_account;
  const auto before = world_->BalanceKopecks(child);
  if (!before.ok()) return before.status();
  const std::string check =
      Get(*address, password, absl::StrCat("command=check&txn_id=1&account=", account));
  stage_->Check(Has(check, "<result>0</result>"), "demo.payments.checked", {account});
  stage_->Plain("     " + check + "\n");
  const std::string pay =
      absl::StrCat("command=pay&txn_id=1&txn_date=20260901120000&account=", account, "&sum=200.00");
  const std::string first = Get(*address, password, pay);
  stage_->Check(Has(first, "<result>0</result>"), "demo.payments.paid",
                {stage_->Money(kPaidKopecks)});
  stage_->Plain("     " + first + "\n");
  stage_->Check(Get(*address, password, pay) == first, "demo.payments.again");
  if (absl::Status s = gateway.Stop(); !s.ok()) return s;

  const std::string day = absl::FormatTime("%d.%m.%Y", absl::Now(), absl::UTCTimeZone());
  std::ofstream(work + "/registry.txt") << "1;" << account << ";200.00;" << day << "\n2;" << account
                                        << ";100.00;" << day << "\n=2;300.00\n";
  const auto ctl = [&](std::vector<std::string> arguments, const std::string& out) {
    std::vector<std::string> all = {"--server", world_->server(), "--identity", *accountant};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return RunTool(tools + "/ladonctl", all, out);
  };
  absl::Status s = ctl({"payment", "import", work + "/registry.txt", "--contract", "bank",
                        "--profile", work + "/profile.toml"},
                       work + "/import.txt");
  if (!s.ok()) return s;
  const auto after = world_->BalanceKopecks(child);
  if (!after.ok()) return after.status();
  stage_->Check(*after - *before == kPaidKopecks + kOnlyInRegistryKopecks, "demo.payments.registry",
                {stage_->Money(*after - *before)});
  record_.ToppedUp(0, *after - *before);
  stage_->Plain(FileText(work + "/import.txt"));
  const std::string today = absl::FormatTime("%Y-%m-%d", absl::Now(), absl::UTCTimeZone());
  s = ctl({"reconcile", "--contract", "bank", "--day", today}, work + "/reconcile.txt");
  if (!s.ok()) return s;
  stage_->Tick("demo.payments.reconciled");
  stage_->Plain(FileText(work + "/reconcile.txt"));
  return absl::OkStatus();
}

}  // namespace ladon::demo

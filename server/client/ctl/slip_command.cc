#include <toml++/toml.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ladon/v1/enrolment_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/payment_slip.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

constexpr size_t kPayeeBytesMax = 16'384;

struct Arguments {
  std::string payee;
  std::string class_name;
  std::string out;
};

// What a payee's file holds: the payee of the contract, what to write as the purpose, the school.
struct PayeeFile {
  Payee payee;
  std::string purpose;
  std::string school;
};

absl::StatusOr<PayeeFile> ReadPayee(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadWholeFile(path, kPayeeBytesMax);
  if (!text.ok()) return text.status();
  PayeeFile file;
  const std::pair<const char*, std::string*> keys[] = {
      {"name", &file.payee.name},
      {"account", &file.payee.account},
      {"bank_name", &file.payee.bank_name},
      {"bic", &file.payee.bic},
      {"correspondent_account", &file.payee.correspondent_account},
      {"inn", &file.payee.inn},
      {"kpp", &file.payee.kpp},
      {"purpose", &file.purpose},
      {"school", &file.school}};
  toml::table table;
  try {  // toml++ reports by exception.
    table = toml::parse(*text, path);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(path + ": " + std::string(error.description()));
  }
  for (const auto& [name, node] : table) {
    const auto* const key = std::find_if(std::begin(keys), std::end(keys),
                                         [n = name.str()](const auto& k) { return k.first == n; });
    const auto value = node.value_exact<std::string>();
    if (key == std::end(keys) || !value) {
      return absl::InvalidArgumentError(path +
                                        ": unknown key or no text: " + std::string(name.str()));
    }
    *key->second = *value;
  }
  return file;
}

int Slips(Context& context, const Arguments& given) {
  const absl::StatusOr<PayeeFile> payee = ReadPayee(given.payee);
  if (!payee.ok()) return context.Fail(payee.status());
  std::vector<std::pair<std::string, SlipPerson>> found;  // By family name, then given name.
  const int listed = context.List<v1::ListSubjectsResponse>(
      v1::ListSubjectsRequest(), [&](const v1::ListSubjectsResponse& page) {
        for (const v1::Subject& subject : page.subjects()) {
          const auto account = base::PaymentAccount::Parse(subject.payment_account());
          const v1::SubjectName& name = subject.name();
          const bool wanted = given.class_name.empty() || name.class_name() == given.class_name;
          if (!account || !wanted) continue;
          found.emplace_back(name.class_name() + "/" + name.family_name() + "/" + name.given_name(),
                             SlipPerson{.name_line = name.family_name() + " " + name.given_name(),
                                        .class_name = name.class_name(),
                                        .account = *account});
        }
      });
  if (listed != kDone) return listed;
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<SlipPerson> people;
  for (auto& [key, person] : found) people.push_back(std::move(person));
  const bool one = people.size() == 1 && given.out.ends_with(".svg");
  const absl::StatusOr<std::string> page =
      one ? PaymentSlipSvg(payee->payee, payee->purpose, payee->school, people.front())
          : PaymentSlipsPage(payee->payee, payee->purpose, payee->school, people);
  if (!page.ok()) return context.Fail(page.status());
  std::ofstream file(given.out, std::ios::binary | std::ios::trunc);
  file << *page;
  if (!file.flush()) return context.Fail(absl::UnavailableError("cannot write " + given.out));
  return context.Print({{"slips", people.size()}, {"file", given.out}},
                       context.Say("payment.slips", {std::to_string(people.size()), given.out}));
}

}  // namespace

void AddSlipCommand(CLI::App* payment, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* const command =
      AddCommand(payment, context, "slip", "Slips with a QR code to print, by class (enroller)",
                 [context, given] { return Slips(*context, *given); });
  command
      ->add_option("--payee", given->payee,
                   "File (TOML) with name, account, bank_name, bic, correspondent_account, inn, "
                   "kpp, purpose, school")
      ->required();
  command->add_option("--class", given->class_name, "Of this class only");
  command->add_option("--out", given->out, "Page to print (HTML); .svg for a single slip")
      ->required();
}

}  // namespace ladon::ctl

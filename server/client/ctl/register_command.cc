#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/processing_register.h"
#include "server/client/pki/identity_files.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string out;
  std::string operator_name;
  std::string operator_address;
};

int Show(Context& context, const Arguments& given) {
  const Json json = RegisterJson(context.language());
  if (given.out.empty()) return context.Print(json, RegisterTable(context.language()));
  const std::string page =
      RegisterPage(given.operator_name, given.operator_address, context.language());
  if (absl::Status s = pki::WriteNewFile(given.out, page, 0644); !s.ok()) return context.Fail(s);
  return context.Print({{"page", given.out}}, context.Say("audit.saved", {given.out}));
}

}  // namespace

void AddRegisterCommand(CLI::App* officer, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command =
      AddCommand(officer, context, "register",
                 "The register of processings: what is done with which data, why, on what basis, "
                 "how long. Needs no server",
                 [context, given] { return Show(*context, *given); });
  command->add_option("--out", given->out, "Make a page to print instead");
  command->add_option("--operator-name", given->operator_name, "For the page: the operator");
  command->add_option("--operator-address", given->operator_address, "For the page: its address");
}

}  // namespace ladon::ctl

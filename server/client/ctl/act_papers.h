// What only people can tell for an act of destruction, as options of a command; and the four files
// that are handed out. Threading: one thread.
#ifndef LADON_SERVER_CLIENT_CTL_ACT_PAPERS_H_
#define LADON_SERVER_CLIENT_CTL_ACT_PAPERS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/client/ctl/context.h"
#include "server/client/ctl/erasure_draft.h"

namespace ladon::ctl {

struct ActPapers {
  std::string operator_name;
  std::string operator_address;
  std::string processor_name;
  std::string processor_address;
  std::string information_system;
  std::vector<std::string> performed_by;  // "NAME, POSITION"
  std::string approved_by;
};

void AddActPapers(CLI::App* command, ActPapers* papers);

// The fields of ErasureDraft::act but the name and the categories.
[[nodiscard]] Json JsonOf(const ActPapers& papers);

// Writes them as `base` with their endings; what is there already with the same content was made
// before something stopped us. Returns their paths. AlreadyExists: there is another one.
[[nodiscard]] absl::StatusOr<std::vector<std::string>> KeepActFiles(const std::string& base,
                                                                    const ActFiles& files);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_ACT_PAPERS_H_

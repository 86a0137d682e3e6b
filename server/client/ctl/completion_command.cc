#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"

namespace ladon::ctl {
namespace {

// What may follow the words of `path`: subcommands and options.
void Collect(const CLI::App& app, const std::string& path,
             std::map<std::string, std::vector<std::string>>* words) {
  std::vector<std::string>& own = (*words)[path];
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    own.push_back(sub->get_name());
    Collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), words);
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) own.push_back("--" + name);
  }
}

// The path of commands is what stands before the word, options and their values left out: a word
// that is no command of the path so far is somebody's value.
constexpr char kTail[] = R"BASH(    *) words='' ;;
    esac
    printf '%s' "$words"
}

_ladonctl() {
    local path='' word words i
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        words=$(_ladonctl_words "$path")
        [[ $word != -* && " $words " == *" $word "* ]] && path=${path:+$path }$word
    done
    words=$(_ladonctl_words "$path")
    COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
    [[ ${#COMPREPLY[@]} == 0 ]] && compopt -o default 2>/dev/null
    return 0
}

complete -F _ladonctl ladonctl
)BASH";

int Bash(Context& context, const CLI::App& app) {
  std::map<std::string, std::vector<std::string>> words;
  Collect(app, "", &words);
  std::string script =
      "# Completion of ladonctl for bash, made by `ladonctl completion bash`.\n\n"
      "_ladonctl_words() {\n    local words\n    case $1 in\n";
  for (const auto& [path, own] : words) {
    absl::StrAppend(&script, "    '", path, "') words='", absl::StrJoin(own, " "), "' ;;\n");
  }
  script += kTail;
  script.pop_back();  // Print() ends the line.
  return context.Print(Json(script), script);
}

}  // namespace

void AddCompletionCommand(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("completion", "Completion of this tool's words by a shell");
  noun->require_subcommand(1);
  AddCommand(noun, context, "bash", "For bash; the package brings it",
             [context, app] { return Bash(*context, *app); });
}

}  // namespace ladon::ctl

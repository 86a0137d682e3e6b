#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "ladon/v1/key_service.pb.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/rights_render.h"

namespace ladon::ctl {
namespace {

constexpr std::chrono::milliseconds kLookEvery{1'000};

int Get(Context& context, v1::GetKeysResponse* keys) {
  keys->Clear();
  return context.Call(v1::GetKeysRequest(), keys);
}

int Show(Context& context) {
  v1::GetKeysResponse keys;
  if (const int code = Get(context, &keys); code != kDone) return code;
  return context.Print(JsonOf(keys), FactsOf(context, keys));
}

// How far it has come, for people; nothing when nobody looks.
void ShowRotated(const Context& context, const v1::GetKeysResponse& keys) {
  if (isatty(STDERR_FILENO) != 1) return;
  const std::string line = context.Say(
      "keys.rotated", {std::to_string(keys.rotation_done()), std::to_string(keys.data_keys())});
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
}

// The server tells of a failure until a rotation succeeds. It is of this one when there was none
// before, or when the time of the next attempt has moved on.
bool HasFailed(const v1::GetKeysResponse& before, const v1::GetKeysResponse& now) {
  if (now.rotation_under_way() || now.rotation_failure().empty()) return false;
  return before.rotation_failure().empty() ||
         now.rotation_due_at().seconds() > before.rotation_due_at().seconds();
}

int Rotate(Context& context, bool wait) {
  v1::GetKeysResponse before;
  if (const int code = Get(context, &before); code != kDone) return code;
  v1::RotateEpochResponse asked;
  if (const int code = context.Call(v1::RotateEpochRequest(), &asked); code != kDone) {
    return code;
  }
  if (!wait) {
    return context.Print({{"epoch", before.epoch()}, {"rotation_asked_for", true}},
                         context.Say("keys.rotation_begun"));
  }
  v1::GetKeysResponse now;
  for (;;) {
    if (const int code = Get(context, &now); code != kDone) {
      return code;  // It goes on; `keys show` tells.
    }
    if (now.epoch() > before.epoch() && !now.rotation_under_way()) break;
    if (HasFailed(before, now)) {
      return context.Fail(absl::InternalError(
          absl::StrCat(context.Say("keys.rotation_failed"), ": ", now.rotation_failure())));
    }
    ShowRotated(context, now);
    std::this_thread::sleep_for(kLookEvery);
  }
  if (isatty(STDERR_FILENO) == 1) std::fputs("\r\x1b[K", stderr);
  return context.Print(JsonOf(now), context.Say("keys.new_epoch", {std::to_string(now.epoch())}));
}

}  // namespace

void AddKeyServiceCommands(CLI::App* keys, Context* context) {
  AddCommand(keys, context, "show",
             "The server's keys: their epoch, when it ends, whether the standby has a copy; no key "
             "is ever shown",
             [context] { return Show(*context); });
  const auto wait = std::make_shared<bool>(false);
  CLI::App* command = AddCommand(
      keys, context, "rotate",
      "Begin a new epoch: every key is wrapped anew, and what was destroyed can be opened with no "
      "older copy either. Sales go on meanwhile",
      [context, wait] { return Rotate(*context, *wait); });
  command->add_flag("--wait", *wait, "Until it is complete");
}

}  // namespace ladon::ctl

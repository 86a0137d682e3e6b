#include "server/client/ctl/checkpoint_output.h"

#include <fstream>

#include "absl/strings/str_cat.h"

namespace ladon::ctl {

absl::Status SaveFile(const std::string& path, const std::string& bytes) {
  if (path.empty()) return absl::OkStatus();
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  return file.flush() ? absl::OkStatus()
                      : absl::InternalError(absl::StrCat(path, " cannot be written"));
}

int PutCheckpoint(Context& context, const std::string& note, const std::vector<std::string>& keys,
                  const CheckpointFiles& files) {
  std::string lines;
  for (const std::string& key : keys) lines += key + "\n";
  absl::Status saved = SaveFile(files.note, note);
  if (saved.ok()) saved = SaveFile(files.keys, lines);
  if (!saved.ok()) return context.Fail(saved);
  return context.Print({{"checkpoint", note}, {"verifier_keys", keys}}, note + "\n" + lines);
}

}  // namespace ladon::ctl

#include "server/client/host/drill.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/secret.h"
#include "server/client/host/places.h"
#include "server/client/host/program.h"
#include "server/client/pki/identity_files.h"
#include "server/client/pki/pki.h"

namespace ladon::host {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeyFileBytesMax = size_t{256} << 20;  // A table of a region's keys.

// A directory of our own. What was a key is overwritten before it goes: no copy outlives an
// erasure.
class Scratch {
 public:
  explicit Scratch(const std::string& below) : path_(below + "/ladon-drill-XXXXXX") {
    made_ = mkdtemp(path_.data()) != nullptr;
    // Keys in memory, where there is such a place: what is cut off leaves none on a disk.
    std::string memory = "/dev/shm/ladon-drill-XXXXXX";
    if (made_ && mkdtemp(memory.data()) != nullptr) memory_ = memory;
  }
  ~Scratch() {
    if (!made_) return;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(keys(), ignored)) {
      Overwrite(entry.path().string());
    }
    if (!memory_.empty()) fs::remove_all(memory_, ignored);
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] std::string keys() const { return (memory_.empty() ? path_ : memory_) + "/keys"; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  static void Overwrite(const std::string& path) {
    const auto found = StatOf(path);
    if (!found || !S_ISREG(found->st_mode)) return;
    std::ofstream file(path, std::ios::binary | std::ios::in);
    const std::string zeros(size_t{1} << 16, '\0');
    for (off_t done = 0; done < found->st_size; done += static_cast<off_t>(zeros.size())) {
      file.write(zeros.data(), static_cast<std::streamsize>(zeros.size()));
    }
    file.close();
    const int end = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (end < 0) return;
    fsync(end);
    close(end);
  }

  std::string path_;
  std::string memory_;  // Empty: there is no such place.
  bool made_ = false;
};

absl::Status CopyKeys(const std::string& from, const std::string& to) {
  if (absl::Status s = pki::MakePrivateDirectory(to); !s.ok()) return s;
  std::error_code error;
  bool any = false;
  for (const auto& entry : fs::directory_iterator(from, error)) {
    const std::string name = entry.path().filename().string();
    // The signed checkpoints stay out: what is restored is older than they are, and that is no
    // loss.
    if (!entry.is_regular_file(error) || name.find("checkpoint") != std::string::npos) continue;
    absl::StatusOr<std::string> bytes = pki::ReadSmallFile(entry.path().string(), kKeyFileBytesMax);
    if (!bytes.ok()) return bytes.status();
    const absl::Status written = pki::WriteNewFile(to + "/" + name, *bytes, 0600);
    base::Wipe(bytes->data(), bytes->size());
    if (!written.ok()) return written;
    any = true;
  }
  if (any) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(from, ": holds no copy of the keys"));
}

// One that systemd gave us it gives ladond, too; with newer ones its mode alone would look open.
std::string RootKeyLine(const std::string& path) {
  const char* const given = std::getenv("CREDENTIALS_DIRECTORY");
  const fs::path file(path);
  if (given != nullptr && file.parent_path() == fs::path(given)) {
    return absl::StrCat("root_key_credential = \"", file.filename().string(), "\"\n");
  }
  return absl::StrCat("root_key_file = \"", path, "\"\n");
}

std::string ConfigText(const DrillPlan& plan, const Scratch& scratch) {
  return absl::StrCat(
      "[server]\nlisten = \"127.0.0.1:0\"\n[tls]\ncertificate = \"",
      scratch / "pki/server/cert.pem", "\"\nprivate_key = \"", scratch / "pki/server/key.pem",
      "\"\nclient_ca = \"", scratch / "pki/server/ca.pem", "\"\n[store]\npath = \"",
      scratch / "store", "\"\n[backup]\ndirectory = \"", plan.backups, "\"\n[keys]\n",
      RootKeyLine(plan.root_key), "directory = \"", scratch.keys(), "\"\n[ledger]\norigin = \"",
      plan.origin, "\"\nsigning_key = ", plan.signing_key,
      "\nsigning_key_before = ", plan.signing_key_before, "\ntime_zone = \"", plan.time_zone,
      "\"\n[matcher]\ncalibration = \"", plan.calibration, "\"\n[log]\nlevel = \"warning\"\n");
}

// Runs ladond to its end. What it says on the way out is the reason when it fails.
absl::StatusOr<std::string> Ladond(const std::string& config, std::vector<std::string> task,
                                   double* seconds) {
  std::vector<std::string> words = {OurProgram("ladond"), "--config", config};
  words.insert(words.end(), task.begin(), task.end());
  const auto begin = std::chrono::steady_clock::now();
  absl::StatusOr<Ran> ran = RunProgram(std::move(words));
  *seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!ran.ok()) return ran.status();
  if (ran->code == 0) return std::move(ran->out);
  return absl::FailedPreconditionError(absl::StrCat(ran->out, absl::StripSuffix(ran->err, "\n")));
}

uint64_t BytesIn(const std::string& directory) {
  uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(directory, error)) {
    if (entry.is_regular_file(error)) bytes += entry.file_size(error);
  }
  return bytes;
}

}  // namespace

absl::StatusOr<DrillReport> RunDrill(const DrillPlan& plan,
                                     const std::function<void(const char* key)>& on_step) {
  const Scratch scratch(plan.scratch);
  if (!scratch.made()) {
    return absl::FailedPreconditionError(absl::StrCat(plan.scratch, ": cannot be written"));
  }
  if (absl::Status s = CopyKeys(plan.keys, scratch.keys()); !s.ok()) return s;
  pki::AuthorityOptions authority;  // Nobody ever connects: a configuration has to name one.
  authority.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (absl::Status s = pki::InitAuthority(scratch / "pki", authority); !s.ok()) return s;
  const std::string config = scratch / "ladond.toml";
  if (absl::Status s = pki::WriteNewFile(config, ConfigText(plan, scratch), 0600); !s.ok()) {
    return s;
  }
  DrillReport report;
  on_step("drill.restoring");
  auto told =
      Ladond(config, {"--restore-backup", std::to_string(plan.number)}, &report.restore_seconds);
  if (!told.ok()) return told.status();
  report.proof = *std::move(told);
  on_step("drill.opening");
  told = Ladond(config, {"--check-config"}, &report.open_seconds);
  if (!told.ok()) return told.status();
  report.store_bytes = BytesIn(scratch / "store");
  return report;
}

}  // namespace ladon::host

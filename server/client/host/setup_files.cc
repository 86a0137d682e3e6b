#include "server/client/host/setup_files.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/base/descriptor.h"
#include "server/base/key_file.h"
#include "server/client/host/places.h"
#include "server/client/pki/identity_files.h"
#include "server/client/pki/pki.h"

namespace ladon::host {
namespace {

constexpr char kCreateLine[] = "create = true   # until there is a store; `ladonctl setup` ends it";
constexpr char kKeepLine[] = "create = false";
constexpr char kShare[] = "/usr/share/ladon/";
constexpr size_t kConfigBytesMax = size_t{64} * 1024;

using Told = std::function<void(const char* key, const std::string& path, bool made)>;

std::chrono::sys_seconds Now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

struct Owner {
  uid_t user = 0;
  gid_t group = 0;
};

absl::StatusOr<Owner> OwnerOfServer(const std::string& name) {
  passwd entry{};
  passwd* known = nullptr;
  std::array<char, 4096> room{};
  if (getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &known) != 0 || known == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("there is no user ", name, ": the package makes it (systemd-sysusers)"));
  }
  return Owner{entry.pw_uid, entry.pw_gid};
}

absl::Status Give(const std::string& path, uid_t user, gid_t group) {
  if (lchown(path.c_str(), user, group) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, ": its owner cannot be set"));
}

absl::Status MakeDirectory(const std::string& path, mode_t mode, const Owner& owner) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!IsDirectory(path) || chmod(path.c_str(), mode) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": cannot be made"));
  }
  return Give(path, owner.user, owner.group);
}

absl::Status MakeDirectories(const SetupPlan& plan, const Owner& server) {
  const Owner root{geteuid(), getegid()};
  const auto make = [](const std::string& path, mode_t mode, const Owner& owner) {
    return MakeDirectory(path, mode, owner);
  };
  if (absl::Status s = make(plan.Etc(""), 0751, {root.user, server.group}); !s.ok()) return s;
  if (absl::Status s = make(plan.Etc("tls"), 0700, server); !s.ok()) return s;
  if (absl::Status s = make(plan.Etc("identities"), 0700, root); !s.ok()) return s;
  if (absl::Status s = make(plan.prefix + "/var/lib/ladon", 0700, server); !s.ok()) return s;
  if (plan.backup_directory.empty()) return absl::OkStatus();
  return make(plan.prefix + plan.backup_directory, 0700, server);
}

// Made beside, and given its name when it is whole: a set-up that is cut off leaves nothing that
// looks made, and the next one begins anew.
absl::Status MakeWhole(const std::string& path,
                       const std::function<absl::Status(const std::string& beside)>& make) {
  const std::string beside = path + ".making";
  std::error_code error;
  std::filesystem::remove_all(beside, error);  // Of one that was cut off.
  if (absl::Status s = make(beside); !s.ok()) return s;
  std::filesystem::rename(beside, path, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": cannot be made (", error.message(), "); is it half of something?"));
  }
  const base::Descriptor parent(
      open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() >= 0 && fsync(parent.get()) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, ": its directory cannot be synced"));
}

absl::Status MakeAuthority(const SetupPlan& plan, const Told& told) {
  const std::string directory = plan.Etc("pki");
  const bool there = pki::FileExists(directory + "/ca/cert.pem");
  if (!there) {
    pki::AuthorityOptions options;
    options.now = Now();
    options.dns_names.insert(options.dns_names.end(), plan.dns_names.begin(), plan.dns_names.end());
    options.ip_addresses.insert(options.ip_addresses.end(), plan.ip_addresses.begin(),
                                plan.ip_addresses.end());
    const absl::Status made = MakeWhole(directory, [&options](const std::string& beside) {
      return pki::InitAuthority(beside, options);
    });
    if (!made.ok()) return made;
  }
  told("setup.authority", directory, !there);
  return absl::OkStatus();
}

// What the server reads of the authority: a copy that is its own.
absl::Status CopyForServer(const SetupPlan& plan, const Owner& server, const Told& told) {
  const std::string authority = plan.Etc("pki");
  bool made = false;
  for (const auto& [from, name, mode] :
       {std::tuple(authority + "/server/cert.pem", "cert.pem", mode_t{0444}),
        std::tuple(authority + "/server/key.pem", "key.pem", mode_t{0400}),
        std::tuple(authority + "/server/ca.pem", "ca.pem", mode_t{0444}),
        std::tuple(authority + "/ca/crl.pem", "crl.pem", mode_t{0444})}) {
    const std::string to = plan.Etc("tls/") + name;
    if (!pki::FileExists(to)) {
      const absl::StatusOr<std::string> bytes = pki::ReadSmallFile(from);
      if (!bytes.ok()) return bytes.status();
      if (absl::Status s = pki::ReplaceFile(to, *bytes, mode); !s.ok()) return s;
      made = true;
    }
    // Also of one that is there: a set-up that was cut off may have left it root's.
    if (absl::Status s = Give(to, server.user, server.group); !s.ok()) return s;
  }
  told("setup.tls", plan.Etc("tls"), made);
  return absl::OkStatus();
}

absl::Status MakeRootKey(const SetupPlan& plan, const Owner& server, const Told& told) {
  const std::string path = plan.Etc("root.key");
  // Sealed to the machine's TPM, it lies beside.
  const bool there = pki::FileExists(path) || pki::FileExists(path + ".sealed");
  if (!there) {
    // Another root key would open nothing of what is there, and look like the right one.
    std::error_code error;
    if (!std::filesystem::is_empty(plan.State("keys"), error) && !error) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": is not there, but the keys that it wraps are (", plan.State("keys"),
                       "): put its copy back, or combine its shares (ladonctl keys combine)"));
    }
    const absl::Status made = MakeWhole(path, [&](const std::string& beside) {
      if (absl::Status s = base::CreateRootKeyFile(beside); !s.ok()) return s;
      // Without systemd nobody hands it over: the server reads it itself.
      return plan.service ? absl::OkStatus() : Give(beside, server.user, server.group);
    });
    if (!made.ok()) return made;
  }
  told("setup.root_key", path, !there);
  return absl::OkStatus();
}

// The calendar of the package, to be kept up by the operator.
void CopyCalendar(const SetupPlan& plan) {
  std::error_code ignored;
  std::filesystem::copy_file(std::string(kShare) + "calendar.toml", plan.Etc("calendar.toml"),
                             std::filesystem::copy_options::skip_existing, ignored);
}

absl::Status MakeConfig(const SetupPlan& plan, const Owner& server, const Told& told) {
  const std::string path = plan.config();
  const bool there = pki::FileExists(path);
  if (!there) {
    const absl::Status made = MakeWhole(path, [&](const std::string& beside) {
      if (absl::Status s = pki::WriteNewFile(beside, ConfigText(plan), 0640); !s.ok()) return s;
      return Give(beside, geteuid(), server.group);
    });
    if (!made.ok()) return made;
  }
  told("setup.config", path, !there);
  return absl::OkStatus();
}

// The units know the default address and place of backups; what is other is told apart.
absl::Status TellUnits(const SetupPlan& plan) {
  if (!plan.service) return absl::OkStatus();
  const auto add = [&plan](const std::string& unit, const std::string& lines) {
    const std::string directory = plan.prefix + "/etc/systemd/system/" + unit + ".d";
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    return pki::ReplaceFile(directory + "/setup.conf", "[Service]\n" + lines, 0644);
  };
  std::string lines;
  if (plan.backup_directory != SetupPlan().backup_directory && !plan.backup_directory.empty()) {
    absl::StrAppend(&lines, "ReadWritePaths=", plan.backup_directory, "\n");
    if (absl::Status s = add("ladond.service", lines); !s.ok()) return s;
  }
  if (plan.listen != SetupPlan().listen) {
    const std::string server = plan.LocalServer();
    absl::StrAppend(&lines, "Environment=LADON_SERVER=", server, "\n");
    // The unit lets it speak to loopback only.
    const std::string host = server.substr(0, server.rfind(':'));
    if (host != "127.0.0.1") absl::StrAppend(&lines, "IPAddressAllow=", host, "\n");
  }
  return lines.empty() ? absl::OkStatus() : add("ladon-backup.service", lines);
}

}  // namespace

std::string SetupPlan::LocalServer() const {
  const size_t colon = listen.rfind(':');
  const std::string host = listen.substr(0, colon);
  const bool everywhere = host == "0.0.0.0" || host == "[::]";
  return (everywhere ? "127.0.0.1" : host) + listen.substr(colon);
}

std::string ConfigText(const SetupPlan& plan) {
  const std::string calendar =
      pki::FileExists(plan.Etc("calendar.toml"))
          ? absl::StrCat("calendar = \"", plan.Etc("calendar.toml"), "\"\n")
          : "";
  return absl::StrCat(
      "# Made by `ladonctl setup`. Every key with its meaning:\n"
      "# /usr/share/doc/ladon-core/examples/ladond.toml\n\n",
      "[server]\nlisten = \"", plan.listen, "\"\n\n",  //
      "[tls]\ncertificate = \"", plan.Etc("tls/cert.pem"), "\"\nprivate_key = \"",
      plan.Etc("tls/key.pem"), "\"\nclient_ca = \"", plan.Etc("tls/ca.pem"), "\"\ncrl = \"",
      plan.Etc("tls/crl.pem"), "\"\n\n",  //
      "[store]\npath = \"", plan.State("store"), "\"\n", kCreateLine, "\n\n",
      "[backup]\ndirectory = \"",
      plan.backup_directory.empty() ? "" : plan.prefix + plan.backup_directory, "\"\n\n",  //
      "[keys]\n",
      plan.service ? "root_key_credential = \"root.key\"\n"
                   : absl::StrCat("root_key_file = \"", plan.Etc("root.key"), "\"\n"),
      "directory = \"", plan.State("keys"), "\"\n",
      "# A directory of another machine's disk, for the copy without which a lost disk is the loss "
      "of\n"
      "# every name:\n#standby = \"/mnt/standby/ladon\"\n\n",
      "[ledger]\ntime_zone = \"", plan.time_zone, "\"\n", calendar, "\n",
      "[audit]\n# A directory of a second host, so that nobody can cut the security log off "
      "unseen:\n"
      "#checkpoint_copy = \"/mnt/second-host/ladon\"\n\n",
      "[matcher]\ncalibration = \"", kShare, "calibration.json\"\n\n",  //
      "[metrics]\nlisten = \"127.0.0.1:9464\"\n");
}

absl::Status MakeSetupFiles(const SetupPlan& plan, const Told& told) {
  const absl::StatusOr<Owner> server = OwnerOfServer(plan.user);
  if (!server.ok()) return server.status();
  if (absl::Status s = MakeDirectories(plan, *server); !s.ok()) return s;
  if (absl::Status s = MakeAuthority(plan, told); !s.ok()) return s;
  if (absl::Status s = CopyForServer(plan, *server, told); !s.ok()) return s;
  if (absl::Status s = MakeRootKey(plan, *server, told); !s.ok()) return s;
  CopyCalendar(plan);
  if (absl::Status s = MakeConfig(plan, *server, told); !s.ok()) return s;
  return TellUnits(plan);
}

absl::Status IssueOnce(const SetupPlan& plan, const base::Principal& principal,
                       const std::string& name) {
  const std::string directory = plan.Identity(name);
  if (pki::FileExists(directory + "/cert.pem")) return absl::OkStatus();
  return MakeWhole(directory, [&](const std::string& beside) {
    pki::IssueOptions options;
    options.now = Now();
    return pki::Issue(plan.Etc("pki"), principal, beside, options);
  });
}

absl::Status KeepStoreFromNowOn(const SetupPlan& plan) {
  const absl::StatusOr<std::string> text = pki::ReadSmallFile(plan.config(), kConfigBytesMax);
  if (!text.ok()) return text.status();
  const auto found = StatOf(plan.config());
  if (!found || text->find(kCreateLine) == std::string::npos) return absl::OkStatus();
  const std::string kept = absl::StrReplaceAll(*text, {{kCreateLine, kKeepLine}});
  if (absl::Status s = pki::ReplaceFile(plan.config(), kept, 0640); !s.ok()) return s;
  return Give(plan.config(), found->st_uid, found->st_gid);
}

}  // namespace ladon::host

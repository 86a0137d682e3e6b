#include "server/client/pki/pki.h"

#include <array>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/roles_apart.h"
#include "server/client/pki/authority.h"
#include "server/client/pki/certificate.h"
#include "server/client/pki/identity_files.h"
#include "server/client/pki/revoke.h"

namespace ladon::pki {
namespace {

constexpr size_t kNameCharactersMax = 64;
constexpr size_t kDnsCharactersMax = 253;

bool IsDnsName(std::string_view name) {
  if (name.empty() || name.size() > kDnsCharactersMax) return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool other = (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '*';
    if (!letter && !other) return false;
  }
  return name.front() != '.' && name.front() != '-';
}

absl::Status CheckOptions(const AuthorityOptions& options) {
  if (options.name.empty() || options.name.size() > kNameCharactersMax) {
    return absl::InvalidArgumentError("the authority's name must have 1 to 64 characters");
  }
  for (const char c : options.name) {
    if (c < ' ' || c > '~') {
      return absl::InvalidArgumentError("the authority's name must be printable ASCII");
    }
  }
  const size_t names = options.dns_names.size() + options.ip_addresses.size();
  if (names == 0 || names > kNamesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a server needs 1 to ", kNamesMax, " names and addresses"));
  }
  for (const std::string& name : options.dns_names) {
    if (!IsDnsName(name)) return absl::InvalidArgumentError(absl::StrCat("not a DNS name: ", name));
  }
  return absl::OkStatus();
}

// Whoever holds one role must not get another that is kept apart from it.
absl::Status CheckApart(const IssuedIndex& index, const std::string& holder, base::Role role,
                        std::chrono::sys_seconds now) {
  for (const Issued& issued : index.all) {
    if (holder.empty() || !absl::EqualsIgnoreCase(issued.holder, holder) || !issued.InForce(now)) {
      continue;
    }
    const auto principal = base::ParsePrincipal(issued.principal);
    if (!principal.ok() || !base::MustBeApart(principal->role, role)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(holder, " has certificate ", issued.serial_hex, " in force as ",
                     std::string(base::RoleName(principal->role)),
                     ", and nobody holds that together with ", std::string(base::RoleName(role)),
                     "; pki revoke --serial ", issued.serial_hex, " takes it away"));
  }
  return absl::OkStatus();
}

absl::Status CheckDays(int days) {
  if (days >= 1 && days <= kClientDaysMax) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a client certificate lasts 1 to ", kClientDaysMax, " days"));
}

absl::StatusOr<Issued> IssueClient(Authority* authority, const base::Principal& principal,
                                   const std::string& out_dir, const IssueOptions& options) {
  if (absl::Status s = CheckApart(authority->issued, options.holder, principal.role, options.now);
      !s.ok()) {
    return s;
  }
  const std::string role(base::RoleName(principal.role));
  Profile profile;
  profile.common_name = options.holder.empty() ? role : absl::StrCat(options.holder, " ", role);
  profile.basic_constraints = "critical,CA:FALSE";
  profile.key_usage = "critical,digitalSignature";
  profile.extended_key_usage = "clientAuth";
  profile.uri = base::FormatPrincipal(principal);
  const std::chrono::sys_seconds begin = options.now - std::chrono::days(options.days_back);
  profile.not_before = begin - kClockSlack;
  profile.not_after = begin + std::chrono::days(options.days);
  return WriteIdentity(authority, out_dir, profile, options.holder);
}

absl::Status MakeAuthority(const std::string& dir, const AuthorityOptions& options) {
  absl::StatusOr<Key> key = MakeKey();
  if (!key.ok()) return key.status();
  Profile profile;
  profile.common_name = options.name;
  profile.basic_constraints = "critical,CA:TRUE,pathlen:0";
  profile.key_usage = "critical,keyCertSign,cRLSign";
  profile.not_before = options.now - kClockSlack;
  profile.not_after = options.now + std::chrono::days(kAuthorityDays);
  absl::StatusOr<Certificate> certificate = MakeCertificate(profile, key->get(), Issuer{});
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<std::string> pem = PemOf(certificate->get());
  if (!pem.ok()) return pem.status();
  if (absl::Status s = MakePrivateDirectory(dir); !s.ok()) return s;
  if (absl::Status s = MakePrivateDirectory(dir + "/ca"); !s.ok()) return s;
  if (absl::Status s = WriteKey(dir + "/ca/key.pem", key->get()); !s.ok()) return s;
  return WriteNewFile(dir + "/ca/cert.pem", *pem, 0444);
}

}  // namespace

absl::Status InitAuthority(const std::string& dir, const AuthorityOptions& options) {
  if (absl::Status s = CheckOptions(options); !s.ok()) return s;
  for (const char* file : {"/ca/cert.pem", "/ca/key.pem", "/ca/crl.pem", "/issued",
                           "/server/cert.pem", "/server/key.pem"}) {
    if (FileExists(dir + file)) {
      return absl::AlreadyExistsError(
          absl::StrCat(dir, file, ": exists already, nothing is overwritten"));
    }
  }
  if (absl::Status s = MakeAuthority(dir, options); !s.ok()) return s;
  if (absl::Status s = IssueServer(dir, dir + "/server", options); !s.ok()) return s;
  return WriteRevocationList(dir, options.now).status();
}

absl::Status IssueServer(const std::string& dir, const std::string& out_dir,
                         const AuthorityOptions& options) {
  if (absl::Status s = CheckOptions(options); !s.ok()) return s;
  absl::StatusOr<Authority> authority = OpenAuthority(dir);
  if (!authority.ok()) return authority.status();
  Profile profile;
  profile.common_name = "ladond";
  profile.basic_constraints = "critical,CA:FALSE";
  profile.key_usage = "critical,digitalSignature";
  profile.extended_key_usage = "serverAuth";
  profile.dns_names = options.dns_names;
  profile.ip_addresses = options.ip_addresses;
  profile.not_before = options.now - kClockSlack;
  profile.not_after = options.now + std::chrono::days(kServerDays);
  return WriteIdentity(&*authority, out_dir, profile, "").status();
}

absl::Status Issue(const std::string& dir, const base::Principal& principal,
                   const std::string& out_dir, const IssueOptions& options) {
  if (absl::Status s = CheckDays(options.days); !s.ok()) return s;
  if (options.days_back < 0 || options.days_back > kAuthorityDays) {
    return absl::InvalidArgumentError("the beginning lies too far back");
  }
  if (!options.holder.empty() && !IsHolder(options.holder)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the holder must be 1 to ", kHolderCharactersMax,
                     " printable ASCII characters without spaces, and not \"-\""));
  }
  const std::string uri = base::FormatPrincipal(principal);
  if (const auto parsed = base::ParsePrincipal(uri); !parsed.ok()) return parsed.status();
  absl::StatusOr<Authority> authority = OpenAuthority(dir);
  if (!authority.ok()) return authority.status();
  return IssueClient(&*authority, principal, out_dir, options).status();
}

absl::StatusOr<Rotated> Rotate(const std::string& dir, const std::string& identity_dir,
                               const std::string& out_dir, const RotateOptions& options) {
  if (absl::Status s = CheckDays(options.days); !s.ok()) return s;
  absl::StatusOr<Authority> authority = OpenAuthority(dir);
  if (!authority.ok()) return authority.status();
  absl::StatusOr<Issued> old = ReadOwn(*authority, identity_dir + "/cert.pem");
  if (!old.ok()) return old.status();
  const absl::StatusOr<base::Principal> principal = base::ParsePrincipal(old->principal);
  if (!principal.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(identity_dir, ": not a client's; pki server makes another of a server"));
  }
  if (old->revocation) {
    return absl::FailedPreconditionError(
        absl::StrCat(identity_dir, ": is revoked; pki issue makes one that has nothing of it"));
  }
  absl::StatusOr<Issued> made =
      IssueClient(&*authority, *principal, out_dir,
                  {.now = options.now, .days = options.days, .holder = old->holder});
  if (!made.ok()) return made.status();
  if (options.revoke_old) {
    const Revocation superseded = {.at = options.now, .reason = RevocationReason::kSuperseded};
    const absl::StatusOr<Revoked> revoked = Revoke(&*authority, *old, superseded);
    if (!revoked.ok()) return revoked.status();
    old = revoked->issued;
  }
  return Rotated{.made = *std::move(made), .old = *std::move(old)};
}

absl::StatusOr<CertificateInfo> Show(const std::string& certificate_path) {
  const absl::StatusOr<std::string> pem = ReadSmallFile(certificate_path);
  if (!pem.ok()) return pem.status();
  const absl::StatusOr<Certificate> certificate = CertificateOfPem(*pem);
  if (!certificate.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(certificate_path, ": ", std::string(certificate.status().message())));
  }
  return InfoOf(certificate->get());
}

}  // namespace ladon::pki

#include "server/client/pki/pki.h"

#include <array>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/secret.h"
#include "server/client/pki/certificate.h"
#include "server/client/pki/identity_files.h"

namespace ladon::pki {
namespace {

constexpr size_t kNameCharactersMax = 64;
constexpr size_t kDnsCharactersMax = 253;

struct Authority {
  Certificate certificate;
  Key key;
  std::string certificate_pem;
};

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

absl::Status WriteKey(const std::string& path, EVP_PKEY* key) {
  absl::StatusOr<std::string> pem = PemOf(key);
  if (!pem.ok()) return pem.status();
  const absl::Status written = WriteNewFile(path, *pem, 0400);
  base::Wipe(pem->data(), pem->size());
  return written;
}

absl::Status WriteIdentity(const std::string& out_dir, const Profile& profile,
                           const Authority& authority) {
  for (const char* file : {"/cert.pem", "/key.pem", "/ca.pem"}) {
    if (FileExists(out_dir + file)) {
      return absl::AlreadyExistsError(
          absl::StrCat(out_dir, file, ": exists already, nothing is overwritten"));
    }
  }
  absl::StatusOr<Key> key = MakeKey();
  if (!key.ok()) return key.status();
  absl::StatusOr<Certificate> certificate =
      MakeCertificate(profile, key->get(),
                      {.certificate = authority.certificate.get(), .key = authority.key.get()});
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<std::string> pem = PemOf(certificate->get());
  if (!pem.ok()) return pem.status();
  if (absl::Status s = MakePrivateDirectory(out_dir); !s.ok()) return s;
  if (absl::Status s = WriteKey(out_dir + "/key.pem", key->get()); !s.ok()) return s;
  if (absl::Status s = WriteNewFile(out_dir + "/ca.pem", authority.certificate_pem, 0444);
      !s.ok()) {
    return s;
  }
  return WriteNewFile(out_dir + "/cert.pem", *pem, 0444);
}

absl::StatusOr<Authority> LoadAuthority(const std::string& dir) {
  Authority authority;
  const absl::StatusOr<std::string> pem = ReadSmallFile(dir + "/ca/cert.pem");
  if (!pem.ok()) return pem.status();
  absl::StatusOr<std::string> key_pem = ReadSmallFile(dir + "/ca/key.pem");
  if (!key_pem.ok()) return key_pem.status();
  absl::StatusOr<Certificate> certificate = CertificateOfPem(*pem);
  absl::StatusOr<Key> key = KeyOfPem(*key_pem);
  base::Wipe(key_pem->data(), key_pem->size());
  if (!certificate.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(dir, "/ca/cert.pem: not a certificate"));
  }
  if (!key.ok() || X509_check_private_key(certificate->get(), key->get()) != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat(dir, "/ca/key.pem: not the key of ca/cert.pem"));
  }
  authority.certificate = *std::move(certificate);
  authority.key = *std::move(key);
  authority.certificate_pem = *pem;
  return authority;
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
  for (const char* file : {"/ca/cert.pem", "/ca/key.pem", "/server/cert.pem", "/server/key.pem"}) {
    if (FileExists(dir + file)) {
      return absl::AlreadyExistsError(
          absl::StrCat(dir, file, ": exists already, nothing is overwritten"));
    }
  }
  if (absl::Status s = MakeAuthority(dir, options); !s.ok()) return s;
  return IssueServer(dir, dir + "/server", options);
}

absl::Status IssueServer(const std::string& dir, const std::string& out_dir,
                         const AuthorityOptions& options) {
  if (absl::Status s = CheckOptions(options); !s.ok()) return s;
  const absl::StatusOr<Authority> authority = LoadAuthority(dir);
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
  return WriteIdentity(out_dir, profile, *authority);
}

absl::Status Issue(const std::string& dir, const base::Principal& principal,
                   const std::string& out_dir, const IssueOptions& options) {
  if (options.days < 1 || options.days > kClientDaysMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a client certificate lasts 1 to ", kClientDaysMax, " days"));
  }
  if (options.days_back < 0 || options.days_back > kAuthorityDays) {
    return absl::InvalidArgumentError("the beginning lies too far back");
  }
  const std::string uri = base::FormatPrincipal(principal);
  if (const auto parsed = base::ParsePrincipal(uri); !parsed.ok()) return parsed.status();
  const absl::StatusOr<Authority> authority = LoadAuthority(dir);
  if (!authority.ok()) return authority.status();
  Profile profile;
  profile.common_name = std::string(base::RoleName(principal.role));
  profile.basic_constraints = "critical,CA:FALSE";
  profile.key_usage = "critical,digitalSignature";
  profile.extended_key_usage = "clientAuth";
  profile.uri = uri;
  const std::chrono::sys_seconds begin = options.now - std::chrono::days(options.days_back);
  profile.not_before = begin - kClockSlack;
  profile.not_after = begin + std::chrono::days(options.days);
  return WriteIdentity(out_dir, profile, *authority);
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

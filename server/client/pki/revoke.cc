#include "server/client/pki/revoke.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/principal.h"
#include "server/client/pki/certificate.h"
#include "server/client/pki/identity_files.h"
#include "server/client/pki/revocation_list.h"

namespace ladon::pki {
namespace {

// The index is written first, so that a number is never used for two lists.
absl::StatusOr<RevocationListInfo> WriteList(Authority* authority, std::chrono::sys_seconds now) {
  ++authority->issued.list_number;
  if (absl::Status s = WriteIssued(authority->dir, authority->issued); !s.ok()) return s;
  const std::vector<Issued>& all = authority->issued.all;
  RevocationListInfo info = {.path = authority->dir + "/ca/crl.pem",
                             .number = authority->issued.list_number,
                             .next_update = now + std::chrono::days(kRevocationListDays)};
  info.revoked = static_cast<size_t>(std::count_if(
      all.begin(), all.end(), [](const Issued& issued) { return issued.revocation.has_value(); }));
  const absl::StatusOr<std::string> list = MakeRevocationList(*authority, now, info.next_update);
  if (!list.ok()) return list.status();
  if (absl::Status s = ReplaceFile(info.path, *list, 0444); !s.ok()) return s;
  return info;
}

}  // namespace

absl::StatusOr<Issued> ReadOwn(const Authority& authority, const std::string& path) {
  const absl::StatusOr<std::string> pem = ReadSmallFile(path);
  if (!pem.ok()) return pem.status();
  const absl::StatusOr<Certificate> certificate = CertificateOfPem(*pem);
  if (!certificate.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", certificate.status().message()));
  }
  if (!IsOwn(authority, certificate->get())) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": not a certificate of the authority in ", authority.dir));
  }
  const absl::StatusOr<CertificateInfo> info = InfoOf(certificate->get());
  if (!info.ok()) return info.status();
  const Issued* const known = authority.issued.Find(info->serial_hex);
  if (known != nullptr) return *known;
  constexpr std::string_view kUri = "URI:";
  Issued issued = {
      .serial_hex = info->serial_hex, .holder = info->holder, .not_after = info->not_after};
  for (const std::string& name : info->names) {
    const std::string uri = name.rfind(kUri, 0) == 0 ? name.substr(kUri.size()) : "";
    if (base::ParsePrincipal(uri).ok()) issued.principal = uri;
  }
  return issued;
}

absl::StatusOr<Revoked> Revoke(Authority* authority, const Issued& issued,
                               const Revocation& revocation) {
  Issued* known = authority->issued.Find(issued.serial_hex);
  if (known == nullptr) known = &authority->issued.all.emplace_back(issued);
  Revoked revoked;
  revoked.before = known->revocation.has_value();
  if (!revoked.before) known->revocation = revocation;
  revoked.issued = *known;
  absl::StatusOr<RevocationListInfo> list = WriteList(authority, revocation.at);
  if (!list.ok()) return list.status();
  revoked.list = *std::move(list);
  return revoked;
}

absl::StatusOr<Revoked> RevokeSerial(const std::string& dir, const std::string& serial,
                                     const Revocation& revocation) {
  const std::optional<std::string> serial_hex = SerialOfText(serial);
  if (!serial_hex) return absl::InvalidArgumentError("a serial number is up to 40 hex digits");
  absl::StatusOr<Authority> authority = OpenAuthority(dir);
  if (!authority.ok()) return authority.status();
  const Issued* const known = authority->issued.Find(*serial_hex);
  if (known == nullptr) {
    return absl::NotFoundError(absl::StrCat(
        dir, ": ", *serial_hex, " is not in the index; name the file with --certificate"));
  }
  return Revoke(&*authority, Issued(*known), revocation);
}

absl::StatusOr<Revoked> RevokeCertificate(const std::string& dir,
                                          const std::string& certificate_path,
                                          const Revocation& revocation) {
  absl::StatusOr<Authority> authority = OpenAuthority(dir);
  if (!authority.ok()) return authority.status();
  const absl::StatusOr<Issued> issued = ReadOwn(*authority, certificate_path);
  if (!issued.ok()) return issued.status();
  return Revoke(&*authority, *issued, revocation);
}

absl::StatusOr<RevocationListInfo> WriteRevocationList(const std::string& dir,
                                                       std::chrono::sys_seconds now) {
  absl::StatusOr<Authority> authority = OpenAuthority(dir);
  if (!authority.ok()) return authority.status();
  return WriteList(&*authority, now);
}

absl::StatusOr<std::vector<Issued>> ListIssued(const std::string& dir) {
  if (!FileExists(dir + "/ca/cert.pem")) {
    return absl::NotFoundError(absl::StrCat(dir, ": no authority is here"));
  }
  absl::StatusOr<IssuedIndex> index = ReadIssued(dir);
  if (!index.ok()) return index.status();
  return std::move(index->all);
}

}  // namespace ladon::pki

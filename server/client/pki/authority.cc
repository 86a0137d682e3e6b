#include "server/client/pki/authority.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/secret.h"
#include "server/client/pki/identity_files.h"

namespace ladon::pki {
namespace {

absl::StatusOr<std::unique_ptr<const base::Descriptor>> Lock(const std::string& dir) {
  auto lock = std::make_unique<const base::Descriptor>(
      open((dir + "/ca").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  bool locked = false;
  do {
    locked = lock->get() >= 0 && flock(lock->get(), LOCK_EX) == 0;
  } while (!locked && errno == EINTR);
  if (locked) return lock;
  if (errno == ENOENT) {
    return absl::NotFoundError(
        absl::StrCat(dir, ": no authority is here; ladonctl pki init makes one"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat(dir, "/ca: ", std::generic_category().message(errno)));
}

// The files of an identity, of which none may be there.
absl::Status WriteFiles(const Authority& authority, const std::string& out_dir, EVP_PKEY* key,
                        const std::string& pem) {
  if (absl::Status s = MakePrivateDirectory(out_dir); !s.ok()) return s;
  if (absl::Status s = WriteKey(out_dir + "/key.pem", key); !s.ok()) return s;
  if (absl::Status s = WriteNewFile(out_dir + "/ca.pem", authority.certificate_pem, 0444);
      !s.ok()) {
    return s;
  }
  return WriteNewFile(out_dir + "/cert.pem", pem, 0444);
}

}  // namespace

absl::StatusOr<Authority> OpenAuthority(const std::string& dir) {
  Authority authority;
  authority.dir = dir;
  absl::StatusOr<std::unique_ptr<const base::Descriptor>> lock = Lock(dir);
  if (!lock.ok()) return lock.status();
  authority.lock = *std::move(lock);
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
  absl::StatusOr<IssuedIndex> issued = ReadIssued(dir);
  if (!issued.ok()) return issued.status();
  authority.certificate = *std::move(certificate);
  authority.key = *std::move(key);
  authority.certificate_pem = *pem;
  authority.issued = *std::move(issued);
  return authority;
}

absl::Status WriteKey(const std::string& path, EVP_PKEY* key) {
  absl::StatusOr<std::string> pem = PemOf(key);
  if (!pem.ok()) return pem.status();
  absl::Status written = WriteNewFile(path, *pem, 0400);
  base::Wipe(pem->data(), pem->size());
  return written;
}

absl::StatusOr<Issued> WriteIdentity(Authority* authority, const std::string& out_dir,
                                     const Profile& profile, const std::string& holder) {
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
                      {.certificate = authority->certificate.get(), .key = authority->key.get()});
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<CertificateInfo> info = InfoOf(certificate->get());
  if (!info.ok()) return info.status();
  const absl::StatusOr<std::string> pem = PemOf(certificate->get());
  if (!pem.ok()) return pem.status();
  Issued issued = {.serial_hex = info->serial_hex,
                   .principal = profile.uri.empty() ? std::string(kServerPrincipal) : profile.uri,
                   .holder = holder,
                   .not_after = info->not_after};
  authority->issued.all.push_back(issued);
  if (absl::Status s = WriteIssued(authority->dir, authority->issued); !s.ok()) return s;
  if (absl::Status s = WriteFiles(*authority, out_dir, key->get(), *pem); !s.ok()) {
    authority->issued.all.pop_back();
    // If this fails too, the line stays: of a certificate that nobody has.
    WriteIssued(authority->dir, authority->issued).IgnoreError();
    return s;
  }
  return issued;
}

bool IsOwn(const Authority& authority, X509* certificate) {
  return X509_NAME_cmp(X509_get_issuer_name(certificate),
                       X509_get_subject_name(authority.certificate.get())) == 0 &&
         X509_verify(certificate, authority.key.get()) == 1;
}

}  // namespace ladon::pki

#include "server/access/revocation_set.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ladon::access {
namespace {

using std::chrono::sys_seconds;

// A list that has been read, and not yet been put beside others.
struct Parsed {
  RevocationList list;
  RevocationSet::Scope scope;
  RevocationSet::Version version;
  NameDigest issuer{};
};

absl::Status Bad(const std::string& issuer, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("the list of ", issuer, " ", what));
}

std::string TextOf(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) return "?";
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(std::max(size, 0L))};
}

std::optional<sys_seconds> SecondsOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  const auto day = std::chrono::sys_days(std::chrono::year(parts.tm_year + 1900) /
                                         (parts.tm_mon + 1) / parts.tm_mday);
  return day + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
         std::chrono::seconds(parts.tm_sec);
}

bool MaySignLists(X509* authority) {
  // Without a key usage everything is allowed, and this is all ones.
  return X509_check_ca(authority) != 0 && (X509_get_key_usage(authority) & KU_CRL_SIGN) != 0;
}

absl::StatusOr<X509*> SignerOf(const std::vector<Certificate>& authorities, X509_CRL* list,
                               const std::string& issuer) {
  if (const auto weak = WeakDigestOf(list); weak.has_value()) {
    return absl::UnauthenticatedError(absl::StrCat("the list of ", issuer, " is signed with ",
                                                   *weak, ": sign with SHA-256 or better"));
  }
  for (const Certificate& authority : authorities) {
    X509* const raw = authority.get();
    if (X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(raw)) == 0 &&
        MaySignLists(raw) && X509_CRL_verify(list, X509_get0_pubkey(raw)) == 1) {
      return raw;
    }
  }
  return absl::UnauthenticatedError(absl::StrCat(
      "the list of ", issuer, " is signed by none of the authorities trusted here: add ",
      "the certificate of the one that signs it to [tls] client_ca"));
}

// Every extension that must be understood is; the part of the certificates that the list is about.
absl::StatusOr<std::string> PartOf(const X509_CRL* list, const std::string& issuer) {
  for (int i = 0; i < X509_CRL_get_ext_count(list); ++i) {
    X509_EXTENSION* const extension = X509_CRL_get_ext(list, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (nid == NID_delta_crl) return Bad(issuer, "tells changes only: give the complete one");
    const bool known = nid == NID_issuing_distribution_point || nid == NID_crl_number ||
                       nid == NID_authority_key_identifier;
    if (X509_EXTENSION_get_critical(extension) != 0 && !known) {
      return Bad(issuer, "has a critical extension that is not known here");
    }
  }
  int found = 0;
  const std::unique_ptr<ISSUING_DIST_POINT, base::Deleter<ISSUING_DIST_POINT_free>> point(
      static_cast<ISSUING_DIST_POINT*>(
          X509_CRL_get_ext_d2i(list, NID_issuing_distribution_point, &found, nullptr)));
  if (point == nullptr) {
    if (found == -1) return std::string();
    return Bad(issuer, "has a distribution point that cannot be read");
  }
  if (point->indirectCRL != 0 || point->onlysomereasons != nullptr) {
    return Bad(issuer, "is indirect, or of some reasons only: give the complete one");
  }
  unsigned char* der = nullptr;
  const int size = i2d_ISSUING_DIST_POINT(point.get(), &der);
  if (size < 0) return Bad(issuer, "has a distribution point that cannot be read");
  std::string part(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return part;
}

absl::StatusOr<RevocationSet::Version> VersionOf(const X509_CRL* list, std::string issuer) {
  RevocationSet::Version version;
  int found = 0;
  const std::unique_ptr<ASN1_INTEGER, base::Deleter<ASN1_INTEGER_free>> number(
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(list, NID_crl_number, &found, nullptr)));
  if (number != nullptr) version.number = SerialOf(number.get());
  if (found != -1 && !version.number) return Bad(issuer, "has a number that cannot be read");
  const std::optional<sys_seconds> this_update = SecondsOf(X509_CRL_get0_lastUpdate(list));
  if (!this_update) return Bad(issuer, "has no date");
  version.this_update = *this_update;
  const std::optional<sys_seconds> next = SecondsOf(X509_CRL_get0_nextUpdate(list));
  version.next_update = next.value_or(sys_seconds::max());
  version.issuer = std::move(issuer);
  return version;
}

absl::StatusOr<Parsed> Examine(const std::vector<Certificate>& authorities, RevocationList list) {
  const std::string issuer = TextOf(X509_CRL_get_issuer(list.get()));
  const absl::StatusOr<X509*> signer = SignerOf(authorities, list.get(), issuer);
  if (!signer.ok()) return signer.status();
  absl::StatusOr<std::string> part = PartOf(list.get(), issuer);
  if (!part.ok()) return part.status();
  absl::StatusOr<RevocationSet::Version> version = VersionOf(list.get(), issuer);
  if (!version.ok()) return version.status();
  Parsed parsed;
  unsigned int size = 0;
  if (X509_pubkey_digest(*signer, EVP_sha256(), parsed.scope.key.data(), &size) != 1) {
    return absl::InternalError("digest of an authority's key");
  }
  parsed.scope.part = *std::move(part);
  parsed.version = *std::move(version);
  // What a caller's certificate calls its issuer is the authority's own name.
  parsed.issuer = DigestOf(X509_get_subject_name(*signer));
  parsed.list = std::move(list);
  return parsed;
}

bool IsOlder(const RevocationSet::Version& a, const RevocationSet::Version& b) {
  if (a.number && b.number && *a.number != *b.number) return *a.number < *b.number;
  return a.this_update < b.this_update;
}

absl::Status AddSerials(const Parsed& parsed, std::vector<Serial>* serials) {
  const STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(parsed.list.get());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* const entry = sk_X509_REVOKED_value(entries, i);
    if (X509_REVOKED_get_ext_by_critical(entry, 1, -1) >= 0) {
      return Bad(parsed.version.issuer, "has an entry with a critical extension, unknown here");
    }
    // No caller has a serial number that SerialOf() does not take.
    if (const auto serial = SerialOf(X509_REVOKED_get0_serialNumber(entry)); serial.has_value()) {
      serials->push_back(*serial);
    }
  }
  return absl::OkStatus();
}

// An authority whose certificate is revoked takes those below it along.
void VoidAuthorities(const std::vector<Certificate>& authorities, RevocationSet* set) {
  for (size_t round = 0; round < authorities.size(); ++round) {
    for (const Certificate& authority : authorities) {
      const auto serial = SerialOf(X509_get0_serialNumber(authority.get()));
      if (serial && set->Contains(DigestOf(X509_get_issuer_name(authority.get())), *serial)) {
        set->void_authorities.insert(DigestOf(X509_get_subject_name(authority.get())));
      }
    }
  }
}

absl::StatusOr<std::map<RevocationSet::Scope, Parsed>> ReadLists(
    const std::vector<Certificate>& authorities, std::string_view pem) {
  const auto no_password = [](char*, int, int, void*) { return -1; };  // Nobody is asked for one.
  const Bio bio = BioOver(pem);
  std::map<RevocationSet::Scope, Parsed> newest;
  while (bio != nullptr) {
    RevocationList list(PEM_read_bio_X509_CRL(bio.get(), nullptr, no_password, nullptr));
    if (list == nullptr) {
      const unsigned long error = ERR_peek_last_error();
      if (ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE) break;
      return absl::InvalidArgumentError("it holds a list that is damaged or cut off");
    }
    absl::StatusOr<Parsed> parsed = Examine(authorities, std::move(list));
    if (!parsed.ok()) return parsed.status();
    const auto it = newest.find(parsed->scope);
    if (it != newest.end() && IsOlder(parsed->version, it->second.version)) continue;
    const RevocationSet::Scope scope = parsed->scope;
    newest.insert_or_assign(scope, *std::move(parsed));
  }
  if (newest.empty()) {
    return absl::InvalidArgumentError(
        "it holds no revocation list in PEM; openssl crl -inform DER -in LIST makes one of DER");
  }
  return newest;
}

}  // namespace

bool RevocationSet::Contains(const NameDigest& issuer, const Serial& serial) const {
  if (void_authorities.contains(issuer)) return true;
  const auto it = serials.find(issuer);
  return it != serials.end() && std::binary_search(it->second.begin(), it->second.end(), serial);
}

size_t RevocationSet::size() const {
  size_t count = 0;
  for (const auto& [issuer, of_issuer] : serials) count += of_issuer.size();
  return count;
}

size_t RevocationSet::AddedSince(const RevocationSet& before) const {
  size_t count = 0;
  for (const auto& [issuer, of_issuer] : serials) {
    count += static_cast<size_t>(std::count_if(
        of_issuer.begin(), of_issuer.end(),
        [&, &to = issuer](const Serial& serial) { return !before.Contains(to, serial); }));
  }
  return count;
}

sys_seconds RevocationSet::next_update() const {
  sys_seconds earliest = sys_seconds::max();
  for (const auto& [scope, version] : lists) earliest = std::min(earliest, version.next_update);
  return earliest;
}

absl::StatusOr<RevocationSet> ParseRevocationLists(const std::vector<Certificate>& authorities,
                                                   std::string_view pem) {
  if (pem.size() > kRevocationBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("it is larger than ", kRevocationBytesMax, " bytes"));
  }
  absl::StatusOr<std::map<RevocationSet::Scope, Parsed>> lists = ReadLists(authorities, pem);
  ERR_clear_error();
  if (!lists.ok()) return lists.status();
  RevocationSet set;
  for (const auto& [scope, parsed] : *lists) {
    set.lists.emplace(scope, parsed.version);
    if (absl::Status s = AddSerials(parsed, &set.serials[parsed.issuer]); !s.ok()) return s;
  }
  for (auto& [issuer, serials] : set.serials) {
    std::sort(serials.begin(), serials.end());
    serials.erase(std::unique(serials.begin(), serials.end()), serials.end());
  }
  VoidAuthorities(authorities, &set);
  return set;
}

absl::Status CheckFollows(const RevocationSet& next, const RevocationSet& before) {
  for (const auto& [scope, version] : before.lists) {
    const auto it = next.lists.find(scope);
    if (it == next.lists.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the list of ", version.issuer, " that is in force is not in it"));
    }
    if (IsOlder(it->second, version)) {
      return absl::FailedPreconditionError(
          absl::StrCat("its list of ", version.issuer, " is older than the one in force"));
    }
  }
  return absl::OkStatus();
}

}  // namespace ladon::access

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>

#include "server/client/host/checks.h"
#include "server/client/host/places.h"
#include "server/client/pki/identity_files.h"
#include "server/client/pki/key_pair.h"
#include "server/client/pki/pki.h"

namespace ladon::host {
namespace {

constexpr std::chrono::days kRenewalWarning{30};

std::string DayOf(std::chrono::sys_seconds moment) {
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(moment)};
  const auto two = [](unsigned number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  return std::to_string(static_cast<int>(day.year())) + "-" +
         two(static_cast<unsigned>(day.month())) + "-" + two(static_cast<unsigned>(day.day()));
}

void CheckCertificate(const std::string& path, std::chrono::sys_seconds now, Findings* findings) {
  const auto info = pki::Show(path);
  if (absl::IsNotFound(info.status())) return findings->Error("certificate_missing", {path});
  if (!info.ok()) return findings->Error("certificate_bad", {path});
  if (info->authority) findings->Error("certificate_of_authority", {path});
  for (const std::string& name : info->names) {
    if (name.rfind("URI:ladon:", 0) == 0) findings->Error("certificate_of_client", {path, name});
  }
  if (info->not_after < now) {
    findings->Error("certificate_expired", {path, DayOf(info->not_after)});
  } else if (info->not_after < now + kRenewalWarning) {
    findings->Warning("certificate_expires", {path, DayOf(info->not_after)});
  }
  if (info->not_before > now) {
    findings->Error("certificate_not_yet", {path, DayOf(info->not_before)});
  }
}

void CheckPrivateKey(const std::string& key, const std::string& certificate, Findings* findings) {
  if (!StatOf(key)) return findings->Error("key_missing", {key});
  if (IsOpenToOthers(key)) findings->Error("key_open", {key, ModeOf(key)});
  if (absl::IsInvalidArgument(pki::CheckPair(certificate, key))) {
    findings->Error("key_mismatch", {key, certificate});
  }
}

void CheckAuthority(const std::string& path, std::chrono::sys_seconds now, Findings* findings) {
  const auto info = pki::Show(path);
  if (absl::IsNotFound(info.status())) return findings->Error("ca_missing", {path});
  if (!info.ok() || !info->authority) return findings->Error("ca_bad", {path});
  if (info->not_after < now) {
    findings->Error("ca_expired", {path, DayOf(info->not_after)});
  } else if (info->not_after < now + kRenewalWarning) {
    findings->Warning("ca_expires", {path, DayOf(info->not_after)});
  }
}

void CheckRevocations(const std::string& path, std::chrono::sys_seconds now, Findings* findings) {
  if (path.empty()) return findings->Warning("crl_none");
  const auto next = pki::RevocationListGoodUntil(path);
  if (absl::IsNotFound(next.status())) return findings->Error("crl_missing", {path});
  if (!next.ok()) return findings->Error("crl_bad", {path});
  if (*next < now) findings->Warning("crl_expired", {path, DayOf(*next)});
}

}  // namespace

void CheckTls(const ServerConfig& config, std::chrono::sys_seconds now, Findings* findings) {
  const std::string certificate = config("tls", "certificate");
  CheckCertificate(certificate, now, findings);
  CheckPrivateKey(config("tls", "private_key"), certificate, findings);
  CheckAuthority(config("tls", "client_ca"), now, findings);
  CheckRevocations(config("tls", "crl"), now, findings);
  const std::string authority =
      (std::filesystem::path(config.path()).parent_path() / "pki/ca/key.pem").string();
  if (StatOf(authority)) findings->Warning("authority_here", {authority});
}

}  // namespace ladon::host

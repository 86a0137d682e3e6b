#include "server/access/caller.h"

#include <algorithm>

namespace ladon::access {
namespace {

constexpr size_t kPeerBytesMax = 64;

std::string PrintableAddress(std::string_view address) {
  std::string text(address.substr(0, kPeerBytesMax));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x21 || c > 0x7E; }, '?');
  return text;
}

}  // namespace

absl::StatusOr<Caller> IdentifyCaller(const PeerIdentity& peer) {
  const absl::StatusOr<PeerCertificate> certificate = ReadPeerCertificate(peer.certificate_pem);
  if (!certificate.ok()) return certificate.status();
  Caller caller;
  caller.principal = certificate->principal;
  caller.uri = base::FormatPrincipal(certificate->principal);
  caller.certificate_serial = certificate->serial;
  caller.certificate_issuer = certificate->issuer;
  caller.certificate_not_after_ns = certificate->not_after_ns;
  caller.peer = PrintableAddress(peer.address);
  return caller;
}

absl::Status Authorize(const Matrix& matrix, std::string_view rpc, Caller* caller) {
  const Rule* const rule = matrix.Find(rpc);
  const Grant* const grant =
      rule == nullptr ? nullptr : FindGrant(rule->grants, caller->principal.role);
  if (rule != nullptr) caller->event = rule->event;
  if (grant == nullptr) return absl::PermissionDeniedError("not permitted");
  caller->scope = grant->scope;
  return absl::OkStatus();
}

}  // namespace ladon::access

#include "server/flow/token.h"

#include <cstring>

#include "server/base/codec.h"
#include "server/flow/refusal.h"
#include "server/vault/blob.h"

namespace ladon::flow {
namespace {

constexpr uint8_t kTokenVersion = 1;

// The terminal and school are the label: a token shown elsewhere does not open.
std::string LabelOf(const base::SchoolId& school, const base::ActorId& terminal) {
  base::Encoder out;
  out.Raw("ladon/token");
  out.Put(school);
  out.Put(terminal);
  return out.Take();
}

vault::KeyName KeyOf(const base::SchoolId& school) {
  return {.owner = school.bytes, .purpose = vault::Purpose::kPersonal};
}

}  // namespace

std::string TokenSealer::Seal(const Token& token) const {
  base::Encoder out;
  out.U8(kTokenVersion);
  out.Put(token.who.subject.subject);
  out.U8(static_cast<uint8_t>(token.who.means));
  out.U8(static_cast<uint8_t>(token.who.liveness));
  out.U16(token.who.card_number);
  out.Raw({reinterpret_cast<const char*>(token.nonce.data()), token.nonce.size()});
  out.U64(token.expires_at_ns);
  const base::SchoolId& school = token.who.subject.school;
  return vault::SealBlob(key_, KeyOf(school), LabelOf(school, token.terminal), out.Take());
}

absl::StatusOr<Token> TokenSealer::Open(std::string_view sealed, const base::SchoolId& school,
                                        const base::ActorId& terminal, uint64_t now_ns) const {
  const absl::StatusOr<std::string> plain =
      vault::OpenBlob(key_, KeyOf(school), LabelOf(school, terminal), sealed);
  if (!plain.ok()) return Refuse(Reason::kTokenInvalid, "identification_token");
  base::Decoder in(*plain);
  Token token;
  const uint8_t version = in.U8();
  token.who.subject = {.school = school, .subject = in.Get<base::SubjectId>()};
  token.who.means = static_cast<Means>(in.U8());
  token.who.liveness = static_cast<Liveness>(in.U8());
  token.who.card_number = in.U16();
  const std::string_view nonce = in.Raw(token.nonce.size());
  if (nonce.size() == token.nonce.size()) {
    std::memcpy(token.nonce.data(), nonce.data(), nonce.size());
  }
  token.terminal = terminal;
  token.expires_at_ns = in.U64();
  if (!in.Done() || version != kTokenVersion) {
    return Refuse(Reason::kTokenInvalid, "identification_token");
  }
  if (now_ns >= token.expires_at_ns) return Refuse(Reason::kTokenExpired, "identification_token");
  return token;
}

}  // namespace ladon::flow

// The openings of an entry, and how a leaf commits to them (entry.h).
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cassert>
#include <memory>

#include "absl/strings/str_cat.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/entry.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {
namespace {

constexpr uint8_t kPostingKind = 1;
constexpr uint8_t kTermsKind = 2;
constexpr uint8_t kLineKind = 3;
constexpr uint8_t kContextKind = 4;
constexpr std::string_view kSaltLabel = "ladon/salt/v1";

void Encode(const Posting& posting, ByteWriter* out) {
  out->Raw(posting.account.bytes);
  out->I64(posting.amount_kopecks);
  out->U64(posting.sequence);
  out->I64(posting.balance_kopecks);
}

void Encode(const AccountTerms& terms, ByteWriter* out) {
  assert(terms.limits.size() <= kLimitsMax);
  out->Raw(terms.account.bytes);
  out->U64(terms.sequence);
  out->U16(static_cast<uint16_t>(terms.code));
  out->U8(terms.purse);
  out->U16(terms.flags);
  out->Raw(terms.school.bytes);
  out->I64(terms.overdraft_limit_kopecks);
  out->U16(static_cast<uint16_t>(terms.limits.size()));
  for (const auto& [type, value] : terms.limits) {
    out->U16(type);
    out->I64(value);
  }
}

void Encode(const LineDetail& line, ByteWriter* out) {
  out->U16(line.ordinal);
  out->Raw(line.item.bytes);
  out->U16(line.category);
  out->U32(line.quantity);
  out->I64(line.unit_price_kopecks);
  out->U8(line.purse);
}

void Encode(const Context& context, ByteWriter* out) {
  out->Raw(context.school.bytes);
  out->Raw(context.actor.bytes);
  out->U8(context.means);
}

Posting DecodePosting(ByteReader* in) {
  Posting posting;
  in->Raw(&posting.account.bytes);
  posting.amount_kopecks = in->I64();
  posting.sequence = in->U64();
  posting.balance_kopecks = in->I64();
  return posting;
}

AccountTerms DecodeTerms(ByteReader* in) {
  AccountTerms terms;
  in->Raw(&terms.account.bytes);
  terms.sequence = in->U64();
  terms.code = static_cast<AccountCode>(in->U16());
  terms.purse = in->U8();
  terms.flags = in->U16();
  in->Raw(&terms.school.bytes);
  terms.overdraft_limit_kopecks = in->I64();
  const uint16_t count = in->U16();
  for (uint16_t i = 0; i < count && in->ok() && i <= kLimitsMax; ++i) {
    const uint16_t type = in->U16();
    terms.limits.emplace_back(type, in->I64());
  }
  return terms;
}

LineDetail DecodeLine(ByteReader* in) {
  LineDetail line;
  line.ordinal = in->U16();
  in->Raw(&line.item.bytes);
  line.category = in->U16();
  line.quantity = in->U32();
  line.unit_price_kopecks = in->I64();
  line.purse = in->U8();
  return line;
}

Context DecodeContext(ByteReader* in) {
  Context context;
  in->Raw(&context.school.bytes);
  in->Raw(&context.actor.bytes);
  context.means = in->U8();
  return context;
}

struct MacDeleter {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// A keyless HMAC-SHA256; every use brings the key. Made once per thread, for the lookup's cost.
EVP_MAC_CTX* HmacContext() {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  assert(hmac != nullptr);
  thread_local const std::unique_ptr<EVP_MAC_CTX, MacDeleter> context = [] {
    std::unique_ptr<EVP_MAC_CTX, MacDeleter> made(EVP_MAC_CTX_new(hmac));
    char name[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                 OSSL_PARAM_construct_end()};
    [[maybe_unused]] const bool ok = EVP_MAC_CTX_set_params(made.get(), params) == 1;
    assert(ok);
    return made;
  }();
  return context.get();
}

}  // namespace

absl::Status CheckTerms(const AccountTerms& terms) {
  const auto code = static_cast<uint16_t>(terms.code);
  if (terms.account.IsZero()) {
    return absl::InvalidArgumentError("account terms: no account");
  }
  if (code < static_cast<uint16_t>(AccountCode::kWallet) ||
      code > static_cast<uint16_t>(AccountCode::kSuspense)) {
    return absl::InvalidArgumentError("account terms: unknown code");
  }
  if ((terms.flags & ~kAccountFlagsAll) != 0) {
    return absl::InvalidArgumentError("account terms: unknown flag");
  }
  if (terms.overdraft_limit_kopecks < 0) {
    return absl::InvalidArgumentError("account terms: negative overdraft limit");
  }
  if (terms.limits.size() > kLimitsMax) {
    return absl::InvalidArgumentError("account terms: too many limits");
  }
  for (size_t i = 1; i < terms.limits.size(); ++i) {
    if (terms.limits[i - 1].first >= terms.limits[i].first) {
      return absl::InvalidArgumentError("account terms: limits out of order");
    }
  }
  return absl::OkStatus();
}

uint8_t OpeningKind(const Opening& opening) {
  static_assert(std::variant_size_v<Opening> == 4);
  return static_cast<uint8_t>(opening.index() + 1);  // The alternatives stand in wire order.
}

std::string EncodeOpening(const Opening& opening) {
  ByteWriter out;
  std::visit([&out](const auto& value) { Encode(value, &out); }, opening);
  return out.Take();
}

absl::StatusOr<Opening> DecodeOpening(uint8_t kind, std::string_view bytes) {
  ByteReader in(bytes);
  Opening opening;
  switch (kind) {
    case kPostingKind:
      opening = DecodePosting(&in);
      break;
    case kTermsKind:
      opening = DecodeTerms(&in);
      break;
    case kLineKind:
      opening = DecodeLine(&in);
      break;
    case kContextKind:
      opening = DecodeContext(&in);
      break;
    default:
      return absl::InvalidArgumentError(absl::StrCat("opening: unknown kind ", kind));
  }
  if (!in.AtEnd()) {
    return absl::InvalidArgumentError(in.ok() ? "opening: trailing bytes" : "opening: truncated");
  }
  if (const auto* posting = std::get_if<Posting>(&opening); posting != nullptr) {
    if (posting->amount_kopecks == 0) {
      return absl::InvalidArgumentError("opening: a posting of nothing");
    }
  }
  if (const auto* terms = std::get_if<AccountTerms>(&opening); terms != nullptr) {
    if (absl::Status good = CheckTerms(*terms); !good.ok()) {
      return good;
    }
  }
  return opening;
}

Salt DeriveSalt(std::span<const uint8_t, 32> ledger_secret, uint64_t index, uint16_t ordinal) {
  ByteWriter message;
  message.Raw(kSaltLabel);
  message.U64(index);
  message.U16(ordinal);
  const std::string text = message.Take();
  EVP_MAC_CTX* context = HmacContext();
  Salt salt{};
  size_t size = 0;
  const bool ok =
      EVP_MAC_init(context, ledger_secret.data(), ledger_secret.size(), nullptr) == 1 &&
      EVP_MAC_update(context, reinterpret_cast<const uint8_t*>(text.data()), text.size()) == 1 &&
      EVP_MAC_final(context, salt.data(), &size, salt.size()) == 1;
  assert(ok && size == salt.size());
  return salt;
}

Digest Commit(const Salt& salt, std::string_view encoded_opening) {
  std::string text(reinterpret_cast<const char*>(salt.data()), salt.size());
  text.append(encoded_opening);
  const Digest digest = Sha256(text);
  OPENSSL_cleanse(text.data(), text.size());  // Who learns a salt can try sums against the digest.
  return digest;
}

}  // namespace ladon::ledger

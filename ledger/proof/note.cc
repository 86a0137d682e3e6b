#include "ledger/proof/note.h"

#include <iconv.h>
#include <sodium.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ledger/proof/base64.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // U+2014 and a space.
constexpr std::string_view kPrivatePrefix = "PRIVATE+KEY+";
constexpr size_t kIdDigits = 8;
constexpr size_t kKeyIdBytes = 4;

absl::Status Malformed(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("note: ", absl::string_view(why.data(), why.size())));
}

// By the C library's converter, which refuses overlong forms, surrogates and what is cut off.
bool IsUtf8(std::string_view text) {
  const iconv_t converter = iconv_open("UCS-4LE", "UTF-8");
  if (reinterpret_cast<intptr_t>(converter) == -1) return false;
  std::string in(text);
  char* from = in.data();
  size_t left = in.size();
  std::array<char, 4096> out;
  bool valid = true;
  while (valid && left > 0) {
    char* to = out.data();
    size_t room = out.size();
    valid = iconv(converter, &from, &left, &to, &room) != static_cast<size_t>(-1) ||
            (errno == E2BIG && room < out.size());
  }
  iconv_close(converter);
  return valid;
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; });
}

// Spaces beyond ASCII do not occur in names of ours; a foreign name with one matches no key.
bool IsName(std::string_view name) {
  return !name.empty() && std::none_of(name.begin(), name.end(), [](char c) {
    return c == '+' || static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
  });
}

uint32_t KeyId(std::string_view name, KeyType type, std::string_view key) {
  ByteWriter bytes;
  bytes.Raw(name);
  bytes.U8('\n');
  bytes.U8(static_cast<uint8_t>(type));
  bytes.Raw(key);
  const Digest digest = Sha256(bytes.Take());
  ByteReader reader({reinterpret_cast<const char*>(digest.bytes.data()), kKeyIdBytes});
  return reader.U32();
}

template <size_t N>
std::string_view Text(const std::array<uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

// "<name>+<id>+<base64 of type || 32 bytes>", which both kinds of key look like.
struct KeyText {
  std::string name;
  uint32_t id = 0;
  KeyType type = KeyType::kEd25519;
  std::string body;
};

std::optional<KeyText> ParseKeyText(std::string_view text) {
  const size_t after_name = text.find('+');
  if (after_name == std::string_view::npos || !IsName(text.substr(0, after_name))) return {};
  KeyText key = {.name = std::string(text.substr(0, after_name)), .body = {}};
  const std::string_view digits = text.substr(after_name + 1, kIdDigits);
  const std::string_view rest = text.substr(std::min(text.size(), after_name + 1 + kIdDigits));
  if (digits.size() != kIdDigits || !rest.starts_with('+')) return {};
  const bool lower_hex = std::all_of(digits.begin(), digits.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (!lower_hex) return {};
  std::from_chars(digits.data(), digits.data() + digits.size(), key.id, 16);
  const std::optional<std::string> body = DecodeBase64(rest.substr(1));
  if (!body.has_value() || body->size() != 1 + kEd25519Bytes) return {};
  key.type = static_cast<KeyType>(body->front());
  if (key.type != KeyType::kEd25519 && key.type != KeyType::kCosignature) return {};
  key.body = body->substr(1);
  return key;
}

// The lines below the text, each checked for form.
absl::StatusOr<std::vector<NoteSignature>> ParseSignatures(std::string_view lines) {
  std::vector<NoteSignature> signatures;
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    if (end == std::string_view::npos) return Malformed("the last line has no end");
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 1);
    if (!line.starts_with(kDash)) return Malformed("a line below the text is no signature");
    line.remove_prefix(kDash.size());
    const size_t space = line.find(' ');
    if (space == std::string_view::npos || !IsName(line.substr(0, space))) {
      return Malformed("a signature line without a key name");
    }
    const std::optional<std::string> bytes = DecodeBase64(line.substr(space + 1));
    if (!bytes.has_value() || bytes->size() <= kKeyIdBytes) {
      return Malformed("a signature is not base64 of a key id and a signature");
    }
    if (signatures.size() == kNoteSignaturesMax) return Malformed("too many signatures");
    ByteReader reader(*bytes);
    const uint32_t id = reader.U32();
    signatures.push_back({.name = std::string(line.substr(0, space)),
                          .key_id = id,
                          .signature = bytes->substr(kKeyIdBytes)});
  }
  if (signatures.empty()) return Malformed("no signature");
  return signatures;
}

absl::Status CheckText(std::string_view text) {
  if (!text.ends_with('\n')) return Malformed("the text does not end in a line feed");
  if (HasControl(text)) return Malformed("a control character");
  if (!IsUtf8(text)) return Malformed("not UTF-8");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<VerifierKey> MakeVerifierKey(std::string_view name, KeyType type,
                                            std::span<const uint8_t, kEd25519Bytes> key) {
  if (!IsName(name)) return Malformed("a key's name is empty or holds a space or a plus");
  VerifierKey verifier = {.name = std::string(name), .type = type};
  std::copy(key.begin(), key.end(), verifier.key.begin());
  verifier.id = KeyId(name, type, Text(verifier.key));
  return verifier;
}

absl::StatusOr<VerifierKey> ParseVerifierKey(std::string_view vkey) {
  const std::optional<KeyText> text = ParseKeyText(vkey);
  if (!text.has_value()) return Malformed("not a verifier key");
  std::array<uint8_t, kEd25519Bytes> bytes;
  std::copy(text->body.begin(), text->body.end(), bytes.begin());
  absl::StatusOr<VerifierKey> key = MakeVerifierKey(text->name, text->type, bytes);
  if (key.ok() && key->id != text->id) return Malformed("a verifier key's id is not its own");
  return key;
}

std::string FormatVerifierKey(const VerifierKey& key) {
  ByteWriter bytes;
  bytes.U8(static_cast<uint8_t>(key.type));
  bytes.Raw(key.key);
  return absl::StrFormat("%s+%08x+%s", key.name, key.id, EncodeBase64(bytes.Take()));
}

absl::StatusOr<SigningKey> SigningKey::FromSeed(std::string_view name,
                                                std::span<const uint8_t, kEd25519Bytes> seed,
                                                KeyType type) {
  // Idempotent; without it there is no locked memory.
  if (sodium_init() < 0) return absl::ResourceExhaustedError("note: libsodium does not start");
  SigningKey signer;
  signer.secret_ = static_cast<unsigned char*>(sodium_malloc(crypto_sign_SECRETKEYBYTES));
  if (signer.secret_ == nullptr) {
    return absl::ResourceExhaustedError("note: no locked memory for a signing key");
  }
  std::array<uint8_t, kEd25519Bytes> public_key;
  crypto_sign_seed_keypair(public_key.data(), signer.secret_, seed.data());
  absl::StatusOr<VerifierKey> verifier = MakeVerifierKey(name, type, public_key);
  if (!verifier.ok()) return verifier.status();
  signer.verifier_ = *std::move(verifier);
  return signer;
}

absl::StatusOr<SigningKey> SigningKey::Parse(std::string_view skey) {
  if (!skey.starts_with(kPrivatePrefix)) return Malformed("not a signing key");
  std::optional<KeyText> text = ParseKeyText(skey.substr(kPrivatePrefix.size()));
  if (!text.has_value() || text->type != KeyType::kEd25519) return Malformed("not a signing key");
  absl::StatusOr<SigningKey> key =
      FromSeed(text->name, std::span<const uint8_t, kEd25519Bytes>(
                               reinterpret_cast<const uint8_t*>(text->body.data()), kEd25519Bytes));
  sodium_memzero(text->body.data(), text->body.size());
  if (key.ok() && key->verifier().id != text->id) {
    return Malformed("a signing key's id is not its own");
  }
  return key;
}

SigningKey::SigningKey(SigningKey&& other) noexcept
    : verifier_(std::move(other.verifier_)), secret_(std::exchange(other.secret_, nullptr)) {}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
  std::swap(verifier_, other.verifier_);
  std::swap(secret_, other.secret_);
  return *this;
}

SigningKey::~SigningKey() {
  sodium_free(secret_);  // Wipes it.
}

std::string SigningKey::SignBytes(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       secret_);
  return signature;
}

bool VerifyEd25519(std::span<const uint8_t, kEd25519Bytes> key, std::string_view message,
                   std::string_view signature) {
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature.data()),
                                     reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(), key.data()) == 0;
}

std::string SignatureLine(std::string_view name, uint32_t key_id, std::string_view signature) {
  ByteWriter bytes;
  bytes.U32(key_id);
  bytes.Raw(signature);
  std::string line(kDash);
  line.append(name).append(" ").append(EncodeBase64(bytes.Take())).append("\n");
  return line;
}

absl::StatusOr<std::string> SignNote(std::string_view text,
                                     std::span<const SigningKey* const> keys) {
  if (absl::Status checked = CheckText(text); !checked.ok()) return checked;
  std::string note = std::string(text) + "\n";
  for (const SigningKey* key : keys) {
    note += SignatureLine(key->verifier().name, key->verifier().id, key->SignBytes(text));
  }
  return note;
}

absl::StatusOr<Note> ParseNote(std::string_view note) {
  if (note.size() > kNoteBytesMax) return Malformed("larger than a note may be");
  if (HasControl(note)) return Malformed("a control character");
  if (!IsUtf8(note)) return Malformed("not UTF-8");
  // Texts may hold empty lines: the last one ends them.
  const size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos) return Malformed("no empty line below the text");
  absl::StatusOr<std::vector<NoteSignature>> signatures = ParseSignatures(note.substr(split + 2));
  if (!signatures.ok()) return signatures.status();
  return Note{.text = std::string(note.substr(0, split + 1)),
              .verified = {},
              .unverified = *std::move(signatures)};
}

absl::StatusOr<Note> OpenNote(std::string_view note, std::span<const VerifierKey> keys) {
  absl::StatusOr<Note> parsed = ParseNote(note);
  if (!parsed.ok()) return parsed;
  Note opened = {.text = parsed->text, .verified = {}, .unverified = {}};
  std::vector<const VerifierKey*> seen;
  for (NoteSignature& signature : parsed->unverified) {
    const auto fits = [&signature](const VerifierKey& key) {
      return key.name == signature.name && key.id == signature.key_id;
    };
    const auto key = std::find_if(keys.begin(), keys.end(), fits);
    if (key == keys.end() || key->type != KeyType::kEd25519) {
      opened.unverified.push_back(std::move(signature));
      continue;
    }
    if (std::find_if(key + 1, keys.end(), fits) != keys.end()) {
      return Malformed(absl::StrCat("two keys given are ", signature.name).c_str());
    }
    if (std::find(seen.begin(), seen.end(), &*key) != seen.end()) continue;
    seen.push_back(&*key);
    if (!VerifyEd25519(key->key, opened.text, signature.signature)) {
      return absl::UnauthenticatedError(
          absl::StrCat("note: the signature of ", signature.name, " is false"));
    }
    opened.verified.push_back(std::move(signature));
  }
  if (opened.verified.empty()) {
    return absl::UnauthenticatedError("note: no signature by a key that was given");
  }
  return opened;
}

}  // namespace ladon::ledger

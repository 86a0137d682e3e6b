#include "ledger/proof/salt.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cassert>
#include <cstring>
#include <memory>
#include <string>

#include "ledger/proof/bytes.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {
namespace {

constexpr std::string_view kLabelV1 = "ladon/salt/v1";
constexpr std::string_view kLabelV2 = "ladon/salt/v2";
constexpr std::string_view kClosingLabel = "ladon/closing/v1";

Salt Hmac(const std::array<uint8_t, 32>& key, std::string_view message) {
  Salt mac{};
  unsigned size = 0;
  const uint8_t* const made =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const uint8_t*>(message.data()), message.size(), mac.data(), &size);
  assert(made != nullptr && size == mac.size());
  return mac;
}

struct CipherDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// A cipher of this thread, keyed once: the key schedule would cost as much as the salts.
class KeyStream {
 public:
  KeyStream() : context_(EVP_CIPHER_CTX_new()) {}
  KeyStream(const KeyStream&) = delete;
  KeyStream& operator=(const KeyStream&) = delete;
  ~KeyStream() { OPENSSL_cleanse(key_.data(), key_.size()); }

  // Writes the stream from counter block `index` || 0 over `out`, which holds zeros.
  void Fill(const std::array<uint8_t, 32>& key, uint64_t index, std::span<Salt> out) {
    ByteWriter block;
    block.U64(index);
    block.U64(0);
    const auto* const start = reinterpret_cast<const uint8_t*>(block.view().data());
    const bool rekey = !keyed_ || key != key_;
    bool ok = EVP_EncryptInit_ex2(context_.get(), rekey ? EVP_aes_256_ctr() : nullptr,
                                  rekey ? key.data() : nullptr, start, nullptr) == 1;
    key_ = key;
    keyed_ = true;
    int size = 0;
    auto* const bytes = reinterpret_cast<uint8_t*>(out.data());
    const int wanted = static_cast<int>(out.size() * sizeof(Salt));
    ok = ok && EVP_EncryptUpdate(context_.get(), bytes, &size, bytes, wanted) == 1;
    assert(ok && size == wanted);
  }

 private:
  const std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter> context_;
  std::array<uint8_t, 32> key_{};
  bool keyed_ = false;
};

}  // namespace

SaltSource::SaltSource(std::span<const uint8_t, 32> ledger_secret) {
  std::memcpy(secret_.data(), ledger_secret.data(), secret_.size());
  stream_key_ = Hmac(secret_, kLabelV2);
}

SaltSource::~SaltSource() {
  OPENSSL_cleanse(secret_.data(), secret_.size());
  OPENSSL_cleanse(stream_key_.data(), stream_key_.size());
}

void SaltSource::Derive(uint16_t version, uint64_t index, std::span<Salt> salts) const {
  if (version == 1) {
    for (size_t i = 0; i < salts.size(); ++i) {
      ByteWriter message;
      message.Raw(kLabelV1);
      message.U64(index);
      message.U16(static_cast<uint16_t>(i));
      salts[i] = Hmac(secret_, message.view());
    }
    return;
  }
  if (salts.empty()) {
    return;
  }
  thread_local KeyStream stream;
  std::memset(salts.data(), 0, salts.size_bytes());
  stream.Fill(stream_key_, index, salts);
}

Salt SaltSource::Derive(uint16_t version, uint64_t index, uint16_t ordinal) const {
  std::vector<Salt> salts(size_t{ordinal} + 1);
  Derive(version, index, salts);
  const Salt wanted = salts.back();
  OPENSSL_cleanse(salts.data(), salts.size() * sizeof(Salt));
  return wanted;
}

ClosingKey SaltSource::KeyOfClosing(uint64_t tree_size) const {
  ByteWriter message;
  message.Raw(kClosingLabel);
  message.U64(tree_size);
  return Hmac(secret_, message.view());
}

void DeriveRowSalts(const ClosingKey& key, uint64_t row, std::span<Salt, 2> salts) {
  thread_local KeyStream stream;
  std::memset(salts.data(), 0, salts.size_bytes());
  stream.Fill(key, row, salts);
}

Digest Commit(const Salt& salt, std::string_view encoded_opening) {
  return Sha256({reinterpret_cast<const char*>(salt.data()), salt.size()}, encoded_opening);
}

}  // namespace ladon::ledger

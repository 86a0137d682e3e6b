// OpenSSL's plain SHA-256: half the price of its EVP interface for what we hash (65 to 300 bytes),
// and the same code below, SHA-NI included. OpenSSL 3 calls it deprecated and keeps it.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/proof/merkle.h"

#include <openssl/sha.h>

#include <initializer_list>

namespace ladon::ledger {
namespace {

Digest HashParts(std::initializer_list<std::string_view> parts) {
  SHA256_CTX context;
  SHA256_Init(&context);
  for (const std::string_view part : parts) {
    SHA256_Update(&context, part.data(), part.size());
  }
  Digest digest;
  SHA256_Final(digest.bytes.data(), &context);
  return digest;
}

std::string_view AsText(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

constexpr std::string_view kLeafPrefix("\x00", 1);
constexpr std::string_view kNodePrefix("\x01", 1);

}  // namespace

Digest Sha256(std::string_view bytes) {
  return HashParts({bytes});
}

Digest Sha256(std::string_view first, std::string_view second) {
  return HashParts({first, second});
}

Digest HashLeaf(std::string_view leaf) {
  return HashParts({kLeafPrefix, leaf});
}

Digest HashNode(const Digest& left, const Digest& right) {
  return HashParts({kNodePrefix, AsText(left), AsText(right)});
}

Digest MerkleTree::Root() const {
  if (peaks_.empty()) {
    return Sha256("");
  }
  Digest root = peaks_.back();
  for (size_t i = peaks_.size() - 1; i-- > 0;) {
    root = HashNode(peaks_[i], root);
  }
  return root;
}

}  // namespace ladon::ledger

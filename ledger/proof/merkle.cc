#include "ledger/proof/merkle.h"

#include <openssl/evp.h>

#include <cassert>
#include <initializer_list>
#include <memory>

namespace ladon::ledger {
namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetched once: looking the algorithm up costs more than hashing a leaf.
const EVP_MD* Algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  assert(algorithm != nullptr);
  return algorithm;
}

Digest HashParts(std::initializer_list<std::string_view> parts) {
  thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
  Digest digest;
  bool ok = EVP_DigestInit_ex2(context.get(), Algorithm(), nullptr) == 1;
  for (const std::string_view part : parts) {
    ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  ok = ok && EVP_DigestFinal_ex(context.get(), digest.bytes.data(), nullptr) == 1;
  // SHA-256 of memory fails only when memory is exhausted or the library is broken.
  assert(ok);
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

// Goal: the libraries pass the self-tests, and a primitive that is broken in any way does not.
// Method: one primitive of the table at a time is replaced by one with a single fault: a bit of its
// answer, an AEAD that does not look at the tag, a signature that is always good, a random source
// that stands still.
#include "server/base/self_test.h"

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/testing/status_testing.h"

namespace ladon::base {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::testing::HasSubstr;

// OpenSSL in the matcher's place: AES-128-CTR from block 0.
std::string Keystream(const Primitives::Stream& in) {
  const std::string start = std::string(in.start) + std::string(4, '\0');
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string out(in.text.size(), '\0');
  int size = 0;
  EVP_EncryptInit_ex2(context.get(), EVP_aes_128_ctr(),
                      reinterpret_cast<const uint8_t*>(in.key.data()),
                      reinterpret_cast<const uint8_t*>(start.data()), nullptr);
  EVP_EncryptUpdate(context.get(), reinterpret_cast<uint8_t*>(out.data()), &size,
                    reinterpret_cast<const uint8_t*>(in.text.data()),
                    static_cast<int>(in.text.size()));
  return out;
}

Primitives Good() {
  Primitives good = LibraryPrimitives();
  good.memory_keystream = Keystream;
  return good;
}

// Whatever `primitive` answers, with the lowest bit of its last byte changed.
template <class... In>
void FlipBit(std::function<std::string(In...)>* primitive) {
  *primitive = [was = *primitive](In... in) {
    std::string out = was(in...);
    if (!out.empty()) out.back() = static_cast<char>(out.back() ^ 1);
    return out;
  };
}

void ExpectFound(const Primitives& broken, const std::string& name) {
  const absl::Status found = RunSelfTests(broken);
  EXPECT_THAT(found, StatusIs(absl::StatusCode::kInternal)) << name;
  EXPECT_THAT(std::string(found.message()), HasSubstr("self-test of " + name));
  EXPECT_THAT(std::string(found.message()), HasSubstr("Nothing was opened"));
}

TEST(SelfTestTest, LibrariesPass) {
  EXPECT_THAT(RunSelfTests(Good()), IsOk());
}

TEST(SelfTestTest, OneWrongBitOfAnAnswerIsFoundAndNamed) {
  const auto expect = [](auto Primitives::*primitive, const std::string& name) {
    Primitives broken = Good();
    FlipBit(&(broken.*primitive));
    ExpectFound(broken, name);
  };
  expect(&Primitives::aead_seal, "XChaCha20-Poly1305-IETF");
  expect(&Primitives::blake2b, "BLAKE2b");
  expect(&Primitives::sha256_sodium, "SHA-256 of libsodium");
  expect(&Primitives::sha256_openssl, "SHA-256 of OpenSSL");
  expect(&Primitives::hmac_sodium, "HMAC-SHA-256 of libsodium");
  expect(&Primitives::hmac_openssl, "HMAC-SHA-256 of OpenSSL");
  expect(&Primitives::ed25519_sign, "Ed25519");
  expect(&Primitives::argon2id, "Argon2id");
  expect(&Primitives::aes256_ctr, "AES-256-CTR");
  expect(&Primitives::chacha20, "ChaCha20");
  expect(&Primitives::memory_keystream, "AES-128-CTR of the galleries");
}

TEST(SelfTestTest, ABrokenWayOfBlake2bIsFoundThoughTheOthersWork) {
  struct Case {
    bool keyed;
    size_t bytes;
    std::string name;
  };
  for (const auto& [keyed, bytes, name] :
       {Case{false, 64, "BLAKE2b (RFC 7693"}, Case{true, 64, "BLAKE2b with a key"},
        Case{false, 32, "BLAKE2b-256 (hashlib)"}, Case{true, 32, "BLAKE2b-256 with a key"}}) {
    Primitives broken = Good();
    broken.blake2b = [was = broken.blake2b, is_keyed = keyed, length = bytes](
                         const Primitives::Keyed& in, size_t size) {
      std::string out = was(in, size);
      if (in.key.empty() != is_keyed && size == length) out[0] = static_cast<char>(out[0] ^ 0x80);
      return out;
    };
    ExpectFound(broken, name);
  }
}

TEST(SelfTestTest, AnAeadThatOpensWhatItMustRefuseIsFound) {
  const Primitives good = Good();
  std::string plain;
  Primitives broken = good;
  broken.aead_seal = [&plain, seal = good.aead_seal](const Primitives::Sealed& in) {
    plain = in.text;
    return seal(in);
  };
  broken.aead_open = [&plain](const Primitives::Sealed&) { return plain; };  // No look at the tag.
  ExpectFound(broken, "XChaCha20-Poly1305-IETF");
  broken.aead_open = [](const Primitives::Sealed&) { return std::nullopt; };  // Nothing opens.
  ExpectFound(broken, "XChaCha20-Poly1305-IETF");

  // Each input left out of the tag: the first one that is seen is kept for ever.
  for (const auto input : {&Primitives::Sealed::key, &Primitives::Sealed::nonce,
                           &Primitives::Sealed::additional, &Primitives::Sealed::text}) {
    std::string first;
    broken = good;
    broken.aead_open = [&first, &good, input](const Primitives::Sealed& in) {
      if (first.empty()) first = in.*input;
      Primitives::Sealed deaf = in;
      deaf.*input = first;
      return good.aead_open(deaf);
    };
    ExpectFound(broken, "XChaCha20-Poly1305-IETF");
  }
}

TEST(SelfTestTest, ASignatureThatIsAlwaysGoodOrNeverIsFound) {
  for (const bool answer : {true, false}) {
    Primitives broken = Good();
    broken.ed25519_verify = [answer](const Primitives::Signed&) { return answer; };
    ExpectFound(broken, "Ed25519");
  }
  const Primitives good = Good();
  for (const auto input : {&Primitives::Signed::public_key, &Primitives::Signed::text,
                           &Primitives::Signed::signature}) {
    std::string first;
    Primitives broken = good;
    broken.ed25519_verify = [&first, &good, input](const Primitives::Signed& in) {
      if (first.empty()) first = in.*input;
      Primitives::Signed deaf = in;
      deaf.*input = first;
      return good.ed25519_verify(deaf);
    };
    ExpectFound(broken, "Ed25519");
  }
}

TEST(SelfTestTest, ARandomSourceThatStandsStillIsFound) {
  Primitives broken = Good();
  broken.random = [] { return std::string(32, 'x'); };
  ExpectFound(broken, "the random source");
  broken.random = [] { return std::string(); };
  ExpectFound(broken, "the random source");
}

TEST(SelfTestTest, AMissingPrimitiveIsNoPass) {
  ExpectFound(LibraryPrimitives(), "the primitives");  // Nobody gave the matcher's.
  Primitives without = Good();
  without.argon2id = nullptr;
  ExpectFound(without, "the primitives");
}

}  // namespace
}  // namespace ladon::base

#include "server/base/self_test.h"

#include <cassert>
#include <initializer_list>
#include <string>

#include "server/base/id.h"

namespace ladon::base {
namespace {

// The message of RFC 8439 and of the XChaCha draft.
constexpr std::string_view kSunscreen =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    "sunscreen would be it.";
constexpr size_t kBlockBytes = 16;

std::string Hex(std::string_view digits) {
  const std::optional<std::string> bytes = BytesOfHex(digits);
  assert(bytes.has_value());
  return *bytes;
}

// 0, 1, 2, ...: what official vectors are fond of.
std::string Counting(size_t bytes) {
  std::string text(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i);
  return text;
}

absl::Status Wrong(std::string_view primitive, std::string_view what) {
  return absl::InternalError("self-test of " + std::string(primitive) +
                             " failed: " + std::string(what) +
                             ". Nothing was opened: the library or the machine is broken; install "
                             "the library again, or move to another machine");
}

absl::Status NotTheAnswer(std::string_view primitive) {
  return Wrong(primitive, "it does not give the answer of its standard");
}

// Whether `accepts` refuses `good` with any one bit of it changed. One bit of each byte is tried.
template <class Accepts>
bool RefusesFlips(const std::string& good, const Accepts& accepts) {
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
    if (accepts(bad)) return false;
  }
  return true;
}

absl::Status TestAead(const Primitives& with) {
  constexpr std::string_view kName = "XChaCha20-Poly1305-IETF (draft-irtf-cfrg-xchacha-03, A.3.1)";
  const std::string key = Hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const std::string nonce = Hex("404142434445464748494a4b4c4d4e4f5051525354555657");
  const std::string additional = Hex("50515253c0c1c2c3c4c5c6c7");
  const std::string sealed = Hex(
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda"
      "7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b23835"
      "65d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
  if (with.aead_seal({.key = key, .nonce = nonce, .additional = additional, .text = kSunscreen}) !=
      sealed) {
    return NotTheAnswer(kName);
  }
  if (with.aead_open({.key = key, .nonce = nonce, .additional = additional, .text = sealed}) !=
      kSunscreen) {
    return Wrong(kName, "it does not open what is sealed");
  }
  const auto opens = [&](std::string_view k, std::string_view n, std::string_view a,
                         std::string_view t) {
    return with.aead_open({.key = k, .nonce = n, .additional = a, .text = t}).has_value();
  };
  if (!RefusesFlips(sealed,
                    [&](const std::string& t) { return opens(key, nonce, additional, t); })) {
    return Wrong(kName, "it opens what was changed");
  }
  if (!RefusesFlips(additional,
                    [&](const std::string& a) { return opens(key, nonce, a, sealed); })) {
    return Wrong(kName, "it opens under other additional data");
  }
  if (!RefusesFlips(nonce,
                    [&](const std::string& n) { return opens(key, n, additional, sealed); }) ||
      !RefusesFlips(key,
                    [&](const std::string& k) { return opens(k, nonce, additional, sealed); })) {
    return Wrong(kName, "it opens under another key or nonce");
  }
  return absl::OkStatus();
}

absl::Status TestBlake2b(const Primitives& with) {
  constexpr std::string_view kPlain = "BLAKE2b (RFC 7693, appendix A)";
  constexpr std::string_view kKeyed = "BLAKE2b with a key (blake2b-kat.txt)";
  const auto plain = with.blake2b({.key = {}, .text = "abc"}, 64);
  if (plain != Hex("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                   "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")) {
    return NotTheAnswer(kPlain);
  }
  const std::string key = Counting(64);
  if (with.blake2b({.key = key, .text = {}}, 64) !=
          Hex("10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
              "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568") ||
      with.blake2b({.key = key, .text = Counting(255)}, 64) !=
          Hex("142709d62e28fcccd0af97fad0f8465b971e82201dc51070faa0372aa43e9248"
              "4be1c1e73ba10906d5d1853db6a4106e0a7bf9800d373d6dee2d46d62ef2a461")) {
    return NotTheAnswer(kKeyed);
  }
  // The length that the vault uses. The official file has 64 bytes only; Python's hashlib, which
  // is BLAKE2's own code, gave these: blake2b(b"abc", digest_size=32), with key=bytes(range(32)).
  if (with.blake2b({.key = {}, .text = "abc"}, 32) !=
      Hex("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")) {
    return NotTheAnswer("BLAKE2b-256 (hashlib)");
  }
  if (with.blake2b({.key = Counting(32), .text = "abc"}, 32) !=
      Hex("d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f")) {
    return NotTheAnswer("BLAKE2b-256 with a key (hashlib)");
  }
  return absl::OkStatus();
}

absl::Status TestSha256(const Primitives& with) {
  struct Library {
    std::string_view name;
    const std::function<std::string(std::string_view)>& hash;
  };
  for (const auto& [name, hash] :
       {Library{"SHA-256 of libsodium (FIPS 180-4)", with.sha256_sodium},
        Library{"SHA-256 of OpenSSL (FIPS 180-4)", with.sha256_openssl}}) {
    if (hash("abc") != Hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") ||
        hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") !=
            Hex("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")) {
      return NotTheAnswer(name);
    }
  }
  return absl::OkStatus();
}

absl::Status TestHmac(const Primitives& with) {
  struct Library {
    std::string_view name;
    const std::function<std::string(const Primitives::Keyed&)>& mac;
  };
  for (const auto& [name, mac] :
       {Library{"HMAC-SHA-256 of libsodium (RFC 4231, 4.2 and 4.5)", with.hmac_sodium},
        Library{"HMAC-SHA-256 of OpenSSL (RFC 4231, 4.2 and 4.5)", with.hmac_openssl}}) {
    const std::string key = Counting(26).substr(1);
    if (mac({.key = std::string(20, '\x0b'), .text = "Hi There"}) !=
            Hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7") ||
        mac({.key = key, .text = std::string(50, '\xcd')}) !=
            Hex("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")) {
      return NotTheAnswer(name);
    }
  }
  return absl::OkStatus();
}

absl::Status TestEd25519(const Primitives& with) {
  constexpr std::string_view kName = "Ed25519 (RFC 8032, 7.1, test 3)";
  const std::string seed = Hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
  const std::string key = Hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  const std::string text = Hex("af82");
  const std::string signature =
      Hex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
          "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  if (with.ed25519_sign({.key = seed, .text = text}) != signature) return NotTheAnswer(kName);
  const auto accepts = [&](std::string_view k, std::string_view t, std::string_view s) {
    return with.ed25519_verify({.public_key = k, .text = t, .signature = s});
  };
  if (!accepts(key, text, signature)) return Wrong(kName, "it refuses a good signature");
  if (!RefusesFlips(signature, [&](const std::string& s) { return accepts(key, text, s); })) {
    return Wrong(kName, "it accepts a changed signature");
  }
  if (!RefusesFlips(text, [&](const std::string& t) { return accepts(key, t, signature); }) ||
      !RefusesFlips(key, [&](const std::string& k) { return accepts(k, text, signature); })) {
    return Wrong(kName, "it accepts another text or key");
  }
  return absl::OkStatus();
}

// Made by the reference implementation, Debian's package argon2:
//   printf password | argon2 somesaltsomesalt -id -t 1 -k 8192 -p 1 -l 32 -r
absl::Status TestArgon2id(const Primitives& with) {
  if (with.argon2id({.key = "somesaltsomesalt", .text = "password"}) !=
      Hex("84fb006bbc3cd69895722b64b5bf735251a9e8e9f3ecb93ff595b98aeb7accb7")) {
    return Wrong("Argon2id (reference implementation)",
                 "it does not give the reference's answer, or there are no 8 MiB left for it");
  }
  return absl::OkStatus();
}

absl::Status TestStreams(const Primitives& with) {
  const std::string aes = with.aes256_ctr(
      {.key = Hex("603deb1015ca71be2b73aef0857d7781"
                  "1f352c073b6108d72d9810a30914dff4"),
       .start = Hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"),
       .text = Hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                   "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")});
  if (aes != Hex("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
                 "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6")) {
    return NotTheAnswer("AES-256-CTR (NIST SP 800-38A, F.5.5)");
  }
  const std::string chacha = with.chacha20(
      {.key = Counting(32), .start = Hex("01000000000000000000004a00000000"), .text = kSunscreen});
  if (chacha !=
      Hex("6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dab"
          "cd62b3571639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806"
          "818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d")) {
    return NotTheAnswer("ChaCha20 (RFC 8439, 2.4.2)");
  }
  return absl::OkStatus();
}

// The matcher counts blocks from 0, the vectors of RFC 3686 from 1 and those of SP 800-38A from
// where a salt and a 32-bit count do not reach: so block 0 has the best known block of AES-128,
// that of zeros under the zero key (GCM's specification, test case 2), and the rest RFC 3686.
absl::Status TestMemoryKeystream(const Primitives& with) {
  constexpr std::string_view kName = "AES-128-CTR of the galleries (RFC 3686, test vector 2)";
  const std::string zeros(kBlockBytes, '\0');
  if (with.memory_keystream({.key = zeros, .start = zeros.substr(4), .text = zeros}) !=
      Hex("66e94bd4ef8a2c3b884cfa59ca342b2e")) {
    return NotTheAnswer(kName);
  }
  const std::string text = zeros + Counting(2 * kBlockBytes);
  const std::string out = with.memory_keystream({.key = Hex("7e24067817fae0d743d6ce1f32539163"),
                                                 .start = Hex("006cb6dbc0543b59da48d90b"),
                                                 .text = text});
  if (out.size() != text.size() ||
      out.substr(kBlockBytes) !=
          Hex("5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28")) {
    return NotTheAnswer(kName);
  }
  return absl::OkStatus();
}

// No test can tell that draws are random; one that stands still is told.
absl::Status TestRandom(const Primitives& with) {
  constexpr std::string_view kName = "the random source (randombytes_buf)";
  const std::string first = with.random();
  const std::string second = with.random();
  if (first.size() != second.size() || first.size() < kBlockBytes || first == second) {
    return Wrong(kName, "it draws the same bytes twice");
  }
  return absl::OkStatus();
}

bool IsWhole(const Primitives& with) {
  return with.aead_seal && with.aead_open && with.blake2b && with.sha256_sodium &&
         with.sha256_openssl && with.hmac_sodium && with.hmac_openssl && with.ed25519_sign &&
         with.ed25519_verify && with.argon2id && with.aes256_ctr && with.chacha20 &&
         with.memory_keystream && with.random;
}

}  // namespace

absl::Status RunSelfTests(const Primitives& primitives) {
  if (!IsWhole(primitives)) return Wrong("the primitives", "one of them is missing");
  for (auto* const test : {TestAead, TestBlake2b, TestSha256, TestHmac, TestEd25519, TestArgon2id,
                           TestStreams, TestMemoryKeystream, TestRandom}) {
    if (absl::Status s = test(primitives); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace ladon::base

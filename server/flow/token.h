// The identification token: what Identify found, sealed so that only this process can read it.
//
// It is bound to one terminal and one school, lives for kTokenLifetimeNs, and its nonce is used up
// by the first transaction (the ledger refuses a second). The key is drawn at start and never
// stored: a restart makes outstanding tokens invalid, which costs a child one more gesture.
// Threading: const, any thread.
#ifndef LADON_SERVER_FLOW_TOKEN_H_
#define LADON_SERVER_FLOW_TOKEN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/base/id.h"
#include "server/base/secret.h"
#include "server/vault/vault.h"

namespace ladon::flow {

inline constexpr uint64_t kTokenLifetimeNs = 30'000'000'000;  // 30 s: a basket is open already.
inline constexpr size_t kTokenBytesMax = 256;

// Numbers as in ledger::Context.
enum class Means : uint8_t { kPalm = 1, kCard = 2, kList = 4 };
enum class Liveness : uint8_t { kPass = 1, kFail = 2, kUnknown = 3 };

// Who stands at the till, and how we know.
struct Identified {
  vault::SubjectRef subject;
  Means means = Means::kPalm;
  Liveness liveness = Liveness::kPass;  // Cards, lists: kPass.
  uint16_t card_number = 0;             // Cards: which of the subject's.
};

struct Token {
  Identified who;
  base::ActorId terminal;
  std::array<uint8_t, 16> nonce{};
  uint64_t expires_at_ns = 0;
};

class TokenSealer {
 public:
  TokenSealer() : key_(base::SecretKey::Random()) {}

  [[nodiscard]] std::string Seal(const Token& token) const;
  // kTokenInvalid: not ours, damaged, or of another terminal or school. kTokenExpired.
  [[nodiscard]] absl::StatusOr<Token> Open(std::string_view sealed, const base::SchoolId& school,
                                           const base::ActorId& terminal, uint64_t now_ns) const;

 private:
  const base::SecretKey key_;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_TOKEN_H_

// The PIN: 4 to 8 digits that confirm a child whom a card or the class list has named already, or a
// palm of unknown liveness. It never names anybody.
//
// Kept is Argon2id over BLAKE2b(pepper, PIN) with a salt of its own. The pepper is a key of the
// vault, so that who has the store alone cannot try ten thousand PINs; memory and passes make it
// slow for who has both (OWASP, Password Storage: Argon2id, 19 MiB, 2 passes). The PIN itself is
// kept nowhere and told to nobody: neither logs nor refusals have it.
//
// Five wrong in a row lock it, for 15 minutes and twice as long at every further five, a day at
// most. The count lies in the subject's sealed record and moves with the very commit that refuses,
// so neither a restart nor parallel attempts win a try. Each certificate has a bucket of misses
// besides (throttle.h), against who tries the usual PINs on child after child.
//
// A PIN goes two ways: ComparePin() on a searcher's thread, for it takes tens of milliseconds and
// 19 MiB; CheckPin() and CountPin() on the applier thread, which see what was decided a moment ago.
#ifndef LADON_SERVER_FLOW_PIN_H_
#define LADON_SERVER_FLOW_PIN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/flow/commit.h"
#include "server/flow/house.h"

namespace ladon::flow {

inline constexpr size_t kPinDigitsMin = 4;
inline constexpr size_t kPinDigitsMax = 8;
inline constexpr uint64_t kPinPasses = 2;
inline constexpr size_t kPinMemoryBytes = size_t{19} * 1024 * 1024;
inline constexpr uint8_t kPinFailuresMax = 5;                            // In a row.
inline constexpr uint64_t kPinLockFirstNs = uint64_t{900'000'000'000};   // 15 minutes.
inline constexpr uint64_t kPinLockMaxNs = uint64_t{86'400'000'000'000};  // A day.

// Whether it is 4 to 8 digits.
[[nodiscard]] bool IsPin(std::string_view text);
// What a PIN must not be, as RefuseField() says it; empty: it may be set. `birth_day` is YYYYMMDD;
// 0: not known.
[[nodiscard]] std::string_view PinWeakness(std::string_view pin, uint32_t birth_day);

// What was found out about a PIN that somebody typed.
struct PinProof {
  vault::SubjectRef subject;
  std::array<uint8_t, 16> salt{};  // Of the record it was compared with.
  bool right = false;
  uint64_t at_ns = 0;
};

// Never on the applier or network thread. kPinNotSet, kPinLocked, kTooManyAttempts: nothing was
// compared. kOverloaded: no memory for it. A wrong PIN is no error here: CheckPin() says so.
[[nodiscard]] absl::StatusOr<PinProof> ComparePin(const House& house, const access::Caller& caller,
                                                  const vault::SubjectRef& subject,
                                                  std::string_view pin, uint64_t now_ns);
// The verdict, as a part of a submission's `check`. kPinWrong; kPinLocked, also for a right one;
// kPinNotSet; kOverloaded: another was set meanwhile, try again.
[[nodiscard]] absl::Status CheckPin(const House& house, const storage::Reader& reader,
                                    const PinProof& proof);
// Counts what CheckPin() said: from a submission's `record`, once, with its status.
void CountPin(const House& house, const PinProof& proof, const absl::Status& status,
              storage::Overlay* overlay);

// Sets a subject's PIN, in place of any that it had; an empty one removes it. Tells the journal
// index. kSchoolUnknown, kSubjectUnknown; kFieldInvalid: no PIN, or a weak one. Any thread.
void SetPin(const House& house, const access::Caller& caller, const Request& request,
            const base::SubjectId& subject, std::string pin, Done<uint64_t> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PIN_H_

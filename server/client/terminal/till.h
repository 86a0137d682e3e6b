// The conduct of a till: what it does before, during and after a call whose answer may be lost.
//
// Invariants:
// - an attempt is in the log, synced, before its request is sent;
// - a repeat of an unanswered attempt has the same id and the same bytes; after a definite refusal
//   a new attempt takes a new id;
// - once an answer was lost, a refusal of the repeat is not believed by itself (the first copy may
//   still be under way): GetOperation decides, and where that knows nothing, a Cancel burns the id;
// - no new work starts while an attempt is pending.
// The till identifies first and debits with the token, so that what it keeps on disk and repeats
// is a token that dies within seconds, not a template or a card number (save a second means). A PIN
// is never kept: a sale with one is repeated while the till lives, and afterwards only asked about.
// Threading: one thread. Time and ids are passed in.
#ifndef LADON_SERVER_CLIENT_TERMINAL_TILL_H_
#define LADON_SERVER_CLIENT_TERMINAL_TILL_H_

#include <grpcpp/support/status.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/id.h"
#include "server/client/terminal/attempt_log.h"
#include "server/client/terminal/transport.h"

namespace ladon::terminal {

// How often one attempt is sent within one command before its fate is left open.
inline constexpr int kSendsMax = 3;
inline constexpr int64_t kResendPauseMs = 200;

struct TillPorts {
  std::function<int64_t()> now_ms;
  std::function<base::RequestId()> new_id;
  std::function<void(int64_t pause_ms)> pause;
};

enum class Fate {
  kDone,
  kRefused,
  kUnknown,  // The attempt is kept; the next command settles it.
  kLocal,    // The till's own disk; nothing was sent, or the answer could not be noted.
};

// How an attempt ended that an earlier command (or a lost answer) left open.
enum class Settled {
  kWentThrough,
  kReturned,  // It had gone through and the till's own Cancel took it back.
  kRefused,
  kNeverHappened,
  kTakeAgain,  // An enrolment that did not arrive: take the palm again.
  kStillUnknown,
};

struct Settlement {
  Attempt attempt;
  Settled how = Settled::kStillUnknown;
  int64_t amount_kopecks = 0;
  std::string reason;   // Refused: name of the reason.
  grpc::Status status;  // Still unknown: what the last call said.
};

struct Verdict {
  Fate fate = Fate::kUnknown;
  base::RequestId request_id;
  grpc::Status status;              // Refused, unknown: the server's word.
  absl::Status local;               // Local trouble.
  std::optional<Outcome> outcome;   // As logged.
  v1::Payer payer;                  // Debits: as the server answered.
  bool burnt = false;               // Cancels: the debit never happened and never will.
  std::optional<Settlement> after;  // Set when the answer was lost and had to be asked for.
};

class Till {
 public:
  // All three must outlive the till.
  Till(AttemptLog* log, Transport* transport, TillPorts ports);

  // Settles every pending attempt, Cancels first, then oldest first; stops at the first that stays
  // unknown. OK: all is told in `out`, an unknown one included. Otherwise the till's disk failed.
  [[nodiscard]] absl::Status SettlePending(std::vector<Settlement>* out);

  struct Sale {
    v1::Basket basket;
    std::vector<SlipLine> lines;
    std::string token;
    int64_t token_expires_at_ms = 0;
    std::string payer;
    std::optional<v1::Card> second_means;
    std::string pin = {};  // Empty: none.
    bool repeat_confirmed = false;
  };
  [[nodiscard]] Verdict Pay(const Sale& sale);

  struct Return {
    base::RequestId debit;
    std::vector<uint32_t> lines;  // Strictly ascending; empty = all.
    v1::CancelReason reason = v1::CANCEL_REASON_UNSPECIFIED;
    std::string payer;  // As the debit's slip showed it, or empty.
  };
  [[nodiscard]] Verdict Cancel(const Return& what);

  // `request` without its id.
  [[nodiscard]] Verdict Enrol(v1::EnrolPalmRequest request, uint32_t* samples);

 private:
  // Fills what an answer says into the outcome.
  using SendOnce = std::function<grpc::Status(Outcome* outcome)>;

  Verdict Send(const Attempt& attempt, const SendOnce& send);
  grpc::Status SendDebit(const std::string& bytes, Outcome* outcome, v1::Payer* payer);
  grpc::Status SendCancel(const std::string& bytes, Outcome* outcome);
  // `may_repeat` false: a repeat was refused already, with out->status.
  absl::Status Settle(const Attempt& attempt, bool may_repeat, Settlement* out);
  absl::Status Conclude(const v1::GetOperationResponse& operation, Settlement* out);
  absl::Status Note(OutcomeKind kind, Settled how, Settlement* out);
  // True: the server gave its word, and whether the debit stands is to be asked anew.
  absl::StatusOr<bool> Burn(const Attempt& debit, Settlement* out);
  bool IsFresh(const Attempt& attempt) const;

  AttemptLog* log_;
  Transport* transport_;
  TillPorts ports_;
};

// "INSUFFICIENT_FUNDS" of a refusal; the gRPC code's number where the server sent no reason.
[[nodiscard]] std::string ReasonName(const grpc::Status& status);

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_TILL_H_

// A bank's protocol: requests as query parameters, answers as XML. What all of them come down to is
// a Question to the core and its Reply; a protocol reads the one and writes the other.
//
// Both are pure: an answer is a function of the question and of what the core says, so a repeated
// request gets the same bytes whoever answers it and whenever. No parameter is trusted: one that is
// missing, comes twice, is too long, or is not of its form is a verdict, which the protocol tells
// by its own code. Names are as the protocol writes them; in other case they are others.
// Threading: any thread.
#ifndef LADON_SERVER_CHANNELS_PROTOCOL_H_
#define LADON_SERVER_CHANNELS_PROTOCOL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "re2/re2.h"
#include "server/base/payment_account.h"
#include "server/channels/charset.h"

namespace ladon::channels {

inline constexpr size_t kPaymentIdDigitsMax = 20;
inline constexpr size_t kAccountBytesMax = 200;

// Decoded from the percent form and otherwise as they came; a name may stand more than once.
using QueryParameters = std::multimap<std::string, std::string>;

enum class Verb : uint8_t { kCheck, kPay, kStatus, kCancel };

struct Question {
  Verb verb = Verb::kCheck;
  // nullopt: what came is no payment account. Who pays has parted with the money all the same, so
  // what was typed goes on to whoever places it.
  std::optional<base::PaymentAccount> account;
  std::string typed_account;          // In the dialect's charset, at most kAccountBytesMax.
  std::string payment_id;             // The bank's; digits. Empty in some checks.
  std::optional<int64_t> kopecks;     // 1 or more.
  std::optional<absl::Time> paid_at;  // By the bank's clock.
};

// What the core, or reading the question, came to.
enum class Verdict : uint8_t {
  kOk,
  kTemporary,  // Nothing was decided: repeat it.
  kUnknownVerb,
  kBadAccount,  // Of its form.
  kAccountUnknown,
  kAccountInactive,
  kForbidden,  // By the contract.
  kTechnical,
  kBadPaymentId,
  kDuplicate,  // Booked before, where the contract wants that told; with the first ids and sum.
  kConflict,   // The id stands for another account or sum.
  kBadAmount,
  kTooSmall,
  kTooLarge,
  kBadDate,
  kPaymentUnknown,
  kCannotCancel,
  kInternal,
};
inline constexpr Verdict kVerdicts[] = {Verdict::kOk,
                                        Verdict::kTemporary,
                                        Verdict::kUnknownVerb,
                                        Verdict::kBadAccount,
                                        Verdict::kAccountUnknown,
                                        Verdict::kAccountInactive,
                                        Verdict::kForbidden,
                                        Verdict::kTechnical,
                                        Verdict::kBadPaymentId,
                                        Verdict::kDuplicate,
                                        Verdict::kConflict,
                                        Verdict::kBadAmount,
                                        Verdict::kTooSmall,
                                        Verdict::kTooLarge,
                                        Verdict::kBadDate,
                                        Verdict::kPaymentUnknown,
                                        Verdict::kCannotCancel,
                                        Verdict::kInternal};

// "ok", "account-unknown": for logs.
[[nodiscard]] std::string_view NameOf(Verdict verdict);

struct Reply {
  Verdict verdict = Verdict::kOk;
  uint64_t our_id = 0;  // Of the payment; 0: there is none.
  std::optional<int64_t> kopecks;
  std::optional<absl::Time> registered_at;
  std::string masked_name;  // UTF-8; checks alone.
  std::string comment;      // UTF-8, for the payer or the bank's people.
  std::string fault;        // For our own log: why nothing was decided.
};

// What contracts of one protocol differ in.
struct Dialect {
  // What an account looks like, so that the bank's own check is repeated here (RE2); what does not
  // is refused even when it is paid to, for no payer can have been let through with it.
  std::shared_ptr<const re2::RE2> account_pattern;  // nullptr: anything.
  Charset charset = Charset::kUtf8;
  absl::TimeZone time_zone = absl::UTCTimeZone();  // Of the dates in requests and answers.
  bool cancels = false;                            // cancel and status are known.
  bool comments = true;                            // Answers have a comment.
};

// What came of reading: a question, or the verdict on what is none. The id of the payment stands in
// both, where it could be read.
struct Reading {
  Question question;
  Verdict verdict = Verdict::kOk;  // kOk: ask the core.
};

class Protocol {
 public:
  virtual ~Protocol() = default;
  [[nodiscard]] virtual Reading Read(const QueryParameters& parameters) const = 0;
  // The whole body, in the dialect's charset, the XML declaration first.
  [[nodiscard]] virtual std::string Write(const Question& question, const Reply& reply) const = 0;
};

// OSMP, as QIWI and others speak it: command=check|pay|status|cancel, txn_id, account, sum,
// txn_date; <response> with <result>.
[[nodiscard]] std::unique_ptr<Protocol> MakeOsmp(const Dialect& dialect);
// Sber's protocol for billers: ACTION=check|payment, ACCOUNT, AMOUNT, PAY_ID, PAY_DATE; <CODE>.
[[nodiscard]] std::unique_ptr<Protocol> MakeSberOne(const Dialect& dialect);
// Its second one: the names of OSMP; answers with <ext_id> and <reg_date>.
[[nodiscard]] std::unique_ptr<Protocol> MakeSberTwo(const Dialect& dialect);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_PROTOCOL_H_

// The till's own journal: what was about to be sent, and what became of it.
//
// One line per record: the first 8 bytes of SHA-256(digest of the line before || JSON) in hex, a
// space, the JSON. An attempt is written and synced (file and directory) BEFORE its request goes
// out; its outcome is written after the answer. So after a power cut the till knows every call
// that may have reached the server, and can repeat it under the same id with the same bytes.
//
// Invariants: an attempt without an outcome is pending; an outcome follows its attempt; a request
// id stands in at most one attempt. A torn last line is what a power cut leaves of a record that
// was never synced, hence never sent: Open() cuts it off. Any other damage is refused, because
// dropping a synced attempt could charge a child twice.
// Names as the till showed them are kept here; palm templates never are (see Attempt::request).
// Threading: one thread; a lock on the file keeps a second process out.
#ifndef LADON_SERVER_CLIENT_TERMINAL_ATTEMPT_LOG_H_
#define LADON_SERVER_CLIENT_TERMINAL_ATTEMPT_LOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/id.h"

namespace ladon::terminal {

// About 100 000 sales; then the file is moved away by hand once nothing in it is pending.
inline constexpr size_t kAttemptLogBytesMax = 64U << 20;
// The largest debit (32 lines with their names) stays far below.
inline constexpr size_t kAttemptRecordBytesMax = 64U << 10;

enum class AttemptKind { kDebit, kCancel, kEnrol };
enum class OutcomeKind {
  kDone,
  kRefused,    // By the server, for good.
  kBurnt,      // A Cancel came first: it never happened and never will.
  kAbandoned,  // An enrolment whose fate does not matter: the palm is taken again.
};

// One line of a slip, as the cashier and the child saw it.
struct SlipLine {
  std::string name;
  uint32_t quantity = 1;
  int64_t unit_price_kopecks = 0;

  friend bool operator==(const SlipLine&, const SlipLine&) = default;
};

struct Attempt {
  base::RequestId request_id;
  AttemptKind kind = AttemptKind::kDebit;
  // The serialized message that is sent, byte for byte. Empty for enrolments: a template must not
  // outlive the capture on a till's disk.
  std::string request;
  int64_t at_ms = 0;           // Unix time of the till.
  int64_t fresh_until_ms = 0;  // After it a repeat is senseless; 0 = never stale.
  base::RequestId cancels;     // Cancels only: the debit in question.
  std::string payer;           // As shown.
  std::vector<SlipLine> lines;

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

struct Outcome {
  base::RequestId request_id;
  OutcomeKind kind = OutcomeKind::kDone;
  std::string reason;          // Refused: name of the ErrorReason without its prefix.
  std::string transaction_id;  // 16 raw bytes or empty.
  int64_t amount_kopecks = 0;  // Debits: taken. Cancels: returned.
  int64_t at_ms = 0;
  std::string service_date;  // "2026-09-01" as the server said, or empty.

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct AttemptEntry {
  Attempt attempt;
  std::optional<Outcome> outcome;
};

class AttemptLog {
 public:
  // Opens or creates the log, in a directory that must belong to its user alone.
  // FailedPrecondition: another process uses it, or directory or file are open to others.
  // DataLoss: damage other than a torn last line. ResourceExhausted: kAttemptLogBytesMax is
  // reached. Unavailable: the disk refused. Each says what to do.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<AttemptLog>> Open(const std::string& path);
  ~AttemptLog();
  AttemptLog(const AttemptLog&) = delete;
  AttemptLog& operator=(const AttemptLog&) = delete;

  // OK: on disk, file and directory synced; only now may the request be sent.
  // AlreadyExists: the id was used before. ResourceExhausted: record or file too large.
  // Unavailable: the disk refused; nothing may be sent and the log takes no more until reopened.
  [[nodiscard]] absl::Status Append(const Attempt& attempt);
  // OK: on disk. NotFound: no such attempt. AlreadyExists: it has an outcome. Else as above; the
  // attempt stays pending and is settled at the next start.
  [[nodiscard]] absl::Status Append(const Outcome& outcome);

  // Oldest first. References hold until the next Append.
  [[nodiscard]] const std::vector<AttemptEntry>& entries() const { return entries_; }
  // nullptr when unknown.
  [[nodiscard]] const AttemptEntry* Find(const base::RequestId& id) const;
  // Copies, oldest first.
  [[nodiscard]] std::vector<Attempt> Pending() const;
  // True when Open() cut off a torn last line.
  [[nodiscard]] bool recovered_torn_line() const { return recovered_torn_line_; }

 private:
  using Digest = std::array<uint8_t, 32>;

  AttemptLog(std::string path, int file, int directory);
  absl::Status Load();
  absl::Status Take(std::string_view line, size_t number);
  void Keep(const Attempt& attempt);
  absl::Status WriteLine(const std::string& json);

  std::string path_;
  int file_;
  int directory_;
  size_t size_bytes_ = 0;
  Digest last_digest_{};
  std::vector<AttemptEntry> entries_;
  absl::flat_hash_map<base::RequestId, size_t> positions_;
  bool recovered_torn_line_ = false;
  bool broken_ = false;
};

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_ATTEMPT_LOG_H_

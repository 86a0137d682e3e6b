// What auditors take away: extracts (ledger/proof/extract.h) and lists of entries.
// Threading: any thread; `done` on a thread of the ledger's, or of the exporter.
#ifndef LADON_SERVER_FLOW_EXPORT_H_
#define LADON_SERVER_FLOW_EXPORT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ledger/extract_writer.h"
#include "server/flow/commit.h"

namespace ladon::flow {

inline constexpr size_t kExportsMax = 8;              // At once; more are kOverloaded.
inline constexpr size_t kExportsOfOneMax = 4;         // Of these.
inline constexpr size_t kExportPieceBytes = 512'000;  // Of one message, about.
inline constexpr size_t kExportPieceBytesMax = size_t{1} << 20;
inline constexpr uint64_t kClosingOnDemandNs = uint64_t{60} * 1'000'000'000;

struct ExportRequest {
  ledger::ExtractScope scope = ledger::ExtractScope::kJournal;
  std::array<uint8_t, 16> subject{};
  uint64_t first = 0;
  bool close_now = false;
  std::string resume_token;  // Empty: from the start.
};

struct ExportPiece {
  std::string data;
  std::string resume_token;  // Empty: in the middle of something.
  uint64_t entries_done = 0;
  uint64_t entries_total = 0;
  bool last = false;
};

// An extract on its way. Pieces are asked for one after the other.
class Export {
 public:
  Export(const House* house, const base::ActorId& whose,
         std::unique_ptr<ledger::ExtractWriter> writer, const ledger::ExtractRequest& request)
      : house_(house), whose_(whose), writer_(std::move(writer)), request_(request) {}
  Export(const Export&) = delete;
  Export& operator=(const Export&) = delete;
  ~Export();

  // On the exporter's thread. An error ends the export.
  [[nodiscard]] absl::StatusOr<ExportPiece> Next();

 private:
  [[nodiscard]] std::string Token() const;

  const House* const house_;
  const base::ActorId whose_;
  const std::unique_ptr<ledger::ExtractWriter> writer_;
  const ledger::ExtractRequest request_;
  std::string pending_;  // Written, and too large for one piece.
  size_t sent_ = 0;      // Of it.
};

// What all exports share.
class Exports {
 public:
  // False: kExportsMax are under way, or kExportsOfOneMax of this caller's.
  bool Enter(const base::ActorId& whose);
  void Leave(const base::ActorId& whose);
  // The newest closing; with `now` one that is at most kClosingOnDemandNs old. Of none, one is
  // made.
  absl::StatusOr<ledger::BookedClosing> ClosingFor(const House& house, bool now);

 private:
  std::mutex places_mutex_;
  std::map<base::ActorId, size_t> under_way_;
  size_t all_under_way_ = 0;
  std::mutex mutex_;
  uint64_t closed_at_ns_ = 0;  // When the last one on demand was made.
};

// An account or a school that is not the caller's is answered like one that does not exist.
void ExportExtract(const House& house, const access::Caller& caller, const ExportRequest& request,
                   Done<std::shared_ptr<Export>> done);

struct EntryQuery {
  base::AccountId account;
  uint64_t from_ns = 0;
  uint64_t until_ns = ~uint64_t{0};
  uint8_t kind = 0;  // 0: all.
  uint64_t from_sequence = 1;
  size_t limit = 100;
};

void ListEntries(const House& house, const access::Caller& caller, const EntryQuery& query,
                 Done<ledger::EntryPage> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_EXPORT_H_

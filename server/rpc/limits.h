// Every bound of the service in one place. A request beyond one is refused, never truncated.
#ifndef LADON_SERVER_RPC_LIMITS_H_
#define LADON_SERVER_RPC_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "ledger/sequencer.h"
#include "server/audit/query.h"
#include "server/flow/basket.h"
#include "server/flow/enrol.h"
#include "server/flow/export.h"
#include "server/flow/report_reader.h"
#include "server/flow/worker_pool.h"

namespace ladon::rpc {

// The largest request: a price list of 500 items with long names.
inline constexpr int kMessageBytesMax = 512 * 1024;
// Calls being worked on at once; more are answered OVERLOADED.
inline constexpr size_t kCallsMax = 4'096;
// Calls of one method that wait for a request to arrive.
inline constexpr size_t kPendingPerMethod = 64;
// The same of a method that answers with a stream.
inline constexpr size_t kPendingStreamsPerMethod = 8;
// How long a reader may leave a message of a stream untaken, and how often that is looked at, in
// seconds.
inline constexpr int kStalledReaderSeconds = 30;
inline constexpr int kLookAtStreamsSeconds = 5;
inline constexpr int kSecondMs = 1'000;
inline constexpr int kStreamsPerConnectionMax = 256;
inline constexpr int kMetadataBytesMax = 16 * 1024;
inline constexpr int kPageSizeDefault = 100;
inline constexpr int kPageSizeMax = 1'000;
inline constexpr size_t kPageTokenBytesMax = 64;
// Of a filter over the security log: numbers or names of calls, and roles.
inline constexpr size_t kFilterListMax = 100;
inline constexpr size_t kFilterRolesMax = 32;
inline constexpr size_t kNameCharactersMax = 60;
inline constexpr size_t kClassCharactersMax = 8;
inline constexpr size_t kExternalIdBytesMax = 64;
inline constexpr size_t kLabelCharactersMax = 60;
inline constexpr size_t kPrincipalUriBytesMax = 128;
inline constexpr size_t kHolderBytesMax = 64;
// Texts of an officer: notes, causes, measures.
inline constexpr size_t kNoteCharactersMax = 500;
inline constexpr size_t kSchoolNameCharactersMax = 200;
inline constexpr size_t kItemNameCharactersMax = 100;
inline constexpr size_t kDocumentIdBytesMax = 64;
inline constexpr size_t kProcessorLettersMax = 200;
inline constexpr unsigned kCategoryMax = 9'999;
// Threads for palm searches; at least one, at most one a core.
inline constexpr size_t kSearchThreadsMax = 16;
// How long a shutdown waits for calls under way, in seconds.
inline constexpr int kDrainSeconds = 10;

// Bounds that other parts define, named here so that one page lists them all.
inline constexpr size_t kCommitQueueMax = ledger::kQueueMax;
inline constexpr size_t kSearchQueueMax = flow::kWorkQueueMax;
inline constexpr size_t kLinesMax = flow::kBasketLinesMax;
inline constexpr size_t kTemplatesMax = flow::kTemplatesPerCallMax;
inline constexpr size_t kExportStreamsMax = flow::kExportsMax;
inline constexpr uint32_t kReportDaysMax = flow::kReportDaysMax;
inline constexpr uint64_t kReportEntriesMax = flow::kReportEntriesMax;
inline constexpr size_t kReportLinesMax = flow::kReportLinesMax;
inline constexpr uint64_t kSecurityRecordsLookedAtMax = audit::kRecordsLookedAtMax;
inline constexpr size_t kPingBytesMax = 4'096;
inline constexpr size_t kBatchMax = 1'000;
// The number of a bank document, or of what an entitlement rests on.
inline constexpr size_t kDocumentNumberCharactersMax = 64;

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_LIMITS_H_

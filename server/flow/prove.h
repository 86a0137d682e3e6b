// Proofs for outsiders: the signed head, that it only grew, and receipts of single entries.
// Threading: any thread; `done` on the applier thread.
#ifndef LADON_SERVER_FLOW_PROVE_H_
#define LADON_SERVER_FLOW_PROVE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/proof/checkpoint.h"
#include "server/flow/commit.h"

namespace ladon::flow {

// A signed note and what it says.
struct NewestHead {
  std::string note;
  ledger::Checkpoint checkpoint;
};
// Over everything that is durable. Syncs a small file: not on a thread that others wait for.
[[nodiscard]] absl::StatusOr<NewestHead> SignNewestHead(ledger::Checkpointer* checkpointer);

struct SignedHead {
  std::string checkpoint;
  std::vector<std::string> verifier_keys;
};
// The same with the keys that sign it.
[[nodiscard]] absl::StatusOr<SignedHead> SignHead(ledger::Checkpointer* checkpointer);

void GetCheckpoint(const House& house, const access::Caller& caller, Done<SignedHead> done);

// `old_size` beyond the journal is refused by field.
void GetConsistencyProof(const House& house, const access::Caller& caller, uint64_t old_size,
                         Done<std::string> done);

// A tile of the tree of `size` entries; level -1: the bundle of entries. What is not there is
// refused by field.
void GetTile(const House& house, const access::Caller& caller, uint64_t size, int level,
             uint64_t number, Done<std::string> done);

struct ReceiptFiles {
  std::string tlog_proof;
  std::string entry;
};

// An account of another school is answered like one that does not exist; an entry that did not
// touch the account is refused by field.
void GetReceipt(const House& house, const access::Caller& caller, const base::AccountId& account,
                uint64_t journal_index, Done<ReceiptFiles> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PROVE_H_

#include "server/flow/prove.h"

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include "ledger/proof/cosignature.h"
#include "ledger/proof/receipt.h"
#include "ledger/proof/tile.h"
#include "ledger/proof/tlog_proof.h"
#include "server/flow/money.h"
#include "server/flow/on_worker.h"
#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

absl::StatusOr<std::string> ProveGrowth(const House& house, uint64_t old_size) {
  absl::StatusOr<NewestHead> head = SignNewestHead(house.checkpointer);
  if (!head.ok()) return head.status();
  if (old_size == 0 || old_size > head->checkpoint.size) {
    return RefuseField("old_size", "must be the size of an earlier checkpoint");
  }
  absl::StatusOr<std::vector<ledger::Digest>> proof =
      house.ledger->ProveConsistency(old_size, head->checkpoint.size);
  if (!proof.ok()) return proof.status();
  return ledger::FormatGrowth(
      {.old_size = old_size, .proof = *std::move(proof), .checkpoint = std::move(head->note)});
}

absl::StatusOr<std::string> ReadTile(const House& house, uint64_t size, int level,
                                     uint64_t number) {
  if (size == 0 || size > house.ledger->Head().first) {
    return RefuseField("size", "must be the size of a checkpoint");
  }
  if (level < -1 || level >= static_cast<int>(ledger::kTileLevelsMax)) {
    return RefuseField("level", "must be -1 to 7");
  }
  const uint64_t hashes = ledger::HashesAtLevel(static_cast<unsigned>(std::max(level, 0)), size);
  if (number >= (hashes + ledger::kTileWidth - 1) / ledger::kTileWidth) {
    return RefuseField("number", "must be of a tile that the tree of this size has");
  }
  if (level >= 0) {
    const auto tile = house.ledger->ReadTile(static_cast<unsigned>(level), number, size);
    return tile.ok() ? absl::StatusOr<std::string>(ledger::EncodeTile(*tile)) : tile.status();
  }
  const uint64_t first = number * ledger::kTileWidth;
  const auto leaves = house.ledger->ReadLeaves(
      first, static_cast<size_t>(std::min<uint64_t>(ledger::kTileWidth, size - first)));
  if (!leaves.ok()) return leaves.status();
  std::string bundle;
  for (const std::string& leaf : *leaves) ledger::AppendToBundle(leaf, &bundle);
  return bundle;
}

absl::StatusOr<ReceiptFiles> MakeReceipt(const House& house, const access::Caller& caller,
                                         const base::AccountId& account, uint64_t index) {
  const absl::StatusOr<ledger::AccountView> purse = OwnPurse(house, caller, account);
  if (!purse.ok()) return purse.status();
  const absl::StatusOr<NewestHead> head = SignNewestHead(house.checkpointer);
  if (!head.ok()) return head.status();
  const absl::Status not_its_own =
      RefuseField("journal_index", "must be of an entry that touched the account");
  if (index >= head->checkpoint.size) return not_its_own;
  const absl::StatusOr<ledger::Entry> entry = house.ledger->ReadEntry(index);
  if (!entry.ok()) return entry.status();
  const std::vector<uint16_t> own = ledger::OwnOpenings(*entry, purse->terms.account);
  if (own.empty()) return not_its_own;
  absl::StatusOr<std::vector<ledger::Digest>> path =
      house.ledger->ProveInclusion(index, head->checkpoint.size);
  if (!path.ok()) return path.status();
  const absl::StatusOr<std::string> leaf = ledger::EncodeLeaf(entry->leaf);
  if (!leaf.ok()) return leaf.status();
  return ReceiptFiles{.tlog_proof = ledger::FormatTlogProof(
                          {.index = index, .path = *std::move(path), .checkpoint = head->note}),
                      .entry = ledger::EncodeEntryFile(*leaf, house.ledger->Disclose(*entry, own))};
}

}  // namespace

absl::StatusOr<NewestHead> SignNewestHead(ledger::Checkpointer* checkpointer) {
  absl::StatusOr<std::string> note = checkpointer->Sign();
  if (!note.ok()) return note.status();
  const absl::StatusOr<ledger::Note> parsed = ledger::ParseNote(*note);
  if (!parsed.ok()) return parsed.status();
  absl::StatusOr<ledger::Checkpoint> checkpoint = ledger::ParseCheckpoint(parsed->text);
  if (!checkpoint.ok()) return checkpoint.status();
  return NewestHead{.note = *std::move(note), .checkpoint = *std::move(checkpoint)};
}

absl::StatusOr<SignedHead> SignHead(ledger::Checkpointer* checkpointer) {
  absl::StatusOr<std::string> note = checkpointer->Sign();
  if (!note.ok()) return note.status();
  SignedHead answer = {.checkpoint = *std::move(note), .verifier_keys = {}};
  for (const ledger::VerifierKey& key : checkpointer->verifiers()) {
    answer.verifier_keys.push_back(ledger::FormatVerifierKey(key));
  }
  return answer;
}

// Signing syncs a file, so all of this is done where it holds nobody up.
void GetCheckpoint(const House& house, const access::Caller& caller, Done<SignedHead> done) {
  OnWorker<SignedHead>(house, caller, std::move(done), [&house, caller](Done<SignedHead> tell) {
    Reply(house, caller, {}, SignHead(house.checkpointer), std::move(tell));
  });
}

void GetConsistencyProof(const House& house, const access::Caller& caller, uint64_t old_size,
                         Done<std::string> done) {
  OnWorker<std::string>(house, caller, std::move(done),
                        [&house, caller, old_size](Done<std::string> tell) {
                          Reply(house, caller, {}, ProveGrowth(house, old_size), std::move(tell));
                        });
}

void GetTile(const House& house, const access::Caller& caller, uint64_t size, int level,
             uint64_t number, Done<std::string> done) {
  OnWorker<std::string>(house, caller, std::move(done),
                        [&house, caller, size, level, number](Done<std::string> tell) {
                          Reply(house, caller, {}, ReadTile(house, size, level, number),
                                std::move(tell));
                        });
}

void GetReceipt(const House& house, const access::Caller& caller, const base::AccountId& account,
                uint64_t journal_index, Done<ReceiptFiles> done) {
  OnWorker<ReceiptFiles>(
      house, caller, std::move(done), [&house, caller, account, journal_index](auto tell) {
        Reply(house, caller, account.bytes, MakeReceipt(house, caller, account, journal_index),
              std::move(tell));
      });
}

}  // namespace ladon::flow

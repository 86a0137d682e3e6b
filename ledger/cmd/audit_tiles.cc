#include "ledger/cmd/audit_tiles.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "ledger/cmd/audit_files.h"
#include "ledger/proof/entry.h"
#include "ledger/proof/merkle.h"
#include "ledger/proof/tile.h"

namespace ladon::audit {
namespace {

using ledger::Digest;
using ledger::kTileLevelsMax;
using ledger::kTileWidth;

constexpr uint64_t kEntriesASign = 10'000;

void ShowProgress(uint64_t done, uint64_t total) {
  if (isatty(STDERR_FILENO) == 0) return;
  std::fprintf(stderr, "\r%3llu %%%s", static_cast<unsigned long long>(100 * done / total),
               done == total ? "\r\033[K" : "");
}

absl::Status EntryDefect(uint64_t index, std::string_view what) {
  return absl::UnauthenticatedError(
      absl::StrCat("entry ", index, ": ", absl::string_view(what.data(), what.size())));
}

// Walks the leaves in order and holds every tile file against what they hash to.
class TileChecker {
 public:
  TileChecker(std::filesystem::path folder, uint64_t size)
      : folder_(std::move(folder)), size_(size) {}

  absl::Status Add(std::string_view entry) {
    const uint64_t index = tree_.size();
    const absl::StatusOr<ledger::Leaf> leaf = ledger::DecodeLeaf(entry);
    if (!leaf.ok()) return EntryDefect(index, std::string(leaf.status().message()));
    if (leaf->index != index) return EntryDefect(index, "calls itself another one");
    if (index > 0 && leaf->booked_at_ns <= last_booked_at_ns_) {
      return EntryDefect(index, "booked before the entry before it");
    }
    last_booked_at_ns_ = leaf->booked_at_ns;
    absl::Status status;
    tree_.AppendHash(ledger::HashLeaf(entry), [&](unsigned height, const Digest& root) {
      const unsigned level = height / ledger::kTileHeight;
      if (height % ledger::kTileHeight != 0 || level >= kTileLevelsMax) return;
      tiles_[level].push_back(root);
      if (tiles_[level].size() == kTileWidth && status.ok()) status = CheckTile(level);
    });
    return status;
  }

  // The tiles that are not full, after the last entry.
  absl::Status Finish() {
    for (unsigned level = 0; level < kTileLevelsMax; ++level) {
      if (tiles_[level].empty()) continue;
      if (absl::Status s = CheckTile(level); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  [[nodiscard]] Digest Root() const { return tree_.Root(); }
  [[nodiscard]] uint64_t size() const { return size_; }

 private:
  absl::Status CheckTile(unsigned level) {
    std::vector<Digest>& hashes = tiles_[level];
    const std::string path =
        ledger::TilePath(static_cast<int>(level), numbers_[level]++, hashes.size());
    const absl::StatusOr<std::string> bytes = ReadWhole((folder_ / path).string());
    if (!bytes.ok()) return bytes.status();
    if (*bytes != ledger::EncodeTile(hashes)) {
      return absl::UnauthenticatedError(absl::StrCat(path, ": not the hashes of the entries"));
    }
    hashes.clear();
    return absl::OkStatus();
  }

  const std::filesystem::path folder_;
  const uint64_t size_;
  ledger::MerkleTree tree_;
  uint64_t last_booked_at_ns_ = 0;
  std::array<std::vector<Digest>, kTileLevelsMax> tiles_;
  std::array<uint64_t, kTileLevelsMax> numbers_{};
};

absl::Status CheckBundle(const std::filesystem::path& folder, uint64_t number,
                         TileChecker* checker) {
  const uint64_t first = number * kTileWidth;
  const auto width = static_cast<size_t>(std::min<uint64_t>(kTileWidth, checker->size() - first));
  const std::string path = ledger::TilePath(-1, number, width);
  const absl::StatusOr<std::string> bytes = ReadWhole((folder / path).string());
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<std::vector<std::string_view>> entries = ledger::DecodeBundle(*bytes);
  if (!entries.ok() || entries->size() != width) {
    return absl::UnauthenticatedError(absl::StrCat(path, ": not a bundle of ", width, " entries"));
  }
  for (const std::string_view entry : *entries) {
    if (absl::Status s = checker->Add(entry); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ledger::Checkpoint> VerifyTiles(const std::filesystem::path& folder,
                                               const std::vector<ledger::VerifierKey>& keys) {
  const absl::StatusOr<std::string> note = ReadWhole((folder / "checkpoint").string());
  if (!note.ok()) return note.status();
  const absl::StatusOr<ledger::OpenedCheckpoint> opened = ledger::OpenCheckpoint(*note, keys);
  if (!opened.ok()) return opened.status();
  const ledger::Checkpoint& checkpoint = opened->checkpoint;
  TileChecker checker(folder, checkpoint.size);
  for (uint64_t number = 0; number * kTileWidth < checkpoint.size; ++number) {
    if (absl::Status s = CheckBundle(folder, number, &checker); !s.ok()) return s;
    if (number * kTileWidth % kEntriesASign < kTileWidth) {
      ShowProgress(number * kTileWidth, checkpoint.size);
    }
  }
  if (absl::Status s = checker.Finish(); !s.ok()) return s;
  ShowProgress(checkpoint.size, std::max<uint64_t>(checkpoint.size, 1));
  if (checker.Root() != checkpoint.root) {
    return absl::UnauthenticatedError("the entries are not those of the signed root");
  }
  return checkpoint;
}

}  // namespace ladon::audit

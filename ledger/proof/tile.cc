#include "ledger/proof/tile.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {
namespace {

constexpr uint64_t kPathStep = 1'000;
constexpr size_t kEntryBytesMax = 65'535;

absl::Status Malformed(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("tile: ", why));
}

}  // namespace

std::string TilePath(int level, uint64_t number, size_t width) {
  std::string digits = absl::StrFormat("%03d", number % kPathStep);
  for (number /= kPathStep; number > 0; number /= kPathStep) {
    digits = absl::StrFormat("x%03d/%s", number % kPathStep, digits);
  }
  const std::string kind = level < 0 ? "entries" : absl::StrCat(level);
  const std::string part = width == kTileWidth ? "" : absl::StrCat(".p/", width);
  return absl::StrCat("tile/", kind, "/", digits, part);
}

std::string EncodeTile(const std::vector<Digest>& hashes) {
  std::string bytes;
  bytes.reserve(hashes.size() * kDigestBytes);
  for (const Digest& hash : hashes) {
    bytes.append(reinterpret_cast<const char*>(hash.bytes.data()), kDigestBytes);
  }
  return bytes;
}

absl::StatusOr<std::vector<Digest>> DecodeTile(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > kTileBytes || bytes.size() % kDigestBytes != 0) {
    return Malformed("not 1 to 256 whole hashes");
  }
  std::vector<Digest> hashes(bytes.size() / kDigestBytes);
  for (size_t i = 0; i < hashes.size(); ++i) {
    std::memcpy(hashes[i].bytes.data(), bytes.data() + i * kDigestBytes, kDigestBytes);
  }
  return hashes;
}

Digest RootInTile(const std::vector<Digest>& hashes, size_t first, unsigned height) {
  assert(first % (size_t{1} << height) == 0 && first + (size_t{1} << height) <= hashes.size());
  if (height == 0) return hashes[first];
  const size_t half = size_t{1} << (height - 1);
  return HashNode(RootInTile(hashes, first, height - 1),
                  RootInTile(hashes, first + half, height - 1));
}

void AppendToBundle(std::string_view entry, std::string* bundle) {
  assert(entry.size() <= kEntryBytesMax);
  ByteWriter length;
  length.U16(static_cast<uint16_t>(entry.size()));
  bundle->append(length.Take()).append(entry);
}

absl::StatusOr<std::vector<std::string_view>> DecodeBundle(std::string_view bytes) {
  std::vector<std::string_view> entries;
  for (ByteReader reader(bytes); !reader.AtEnd();) {
    const size_t length = reader.U16();
    const std::string_view entry = reader.Raw(length);
    if (!reader.ok()) return Malformed("an entry bundle is cut off");
    if (entries.size() == kTileWidth) return Malformed("more than 256 entries in a bundle");
    entries.push_back(entry);
  }
  if (entries.empty()) return Malformed("an empty entry bundle");
  return entries;
}

ReadNode NodesFromTiles(uint64_t size, ReadTile read_tile) {
  // Neighbouring nodes of a proof are mostly in one tile.
  struct Kept {
    unsigned level = 0;
    uint64_t number = 0;
    std::vector<Digest> hashes;
  };
  const auto kept = std::make_shared<std::optional<Kept>>();
  return [size, kept, read_tile = std::move(read_tile)](unsigned level,
                                                        uint64_t index) -> absl::StatusOr<Digest> {
    const unsigned tile_level = level / kTileHeight;
    const unsigned height = level % kTileHeight;
    const uint64_t first = index << height;  // The first hash of the tile's level that it covers.
    const uint64_t number = first >> kTileHeight;
    if (!kept->has_value() || (*kept)->level != tile_level || (*kept)->number != number) {
      const uint64_t there = HashesAtLevel(tile_level, size) - (number << kTileHeight);
      const size_t width = static_cast<size_t>(std::min<uint64_t>(there, kTileWidth));
      absl::StatusOr<std::vector<Digest>> hashes = read_tile(tile_level, number, width);
      if (!hashes.ok()) return hashes.status();
      if (hashes->size() < width) return absl::DataLossError("tile: too few hashes");
      kept->emplace(Kept{.level = tile_level, .number = number, .hashes = *std::move(hashes)});
    }
    return RootInTile((*kept)->hashes, first % kTileWidth, height);
  };
}

}  // namespace ladon::ledger

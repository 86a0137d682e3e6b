#include "matcher/transform.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <string_view>
#include <utility>

namespace ladon::matcher {
namespace {

constexpr std::string_view kLabel = "ladon/matcher/school-transform/v2";
constexpr size_t kStreamChunkBytes = 512;

// A grid with a border of unreliable cells on every side, one byte per cell: bit p is plane p,
// bit 6 the mask. Reading it at an offset is a shift that masks out what comes from outside.
constexpr size_t kPaddedSide = kGridSide + size_t{2} * kShiftCellsMax;
using PaddedGrid = std::array<uint8_t, kPaddedSide * kPaddedSide>;
constexpr size_t kCentre = kShiftCellsMax * kPaddedSide + kShiftCellsMax;

// ChaCha20 keystream under a derived key, consumed byte by byte.
class Stream {
 public:
  explicit Stream(std::span<const uint8_t, kSchoolSecretBytes> secret) {
    std::array<uint8_t, 32> key{};
    unsigned int key_bytes = 0;
    const unsigned char* mac = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                                    reinterpret_cast<const unsigned char*>(kLabel.data()),
                                    kLabel.size(), key.data(), &key_bytes);
    assert(mac != nullptr && key_bytes == key.size());
    context_ = EVP_CIPHER_CTX_new();
    assert(context_ != nullptr);
    const std::array<uint8_t, 16> counter_and_nonce{};
    const int ok =
        EVP_EncryptInit_ex(context_, EVP_chacha20(), nullptr, key.data(), counter_and_nonce.data());
    assert(ok == 1);
    OPENSSL_cleanse(key.data(), key.size());
  }
  ~Stream() {
    EVP_CIPHER_CTX_free(context_);
    OPENSSL_cleanse(chunk_.data(), chunk_.size());
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  uint8_t Next() {
    if (used_ == chunk_.size()) Refill();
    return chunk_[used_++];
  }

  // Uniform in 0 .. bound-1, bound <= 65 536: values above the last multiple are thrown away.
  uint32_t Below(uint32_t bound) {
    const uint32_t limit = 65536 / bound * bound;
    for (;;) {
      const uint32_t low = Next();
      const uint32_t value = low | uint32_t{Next()} << 8;
      if (value < limit) return value % bound;
    }
  }

 private:
  void Refill() {
    const std::array<uint8_t, kStreamChunkBytes> zeros{};
    int written = 0;
    const int ok =
        EVP_EncryptUpdate(context_, chunk_.data(), &written, zeros.data(), kStreamChunkBytes);
    assert(ok == 1 && written == static_cast<int>(kStreamChunkBytes));
    used_ = 0;
  }

  EVP_CIPHER_CTX* context_ = nullptr;
  std::array<uint8_t, kStreamChunkBytes> chunk_{};
  size_t used_ = kStreamChunkBytes;
};

// Shuffles 0 .. size-1 (Fisher-Yates, downwards).
void FillShuffled(std::span<uint8_t> places, Stream* stream) {
  for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<uint8_t>(i);
  for (size_t i = places.size() - 1; i > 0; --i) {
    std::swap(places[i], places[stream->Below(static_cast<uint32_t>(i + 1))]);
  }
}

// Bit i of the lowest byte of `bits` as byte i, 0 or 1. By arithmetic and not by a table, which
// would show in the cache what was looked up.
uint64_t SpreadBits(uint64_t bits) {
  constexpr uint64_t kEachByte = 0x0101010101010101;
  constexpr uint64_t kBitOfByte = 0x8040201008040201;
  constexpr uint64_t kBelowTop = 0x7f7f7f7f7f7f7f7f;
  const uint64_t one_bit_a_byte = (bits & 0xff) * kEachByte & kBitOfByte;
  return (one_bit_a_byte + kBelowTop) >> 7 & kEachByte;
}

PaddedGrid Expand(const VeinCode& code) {
  static_assert(kBlockSide == sizeof(uint64_t) && std::endian::native == std::endian::little);
  PaddedGrid grid{};
  for (size_t w = 0; w < kPlaneWords; ++w) {
    const size_t first =
        kCentre + w / kBlocksASide * kBlockSide * kPaddedSide + w % kBlocksASide * kBlockSide;
    for (size_t line = 0; line < kBlockSide; ++line) {
      uint64_t values = 0;
      for (size_t p = 0; p <= kPlanes; ++p) {
        values |= SpreadBits(code.words[p * kPlaneWords + w] >> (line * kBlockSide)) << p;
      }
      std::memcpy(&grid[first + line * kPaddedSide], &values, sizeof(values));
    }
  }
  return grid;
}

}  // namespace

SchoolTransform::Tables::~Tables() {
  OPENSSL_cleanse(blocks.data(), sizeof(blocks));
  OPENSSL_cleanse(cells.data(), sizeof(cells));
  OPENSSL_cleanse(block_offsets.data(), sizeof(block_offsets));
  OPENSSL_cleanse(pad.data(), sizeof(pad));
}

SchoolTransform SchoolTransform::Derive(
    std::span<const uint8_t, kSchoolSecretBytes> school_secret) {
  Stream stream(school_secret);
  auto tables = std::make_unique<Tables>();
  for (uint64_t& word : tables->pad) {
    for (int shift = 0; shift < 64; shift += 8) word |= uint64_t{stream.Next()} << shift;
  }
  FillShuffled(tables->blocks, &stream);
  for (size_t w = 0; w < kBlocks; ++w) {
    FillShuffled(std::span(tables->cells).subspan(64 * w, 64), &stream);
    const size_t block = tables->blocks[w];
    tables->block_offsets[w] = static_cast<uint16_t>(
        block / kBlocksASide * kBlockSide * kPaddedSide + block % kBlocksASide * kBlockSide);
  }
  return SchoolTransform(std::move(tables));
}

VeinCode SchoolTransform::Apply(const VeinCode& code) const {
  PaddedGrid grid = Expand(code);
  VeinCode out;
  kernels::MatchKernelsFor(BestKernelLevel())
      .gather_code(grid.data() + kCentre, kPaddedSide, tables_->block_offsets.data(),
                   tables_->cells.data(), out.words.data());
  for (size_t w = 0; w < tables_->pad.size(); ++w) out.words[w] ^= tables_->pad[w];
  OPENSSL_cleanse(grid.data(), grid.size());
  return out;
}

void SchoolTransform::ApplyAllShifts(const VeinCode& code, std::span<VeinCode, kShifts> out,
                                     KernelLevel level) const {
  const kernels::GatherCodeFn gather = kernels::MatchKernelsFor(level).gather_code;
  PaddedGrid grid = Expand(code);
  size_t next = 0;
  // Result cell (x, y) of a shift by (dx, dy) reads cell (x - dx, y - dy): the first cell lies
  // between the corner of the border and twice its width from there.
  for (int dy = -kShiftCellsMax; dy <= kShiftCellsMax; ++dy) {
    for (int dx = -kShiftCellsMax; dx <= kShiftCellsMax; ++dx) {
      const size_t first = static_cast<size_t>(kShiftCellsMax - dy) * kPaddedSide +
                           static_cast<size_t>(kShiftCellsMax - dx);
      VeinCode& variant = out[next++];
      gather(grid.data() + first, kPaddedSide, tables_->block_offsets.data(), tables_->cells.data(),
             variant.words.data());
      for (size_t w = 0; w < tables_->pad.size(); ++w) variant.words[w] ^= tables_->pad[w];
    }
  }
  OPENSSL_cleanse(grid.data(), grid.size());
}

VeinCode SchoolTransform::Undo(const VeinCode& transformed) const {
  VeinCode out;
  for (size_t w = 0; w < kBlocks; ++w) {
    for (size_t p = 0; p <= kPlanes; ++p) {
      uint64_t word = transformed.words[p * kPlaneWords + w];
      if (p < kPlanes) word ^= tables_->pad[p * kPlaneWords + w];
      uint64_t& plain = out.words[p * kPlaneWords + tables_->blocks[w]];
      for (size_t i = 0; i < 64; ++i) plain |= (word >> i & 1) << tables_->cells[64 * w + i];
    }
  }
  return out;
}

}  // namespace ladon::matcher

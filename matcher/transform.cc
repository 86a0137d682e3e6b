#include "matcher/transform.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cassert>
#include <string_view>
#include <utility>

namespace ladon::matcher {
namespace {

constexpr std::string_view kLabel = "ladon/matcher/school-transform/v1";
constexpr size_t kStreamChunkBytes = 512;

// A grid with a border of unreliable cells on every side, one byte per cell: bit p is plane p,
// bit 3 the mask. Reading it at an offset is a shift that masks out what comes from outside.
constexpr size_t kPaddedSide = kGridSide + size_t{2} * kShiftCellsMax;
using PaddedGrid = std::array<uint8_t, kPaddedSide * kPaddedSide>;

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

// Gathers bit `bit` of eight cell bytes into eight bits, first byte lowest: after the mask each
// byte is 0 or 1, and the multiplication brings byte i to bit 56 + i without carries.
uint64_t GatherBits(uint64_t eight_cells, int bit) {
  return ((eight_cells >> bit & 0x0101010101010101U) * 0x0102040810204080U) >> 56;
}

PaddedGrid Expand(const VeinCode& code) {
  PaddedGrid grid{};
  for (size_t cell = 0; cell < kCells; ++cell) {
    uint8_t value = 0;
    for (size_t p = 0; p <= kPlanes; ++p) {
      const uint64_t bit = code.words[p * kPlaneWords + cell / 64] >> (cell % 64) & 1;
      value = static_cast<uint8_t>(value | bit << p);
    }
    grid[(cell / kGridSide + kShiftCellsMax) * kPaddedSide + cell % kGridSide + kShiftCellsMax] =
        value;
  }
  return grid;
}

// Reads the grid at `first` + sources[i] into result cell i.
void Gather(const uint8_t* first, const std::array<uint16_t, kCells>& sources, VeinCode& out) {
  for (size_t word = 0; word < kPlaneWords; ++word) {
    std::array<uint64_t, kPlanes + 1> bits{};
    for (size_t group = 0; group < 8; ++group) {
      // Put together in a register: eight byte stores and one wide load would stall.
      const uint16_t* const source = sources.data() + word * 64 + group * 8;
      uint64_t eight = 0;
      for (int i = 0; i < 8; ++i) eight |= uint64_t{first[source[i]]} << (8 * i);
      for (size_t p = 0; p <= kPlanes; ++p) {
        bits[p] |= GatherBits(eight, static_cast<int>(p)) << (group * 8);
      }
    }
    for (size_t p = 0; p <= kPlanes; ++p) out.words[p * kPlaneWords + word] = bits[p];
  }
}

}  // namespace

SchoolTransform::Tables::~Tables() {
  OPENSSL_cleanse(source.data(), sizeof(source));
  OPENSSL_cleanse(padded_source.data(), sizeof(padded_source));
  OPENSSL_cleanse(pad.data(), sizeof(pad));
  OPENSSL_cleanse(block_masks.data(), sizeof(block_masks));
}

SchoolTransform SchoolTransform::Derive(
    std::span<const uint8_t, kSchoolSecretBytes> school_secret) {
  Stream stream(school_secret);
  auto tables = std::make_unique<Tables>();
  for (uint64_t& word : tables->pad) {
    for (int shift = 0; shift < 64; shift += 8) word |= uint64_t{stream.Next()} << shift;
  }
  for (size_t i = 0; i < kCells; ++i) tables->source[i] = static_cast<uint16_t>(i);
  for (size_t i = kCells - 1; i > 0; --i) {
    std::swap(tables->source[i], tables->source[stream.Below(static_cast<uint32_t>(i + 1))]);
  }
  for (size_t i = 0; i < kCells; ++i) {
    const size_t cell = tables->source[i];
    tables->padded_source[i] = static_cast<uint16_t>(
        (cell / kGridSide + kShiftCellsMax) * kPaddedSide + cell % kGridSide + kShiftCellsMax);
    const size_t block =
        cell / kGridSide / kBlockSide * kBlocksASide + cell % kGridSide / kBlockSide;
    tables->block_masks[block * kPlaneWords + i / 64] |= uint64_t{1} << (i % 64);
  }
  return SchoolTransform(std::move(tables));
}

VeinCode SchoolTransform::Apply(const VeinCode& code) const {
  PaddedGrid grid = Expand(code);
  VeinCode out;
  Gather(grid.data(), tables_->padded_source, out);
  for (size_t w = 0; w < tables_->pad.size(); ++w) out.words[w] ^= tables_->pad[w];
  OPENSSL_cleanse(grid.data(), grid.size());
  return out;
}

void SchoolTransform::ApplyAllShifts(const VeinCode& code, std::span<VeinCode, kShifts> out) const {
  PaddedGrid grid = Expand(code);
  size_t next = 0;
  // Result cell (x, y) of a shift by (dx, dy) reads cell (x - dx, y - dy). The most negative
  // offset still lies inside the border, so every read stays inside the grid.
  std::array<uint16_t, kCells> from_corner{};
  constexpr size_t kCentre = kShiftCellsMax * kPaddedSide + kShiftCellsMax;
  for (size_t i = 0; i < kCells; ++i) {
    from_corner[i] = static_cast<uint16_t>(tables_->padded_source[i] - kCentre);
  }
  for (int dy = -kShiftCellsMax; dy <= kShiftCellsMax; ++dy) {
    for (int dx = -kShiftCellsMax; dx <= kShiftCellsMax; ++dx) {
      const size_t offset = static_cast<size_t>(kShiftCellsMax - dy) * kPaddedSide +
                            static_cast<size_t>(kShiftCellsMax - dx);
      VeinCode& variant = out[next++];
      Gather(grid.data() + offset, from_corner, variant);
      for (size_t w = 0; w < tables_->pad.size(); ++w) variant.words[w] ^= tables_->pad[w];
    }
  }
  OPENSSL_cleanse(grid.data(), grid.size());
  OPENSSL_cleanse(from_corner.data(), sizeof(from_corner));
}

VeinCode SchoolTransform::Undo(const VeinCode& transformed) const {
  VeinCode out;
  for (size_t i = 0; i < kCells; ++i) {
    const size_t cell = tables_->source[i];
    for (size_t p = 0; p <= kPlanes; ++p) {
      uint64_t bit = transformed.words[p * kPlaneWords + i / 64] >> (i % 64) & 1;
      if (p < kPlanes) bit ^= tables_->pad[p * kPlaneWords + i / 64] >> (i % 64) & 1;
      out.words[p * kPlaneWords + cell / 64] |= bit << (cell % 64);
    }
  }
  return out;
}

}  // namespace ladon::matcher

// Goal: who reads all memory of a process with a gallery, or its core dump, finds no enrolled code,
// mask or sketch, neither plain nor under the school's transform.
// Method: a process of its own enrols codes that this one knows, searches, and forgets them; every
// readable byte of it is searched for any eight bytes of any code. The same search finds them when
// the process keeps its plain codes, and when its memory key does not encrypt: it can see.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/sketch.h"
#include "tests/matcher/memory_scan/victim.h"

namespace ladon::matcher {
namespace {

namespace fs = std::filesystem;

enum Kind : uint8_t { kPlainCode, kPlainMask, kTransformedCode, kTransformedMask, kSketch, kKinds };
using Counts = std::array<size_t, kKinds>;

// All eight-byte words of what must not be found, by kind. Words that anything may hold by chance,
// nearly empty or nearly full ones, are left out.
class Needles {
 public:
  Needles() {
    const SchoolTransform transform = SchoolTransform::Derive(kVictimSecret);
    std::vector<std::array<uint8_t, kSketchBlockBytes>> sketches;
    for (size_t row = 0; row < kVictimRows; ++row) {
      const VeinCode plain = VictimCode(row);
      const VeinCode transformed = transform.Apply(plain);
      AddCode(plain, kPlainCode, kPlainMask);
      AddCode(transformed, kTransformedCode, kTransformedMask);
      if (row % kSketchBlockRows == 0) sketches.emplace_back();
      AddSketch(transformed, row % kSketchBlockRows, sketches.back());
    }
    sketches.pop_back();  // The incomplete block has no sketches of its own.
    for (const auto& block : sketches) {
      for (size_t at = 0; at < block.size(); at += sizeof(uint64_t)) {
        uint64_t word = 0;
        std::memcpy(&word, &block[at], sizeof word);
        Add(word, kSketch);
      }
    }
  }

  [[nodiscard]] const Counts& counts() const { return counts_; }

  // Marks what `bytes` holds, at any offset.
  void LookInto(std::span<const uint8_t> bytes) {
    for (size_t at = 0; at + sizeof(uint64_t) <= bytes.size(); ++at) {
      uint64_t word = 0;
      std::memcpy(&word, &bytes[at], sizeof word);
      if (!maybe_[Slot(word)]) continue;
      const auto needle = needles_.find(word);
      if (needle != needles_.end()) needle->second.found = true;
    }
  }

  [[nodiscard]] Counts Found() const {
    Counts found{};
    for (const auto& [word, needle] : needles_) found[needle.kind] += needle.found ? 1 : 0;
    return found;
  }

 private:
  struct Needle {
    Kind kind;
    bool found = false;
  };
  static size_t Slot(uint64_t word) { return (word * 0x9e3779b97f4a7c15U) >> 40; }

  void Add(uint64_t word, Kind kind) {
    constexpr int kBitsMin = 6;
    const int ones = std::popcount(word);
    if (ones < kBitsMin || ones > 64 - kBitsMin) return;
    if (!needles_.emplace(word, Needle{kind}).second) return;
    ++counts_[kind];
    maybe_[Slot(word)] = true;
  }
  void AddCode(const VeinCode& code, Kind planes, Kind mask) {
    for (size_t w = 0; w < code.words.size(); ++w) {
      Add(code.words[w], w < kPlanes * kPlaneWords ? planes : mask);
    }
  }

  std::unordered_map<uint64_t, Needle> needles_;
  std::vector<bool> maybe_ = std::vector<bool>(size_t{1} << 24);
  Counts counts_{};
};

// A victim between "ready" and its end.
class Victim {
 public:
  Victim(const std::string& program, const char* argument) {
    const std::string pattern = ::testing::TempDir() + "/memory_scan_XXXXXX";
    folder_ = pattern;
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    EXPECT_EQ(pipe(to.data()) | pipe(from.data()), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(to[0], STDIN_FILENO);
      dup2(from[1], STDOUT_FILENO);
      for (const int fd : {to[0], to[1], from[0], from[1]}) close(fd);
      if (chdir(folder_.c_str()) != 0) _exit(5);
      execl(program.c_str(), program.c_str(), argument, nullptr);
      _exit(6);
    }
    close(to[0]);
    close(from[1]);
    input_ = to[1];
    std::array<char, 6> ready{};
    EXPECT_EQ(read(from[0], ready.data(), ready.size()), 6) << "the victim did not get ready";
    close(from[0]);
  }
  ~Victim() {
    if (input_ >= 0) close(input_);  // It leaves quietly.
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
    fs::remove_all(folder_);
  }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

  // Every readable byte of the live process. Returns how many there were.
  size_t ScanMemory(Needles* needles) const {
    const std::string process = "/proc/" + std::to_string(pid_);
    std::ifstream maps(process + "/maps");
    std::ifstream memory(process + "/mem", std::ios::binary);
    EXPECT_TRUE(maps.is_open() && memory.is_open());
    size_t bytes = 0;
    std::string line;
    while (std::getline(maps, line)) {
      unsigned long first = 0;
      unsigned long last = 0;
      char readable = 0;
      if (std::sscanf(line.c_str(), "%lx-%lx %c", &first, &last, &readable) != 3) continue;
      if (readable != 'r') continue;
      std::vector<uint8_t> region(last - first);
      memory.clear();
      memory.seekg(static_cast<std::streamoff>(first));
      memory.read(reinterpret_cast<char*>(region.data()),
                  static_cast<std::streamsize>(region.size()));
      // memfd_secret and the kernel's own pages cannot be read: that is their point.
      region.resize(static_cast<size_t>(memory.gcount()));
      needles->LookInto(region);
      bytes += region.size();
    }
    return bytes;
  }

  // Lets it die and reads the core; 0 when this system writes none beside it.
  size_t ScanCore(Needles* needles) {
    EXPECT_EQ(write(input_, "\n", 1), 1);
    close(input_);
    input_ = -1;
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    EXPECT_TRUE(WIFSIGNALED(status));
    size_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      std::ifstream file(entry.path(), std::ios::binary);
      std::vector<uint8_t> core(fs::file_size(entry.path()));
      file.read(reinterpret_cast<char*>(core.data()), static_cast<std::streamsize>(core.size()));
      needles->LookInto(core);
      bytes += core.size();
    }
    return bytes;
  }

 private:
  std::string folder_;
  pid_t pid_ = -1;
  int input_ = -1;
};

class MemoryScanTest : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "sanitizers keep freed memory and map terabytes; run the plain build";
#endif
  }
};

constexpr size_t kBytesMin = 100'000;  // A scan of less has not seen the process.

std::string Describe(const Counts& found, const Counts& of) {
  const std::array<const char*, kKinds> names = {"plain codes", "plain masks", "transformed codes",
                                                 "transformed masks", "sketches"};
  std::string text;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    text += std::string(names[kind]) + " " + std::to_string(found[kind]) + " of " +
            std::to_string(of[kind]) + "; ";
  }
  return text;
}

TEST_F(MemoryScanTest, NothingIsFoundInMemory) {
  Needles needles;
  const Victim victim(LADON_VICTIM, "forget");
  const size_t bytes = victim.ScanMemory(&needles);
  EXPECT_GT(bytes, kBytesMin);
  std::printf("%zu bytes of memory: %s\n", bytes,
              Describe(needles.Found(), needles.counts()).c_str());
  EXPECT_EQ(needles.Found(), Counts{});
}

TEST_F(MemoryScanTest, NothingIsFoundInACoreDump) {
  Needles needles;
  Victim victim(LADON_VICTIM, "forget");
  const size_t bytes = victim.ScanCore(&needles);
  if (bytes == 0) GTEST_SKIP() << "this system writes no core dump into the folder of the process";
  EXPECT_GT(bytes, kBytesMin);
  std::printf("%zu bytes of a core dump: %s\n", bytes,
              Describe(needles.Found(), needles.counts()).c_str());
  EXPECT_EQ(needles.Found(), Counts{});
}

TEST_F(MemoryScanTest, KeptCodesAreFoundInMemoryAndCore) {
  for (const bool core : {false, true}) {
    Needles needles;
    Victim victim(LADON_VICTIM, "keep");
    const size_t bytes = core ? victim.ScanCore(&needles) : victim.ScanMemory(&needles);
    if (core && bytes == 0) continue;
    EXPECT_EQ(needles.Found()[kPlainCode], needles.counts()[kPlainCode]);
    EXPECT_EQ(needles.Found()[kPlainMask], needles.counts()[kPlainMask]);
  }
}

TEST_F(MemoryScanTest, WithEncryptionOffRowsAndSketchesAreFound) {
  Needles needles;
  const Victim victim(LADON_VICTIM_UNENCRYPTED, "forget");
  victim.ScanMemory(&needles);
  std::printf("encryption off: %s\n", Describe(needles.Found(), needles.counts()).c_str());
  EXPECT_EQ(needles.Found()[kTransformedCode], needles.counts()[kTransformedCode]);
  EXPECT_EQ(needles.Found()[kTransformedMask], needles.counts()[kTransformedMask]);
  EXPECT_EQ(needles.Found()[kSketch], needles.counts()[kSketch]);
}

}  // namespace
}  // namespace ladon::matcher

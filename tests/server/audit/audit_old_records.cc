// Makes a store whose security log is years old: audit_old_records DIRECTORY COUNT. For the
// end-to-end test of archives, which cannot wait for a year.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "server/audit/log.h"
#include "storage/rocks_store.h"

namespace ladon::audit {
namespace {

constexpr uint64_t kFirstNs = uint64_t{1'577'836'800} * 1'000'000'000;  // 2020-01-01.
constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kAtOnce = 4'096;

absl::Status Make(const char* directory, uint64_t count) {
  storage::RocksStoreOptions options{.path = directory, .create_if_missing = true};
  options.new_store_id.fill(0x5e);
  const auto store = storage::OpenRocksStore(options);
  if (!store.ok()) return store.status();
  const auto log = Log::Open(store->get());
  if (!log.ok()) return log.status();
  ledger::AuditLeaf leaf;
  leaf.event = 102;
  leaf.role = 1;
  leaf.actor.fill(7);
  leaf.peer = "ipv4:192.0.2.7:4711";
  leaf.software_version = "0.0.1";
  for (uint64_t done = 0; done < count; done += kAtOnce) {
    storage::Batch batch;
    storage::Overlay overlay(store->get(), &batch);
    uint64_t last = 0;
    for (uint64_t i = done; i < std::min(count, done + kAtOnce); ++i) {
      leaf.at_ns = kFirstNs + i * kSecondNs;
      last = (*log)->Append(leaf, &overlay);
    }
    if (absl::Status written = (*store)->Write(batch); !written.ok()) return written;
    (*log)->MarkDurable(last);
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  uint64_t count = 0;
  const std::string_view text = argc == 3 ? argv[2] : "";
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (argc != 3 || error != std::errc() || rest != text.data() + text.size()) {
    std::fputs("usage: audit_old_records DIRECTORY COUNT\n", stderr);
    return 2;
  }
  const absl::Status made = Make(argv[1], count);
  if (!made.ok()) std::fprintf(stderr, "%s\n", made.ToString().c_str());
  return made.ok() ? 0 : 1;
}

}  // namespace
}  // namespace ladon::audit

int main(int argc, char** argv) {
  return ladon::audit::Main(argc, argv);
}

// Makes the golden store of the current format: make_golden_store DIRECTORY. What it writes is what
// rocks_store_test.cc expects to find. Afterwards remove LOCK, LOG and OPTIONS-*: they tell of the
// machine and are not needed to open it.
#include <cstdio>

#include "storage/rocks_store.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_golden_store DIRECTORY\n", stderr);
    return 2;
  }
  ladon::storage::RocksStoreOptions options;
  options.path = argv[1];
  options.create_if_missing = true;
  for (size_t i = 0; i < options.new_store_id.size(); ++i) {
    options.new_store_id[i] = static_cast<uint8_t>(0xa0 + i);
  }
  // Opened twice, so that one half lies in tables and the other in the log.
  for (int half = 0; half < 2; ++half) {
    const auto store = ladon::storage::OpenRocksStore(options);
    if (!store.ok()) {
      std::fprintf(stderr, "%s\n", store.status().ToString().c_str());
      return 1;
    }
    ladon::storage::Batch batch;
    for (size_t family = 0; family < ladon::storage::kFamilyNames.size(); ++family) {
      for (int i = half; i < 20; i += 2) {
        batch.Put(static_cast<ladon::storage::Family>(family), "key-" + std::to_string(i),
                  std::string(ladon::storage::kFamilyNames[family]) + "-" + std::to_string(i * i));
      }
    }
    if (const absl::Status written = (*store)->Write(batch); !written.ok()) {
      std::fprintf(stderr, "%s\n", written.ToString().c_str());
      return 1;
    }
  }
  return 0;
}

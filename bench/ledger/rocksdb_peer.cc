#include "bench/ledger/rocksdb_peer.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bench/ledger/commit_times.h"
#include "bench/ledger/fresh_directory.h"
#include "bench/ledger/workload.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/write_batch.h"
#include "storage/direct_io.h"
#include "storage/family.h"
#include "storage/rocks_tuning.h"

namespace ladon::bench {
namespace {

constexpr int64_t kBalanceKopecks = 1'000'000'000'000;  // Of every account at first.
constexpr size_t kAccountsPerWrite = 10'000;
constexpr size_t kDrawnTransfers = size_t{1} << 20;  // After that many they come again.
constexpr int64_t kAmountKopecksMax = 10'000;

using AccountId = std::array<char, 16>;

// Accounts are numbered from 0; the two are never the same.
struct Transfer {
  uint32_t debit = 0;
  uint32_t credit = 0;
  int64_t amount_kopecks = 0;
};

// Drawing costs time of its own, so it is done before anything is timed.
std::vector<Transfer> DrawTransfers(const RocksDbPeerSettings& settings, size_t count) {
  Workload workload(settings.workload, settings.accounts, settings.seed);
  std::mt19937_64 random(settings.seed);
  std::uniform_int_distribution<int64_t> amount(1, kAmountKopecksMax);
  std::vector<Transfer> transfers(count);
  for (Transfer& transfer : transfers) {
    const auto [debit, credit] = workload.Next();
    transfer = {.debit = static_cast<uint32_t>(debit),
                .credit = static_cast<uint32_t>(credit),
                .amount_kopecks = amount(random)};
  }
  return transfers;
}

// As it is stored.
struct Account {
  int64_t balance_kopecks = kBalanceKopecks;
  int64_t debited_kopecks = 0;
  int64_t credited_kopecks = 0;
  uint64_t last_entry = 0;

  bool operator==(const Account&) const = default;
};
static_assert(sizeof(Account) == 32);

rocksdb::Slice BytesOf(const Account& account) {
  return {reinterpret_cast<const char*>(&account), sizeof(account)};
}

std::array<char, 8> BigEndian(uint64_t number) {
  std::array<char, 8> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i));
  return bytes;
}

// Ids lie in no order, as digests do; the second half tells the number.
AccountId IdOf(uint32_t number) {
  AccountId id;
  const auto mixed = BigEndian((number + 1) * 0x9e3779b97f4a7c15);
  const auto plain = BigEndian(number);
  std::copy(mixed.begin(), mixed.end(), id.begin());
  std::copy(plain.begin(), plain.end(), id.begin() + mixed.size());
  return id;
}

uint32_t NumberOf(std::string_view id) {
  uint32_t number = 0;
  for (const char byte : id.substr(id.size() - sizeof(number))) {
    number = number << 8 | static_cast<uint8_t>(byte);
  }
  return number;
}

absl::Status FromRocks(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("rocksdb: ", status.ToString()));
}

class RawLedger {
 public:
  RawLedger(std::string path, uint32_t accounts, size_t entry_bytes, uint64_t seed)
      : path_(std::move(path)), accounts_(accounts), entry_(entry_bytes, '\0') {
    for (uint32_t number = 0; number < accounts; ++number) ids_.push_back(IdOf(number));
    std::mt19937_64 random(seed);
    for (char& byte : entry_) byte = static_cast<char>(random());
  }

  // Unavailable: RocksDB refused. To be called before the others, and again to read from the disk.
  absl::Status Open() {
    families_ = {};
    db_.reset();
    rocksdb::DBOptions options;
    storage::TuneDatabase(storage::TakesDirectWrites(std::filesystem::path(path_).parent_path()),
                          &options);
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    const auto cache = rocksdb::NewLRUCache(storage::kBlockCacheBytes);
    rocksdb::ColumnFamilyOptions entries;
    storage::TuneFamily(storage::Family::kJournal, cache, &entries);
    rocksdb::ColumnFamilyOptions balances;
    storage::TuneFamily(storage::Family::kAccounts, cache, &balances);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(
        options, path_, {{rocksdb::kDefaultColumnFamilyName, entries}, {"balances", balances}},
        &handles, &db);
    if (!status.ok()) return FromRocks(status);
    db_.reset(db);
    families_ = {std::unique_ptr<rocksdb::ColumnFamilyHandle>(handles[0]),
                 std::unique_ptr<rocksdb::ColumnFamilyHandle>(handles[1])};
    return absl::OkStatus();
  }

  // Puts every account with its money.
  absl::Status OpenAccounts() {
    rocksdb::WriteBatch batch;
    for (uint32_t number = 0; number < accounts_.size(); ++number) {
      if (absl::Status s = PutBalance(number, &batch); !s.ok()) return s;
      if (batch.Count() < kAccountsPerWrite && number + 1 < accounts_.size()) continue;
      if (absl::Status s = WriteSynced(&batch); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  // All of them durable when it returns OK.
  absl::Status Book(std::span<const Transfer> transfers) {
    rocksdb::WriteBatch batch;
    for (const Transfer& transfer : transfers) {
      if (!Apply(transfer, booked_, accounts_)) {
        return absl::FailedPreconditionError("rocksdb: an account ran out of money");
      }
      std::memcpy(entry_.data(), ids_[transfer.debit].data(), sizeof(AccountId));
      std::memcpy(entry_.data() + sizeof(AccountId), ids_[transfer.credit].data(),
                  sizeof(AccountId));
      std::memcpy(entry_.data() + 2 * sizeof(AccountId), &transfer.amount_kopecks,
                  sizeof(transfer.amount_kopecks));
      const auto key = BigEndian(booked_++);
      const rocksdb::Slice key_bytes(key.data(), key.size());
      const rocksdb::Status put = batch.Put(families_.entries.get(), key_bytes, entry_);
      if (!put.ok()) return FromRocks(put);
      for (const uint32_t party : {transfer.debit, transfer.credit}) {
        if (absl::Status s = PutBalance(party, &batch); !s.ok()) return s;
      }
    }
    return WriteSynced(&batch);
  }

  // DataLoss: what is stored is not what was booked.
  [[nodiscard]] absl::Status Verify() const {
    std::vector<Account> derived(accounts_.size());
    uint64_t entries = 0;
    const auto it = Iterate(families_.entries.get());
    for (it->SeekToFirst(); it->Valid(); it->Next(), ++entries) {
      const std::string_view value = it->value().ToStringView();
      Transfer transfer = {.debit = NumberOf(value.substr(0, sizeof(AccountId))),
                           .credit = NumberOf(value.substr(sizeof(AccountId), sizeof(AccountId)))};
      std::memcpy(&transfer.amount_kopecks, value.data() + 2 * sizeof(AccountId),
                  sizeof(transfer.amount_kopecks));
      const auto key = BigEndian(entries);
      const bool in_order = it->key() == rocksdb::Slice(key.data(), key.size());
      if (!in_order || !Apply(transfer, entries, derived)) return Wrong("an entry");
    }
    if (!it->status().ok()) return FromRocks(it->status());
    if (entries != booked_) return Wrong("the number of entries");
    if (derived != accounts_) return Wrong("the sum of the entries");
    return VerifyBalances();
  }

 private:
  struct Families {
    std::unique_ptr<rocksdb::ColumnFamilyHandle> entries;
    std::unique_ptr<rocksdb::ColumnFamilyHandle> balances;
  };

  static absl::Status Wrong(const char* what) {
    return absl::DataLossError(absl::StrCat("rocksdb: ", what, " is not what was booked"));
  }

  // False: there is no such account, or it has too little.
  static bool Apply(const Transfer& transfer, uint64_t entry, std::span<Account> accounts) {
    if (std::max(transfer.debit, transfer.credit) >= accounts.size()) return false;
    Account& debit = accounts[transfer.debit];
    Account& credit = accounts[transfer.credit];
    if (debit.balance_kopecks < transfer.amount_kopecks) return false;
    debit.balance_kopecks -= transfer.amount_kopecks;
    debit.debited_kopecks += transfer.amount_kopecks;
    credit.balance_kopecks += transfer.amount_kopecks;
    credit.credited_kopecks += transfer.amount_kopecks;
    debit.last_entry = entry;
    credit.last_entry = entry;
    return true;
  }

  absl::Status PutBalance(uint32_t number, rocksdb::WriteBatch* batch) {
    const AccountId& id = ids_[number];
    return FromRocks(
        batch->Put(families_.balances.get(), {id.data(), id.size()}, BytesOf(accounts_[number])));
  }

  // Leaves the batch empty.
  absl::Status WriteSynced(rocksdb::WriteBatch* batch) {
    rocksdb::WriteOptions write;
    write.sync = true;
    const rocksdb::Status status = db_->Write(write, batch);
    batch->Clear();
    return FromRocks(status);
  }

  [[nodiscard]] std::unique_ptr<rocksdb::Iterator> Iterate(
      rocksdb::ColumnFamilyHandle* family) const {
    return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(rocksdb::ReadOptions(), family));
  }

  [[nodiscard]] absl::Status VerifyBalances() const {
    size_t found = 0;
    const auto it = Iterate(families_.balances.get());
    for (it->SeekToFirst(); it->Valid(); it->Next(), ++found) {
      const uint32_t number = NumberOf(it->key().ToStringView());
      if (number >= accounts_.size() || it->value() != BytesOf(accounts_[number])) {
        return Wrong("a balance");
      }
    }
    if (!it->status().ok()) return FromRocks(it->status());
    return found == accounts_.size() ? absl::OkStatus() : Wrong("the number of accounts");
  }

  std::string path_;
  std::vector<Account> accounts_;  // By number; so are the ids.
  std::vector<AccountId> ids_;
  std::string entry_;  // The value of the next entry; what lies behind the amount stays.
  uint64_t booked_ = 0;
  std::unique_ptr<rocksdb::DB> db_;
  Families families_;  // Goes before the database.
};

}  // namespace

absl::StatusOr<nlohmann::json> MeasureRocksDb(const RocksDbPeerSettings& settings) {
  const absl::StatusOr<FreshDirectory> directory = FreshDirectory::Make(settings.directory);
  if (!directory.ok()) return directory.status();
  const size_t count = kDrawnTransfers - kDrawnTransfers % settings.batch;
  const std::vector<Transfer> drawn = DrawTransfers(settings, count);
  RawLedger ledger(directory->path(), settings.accounts, settings.entry_bytes, settings.seed);
  if (absl::Status s = ledger.Open(); !s.ok()) return s;
  if (absl::Status s = ledger.OpenAccounts(); !s.ok()) return s;

  size_t next = 0;
  const absl::StatusOr<CommitTimes> times = TimeCommits(settings.seconds, [&] {
    const std::span<const Transfer> batch = std::span(drawn).subspan(next, settings.batch);
    next = (next + settings.batch) % count;
    return ledger.Book(batch);
  });
  if (!times.ok()) return times.status();
  if (absl::Status s = ledger.Open(); !s.ok()) return s;
  if (absl::Status s = ledger.Verify(); !s.ok()) return s;

  nlohmann::json json = CommitsJson(*times, settings.batch);
  json["peer"] = "raw-rocksdb";
  json["version"] = rocksdb::GetRocksVersionAsString();
  json["workload"] = settings.workload;
  json["seed"] = settings.seed;
  json["accounts"] = settings.accounts;
  json["batch"] = settings.batch;
  json["entry_bytes"] = settings.entry_bytes;
  return json;
}

}  // namespace ladon::bench

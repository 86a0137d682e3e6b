#include "server/vault/key_table.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "server/base/codec.h"
#include "server/vault/files.h"

namespace ladon::vault {
namespace {

constexpr std::string_view kEpochMagic = "LDNE";
constexpr std::string_view kTableMagic = "LDNT";
constexpr uint8_t kVersion = 1;
constexpr uint8_t kKeyRecord = 1;
constexpr size_t kStoreIdBytes = 16;
constexpr size_t kTableHeaderBytes = 4 + 1 + kStoreIdBytes + 4;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kSealedKeyBytes =
    base::kSecretKeyBytes + crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr size_t kEpochFileBytes = kTableHeaderBytes + kNonceBytes + kSealedKeyBytes;
static_assert(kWrappedKeyBytes == 1 + 16 + 1 + kNonceBytes + kSealedKeyBytes);

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string FileHeader(std::string_view magic, std::string_view store_id, uint32_t epoch) {
  base::Encoder out;
  out.Raw(magic);
  out.U8(kVersion);
  out.Raw(store_id);
  out.U32(epoch);
  return out.Take();
}

// Seals `key` under `with`: nonce, then ciphertext and tag.
std::string SealKey(const base::SecretKey& with, std::string_view additional,
                    const base::SecretKey& key) {
  std::string out(kNonceBytes + kSealedKeyBytes, '\0');
  uint8_t* const bytes = reinterpret_cast<uint8_t*>(out.data());
  randombytes_buf(bytes, kNonceBytes);
  unsigned long long written = 0;  // libsodium's own type.
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      bytes + kNonceBytes, &written, key.RevealForCrypto().data(), base::kSecretKeyBytes,
      Bytes(additional), additional.size(), nullptr, bytes, with.RevealForCrypto().data());
  assert(written == kSealedKeyBytes);
  return out;
}

// `brief` as SecretKey::Brief().
absl::StatusOr<base::SecretKey> OpenKey(const base::SecretKey& with, std::string_view additional,
                                        std::string_view sealed, bool brief) {
  std::array<uint8_t, base::kSecretKeyBytes> plain{};
  unsigned long long written = 0;  // libsodium's own type.
  if (sealed.size() != kNonceBytes + kSealedKeyBytes ||
      crypto_aead_xchacha20poly1305_ietf_decrypt(
          plain.data(), &written, nullptr, Bytes(sealed) + kNonceBytes, kSealedKeyBytes,
          Bytes(additional), additional.size(), Bytes(sealed),
          with.RevealForCrypto().data()) != 0) {
    return absl::InvalidArgumentError("key does not open");
  }
  base::SecretKey key = brief ? base::SecretKey::Brief(plain) : base::SecretKey(plain);
  base::Wipe(plain.data(), plain.size());
  return key;
}

std::string WrapLabel(uint32_t epoch, const KeyName& name) {
  base::Encoder out;
  out.Raw("ladon/dek/1");
  out.U32(epoch);
  out.Raw({reinterpret_cast<const char*>(name.owner.data()), name.owner.size()});
  out.U8(static_cast<uint8_t>(name.purpose));
  return out.Take();
}

struct FileHead {
  uint32_t epoch = 0;
};

absl::StatusOr<FileHead> CheckHeader(std::string_view bytes, std::string_view magic,
                                     const KeyTableOptions& options, const std::string& path) {
  base::Decoder in(bytes);
  if (in.Raw(magic.size()) != magic || bytes.size() < kTableHeaderBytes) {
    return absl::InvalidArgumentError(path +
                                      " is not a Ladon key file or is truncated: restore "
                                      "the keys directory from the standby copy");
  }
  if (const uint8_t version = in.U8(); version != kVersion) {
    return absl::InvalidArgumentError(path + " has format version " + std::to_string(version) +
                                      ", this program reads version 1: install the newer program");
  }
  if (in.Raw(kStoreIdBytes) != options.store_id) {
    return absl::FailedPreconditionError(path +
                                         " belongs to another store: point [keys] directory "
                                         "and [store] path at the same installation");
  }
  return FileHead{.epoch = in.U32()};
}

absl::Status MissingEpochKey(const std::string& path) {
  return absl::NotFoundError(path +
                             " is missing: without it nothing in the vault opens; restore "
                             "the keys directory from the standby copy");
}

// Makes both files of a new table, the epoch key last: a crash in between leaves a table without
// a key, which the next start finishes.
absl::Status CreateFiles(const KeyTableOptions& options, const base::SecretKey& root) {
  constexpr uint32_t kFirstEpoch = 1;
  const std::string table_path = options.directory + "/wrapped.table";
  const std::string epoch_path = options.directory + "/epoch.key";
  const std::string empty_table = FileHeader(kTableMagic, options.store_id, kFirstEpoch);
  const absl::StatusOr<std::string> table = ReadPrivateFile(table_path, kTableHeaderBytes);
  if (absl::IsNotFound(table.status())) {
    if (absl::Status s = CreateSyncedFile(table_path, empty_table); !s.ok()) return s;
  } else if (!table.ok() || *table != empty_table) {
    return MissingEpochKey(epoch_path);  // Keys were wrapped: a new epoch key would not open them.
  }
  const std::string header = FileHeader(kEpochMagic, options.store_id, kFirstEpoch);
  return CreateSyncedFile(epoch_path, header + SealKey(root, header, base::SecretKey::Random()));
}

}  // namespace

KeyTable::KeyTable(std::string directory, uint32_t epoch, base::SecretKey epoch_key)
    : directory_(std::move(directory)), epoch_(epoch), epoch_key_(std::move(epoch_key)) {}

KeyTable::~KeyTable() {
  if (file_ >= 0) close(file_);
}

absl::StatusOr<std::unique_ptr<KeyTable>> KeyTable::Open(const KeyTableOptions& options,
                                                         const base::SecretKey& root) {
  assert(options.store_id.size() == kStoreIdBytes);
  if (options.create) {
    if (absl::Status s = MakePrivateDirectory(options.directory); !s.ok()) return s;
  } else if (absl::Status s = CheckPrivateDirectory(options.directory); !s.ok()) {
    return s;
  }
  const std::string path = options.directory + "/epoch.key";
  absl::StatusOr<std::string> bytes = ReadPrivateFile(path, kEpochFileBytes);
  if (absl::IsNotFound(bytes.status()) && options.create) {
    if (absl::Status s = CreateFiles(options, root); !s.ok()) return s;
    bytes = ReadPrivateFile(path, kEpochFileBytes);
  }
  if (absl::IsNotFound(bytes.status())) return MissingEpochKey(path);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<FileHead> head = CheckHeader(*bytes, kEpochMagic, options, path);
  if (!head.ok()) return head.status();
  const std::string_view all = *bytes;
  absl::StatusOr<base::SecretKey> epoch_key =
      OpenKey(root, all.substr(0, kTableHeaderBytes), all.substr(kTableHeaderBytes), false);
  if (!epoch_key.ok()) {
    return absl::InvalidArgumentError(
        path + " does not open: it is damaged, or the root key file is another installation's");
  }
  std::unique_ptr<KeyTable> table(
      new KeyTable(options.directory, head->epoch, *std::move(epoch_key)));
  if (absl::Status s = table->Load(options); !s.ok()) return s;
  return table;
}

absl::Status KeyTable::Load(const KeyTableOptions& options) {
  const std::string path = directory_ + "/wrapped.table";
  absl::StatusOr<std::string> bytes =
      ReadPrivateFile(path, kTableHeaderBytes + kDataKeysMax * kWrappedKeyBytes);
  if (absl::IsNotFound(bytes.status())) {
    return absl::NotFoundError(path + " is missing: restore it from the standby copy");
  }
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<FileHead> head = CheckHeader(*bytes, kTableMagic, options, path);
  if (!head.ok()) return head.status();
  if (head->epoch != epoch_) {
    return absl::InvalidArgumentError(path + " is of epoch " + std::to_string(head->epoch) +
                                      " but epoch.key of " + std::to_string(epoch_) +
                                      ": restore both from the same copy");
  }
  const size_t whole = (bytes->size() - kTableHeaderBytes) / kWrappedKeyBytes;
  for (size_t i = 0; i < whole; ++i) {
    base::Decoder in(std::string_view(*bytes).substr(kTableHeaderBytes + i * kWrappedKeyBytes,
                                                     kWrappedKeyBytes));
    KeyName name;
    Wrapped wrapped{};
    const uint8_t kind = in.U8();
    std::memcpy(name.owner.data(), in.Raw(name.owner.size()).data(), name.owner.size());
    name.purpose = static_cast<Purpose>(in.U8());
    std::memcpy(wrapped.data(), in.Raw(wrapped.size()).data(), wrapped.size());
    if (kind != kKeyRecord || !Unwrap(name, wrapped).ok() || !keys_.emplace(name, wrapped).second) {
      return absl::InvalidArgumentError(path + ": key " + std::to_string(i) +
                                        " is damaged: restore the table from the standby copy");
    }
  }
  file_ = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  if (file_ < 0) return ErrnoStatus("open", path);
  const off_t end = static_cast<off_t>(kTableHeaderBytes + whole * kWrappedKeyBytes);
  if (static_cast<off_t>(bytes->size()) != end) {  // A torn record: it was never acknowledged.
    if (ftruncate(file_, end) != 0 || fsync(file_) != 0) return ErrnoStatus("shorten", path);
  }
  return absl::OkStatus();
}

absl::StatusOr<base::SecretKey> KeyTable::Unwrap(const KeyName& name,
                                                 const Wrapped& wrapped) const {
  return OpenKey(epoch_key_, WrapLabel(epoch_, name),
                 {reinterpret_cast<const char*>(wrapped.data()), wrapped.size()}, true);
}

absl::StatusOr<base::SecretKey> KeyTable::Find(const KeyName& name) const {
  Wrapped wrapped{};
  {
    const std::scoped_lock lock(mutex_);
    const auto it = keys_.find(name);
    if (it == keys_.end()) return absl::NotFoundError("vault: no such data key");
    wrapped = it->second;
  }
  return Unwrap(name, wrapped);
}

absl::StatusOr<base::SecretKey> KeyTable::FindOrCreate(const KeyName& name) {
  const std::scoped_lock lock(mutex_);
  if (const auto it = keys_.find(name); it != keys_.end()) return Unwrap(name, it->second);
  if (broken_)
    return absl::UnavailableError("vault: key table failed earlier; restart the service");
  if (keys_.size() >= kDataKeysMax) return absl::ResourceExhaustedError("vault: key table is full");
  base::SecretKey key = base::SecretKey::Random();
  const std::string sealed = SealKey(epoch_key_, WrapLabel(epoch_, name), key);
  Wrapped wrapped{};
  std::memcpy(wrapped.data(), sealed.data(), wrapped.size());
  if (absl::Status s = Append(name, wrapped); !s.ok()) {
    broken_ = true;
    return s;
  }
  keys_.emplace(name, wrapped);
  return key;
}

absl::Status KeyTable::Append(const KeyName& name, const Wrapped& wrapped) {
  base::Encoder out;
  out.U8(kKeyRecord);
  out.Raw({reinterpret_cast<const char*>(name.owner.data()), name.owner.size()});
  out.U8(static_cast<uint8_t>(name.purpose));
  out.Raw({reinterpret_cast<const char*>(wrapped.data()), wrapped.size()});
  const std::string record = out.Take();
  const std::string path = directory_ + "/wrapped.table";
  const ssize_t written = write(file_, record.data(), record.size());
  if (written < 0) return ErrnoStatus("extend", path);
  if (static_cast<size_t>(written) != record.size()) {
    return absl::ResourceExhaustedError("extend " + path + ": the disk is full");
  }
  if (fdatasync(file_) != 0) return ErrnoStatus("sync", path);
  return absl::OkStatus();
}

size_t KeyTable::size() const {
  const std::scoped_lock lock(mutex_);
  return keys_.size();
}

}  // namespace ladon::vault

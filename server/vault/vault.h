// The vault: who somebody is. Subjects, palms, cards and consents, each record sealed under the
// data key of its subject and purpose, labelled with its place so that none can be moved.
//
// Keys in the store:
//   kVault:     school 16 | subject 16 | kind u8 | number u16 -> sealed record
//   kCardIndex: keyed hash of the card 32 -> subject 16 | number u16
// kinds: 1 subject, 2 palm sample, 3 card, 4 consent, 5 PIN. Label (AEAD additional data): format
// version u8 | school | subject | kind | number.
//
// Reads take a storage::Reader, so that a decision made on the applier thread sees what was
// decided a moment ago; writes go into the overlay of a submission. Values read on other threads
// are the durable ones. Threading: any thread, except the Put…/Remove… calls: applier only.
#ifndef LADON_SERVER_VAULT_VAULT_H_
#define LADON_SERVER_VAULT_VAULT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/id.h"
#include "server/vault/card_number.h"
#include "server/vault/key_table.h"
#include "server/vault/records.h"
#include "storage/overlay.h"
#include "storage/store.h"

namespace ladon::vault {

inline constexpr uint16_t kPalmSamplesMax = 12;  // Two palms of six captures.
inline constexpr uint16_t kCardsMax = 16;        // Of one subject, lost ones included.

inline constexpr uint16_t kPastConsentsMax = 64;  // Of one subject.
// Consents in force lie under the number of their kind; what they replaced from here on.
inline constexpr uint16_t kPastConsentsFrom = 0x100;

enum class RecordKind : uint8_t { kSubject = 1, kPalm = 2, kCard = 3, kConsent = 4, kPin = 5 };

struct SubjectRef {
  base::SchoolId school;
  base::SubjectId subject;

  friend auto operator<=>(const SubjectRef&, const SubjectRef&) = default;
};

struct FoundCard {
  SubjectRef owner;
  uint16_t number = 0;
  CardRecord record;
};

using CardHash = std::array<uint8_t, 32>;

// Whose a payment account is, and where money paid to it goes: the main purse.
struct Payee {
  SubjectRef subject;
  base::AccountId purse;

  friend bool operator==(const Payee&, const Payee&) = default;
};

struct DestroyedKeys {
  size_t keys = 0;
  uint32_t epoch = 0;
};

struct RemovedRecords {
  size_t records = 0;  // Of all kinds,
  size_t palms = 0;    // of these, palm samples
  size_t cards = 0;    // and cards.
};

class Vault {
 public:
  // Reads every subject record once, to know which account is whose. DataLoss: a record does not
  // open under its key. Both arguments must outlive the vault.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Vault>> Open(const storage::Store* store,
                                                                   KeyTable* keys);

  // Makes the keys that records of this subject (school) will be sealed under; synced before it
  // returns. Call before a submission that seals something, never on the applier thread.
  [[nodiscard]] absl::Status PrepareKeys(const SubjectRef& subject, Purpose purpose);
  // Whether records of this subject and purpose can be sealed now.
  [[nodiscard]] bool HasKey(const SubjectRef& subject, Purpose purpose) const;
  // Whatever was sealed under these keys never opens again; nothing that is still there may be.
  // Tells how many there were, and in which epoch they went.
  [[nodiscard]] absl::StatusOr<DestroyedKeys> DestroyKeys(std::span<const SubjectRef> subjects,
                                                          std::span<const Purpose> purposes,
                                                          uint64_t now_ns);
  [[nodiscard]] absl::StatusOr<base::SecretKey> SchoolKey(const base::SchoolId& school,
                                                          Purpose purpose);

  // nullopt: no such subject.
  [[nodiscard]] absl::StatusOr<std::optional<SubjectRecord>> ReadSubject(
      const storage::Reader& reader, const SubjectRef& subject) const;
  [[nodiscard]] absl::StatusOr<std::optional<ConsentRecord>> ReadConsent(
      const storage::Reader& reader, const SubjectRef& subject, ConsentKind kind) const;
  [[nodiscard]] absl::StatusOr<std::optional<CardRecord>> ReadCard(const storage::Reader& reader,
                                                                   const SubjectRef& subject,
                                                                   uint16_t number) const;
  [[nodiscard]] absl::StatusOr<std::optional<PalmRecord>> ReadPalm(const storage::Reader& reader,
                                                                   const SubjectRef& subject,
                                                                   uint16_t number) const;
  // Sample numbers of this subject that are in use, ascending.
  [[nodiscard]] absl::StatusOr<std::vector<uint16_t>> PalmNumbers(const storage::Reader& reader,
                                                                  const SubjectRef& subject) const;
  [[nodiscard]] absl::StatusOr<std::vector<std::pair<uint16_t, CardRecord>>> Cards(
      const storage::Reader& reader, const SubjectRef& subject) const;

  [[nodiscard]] absl::StatusOr<std::optional<PinRecord>> ReadPin(const storage::Reader& reader,
                                                                 const SubjectRef& subject) const;
  // Consents that others took the place of, oldest first: the operator must be able to prove them
  // (152-FZ article 9 part 3).
  [[nodiscard]] absl::StatusOr<std::vector<ConsentRecord>> PastConsents(
      const storage::Reader& reader, const SubjectRef& subject) const;

  [[nodiscard]] absl::StatusOr<CardHash> HashCard(const base::SchoolId& school,
                                                  const CardNumber& number);
  [[nodiscard]] absl::StatusOr<std::optional<FoundCard>> FindCard(const storage::Reader& reader,
                                                                  const base::SchoolId& school,
                                                                  const CardHash& hash) const;

  // What others write down about the subject, sealed under its key for personal data: it ends with
  // that. NotFound: there is no key, or none any more. OpenText() is empty then; DataLoss: it does
  // not open.
  [[nodiscard]] absl::StatusOr<std::string> SealText(const SubjectRef& subject,
                                                     std::string_view label,
                                                     std::string_view text) const;
  [[nodiscard]] absl::StatusOr<std::string> OpenText(const SubjectRef& subject,
                                                     std::string_view label,
                                                     std::string_view sealed) const;

  [[nodiscard]] std::optional<SubjectRef> OwnerOf(const base::AccountId& account) const;
  // By the number of a payment account.
  [[nodiscard]] std::optional<Payee> FindPayee(uint64_t payment_account) const;
  // Where each subject is now; whoever has a purse.
  [[nodiscard]] std::map<base::SubjectId, base::SchoolId> Homes() const;

  // Applier thread only; the keys must have been prepared (a missing key is a broken invariant).
  void PutSubject(const SubjectRef& subject, const SubjectRecord& record,
                  storage::Overlay* overlay);
  void PutPalm(const SubjectRef& subject, uint16_t number, const PalmRecord& record,
               storage::Overlay* overlay);
  void PutConsent(const SubjectRef& subject, const ConsentRecord& record,
                  storage::Overlay* overlay);
  void PutCard(const SubjectRef& subject, uint16_t number, const CardRecord& record,
               storage::Overlay* overlay);
  void PutPin(const SubjectRef& subject, const PinRecord& record, storage::Overlay* overlay);
  void RemovePin(const SubjectRef& subject, storage::Overlay* overlay);
  // `place`: how many there were, less than kPastConsentsMax.
  void KeepPastConsent(const SubjectRef& subject, const ConsentRecord& record, size_t place,
                       storage::Overlay* overlay);
  // Everything of this subject, what was decided a moment ago too, and its cards from the index.
  // Nothing is removed when a record does not open.
  absl::StatusOr<RemovedRecords> RemoveSubject(const SubjectRef& subject,
                                               storage::Overlay* overlay);
  // Returns how many samples were there.
  size_t RemovePalms(const SubjectRef& subject, storage::Overlay* overlay);

  // Subjects of a school in order of id, ids above `after`, at most `limit`; durable prefix.
  [[nodiscard]] absl::StatusOr<std::vector<std::pair<SubjectRef, SubjectRecord>>> ListSubjects(
      const base::SchoolId& school, const base::SubjectId& after, size_t limit) const;

  // Calls `visit` with every stored palm sample, for loading the galleries at start: on `threads`
  // threads at once, a school on one of them, for opening records is most of the work.
  [[nodiscard]] absl::Status ForEachPalm(
      size_t threads,
      const std::function<absl::Status(const SubjectRef&, uint16_t number, const PalmRecord&)>&
          visit) const;

  [[nodiscard]] const storage::Store& store() const { return *store_; }

 private:
  Vault(const storage::Store* store, KeyTable* keys) : store_(store), keys_(keys) {}

  absl::StatusOr<std::optional<std::string>> ReadRecord(const storage::Reader& reader,
                                                        const SubjectRef& subject, RecordKind kind,
                                                        uint16_t number) const;
  // The key of a record that exists. DataLoss: it is gone.
  [[nodiscard]] absl::StatusOr<base::SecretKey> FindKey(const KeyName& name) const;
  absl::StatusOr<std::string> OpenRecord(const SubjectRef& subject, RecordKind kind,
                                         uint16_t number, std::string_view blob) const;
  void PutRecord(const SubjectRef& subject, RecordKind kind, uint16_t number,
                 std::string_view plain, storage::Overlay* overlay);
  // The lock is held by whoever calls, or nobody else is there yet.
  void Remember(const SubjectRef& subject, const SubjectRecord& record);
  // Visits kVault records; `kind` nullopt = all.
  absl::Status Visit(
      std::string_view prefix,
      const std::function<absl::StatusOr<bool>(const SubjectRef&, RecordKind, uint16_t,
                                               std::string_view blob)>& visit) const;

  const storage::Store* store_;
  KeyTable* keys_;
  mutable std::shared_mutex mutex_;
  std::map<base::AccountId, SubjectRef> owners_;
  std::unordered_map<uint64_t, Payee> payees_;  // By payment account.
};

}  // namespace ladon::vault

#endif  // LADON_SERVER_VAULT_VAULT_H_

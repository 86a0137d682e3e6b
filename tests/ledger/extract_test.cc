// Goal: an extract proves what it says and that nothing is missing, shows its reader nothing else,
// and no byte of it can be another one. Method: a ledger that went through a few thousand random
// requests of every kind (model_workload.h) with closings between; extracts of all of it, of every
// account and of every school, whole and from a closing on, verified and compared with the ledger;
// every byte changed, removed, doubled; and extracts that a dishonest keeper of the signing key
// would make.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "absl/strings/match.h"
#include "ledger/extract_writer.h"
#include "ledger/proof/extract_verifier.h"
#include "tests/ledger/model_workload.h"
#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::IdOf;
using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TestLedger;

constexpr uint64_t kSeed = 20'260'901;

SigningKey TestKey() {
  std::array<uint8_t, kEd25519Bytes> seed;
  seed.fill(7);
  return *SigningKey::FromSeed("ladon.example/test", seed);
}

std::string Texts(const VerifiedExtract& verified) {
  std::string texts;
  for (const ExtractDefect& defect : verified.defects) {
    absl::StrAppend(&texts, defect.entry ? absl::StrCat("entry ", *defect.entry, ": ") : "",
                    defect.what, "\n");
  }
  return texts;
}

// One ledger for all tests: it is only read.
class ExtractTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ledger_ = new TestLedger;
    ASSERT_THAT(ledger_->Open(), IsOk());
    ModelWorkload workload(kSeed);
    uint64_t now = ledger_->now_ns.load();
    for (int part = 0; part < 3; ++part) {
      for (int i = 0; i < 1'200; ++i) {
        now = workload.NextTime(now);
        ledger_->now_ns = now;
        const Submission submission = workload.Next(now);
        if (std::holds_alternative<std::monostate>(submission.command)) continue;
        ledger_->Do(submission);
      }
      const auto closing = ledger_->sequencer().BookClosing(2026'09'01 + part);
      ASSERT_THAT(closing, IsOk());
      closings_.push_back(*closing);
      if (part == 0) {  // The rest is booked by a ledger that was opened again.
        ledger_->Close();
        ASSERT_THAT(ledger_->Open(), IsOk());
      }
    }
    // Something behind the last closing.
    for (int i = 0; i < 50; ++i) ledger_->Do(workload.Next(now));
  }
  static void TearDownTestSuite() {
    delete ledger_;
    ledger_ = nullptr;
    closings_.clear();
  }

  static std::string Note(uint64_t size, const Digest& root) {
    const SigningKey key = TestKey();
    const SigningKey* const keys[] = {&key};
    return *SignNote(FormatCheckpoint({.origin = "ladon.example/test", .size = size, .root = root}),
                     keys);
  }
  static ExtractRequest RequestOf(ExtractScope scope, std::array<uint8_t, 16> subject = {}) {
    const auto [size, root] = ledger_->sequencer().Head();
    ExtractRequest request{.scope = scope,
                           .subject = subject,
                           .last = size,
                           .checkpoint = Note(size, root),
                           .checkpoint_size = size};
    if (scope != ExtractScope::kJournal) request.last = closings_.back().head.tree_size;
    return request;
  }
  static absl::StatusOr<std::string> Make(const ExtractRequest& request, size_t piece = 100'000) {
    auto writer = ExtractWriter::Begin(ledger_->sequencer().View(), request);
    if (!writer.ok()) return writer.status();
    std::string extract;
    while (!(*writer)->done()) {
      std::string bytes;
      if (absl::Status written = (*writer)->Write(piece, &bytes); !written.ok()) return written;
      EXPECT_NE(bytes, "");
      extract += bytes;
    }
    return extract;
  }
  static VerifiedExtract Verify(
      const std::string& extract,
      std::function<void(const OpenedEntry&, const Digest&)> on_entry = nullptr) {
    const VerifierKey keys[] = {TestKey().verifier()};
    return VerifyExtract(extract, {.keys = keys, .on_entry = std::move(on_entry)});
  }

  // Every entry, as the ledger has it.
  static std::vector<Entry> AllEntries() {
    std::vector<Entry> all;
    const uint64_t size = ledger_->sequencer().Head().first;
    for (uint64_t i = 0; i < size; ++i) all.push_back(*ledger_->sequencer().ReadEntry(i));
    return all;
  }
  // The school of each account when `tree_size` entries were booked, and its last number.
  static std::map<AccountId, std::pair<SchoolId, uint64_t>> StandingAt(uint64_t tree_size) {
    std::map<AccountId, std::pair<SchoolId, uint64_t>> standing;
    for (const Entry& entry : AllEntries()) {
      if (entry.leaf.index >= tree_size) break;
      for (const Opening& opening : entry.openings) {
        const auto [account, sequence] = SequenceOf(opening);
        if (account.IsZero()) continue;
        standing[account].second = sequence;
        if (const auto* terms = std::get_if<AccountTerms>(&opening)) {
          standing[account].first = terms->school;
        }
      }
    }
    return standing;
  }

  static TestLedger* ledger_;
  static std::vector<BookedClosing> closings_;
};

TestLedger* ExtractTest::ledger_ = nullptr;
std::vector<BookedClosing> ExtractTest::closings_;

TEST_F(ExtractTest, TheWholeJournalVerifiesAndItsAccountsAreTheLedgers) {
  const auto extract = Make(RequestOf(ExtractScope::kJournal));
  ASSERT_THAT(extract, IsOk());
  size_t entries = 0;
  const VerifiedExtract verified =
      Verify(*extract, [&entries](const OpenedEntry&, const Digest&) { ++entries; });
  EXPECT_TRUE(verified.good()) << Texts(verified);
  EXPECT_EQ(entries, ledger_->sequencer().Head().first);
  EXPECT_EQ(verified.entries, entries);
  ASSERT_EQ(verified.closings.size(), closings_.size());
  for (size_t i = 0; i < closings_.size(); ++i) {
    EXPECT_EQ(verified.closings[i], closings_[i].head);
  }
  int64_t sum = 0;
  int64_t turnover = 0;
  for (const ExtractAccount& account : verified.accounts.Sorted()) {
    const auto view = ledger_->sequencer().FindAccount(account.now.account);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(account.now.balance_kopecks, view->balance_kopecks);
    EXPECT_EQ(account.now.debits_pending_kopecks, view->debits_pending_kopecks);
    EXPECT_EQ(account.now.credits_pending_kopecks, view->credits_pending_kopecks);
    EXPECT_EQ(account.now.sequence, view->last_sequence);
    EXPECT_EQ(account.credited_kopecks - account.debited_kopecks, view->balance_kopecks);
    sum += account.now.balance_kopecks;
    turnover += account.debited_kopecks;
  }
  EXPECT_EQ(sum, 0);
  EXPECT_GT(turnover, 0);
  EXPECT_GT(verified.accounts.size(), ModelWorkload::kAccounts / 2);
}

TEST_F(ExtractTest, APieceOfTheJournalVerifies) {
  const uint64_t size = ledger_->sequencer().Head().first;
  for (const auto& [first, last] : std::vector<std::pair<uint64_t, uint64_t>>{
           {0, 1}, {0, 0}, {1, size}, {size - 1, size}, {300, 1'001}, {size, size}, {77, 77}}) {
    ExtractRequest request = RequestOf(ExtractScope::kJournal);
    request.first = first;
    request.last = last;
    const auto extract = Make(request);
    ASSERT_THAT(extract, IsOk());
    const VerifiedExtract verified = Verify(*extract);
    EXPECT_TRUE(verified.good()) << first << ".." << last << ": " << Texts(verified);
    EXPECT_EQ(verified.entries, last - first);
  }
}

TEST_F(ExtractTest, EveryAccountVerifiesFromTheBeginningAndFromAClosing) {
  for (const BookedClosing& end : closings_) {
    const auto standing = StandingAt(end.head.tree_size);
    for (const auto& [account, known] : standing) {
      for (const uint64_t first : {uint64_t{0}, closings_.front().head.tree_size}) {
        if (first >= end.head.tree_size) continue;
        ExtractRequest request = RequestOf(ExtractScope::kAccount, account.bytes);
        request.first = first;
        request.last = end.head.tree_size;
        const auto extract = Make(request);
        ASSERT_THAT(extract, IsOk());
        const VerifiedExtract verified = Verify(*extract);
        EXPECT_TRUE(verified.good()) << Texts(verified);
        ASSERT_EQ(verified.accounts.size(), 1);
        const ExtractAccount derived = verified.accounts.Sorted().front();
        EXPECT_EQ(derived.now.account, account);
        EXPECT_EQ(derived.now.school, known.first);
        EXPECT_EQ(derived.now.sequence, known.second);
        EXPECT_EQ(derived.opening_kopecks + derived.credited_kopecks - derived.debited_kopecks,
                  derived.now.balance_kopecks);
      }
    }
  }
}

TEST_F(ExtractTest, EverySchoolVerifiesWithAllItsAccountsAndNobodyElses) {
  const auto standing = StandingAt(closings_.back().head.tree_size);
  std::map<SchoolId, std::set<AccountId>> schools;
  for (const auto& [account, known] : standing) schools[known.first].insert(account);
  schools[IdOf<SchoolId>(9'999)];  // One without any account.
  ASSERT_GT(schools.size(), 2);
  for (const auto& [school, accounts] : schools) {
    for (const uint64_t first : {uint64_t{0}, closings_[1].head.tree_size}) {
      ExtractRequest request = RequestOf(ExtractScope::kSchool, school.bytes);
      request.first = first;
      const auto extract = Make(request);
      ASSERT_THAT(extract, IsOk());
      // An account's entitlements name the budgets that pay; and the ids of the first accounts are
      // those of schools and, in leaves, of transactions too.
      std::string rest = *extract;
      std::set<AccountId> named;
      for (uint64_t i = 1; i <= ModelWorkload::kSchools; ++i) named.insert(IdOf<AccountId>(i));
      const VerifiedExtract verified =
          Verify(*extract, [&](const OpenedEntry& entry, const Digest&) {
            rest.erase(rest.find(entry.leaf_bytes), entry.leaf_bytes.size());
            for (const OpenedCommitment& opened : entry.openings) {
              const auto* const all = std::get_if<Entitlements>(&opened.opening);
              if (all == nullptr) continue;
              for (const Entitlement& one : all->list) named.insert(one.budget);
            }
          });
      EXPECT_TRUE(verified.good()) << Texts(verified);
      std::set<AccountId> derived;
      for (const ExtractAccount& account : verified.accounts.Sorted()) {
        derived.insert(account.now.account);
      }
      EXPECT_EQ(derived, accounts);
      for (const auto& [other, known] : standing) {  // Not a byte of anybody else.
        if (accounts.contains(other) || named.contains(other)) continue;
        const std::string id(reinterpret_cast<const char*>(other.bytes.data()), 16);
        EXPECT_FALSE(absl::StrContains(rest, id));
      }
    }
  }
}

TEST_F(ExtractTest, GoesOnFromAnyPosition) {
  const auto standing = StandingAt(closings_.back().head.tree_size);
  for (const ExtractRequest& request :
       {RequestOf(ExtractScope::kJournal),
        RequestOf(ExtractScope::kSchool, standing.begin()->second.first.bytes),
        RequestOf(ExtractScope::kAccount, standing.begin()->first.bytes)}) {
    const std::string whole = *Make(request);
    std::string pieces;
    ExtractPosition position;
    std::mt19937_64 random(kSeed);
    for (bool done = false; !done;) {  // A new writer for every piece.
      auto writer = *ExtractWriter::Begin(ledger_->sequencer().View(), request);
      ASSERT_THAT(writer->Seek(position), IsOk());
      std::string bytes;
      ASSERT_THAT(writer->Write(1 + random() % 60'000, &bytes), IsOk());
      pieces += bytes;
      position = writer->position();
      done = writer->done();
    }
    EXPECT_TRUE(pieces == whole);
  }
  auto writer =
      *ExtractWriter::Begin(ledger_->sequencer().View(), RequestOf(ExtractScope::kJournal));
  EXPECT_THAT(writer->Seek({.part = 3}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(writer->Seek({.part = 1, .next = 1 << 30}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const uint64_t size = ledger_->sequencer().Head().first;
  EXPECT_THAT(writer->Seek({.part = 1, .next = size}), StatusIs(absl::StatusCode::kInvalidArgument))
      << "there is no leaf";
  EXPECT_THAT(writer->Seek({.part = 2, .next = size + 1}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(writer->Seek({.part = 2, .next = 1 << 30}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ExtractTest, RefusesWhatTheJournalDoesNotHave) {
  ExtractRequest request = RequestOf(ExtractScope::kAccount, IdOf<AccountId>(123'456).bytes);
  EXPECT_THAT(Make(request), StatusIs(absl::StatusCode::kNotFound));
  request.first = request.last;
  EXPECT_THAT(Make(request), StatusIs(absl::StatusCode::kInvalidArgument)) << "one closing twice";
  request.first = 0;
  request.last -= 1;
  EXPECT_THAT(Make(request), StatusIs(absl::StatusCode::kInvalidArgument));
  request = RequestOf(ExtractScope::kJournal);
  request.last += 1;
  EXPECT_THAT(Make(request), StatusIs(absl::StatusCode::kInvalidArgument));
  request.last = 3;
  request.first = 4;
  EXPECT_THAT(Make(request), StatusIs(absl::StatusCode::kInvalidArgument));
}

// Every byte changed, removed, doubled; and everything cut off.
void ExpectEveryByteCounts(const std::string& extract,
                           const std::function<VerifiedExtract(const std::string&)>& verify) {
  ASSERT_TRUE(verify(extract).good());
  std::mt19937_64 random(kSeed);
  for (size_t i = 0; i < extract.size(); ++i) {
    std::string spoilt = extract;
    spoilt[i] = static_cast<char>(spoilt[i] ^ (1 << random() % 8));
    ASSERT_FALSE(verify(spoilt).good()) << "byte " << i << " changed";
    spoilt = extract;
    spoilt.erase(i, 1);
    ASSERT_FALSE(verify(spoilt).good()) << "byte " << i << " removed";
    spoilt = extract;
    spoilt.insert(i, 1, extract[i]);
    ASSERT_FALSE(verify(spoilt).good()) << "byte " << i << " doubled";
    ASSERT_FALSE(verify(extract.substr(0, i)).good()) << "cut off at " << i;
  }
  EXPECT_FALSE(verify(extract + '\0').good());
}

TEST_F(ExtractTest, EveryByteCounts) {
  const auto verify = [](const std::string& extract) { return Verify(extract); };
  const auto standing = StandingAt(closings_.back().head.tree_size);
  ExtractRequest piece = RequestOf(ExtractScope::kJournal);
  piece.first = closings_[1].index - 12;
  piece.last = closings_[1].index + 1;
  ExpectEveryByteCounts(*Make(piece), verify);
  // The account with the shortest history, and the school with the fewest accounts.
  std::string account;
  std::map<SchoolId, size_t> sizes;
  for (const auto& [id, known] : standing) {
    ++sizes[known.first];
    ExtractRequest request = RequestOf(ExtractScope::kAccount, id.bytes);
    request.first = closings_[1].head.tree_size;
    const std::string extract = *Make(request);
    if (account.empty() || extract.size() < account.size()) account = extract;
  }
  ExpectEveryByteCounts(account, verify);
  const auto school = std::min_element(
      sizes.begin(), sizes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  ExtractRequest request = RequestOf(ExtractScope::kSchool, school->first.bytes);
  request.first = closings_[1].head.tree_size;
  const std::string extract = *Make(request);
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 3'000; ++i) {  // Too long for every byte.
    std::string spoilt = extract;
    const size_t at = random() % spoilt.size();
    spoilt[at] = static_cast<char>(spoilt[at] ^ (1 << random() % 8));
    ASSERT_FALSE(Verify(spoilt).good()) << "byte " << at;
  }
}

TEST_F(ExtractTest, NamesTheEntryThatWasChanged) {
  const std::string extract = *Make(RequestOf(ExtractScope::kJournal));
  for (const uint64_t index : {uint64_t{5}, uint64_t{700}, uint64_t{2'000}}) {
    const std::string leaf = *EncodeLeaf(ledger_->sequencer().ReadEntry(index)->leaf);
    const size_t at = extract.find(leaf);
    ASSERT_NE(at, std::string::npos);
    std::string spoilt = extract;
    spoilt[at + 20] = static_cast<char>(spoilt[at + 20] ^ 1);  // The time of booking.
    const VerifiedExtract verified = Verify(spoilt);
    ASSERT_FALSE(verified.good());
    EXPECT_EQ(verified.defects.front().entry, index) << Texts(verified);
    spoilt = extract;
    spoilt[at + leaf.size() + 40] ^= 1;  // Within its first opening.
    ASSERT_FALSE(Verify(spoilt).good());
    EXPECT_EQ(Verify(spoilt).defects.front().entry, index) << Texts(Verify(spoilt));
  }
}

TEST_F(ExtractTest, NeedsTheRightKeyAndNoOther) {
  const std::string extract = *Make(RequestOf(ExtractScope::kJournal));
  std::array<uint8_t, kEd25519Bytes> seed{};
  const SigningKey other = *SigningKey::FromSeed("ladon.example/test", seed);
  const VerifierKey keys[] = {other.verifier()};
  EXPECT_FALSE(VerifyExtract(extract, {.keys = keys}).good());
  EXPECT_FALSE(VerifyExtract(extract, {}).good());
  // A second signature by somebody unknown.
  const auto [size, root] = ledger_->sequencer().Head();
  const SigningKey own = TestKey();
  const SigningKey* const both[] = {&own, &other};
  ExtractRequest request = RequestOf(ExtractScope::kJournal);
  request.checkpoint = *SignNote(
      FormatCheckpoint({.origin = "ladon.example/test", .size = size, .root = root}), both);
  const VerifiedExtract verified = Verify(*Make(request));
  EXPECT_FALSE(verified.good());
  EXPECT_TRUE(absl::StrContains(Texts(verified), "unknown key")) << Texts(verified);
}

// Who has the key can sign any tree. What the reader's own entries and closings show all the same.
class DishonestTest : public ExtractTest {
 protected:
  // The journal as it is, to be altered, then sealed and signed anew.
  struct Forger {
    std::vector<Entry> entries = AllEntries();
    SaltSource salts{ladon::testing::TestSecret()};

    // An extract of the account from the beginning to the last closing, over the altered entries.
    std::string Account(const AccountId& account, const ClosingRow& row, size_t shown_rows) {
      MerkleTree tree;
      std::vector<std::string> leaves;
      for (size_t i = 0; i < entries.size(); ++i) {
        entries[i].leaf.index = i;
        ByteWriter openings;
        SealEntry(salts, &entries[i], &openings);
        leaves.push_back(*EncodeLeaf(entries[i].leaf));
        tree.Append(leaves.back());
      }
      return Write(account, row, shown_rows, leaves, tree);
    }

    std::string Write(const AccountId& account, const ClosingRow& row, size_t shown_rows,
                      const std::vector<std::string>& leaves, const MerkleTree& tree) {
      const uint64_t closing_size = closing.tree_size;
      std::vector<uint64_t> shown;
      std::vector<std::vector<uint16_t>> own;
      for (const Entry& entry : entries) {
        const bool is_closing = entry.leaf.kind == EntryKind::kClosing &&
                                std::get<ClosingHead>(entry.openings[0]).tree_size == closing_size;
        std::vector<uint16_t> visible = OwnOpenings(entry, account);
        if (is_closing) visible = {0};
        if (visible.empty() || (entry.leaf.index >= closing_size && !is_closing)) continue;
        shown.push_back(entry.leaf.index);
        own.push_back(std::move(visible));
      }
      ByteWriter out;
      AppendExtractHead({.scope = ExtractScope::kAccount,
                         .subject = account.bytes,
                         .last = closing_size,
                         .checkpoint = Note(tree.size(), tree.Root())},
                        &out);
      // All leaves one by one where folding would need subtrees: a tree of shown ones only.
      MerkleTree again;
      uint64_t at = 0;
      auto fold = [&](uint64_t end) {
        while (at < end) {
          const unsigned height = FoldHeight(at, end);
          MerkleTree part;
          for (uint64_t i = at; i < at + (uint64_t{1} << height); ++i) part.Append(leaves[i]);
          AppendFolded(height, part.Root(), &out);
          at += uint64_t{1} << height;
        }
      };
      for (const uint64_t index : shown) {
        fold(index);
        AppendShown(HashLeaf(leaves[index]), &out);
        at = index + 1;
      }
      fold(leaves.size());
      for (size_t i = 0; i < shown.size(); ++i) {
        if (i + 1 == shown.size()) out.Raw(RowsItem(row, shown_rows));
        std::vector<OpenedCommitment> opened;
        for (const uint16_t ordinal : own[i]) {
          opened.push_back({.ordinal = ordinal,
                            .salt = salts.Derive(kEntryVersion, shown[i], ordinal),
                            .opening = entries[shown[i]].openings[ordinal]});
        }
        ByteWriter content;
        AppendOpenedEntry(leaves[shown[i]], opened, &content);
        AppendItem(ExtractItem::kEntry, content.view(), &out);
      }
      return out.Take();
    }

    // A closing of one row, shown `times`.
    std::string RowsItem(const ClosingRow& row, size_t times) {
      const ClosingKey key = salts.KeyOfClosing(closing.tree_size);
      ByteWriter content;
      content.U64(closing.tree_size);
      content.U64(times);
      for (size_t i = 0; i < times; ++i) {
        std::array<Salt, 2> row_salts{};
        DeriveRowSalts(key, i, row_salts);
        AppendShownRow({.school_salt = row_salts[0], .account_salt = row_salts[1], .row = row},
                       &content);
      }
      ByteWriter item;
      AppendItem(ExtractItem::kClosingRows, content.view(), &item);
      return item.Take();
    }
    ClosingHead closing;
  };

  // An account with a few postings, and its row in the last closing.
  static ClosingRow Victim(const Forger& forger) {
    ExtractRequest request = RequestOf(ExtractScope::kJournal);
    const ClosingKey key = forger.salts.KeyOfClosing(closings_.back().head.tree_size);
    const auto rows =
        ReadClosingRows(*ledger_->sequencer().View().store, key, closings_.back().head);
    EXPECT_THAT(rows, IsOk());
    for (const ClosingRow& row : *rows) {
      if (row.sequence > 20 && row.sequence < 400 && row.balance_kopecks != 0) return row;
    }
    ADD_FAILURE() << "no account fits";
    return {};
  }
  // Lets the last closing say that there is but this row.
  static void Close(const ClosingRow& row, size_t times, Forger* forger) {
    const std::vector<ClosingRow> rows(times, row);
    forger->closing = HeadOf(forger->salts.KeyOfClosing(closings_.back().head.tree_size), rows,
                             2026'09'03, closings_.back().head.tree_size);
    for (Entry& entry : forger->entries) {
      if (entry.leaf.kind == EntryKind::kClosing &&
          std::get<ClosingHead>(entry.openings[0]).tree_size == forger->closing.tree_size) {
        entry.openings[0] = forger->closing;
      }
    }
  }
  // The last posting of the account before the closing.
  static std::pair<size_t, Posting*> LastPosting(const AccountId& account, Forger* forger) {
    for (size_t i = closings_.back().head.tree_size; i-- > 0;) {
      for (Opening& opening : forger->entries[i].openings) {
        auto* const posting = std::get_if<Posting>(&opening);
        if (posting != nullptr && posting->account == account) return {i, posting};
      }
    }
    return {0, nullptr};
  }
};

TEST_F(DishonestTest, TheForgersToolMakesGoodExtracts) {
  Forger forger;
  const ClosingRow row = Victim(forger);
  Close(row, 1, &forger);
  const VerifiedExtract verified = Verify(forger.Account(row.account, row, 1));
  EXPECT_TRUE(verified.good()) << Texts(verified);
}

TEST_F(DishonestTest, ABalanceThatIsNotTheSumIsNamed) {
  Forger forger;
  ClosingRow row = Victim(forger);
  const auto [index, posting] = LastPosting(row.account, &forger);
  ASSERT_NE(posting, nullptr);
  posting->balance_kopecks -= 100;
  Close(row, 1, &forger);
  const VerifiedExtract verified = Verify(forger.Account(row.account, row, 1));
  ASSERT_FALSE(verified.good());
  EXPECT_EQ(verified.defects.front().entry, index);
  EXPECT_EQ(verified.defects.front().account, row.account);
  EXPECT_TRUE(absl::StrContains(verified.defects.front().what, "after a posting of"));
}

TEST_F(DishonestTest, AnEntryLeftOutIsNamed) {
  Forger forger;
  const ClosingRow row = Victim(forger);
  const auto [index, posting] = LastPosting(row.account, &forger);
  ASSERT_NE(posting, nullptr);
  posting->account = IdOf<AccountId>(4'711);  // Hidden: it is somebody else's now.
  Close(row, 1, &forger);
  const VerifiedExtract verified = Verify(forger.Account(row.account, row, 1));
  ASSERT_FALSE(verified.good());
  EXPECT_EQ(verified.defects.front().account, row.account);
}

TEST_F(DishonestTest, AClosingThatTellsLessIsNamed) {
  Forger forger;
  ClosingRow row = Victim(forger);
  row.balance_kopecks -= 1;
  Close(row, 1, &forger);
  VerifiedExtract verified = Verify(forger.Account(row.account, row, 1));
  ASSERT_FALSE(verified.good());
  EXPECT_TRUE(absl::StrContains(Texts(verified), "the closing has number")) << Texts(verified);
  // Rows that are not those of the closing leaf.
  Forger second;
  row = Victim(second);
  Close(row, 2, &second);
  verified = Verify(second.Account(row.account, row, 1));
  EXPECT_TRUE(absl::StrContains(Texts(verified), "do not have the closing's root"))
      << Texts(verified);
  // The same row twice.
  EXPECT_FALSE(Verify(second.Account(row.account, row, 2)).good());
}

TEST_F(ExtractTest, AClosingIsBookedWithoutChangingAnyAccount) {
  EXPECT_THAT(ledger_->sequencer().BookClosing(0), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ledger_->sequencer().BookClosing(2026'13'01),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const auto all = ledger_->sequencer().ListClosings();
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->size(), closings_.size());
  for (size_t i = 0; i < closings_.size(); ++i) {
    EXPECT_EQ((*all)[i].index, closings_[i].index);
    EXPECT_EQ((*all)[i].head, closings_[i].head);
    const auto entry = ledger_->sequencer().ReadEntry(closings_[i].index);
    ASSERT_THAT(entry, IsOk());
    EXPECT_EQ(entry->leaf.kind, EntryKind::kClosing);
    EXPECT_TRUE(entry->leaf.operation.IsZero());
  }
}

}  // namespace
}  // namespace ladon::ledger

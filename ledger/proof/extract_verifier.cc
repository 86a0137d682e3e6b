#include "ledger/proof/extract_verifier.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace ladon::ledger {
namespace {

constexpr size_t kProgressBytes = size_t{4} << 20;

// What became of a closing's rows, until its leaf says what they should have been.
struct Proved {
  uint64_t account_count = 0;
  Digest root;
};

class Verifier {
 public:
  Verifier(std::string_view bytes, const ExtractOptions& options)
      : bytes_(bytes), options_(options), in_(bytes) {}

  VerifiedExtract Run() {
    if (ReadHead() && ReadTree()) ReadBody();
    return std::move(result_);
  }

 private:
  bool journal() const { return result_.head.scope == ExtractScope::kJournal; }
  bool whole() const { return journal() && result_.head.first == 0; }

  // Always false, for what cannot be gone on from.
  bool Defect(std::string what, std::optional<uint64_t> entry = {}, const AccountId& account = {}) {
    if (result_.defects.size() < options_.defects_max) {
      result_.defects.push_back({.entry = entry, .account = account, .what = std::move(what)});
    }
    ++result_.defect_count;
    return false;
  }
  bool Defect(const absl::Status& status, std::optional<uint64_t> entry = {}) {
    return Defect(std::string(status.message()), entry);
  }

  bool ReadHead() {
    if (absl::Status read = ReadExtractHead(&in_, &result_.head); !read.ok()) return Defect(read);
    absl::StatusOr<OpenedCheckpoint> opened =
        OpenOwnCheckpoint(result_.head.checkpoint, options_.keys);
    if (!opened.ok()) return Defect(opened.status());
    result_.checkpoint = std::move(opened->checkpoint);
    result_.accounts = ExtractAccounts(!journal() || whole());
    if (result_.head.last > result_.checkpoint.size) {
      return Defect("it ends behind its checkpoint");
    }
    return true;
  }

  // Goes through the folded tree once; the body's entries are compared with a second look at it.
  bool ReadTree() {
    tree_in_ = in_;
    FoldedTree tree(result_.checkpoint.size);
    uint64_t shown_count = 0;
    while (!tree.whole()) {
      const uint64_t position = tree.position();
      bool shown = false;
      Digest hash;
      if (absl::Status read = ReadTreeItem(&in_, &tree, &shown, &hash); !read.ok()) {
        return Defect(read);
      }
      if (!shown) continue;
      ++shown_count;
      if (journal() && (position < result_.head.first || position >= result_.head.last)) {
        return Defect("an entry outside of its range", position);
      }
    }
    if (absl::Status folded = tree.Finish(); !folded.ok()) return Defect(folded);
    if (journal() && shown_count != result_.head.last - result_.head.first) {
      return Defect("not every entry of its range is shown");
    }
    // Goes on all the same: the entry that is another one will be named.
    if (tree.Root() != result_.checkpoint.root) Defect("its tree is not the one that was signed");
    shown_count_ = shown_count;
    return true;
  }

  void ReadBody() {
    FoldedTree tree(result_.checkpoint.size);
    for (uint64_t i = 0; i < shown_count_; ++i) {
      bool shown = false;
      Digest hash;
      uint64_t position = 0;
      while (!shown) {
        position = tree.position();
        // It was read before; this cannot fail.
        if (!ReadTreeItem(&tree_in_, &tree, &shown, &hash).ok()) return;
      }
      if (!ReadEntryAt(position, hash)) return;
      ReportProgress();
    }
    if (!in_.AtEnd()) Defect("bytes are left over");
    CheckEnd();
  }

  // The next entry with what stands before it. False: the walk cannot go on.
  bool ReadEntryAt(uint64_t position, const Digest& hash) {
    for (;;) {
      ExtractItem type = ExtractItem::kEntry;
      std::string_view content;
      if (absl::Status read = ReadItem(&in_, &type, &content); !read.ok()) {
        return Defect(read, position);
      }
      if (type == ExtractItem::kClosingKey) {
        TakeKey(content, position);
      } else if (type == ExtractItem::kClosingRows) {
        TakeRows(content, position);
      } else {
        TakeEntry(content, position, hash);
        return true;
      }
    }
  }

  void TakeEntry(std::string_view content, uint64_t position, const Digest& hash) {
    ByteReader in(content);
    if (absl::Status read = ReadOpenedEntry(&in, &entry_); !read.ok()) {
      Defect(read, position);
      return;
    }
    if (!in.AtEnd()) Defect("bytes are left over", position);
    const Leaf& leaf = entry_.leaf;
    if (HashLeaf(entry_.leaf_bytes) != hash) {
      Defect("not the entry that the tree holds", position);
      return;
    }
    if (leaf.index != position) {
      Defect(absl::StrCat("the entry calls itself ", leaf.index), position);
      return;
    }
    if (result_.entries > 0 && leaf.booked_at_ns <= last_booked_at_ns_) {
      Defect("booked before the entry before it", position);
    }
    last_booked_at_ns_ = leaf.booked_at_ns;
    if (!journal() && position >= result_.head.last && leaf.kind != EntryKind::kClosing) {
      Defect("behind the closing that the extract ends with", position);
    }
    CheckOpenings(position);
    result_.accounts.Take(entry_, [&](const AccountId& account, std::string what) {
      Defect(std::move(what), position, account);
    });
    ++result_.entries;
    if (leaf.kind == EntryKind::kClosing) TakeClosing(position);
    if (options_.on_entry) options_.on_entry(entry_, hash);
  }

  // That what is opened is what this reader is due: neither less nor more.
  void CheckOpenings(uint64_t position) {
    const std::vector<Commitment>& commitments = entry_.leaf.commitments;
    if (journal()) {
      if (entry_.openings.size() != commitments.size()) Defect("not wholly opened", position);
      CheckSum(position);
      return;
    }
    kinds_.clear();
    own_.assign(commitments.size(), false);
    for (const Commitment& commitment : commitments) kinds_.push_back(commitment.kind);
    for (const OpenedCommitment& opened : entry_.openings) {
      const AccountId account = SequenceOf(opened.opening).first;
      own_[opened.ordinal] =
          !account.IsZero() || std::holds_alternative<ClosingHead>(opened.opening);
      if (account.IsZero()) continue;
      if (result_.head.scope == ExtractScope::kAccount && account.bytes != result_.head.subject) {
        Defect("opens what another account has", position, account);
      }
      if (accounts_met_.insert(account).second) first_met_.emplace_back(account, position);
    }
    const std::vector<uint16_t> due = VisibleOpenings(kinds_, own_);
    const bool same =
        std::equal(due.begin(), due.end(), entry_.openings.begin(), entry_.openings.end(),
                   [](uint16_t ordinal, const auto& opened) { return ordinal == opened.ordinal; });
    if (due.empty()) Defect("does not concern the subject", position);
    if (!same) Defect("opens less, or more, than concerns the subject", position);
  }

  void CheckSum(uint64_t position) {
    __int128 sum = 0;
    for (const OpenedCommitment& opened : entry_.openings) {
      if (const auto* const posting = std::get_if<Posting>(&opened.opening)) {
        sum += posting->amount_kopecks;
      }
    }
    if (sum != 0) Defect("its postings do not sum to zero", position);
  }

  // Every closing of a whole journal: the accounts as derived so far have its root.
  void TakeKey(std::string_view content, uint64_t position) {
    ByteReader in(content);
    const uint64_t tree_size = in.U64();
    ClosingKey key{};
    in.Raw(&key);
    if (!in.AtEnd()) {
      Defect("a closing's key is out of form", position);
      return;
    }
    // One at a time: each costs a look at all accounts.
    if (!whole() || tree_size != position || !proved_.empty()) {
      Defect("a closing's key where none belongs", position);
      return;
    }
    const ClosingHead head = HeadOf(key, result_.accounts.SortedRows(), 0, tree_size);
    proved_[tree_size] = {.account_count = head.account_count, .root = head.root};
  }

  // The subject's rows of the closing that the extract begins or ends with.
  void TakeRows(std::string_view content, uint64_t position) {
    ByteReader in(content);
    const uint64_t tree_size = in.U64();
    const uint64_t count = in.U64();
    const bool opens = result_.head.first > 0 && tree_size == result_.head.first &&
                       result_.entries == 0 && proved_.empty();
    const bool closes = tree_size == result_.head.last && !closing_rows_;
    if (!in.ok() || journal() || opens == closes) {
      Defect("a closing's rows where none belong", position);
      return;
    }
    FoldedTree tree(count);
    std::vector<ShownRow> rows;
    std::vector<uint64_t> at;
    while (!tree.whole()) {
      const uint64_t row_position = tree.position();
      bool shown = false;
      ShownRow row;
      if (absl::Status read = ReadRowItem(&in, &tree, &shown, &row); !read.ok()) {
        Defect(read, position);
        return;
      }
      if (!shown) continue;
      rows.push_back(row);
      at.push_back(row_position);
    }
    if (absl::Status folded = tree.Finish(); !folded.ok()) Defect(folded, position);
    if (!in.AtEnd()) Defect("bytes are left over behind a closing's rows", position);
    proved_[tree_size] = {.account_count = count, .root = tree.Root()};
    if (opens) {
      for (const ShownRow& row : rows) OpenRow(row, position);
    } else {
      closing_rows_ = true;
      CloseRows(rows, at, count, position);
    }
  }

  void OpenRow(const ShownRow& row, uint64_t position) {
    if (row.border) {
      Defect("a neighbour's row where none belongs", position);
    } else if (result_.head.scope == ExtractScope::kAccount &&
               row.row.account.bytes != result_.head.subject) {
      Defect("a row of another account", position, row.row.account);
    } else if (result_.accounts.Find(row.row.account) != nullptr) {
      Defect("a row told twice", position, row.row.account);
    } else {
      result_.accounts.Open(row.row);
      accounts_met_.insert(row.row.account);
      first_met_.emplace_back(row.row.account, position);
    }
  }

  void CloseRows(const std::vector<ShownRow>& rows, const std::vector<uint64_t>& at, uint64_t count,
                 uint64_t position) {
    const bool account = result_.head.scope == ExtractScope::kAccount;
    const SchoolId subject{result_.head.subject};
    if (account && (rows.size() != 1 || rows.front().border)) {
      Defect("not the one row of the account", position);
    }
    if (!account && !IsWholeRange(rows, at, count, subject)) {
      Defect("not all rows of the school side by side, with its neighbours", position);
    }
    for (const ShownRow& row : rows) {
      if (!row.border) CheckRow(row.row, position);
    }
    closed_accounts_.clear();
    for (const ShownRow& row : rows) {
      if (!row.border) closed_accounts_.insert(row.row.account);
    }
  }

  static bool IsWholeRange(const std::vector<ShownRow>& rows, const std::vector<uint64_t>& at,
                           uint64_t count, const SchoolId& school) {
    if (rows.empty()) return count == 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      const bool first = i == 0;
      const bool last = i + 1 == rows.size();
      if (!first && at[i] != at[i - 1] + 1) return false;
      if (!first && !rows[i].border && !rows[i - 1].border &&
          !RowBefore(rows[i - 1].row, rows[i].row)) {
        return false;
      }
      if (!rows[i].border) {
        if (rows[i].row.school != school) return false;
        // A row at the end of the range is the first or the last of all.
        if ((first && at[i] != 0) || (last && at[i] + 1 != count)) return false;
        continue;
      }
      const bool below = rows[i].row.school < school;
      const bool above = school < rows[i].row.school;
      const bool fits = (first && below) || (last && above);
      if (!fits) return false;
      // Alone: everything is on its other side.
      if (first && last && !(below ? at[i] + 1 == count : at[i] == 0)) return false;
    }
    return true;
  }

  void CheckRow(const ClosingRow& row, uint64_t position) {
    const ExtractAccount* const derived = result_.accounts.Find(row.account);
    if (result_.head.scope == ExtractScope::kAccount && row.account.bytes != result_.head.subject) {
      Defect("a row of another account", position, row.account);
    } else if (derived == nullptr) {
      Defect("an account without any entry", position, row.account);
    } else if (derived->now != row) {
      Defect(absl::StrCat("the closing has number ", row.sequence, " and ", row.balance_kopecks,
                          " kopecks, the entries lead to number ", derived->now.sequence, " and ",
                          derived->now.balance_kopecks, " kopecks"),
             position, row.account);
    }
  }

  void TakeClosing(uint64_t position) {
    const auto* const head = entry_.openings.size() != 1
                                 ? nullptr
                                 : std::get_if<ClosingHead>(&entry_.openings.front().opening);
    if (head == nullptr) {
      Defect("a closing without its head", position);
      return;
    }
    if (journal() && !whole()) return;
    const auto it = proved_.find(head->tree_size);
    if (it == proved_.end()) {
      Defect(absl::StrCat("a closing over ", head->tree_size, " entries whose rows are not told"),
             position);
      return;
    }
    if (it->second.root != head->root || it->second.account_count != head->account_count) {
      Defect("the accounts do not have the closing's root", position);
    }
    proved_.erase(it);
    result_.closings.push_back(*head);
  }

  void CheckEnd() {
    for (const auto& [tree_size, proved] : proved_) {
      Defect(absl::StrCat("rows of a closing over ", tree_size, " entries, without its leaf"));
    }
    if (journal()) return;
    const bool ends = !result_.closings.empty() && closing_rows_ &&
                      result_.closings.back().tree_size == result_.head.last &&
                      result_.closings.size() == (result_.head.first > 0 ? 2U : 1U);
    if (!ends) Defect("it does not end at a closing, so nothing shows that it is complete");
    for (const auto& [account, position] : first_met_) {
      if (closing_rows_ && !closed_accounts_.contains(account) &&
          result_.head.scope == ExtractScope::kSchool) {
        Defect("opens what an account of another school has", position, account);
      }
    }
  }

  void ReportProgress() {
    const size_t done = bytes_.size() - in_.remaining();
    if (!options_.on_progress || done - reported_ < kProgressBytes) return;
    reported_ = done;
    options_.on_progress(done);
  }

  const std::string_view bytes_;
  const ExtractOptions& options_;
  ByteReader in_;
  ByteReader tree_in_{{}};
  VerifiedExtract result_;
  uint64_t shown_count_ = 0;
  uint64_t last_booked_at_ns_ = 0;
  size_t reported_ = 0;
  std::map<uint64_t, Proved> proved_;  // By tree size.
  bool closing_rows_ = false;          // Those of the last closing came.
  absl::flat_hash_set<AccountId, IdHash> accounts_met_;
  std::vector<std::pair<AccountId, uint64_t>> first_met_;
  absl::flat_hash_set<AccountId, IdHash> closed_accounts_;
  // Kept for their memory.
  OpenedEntry entry_;
  std::vector<uint8_t> kinds_;
  std::vector<bool> own_;
};

}  // namespace

VerifiedExtract VerifyExtract(std::string_view bytes, const ExtractOptions& options) {
  return Verifier(bytes, options).Run();
}

}  // namespace ladon::ledger

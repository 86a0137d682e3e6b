#include "ledger/extract_writer.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "ledger/account_history.h"
#include "ledger/proof/opened_entry.h"
#include "ledger/proof/tile.h"

namespace ladon::ledger {
namespace {

constexpr size_t kEntriesAtOnce = 256;

// The root of rows begin .. end - 1, a complete subtree.
Digest RootOfRows(const std::vector<Digest>& hashes, uint64_t begin, uint64_t end) {
  MerkleTree tree;
  for (uint64_t i = begin; i < end; ++i) tree.AppendHash(hashes[static_cast<size_t>(i)]);
  return tree.Root();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ExtractWriter>> ExtractWriter::Begin(const LedgerView& ledger,
                                                                    ExtractRequest request) {
  std::unique_ptr<ExtractWriter> writer(new ExtractWriter(ledger, std::move(request)));
  if (absl::Status prepared = writer->Prepare(); !prepared.ok()) return prepared;
  return writer;
}

bool ExtractWriter::IsSubject(const ClosingRow& row) const {
  return request_.scope == ExtractScope::kAccount ? row.account.bytes == request_.subject
                                                  : row.school.bytes == request_.subject;
}

absl::StatusOr<BookedClosing> ExtractWriter::FindClosing(uint64_t tree_size) const {
  const absl::StatusOr<std::vector<BookedClosing>> all = ListClosings(*ledger_.store);
  if (!all.ok()) return all.status();
  const auto it = std::find_if(all->begin(), all->end(), [&](const BookedClosing& closing) {
    return closing.head.tree_size == tree_size;
  });
  if (it == all->end() || it->index >= request_.checkpoint_size) {
    return absl::InvalidArgumentError(
        absl::StrCat("extract: there is no closing over ", tree_size, " entries"));
  }
  return *it;
}

absl::Status ExtractWriter::Prepare() {
  // A subject's extract that begins where it ends would tell one closing twice.
  if (request_.first > request_.last || request_.last > request_.checkpoint_size ||
      (!journal() && request_.first == request_.last)) {
    return absl::InvalidArgumentError("extract: no such range");
  }
  if (!journal()) return PrepareSubject();
  if (request_.first > 0) return absl::OkStatus();
  absl::StatusOr<std::vector<BookedClosing>> all = ListClosings(*ledger_.store);
  if (!all.ok()) return all.status();
  for (const BookedClosing& closing : *all) {
    if (closing.index < request_.last) closings_.push_back(closing);
  }
  return absl::OkStatus();
}

// The subject's rows of both closings, and the entries between them.
absl::Status ExtractWriter::PrepareSubject() {
  absl::StatusOr<BookedClosing> end = FindClosing(request_.last);
  if (!end.ok()) return end.status();
  const ClosingKey end_key = ledger_.salts->KeyOfClosing(request_.last);
  const absl::StatusOr<std::vector<ClosingRow>> rows =
      ReadClosingRows(*ledger_.store, end_key, end->head);
  if (!rows.ok()) return rows.status();
  for (const ClosingRow& row : *rows) {
    if (IsSubject(row)) spans_[row.account] = {.from = 1, .to = row.sequence};
  }
  if (spans_.empty() && request_.scope == ExtractScope::kAccount) {
    return absl::NotFoundError("extract: the account was opened after that closing");
  }
  if (request_.first > 0) {
    absl::StatusOr<BookedClosing> begin = FindClosing(request_.first);
    if (!begin.ok()) return begin.status();
    const absl::StatusOr<std::vector<ClosingRow>> before =
        ReadClosingRows(*ledger_.store, ledger_.salts->KeyOfClosing(request_.first), begin->head);
    if (!before.ok()) return before.status();
    for (const ClosingRow& row : *before) {
      const auto it = spans_.find(row.account);
      if (it != spans_.end()) it->second.from = row.sequence + 1;
    }
    ByteWriter item;
    AddRowsMark(*begin, *before, false, &item);
    opening_rows_ = item.Take();
    closings_.push_back(*begin);
    shown_.push_back(begin->index);
  }
  ByteWriter item;
  AddRowsMark(*end, *rows, request_.scope == ExtractScope::kSchool, &item);
  closing_rows_ = item.Take();
  closings_.push_back(*end);
  shown_.push_back(end->index);
  for (const ClosingRow& row : *rows) {
    const auto it = spans_.find(row.account);
    if (it == spans_.end()) continue;
    if (absl::Status s = FindEntries(row.account, it->second, end->head.tree_size); !s.ok()) {
      return s;
    }
  }
  std::sort(shown_.begin(), shown_.end());
  shown_.erase(std::unique(shown_.begin(), shown_.end()), shown_.end());
  return absl::OkStatus();
}

absl::Status ExtractWriter::FindEntries(const AccountId& account, const Span& span,
                                        uint64_t last_index_below) {
  const absl::StatusOr<AccountHistory> history = ledger_.history(account);
  if (!history.ok()) return history.status();
  for (uint64_t next = span.from; next <= span.to;) {
    const absl::StatusOr<std::vector<Entry>> entries = history->Read(next, kEntriesAtOnce);
    if (!entries.ok()) return entries.status();
    const uint64_t before = next;
    for (const Entry& entry : *entries) {
      if (entry.leaf.index >= last_index_below) break;
      shown_.push_back(entry.leaf.index);
      for (const Opening& opening : entry.openings) {
        const auto [of, sequence] = SequenceOf(opening);
        if (of == account) next = std::max(next, sequence + 1);
      }
    }
    if (next == before) {
      return absl::DataLossError("extract: an account has fewer entries than its closing tells");
    }
  }
  return absl::OkStatus();
}

// The rows of the subject; with `range` those at its borders too.
void ExtractWriter::AddRowsMark(const BookedClosing& closing, const std::vector<ClosingRow>& rows,
                                bool range, ByteWriter* out) const {
  const ClosingKey key = ledger_.salts->KeyOfClosing(closing.head.tree_size);
  std::vector<Digest> hashes;
  hashes.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) hashes.push_back(HashRow(key, i, rows[i]));
  ByteWriter content;
  content.U64(closing.head.tree_size);
  content.U64(closing.head.account_count);
  uint64_t folded_from = 0;
  auto fold_to = [&](uint64_t end) {
    while (folded_from < end) {
      const unsigned height = FoldHeight(folded_from, end);
      const uint64_t next = folded_from + (uint64_t{1} << height);
      AppendFolded(height, RootOfRows(hashes, folded_from, next), &content);
      folded_from = next;
    }
  };
  const SchoolId subject{request_.subject};
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool own = range ? IsSubject(rows[i]) : spans_.contains(rows[i].account);
    const bool below =
        rows[i].school < subject && (i + 1 == rows.size() || !(rows[i + 1].school < subject));
    const bool above = subject < rows[i].school && (i == 0 || !(subject < rows[i - 1].school));
    if (!own && !(range && (below || above))) continue;
    fold_to(i);
    std::array<Salt, 2> salts{};
    DeriveRowSalts(key, i, salts);
    ShownRow shown{.border = !own, .school_salt = salts[0], .row = rows[i]};
    if (own) {
      shown.account_salt = salts[1];
    } else {
      shown.account_commitment = CommitAccount(salts[1], rows[i]);
    }
    AppendShownRow(shown, &content);
    folded_from = i + 1;
  }
  fold_to(rows.size());
  AppendItem(ExtractItem::kClosingRows, content.view(), out);
}

absl::Status ExtractWriter::Seek(const ExtractPosition& position) {
  const bool good =
      position.part == 0
          ? position.next == 0 && !position.marked
          : (position.part == 1 && position.next < request_.checkpoint_size && !position.marked) ||
                (position.part == 2 && position.next <= shown_size());
  if (!good) return absl::InvalidArgumentError("extract: no such position");
  position_ = position;
  return absl::OkStatus();
}

absl::Status ExtractWriter::Write(size_t bytes, std::string* out) {
  ByteWriter writer;
  while (!done() && out->size() + writer.size() < bytes) {
    absl::Status written;
    if (position_.part == 0) {
      AppendExtractHead({.scope = request_.scope,
                         .subject = request_.subject,
                         .first = request_.first,
                         .last = request_.last,
                         .checkpoint = request_.checkpoint},
                        &writer);
      position_ = {.part = 1};
    } else if (position_.part == 1) {
      written = WriteTreeItem(&writer);
    } else if (!position_.marked) {
      written = WriteMarks(ShownAt(position_.next), &writer);
      position_.marked = true;
    } else {
      written = WriteEntry(ShownAt(position_.next), &writer);
      ++position_.next;
      position_.marked = false;
    }
    if (!written.ok()) return written;
    // An empty tree has no item that would lead on.
    if (position_.part == 1 && position_.next == request_.checkpoint_size) position_ = {.part = 2};
  }
  out->append(writer.view());
  return absl::OkStatus();
}

absl::StatusOr<Digest> ExtractWriter::LeafHash(uint64_t index) {
  const uint64_t number = index / kTileWidth;
  if (tile_number_ != number) {
    const uint64_t width =
        std::min<uint64_t>(kTileWidth, request_.checkpoint_size - number * kTileWidth);
    absl::StatusOr<std::vector<Digest>> tile =
        ledger_.tree->ReadTileOf(0, number, static_cast<size_t>(width), *ledger_.store);
    if (!tile.ok()) return tile.status();
    tile_ = *std::move(tile);
    tile_number_ = number;
  }
  return tile_.at(static_cast<size_t>(index % kTileWidth));
}

absl::Status ExtractWriter::WriteTreeItem(ByteWriter* out) {
  const uint64_t at = position_.next;
  uint64_t next_shown = request_.checkpoint_size;
  if (journal()) {
    if (at < request_.last) next_shown = std::max(at, request_.first);
    if (request_.first == request_.last) next_shown = request_.checkpoint_size;
  } else {
    const auto it = std::lower_bound(shown_.begin(), shown_.end(), at);
    if (it != shown_.end()) next_shown = *it;
  }
  if (next_shown == at) {
    const absl::StatusOr<Digest> hash = LeafHash(at);
    if (!hash.ok()) return hash.status();
    AppendShown(*hash, out);
    ++position_.next;
    return absl::OkStatus();
  }
  const unsigned height = FoldHeight(at, next_shown);
  const absl::StatusOr<Digest> root =
      ledger_.tree->Nodes(request_.checkpoint_size, *ledger_.store)(height, at >> height);
  if (!root.ok()) return root.status();
  AppendFolded(height, *root, out);
  position_.next += uint64_t{1} << height;
  return absl::OkStatus();
}

// What stands before entry `index`.
absl::Status ExtractWriter::WriteMarks(uint64_t index, ByteWriter* out) {
  if (!journal()) {
    if (position_.next == 0) out->Raw(opening_rows_);
    if (index == closings_.back().index) out->Raw(closing_rows_);
    return absl::OkStatus();
  }
  for (const BookedClosing& closing : closings_) {
    if (closing.head.tree_size != index) continue;
    ByteWriter content;
    content.U64(closing.head.tree_size);
    content.Raw(ledger_.salts->KeyOfClosing(closing.head.tree_size));
    AppendItem(ExtractItem::kClosingKey, content.view(), out);
  }
  return absl::OkStatus();
}

absl::Status ExtractWriter::WriteEntry(uint64_t index, ByteWriter* out) {
  std::string_view leaf;
  const absl::StatusOr<Entry> entry = cursor_.Read(index, &leaf);
  if (!entry.ok()) return entry.status();
  std::vector<uint8_t> kinds;
  std::vector<bool> own;
  for (const Opening& opening : entry->openings) {
    kinds.push_back(OpeningKind(opening));
    own.push_back(journal() || std::holds_alternative<ClosingHead>(opening) ||
                  spans_.contains(SequenceOf(opening).first));
  }
  std::vector<Salt> salts(entry->openings.size());
  ledger_.salts->Derive(entry->leaf.version, index, salts);
  std::vector<OpenedCommitment> opened;
  for (const uint16_t ordinal : VisibleOpenings(kinds, own)) {
    opened.push_back(
        {.ordinal = ordinal, .salt = salts[ordinal], .opening = entry->openings[ordinal]});
  }
  ByteWriter content;
  AppendOpenedEntry(leaf, opened, &content);
  AppendItem(ExtractItem::kEntry, content.view(), out);
  return absl::OkStatus();
}

}  // namespace ladon::ledger

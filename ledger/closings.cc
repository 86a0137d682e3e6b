#include "ledger/closings.h"

#include <memory>
#include <variant>

#include "absl/strings/str_cat.h"

namespace ladon::ledger {
namespace {

using storage::Family;

constexpr uint8_t kClosingPrefix = 'c';
constexpr uint8_t kRowsPrefix = 'r';
constexpr uint8_t kClosingHeadKind = 9;

std::string RowsPrefix(uint64_t tree_size) {
  ByteWriter key;
  key.U8(kRowsPrefix);
  key.U64(tree_size);
  return key.Take();
}

absl::Status ClosingError(const std::string& what) {
  return absl::DataLossError("closings: " + what);
}

absl::StatusOr<BookedClosing> DecodeClosing(std::string_view key, std::string_view value) {
  ByteReader in(key.substr(1));
  BookedClosing closing;
  closing.index = in.U64();
  absl::StatusOr<Opening> head = DecodeOpening(kClosingHeadKind, value);
  if (!in.AtEnd() || !head.ok()) return ClosingError("a row out of form");
  closing.head = std::get<ClosingHead>(*head);
  return closing;
}

}  // namespace

void PutClosing(const BookedClosing& closing, storage::Overlay* overlay) {
  ByteWriter key;
  key.U8(kClosingPrefix);
  key.U64(closing.index);
  overlay->Put(Family::kClosings, key.Take(), EncodeOpening(closing.head));
}

absl::StatusOr<std::vector<BookedClosing>> ListClosings(const storage::Store& store) {
  std::vector<BookedClosing> closings;
  const std::unique_ptr<storage::Scan> scan = store.NewScan(Family::kClosings);
  const std::string prefix(1, static_cast<char>(kClosingPrefix));
  for (scan->Seek(prefix); scan->Valid() && scan->key().starts_with(prefix); scan->Next()) {
    absl::StatusOr<BookedClosing> closing = DecodeClosing(scan->key(), scan->value());
    if (!closing.ok()) return closing.status();
    closings.push_back(*std::move(closing));
  }
  if (!scan->status().ok()) return scan->status();
  return closings;
}

std::vector<std::pair<std::string, std::string>> EncodeClosingRows(
    uint64_t tree_size, std::span<const ClosingRow> rows) {
  std::vector<std::pair<std::string, std::string>> encoded;
  uint32_t chunk = 0;
  for (size_t begin = 0; begin < rows.size();) {
    const SchoolId& school = rows[begin].school;
    chunk = begin > 0 && rows[begin - 1].school == school ? chunk + 1 : 0;
    ByteWriter key;
    key.Raw(RowsPrefix(tree_size));
    key.Raw(school.bytes);
    key.U32(chunk);
    ByteWriter value;
    size_t end = begin;
    for (; end < rows.size() && end - begin < kClosingChunkRows && rows[end].school == school;
         ++end) {
      AppendRow(rows[end], &value);
    }
    encoded.emplace_back(key.Take(), value.Take());
    begin = end;
  }
  return encoded;
}

absl::StatusOr<std::vector<ClosingRow>> ReadClosingRows(const storage::Store& store,
                                                        const ClosingKey& key,
                                                        const ClosingHead& head) {
  std::vector<ClosingRow> rows;
  const std::string prefix = RowsPrefix(head.tree_size);
  const std::unique_ptr<storage::Scan> scan = store.NewScan(Family::kClosings);
  for (scan->Seek(prefix); scan->Valid() && scan->key().starts_with(prefix); scan->Next()) {
    ByteReader in(scan->value());
    while (!in.AtEnd()) {
      ClosingRow row;
      if (absl::Status read = ReadRow(&in, &row); !read.ok()) {
        return ClosingError(std::string(read.message()));
      }
      rows.push_back(row);
    }
  }
  if (!scan->status().ok()) return scan->status();
  if (HeadOf(key, rows, head.service_date, head.tree_size) != head) {
    return ClosingError(absl::StrCat("the rows of the closing over ", head.tree_size,
                                     " entries do not have its root"));
  }
  return rows;
}

}  // namespace ladon::ledger

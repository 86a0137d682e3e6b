#include "ledger/proof/seclog_verifier.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace ladon::ledger {
namespace {

constexpr size_t kRecordBytesMin = 128;  // No audit leaf is as small.

class Verifier {
 public:
  Verifier(std::string_view bytes, const SeclogOptions& options) : options_(options), in_(bytes) {}

  VerifiedSeclog Run() {
    if (ReadHead() && ReadRecords()) ReadTree();
    return std::move(result_);
  }

 private:
  // Always false, for what cannot be gone on from.
  bool Defect(std::string what, std::optional<uint64_t> record = {}) {
    if (result_.defects.size() < options_.defects_max) {
      result_.defects.push_back({.record = record, .what = std::move(what)});
    }
    ++result_.defect_count;
    return false;
  }
  bool Defect(const absl::Status& status) { return Defect(std::string(status.message())); }

  bool ReadHead() {
    if (absl::Status read = ReadSeclogHead(&in_, &result_.head); !read.ok()) return Defect(read);
    absl::StatusOr<OpenedCheckpoint> opened =
        OpenOwnCheckpoint(result_.head.checkpoint, options_.keys);
    if (!opened.ok()) return Defect(opened.status());
    result_.checkpoint = std::move(opened->checkpoint);
    if (result_.head.end > result_.checkpoint.size) {
      return Defect("it ends behind its checkpoint");
    }
    return CheckSince();
  }

  // What can be told of the earlier checkpoint before the tree is read.
  bool CheckSince() {
    if (!options_.since) return true;
    const Checkpoint& since = *options_.since;
    if (since.origin != result_.checkpoint.origin) {
      return Defect(absl::StrCat("the earlier checkpoint is of another log, ", since.origin,
                                 ": this one is ", result_.checkpoint.origin));
    }
    if (since.size > result_.checkpoint.size) {
      return Defect(absl::StrCat("the log has ", result_.checkpoint.size, " records and had ",
                                 since.size, " at the earlier checkpoint: the last ",
                                 since.size - result_.checkpoint.size,
                                 " were cut off, or an old copy was put in its place"));
    }
    // What is folded gives no root of its inside.
    if (since.size != 0 && since.size < result_.head.first) {
      return Defect(absl::StrCat("it begins at record ", result_.head.first,
                                 ", behind the earlier checkpoint: export from record ", since.size,
                                 " on"));
    }
    if (since.size > result_.head.end && since.size < result_.checkpoint.size) {
      return Defect(absl::StrCat("it ends before record ", result_.head.end,
                                 ", before the earlier checkpoint: export to record ", since.size,
                                 " or beyond"));
    }
    return true;
  }

  void CompareSince(const FoldedTree& tree) {
    if (!options_.since || tree.position() != options_.since->size || since_met_) return;
    since_met_ = true;
    if (tree.Root() == options_.since->root) return;
    Defect(absl::StrCat("the first ", options_.since->size,
                        " records are not those of the earlier checkpoint: the log was written "
                        "anew, or an old copy was put in its place"));
  }

  // Every record, by the index that it tells: what is missing or elsewhere shows before any hash is
  // compared.
  bool ReadRecords() {
    const uint64_t count = result_.head.end - result_.head.first;
    if (count > in_.remaining() / kRecordBytesMin)
      return Defect("cut off, or not of so many records");
    hashes_.resize(static_cast<size_t>(count));
    next_ = result_.head.first;
    for (uint64_t i = 0; i < count; ++i) {
      const size_t size = in_.U16();
      const std::string_view record = in_.Raw(size);
      if (!in_.ok()) return Defect("is cut off, and nothing stands behind it", next_);
      TakeRecord(record);
    }
    if (next_ != result_.head.end) TellMissing(result_.head.end);
    return true;
  }

  void TakeRecord(std::string_view record) {
    const absl::StatusOr<AuditLeaf> leaf = DecodeAuditLeaf(record);
    const bool readable = leaf.ok() && leaf->index < result_.head.end;
    const uint64_t index = readable ? leaf->index : next_;
    if (!readable) {
      Defect(leaf.ok() ? absl::StrCat("calls itself record ", leaf->index)
                       : std::string(leaf.status().message()),
             index);
    }
    if (index < next_) {
      Defect(absl::StrCat("is not in its place: it stands behind record ", next_ - 1), index);
      return;
    }
    if (index >= result_.head.end) return;  // One too many; told above.
    if (index > next_) TellMissing(index);
    hashes_[static_cast<size_t>(index - result_.head.first)] = HashLeaf(record);
    next_ = index + 1;
    if (!readable) return;
    if (leaf->at_ns < result_.until_ns) Defect("is older than the record before it", index);
    if (result_.from_ns == 0) result_.from_ns = leaf->at_ns;
    result_.until_ns = std::max(result_.until_ns, leaf->at_ns);
  }

  // Records next_ .. end - 1 are not where they should be.
  void TellMissing(uint64_t end) {
    Defect(end - next_ == 1 ? std::string("is missing")
                            : absl::StrCat("is missing, and those up to ", end - 1, " with it"),
           next_);
    next_ = end;
  }

  // The tree must have the signed root, and show the records of the head and no others.
  void ReadTree() {
    FoldedTree tree(result_.checkpoint.size);
    uint64_t shown_count = 0;
    CompareSince(tree);
    while (!tree.whole()) {
      const uint64_t position = tree.position();
      std::optional<Digest> shown;
      if (absl::Status read = ReadSeclogItem(&in_, &tree, &shown); !read.ok()) {
        Defect(read);
        return;
      }
      if (shown.has_value()) {
        ++shown_count;
        CompareRecord(position, *shown);
      }
      CompareSince(tree);
    }
    if (absl::Status finished = tree.Finish(); !finished.ok()) Defect(finished);
    if (shown_count != hashes_.size()) Defect("its tree shows other records than it has");
    if (!in_.AtEnd()) Defect("something follows the tree");
    if (tree.Root() != result_.checkpoint.root) {
      Defect("its records are not those that were signed: the tree over them has another root");
    }
  }

  void CompareRecord(uint64_t index, const Digest& shown) {
    if (index < result_.head.first || index >= result_.head.end) return;  // The count tells.
    const Digest& hash = hashes_[static_cast<size_t>(index - result_.head.first)];
    if (hash.IsZero() || hash == shown) return;  // Missing: told before.
    Defect("was changed: it is not the one whose hash is in the tree", index);
  }

  const SeclogOptions& options_;
  ByteReader in_;
  VerifiedSeclog result_;
  std::vector<Digest> hashes_;  // Of the records, by index; zero: there is none.
  uint64_t next_ = 0;           // The record that should come next.
  bool since_met_ = false;
};

}  // namespace

VerifiedSeclog VerifySeclog(std::string_view bytes, const SeclogOptions& options) {
  return Verifier(bytes, options).Run();
}

void ForEachRecord(std::string_view bytes, const std::function<void(const AuditLeaf&)>& on_record) {
  ByteReader in(bytes);
  SeclogHead head;
  if (!ReadSeclogHead(&in, &head).ok()) return;
  for (uint64_t index = head.first; index < head.end; ++index) {
    const size_t size = in.U16();
    const absl::StatusOr<AuditLeaf> leaf = DecodeAuditLeaf(in.Raw(size));
    if (!leaf.ok()) return;
    on_record(*leaf);
  }
}

}  // namespace ladon::ledger

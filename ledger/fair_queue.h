// Submissions waiting for the committer, taken in turn from each caller, so that one with a
// thousand does not keep another with one waiting.
//
// Invariants: at most kQueueMax wait, of one caller at most kQueueOfCallerMax; those of one caller
// keep their order.
// Threading: none of its own; the committer's lock guards it.
#ifndef LADON_LEDGER_FAIR_QUEUE_H_
#define LADON_LEDGER_FAIR_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "ledger/sequencer.h"

namespace ladon::ledger {

class FairQueue {
 public:
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  [[nodiscard]] bool HasRoom(uint64_t caller, size_t count) const {
    const auto found = waiting_.find(caller);
    const size_t of_caller = found == waiting_.end() ? 0 : found->second->size();
    return size_ + count <= kQueueMax && of_caller + count <= kQueueOfCallerMax;
  }

  void Push(Submission submission) {
    std::unique_ptr<Line>& line = waiting_[submission.caller];
    if (line == nullptr) line = TakeSpare();
    if (line->empty()) turns_.push_back({submission.caller, line.get()});
    line->Push(std::move(submission));
    ++size_;
  }

  // Moves up to `count` to `taken`.
  void Take(size_t count, std::vector<Submission>* taken) {
    for (; count > 0 && size_ > 0; --count, --size_) {
      const auto [caller, line] = turns_.front();
      taken->push_back(line->Pop());
      if (!line->empty()) {
        if (turns_.size() == 1) continue;  // Nobody else's turn.
        turns_.pop_front();
        turns_.push_back({caller, line});
        continue;
      }
      turns_.pop_front();
      const auto own = waiting_.find(caller);
      spare_ = std::move(own->second);
      waiting_.erase(own);
    }
  }

 private:
  // Those of one caller, in order.
  class Line {
   public:
    [[nodiscard]] bool empty() const { return head_ == items_.size(); }
    [[nodiscard]] size_t size() const { return items_.size() - head_; }
    void Push(Submission submission) { items_.push_back(std::move(submission)); }
    Submission Pop() {
      Submission first = std::move(items_[head_++]);
      if (empty()) {
        items_.clear();
        head_ = 0;
      } else if (head_ >= kQueueOfCallerMax) {  // Never empty: the front must go some time.
        items_.erase(items_.begin(), items_.begin() + static_cast<ptrdiff_t>(head_));
        head_ = 0;
      }
      return first;
    }

   private:
    std::vector<Submission> items_;  // A deque would ask for memory with each.
    size_t head_ = 0;
  };

  std::unique_ptr<Line> TakeSpare() {
    return spare_ == nullptr ? std::make_unique<Line>() : std::move(spare_);
  }

  absl::flat_hash_map<uint64_t, std::unique_ptr<Line>> waiting_;
  std::deque<std::pair<uint64_t, Line*>> turns_;  // Callers with something waiting, each once.
  std::unique_ptr<Line> spare_;                   // Emptied last; it has memory.
  size_t size_ = 0;
};

}  // namespace ladon::ledger

#endif  // LADON_LEDGER_FAIR_QUEUE_H_

#include "server/flow/palm_keys.h"

#include <array>
#include <future>
#include <memory>
#include <utility>

#include "server/flow/epochs.h"
#include "server/flow/own_work.h"

namespace ladon::flow {

void LeaveSearch(const House& house, const vault::SubjectRef& subject) {
  const auto left = std::make_shared<std::promise<void>>();
  std::future<void> done = left->get_future();
  const bool queued = house.keeper->RunAlways([&house, subject, left] {
    house.galleries->Erase(subject);
    left->set_value();
  });
  if (queued) done.wait();
}

void DestroyUnusedPalmKeys(const House& house, std::vector<vault::SubjectRef> subjects,
                           std::function<void(size_t keys)> done) {
  const auto destroyed = std::make_shared<size_t>(0);
  const Object object = subjects.size() == 1 ? subjects.front().subject.bytes : Object{};
  ledger::Submission submission;
  submission.check = [&house, destroyed, subjects = std::move(subjects),
                      now_ns = house.now_ns()](const storage::Reader& reader) {
    std::vector<vault::SubjectRef> unused;
    for (const vault::SubjectRef& subject : subjects) {
      if (!house.vault->HasKey(subject, vault::Purpose::kBiometric)) continue;
      // Keys go by the subject alone: who has moved may have palms elsewhere by now.
      const auto record = house.vault->ReadSubject(reader, subject);
      if (!record.ok()) return record.status();
      if (!record->has_value()) continue;
      const auto palms = house.vault->PalmNumbers(reader, subject);
      if (!palms.ok()) return palms.status();
      if (palms->empty()) unused.push_back(subject);
    }
    const std::array purposes = {vault::Purpose::kBiometric};
    const auto gone = house.vault->DestroyKeys(unused, purposes, now_ns);
    if (gone.ok()) *destroyed = gone->keys;
    return gone.status();
  };
  Commit(house, OwnCaller(OwnEvent::kPalmKeysDestroyed), object, std::move(submission),
         [&house, destroyed, done = std::move(done)](const absl::Status&, const ledger::Outcome&) {
           if (*destroyed > 0 && house.epochs != nullptr) house.epochs->AskFor(false);
           if (done) done(*destroyed);
         });
}

}  // namespace ladon::flow

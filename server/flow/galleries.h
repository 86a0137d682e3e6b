// One gallery a school, opened when the school first needs it; all under one memory key.
//
// Threading: any thread, but for what says otherwise. Enrol() and Erase() are called in commit
// order (House::keeper), so that a withdrawal never loses against the enrolment it follows.
#ifndef LADON_SERVER_FLOW_GALLERIES_H_
#define LADON_SERVER_FLOW_GALLERIES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "matcher/gallery.h"
#include "matcher/search_pool.h"
#include "server/base/id.h"
#include "server/flow/palm_drift.h"
#include "server/vault/vault.h"

namespace ladon::flow {

class Galleries {
 public:
  // Loads every enrolled palm, on all cores. `progress` is told the number of samples begun, one
  // call at a time; may be empty.
  // DataLoss: a record does not open or its template does not parse.
  // ResourceExhausted: a school has more than `rows_max` samples.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Galleries>> Load(
      vault::Vault* vault, const std::function<void(size_t)>& progress,
      const matcher::Thresholds& thresholds = matcher::kDefaultThresholds,
      size_t rows_max = matcher::kGalleryRowsDefault);

  // How many samples of `school` are durable or about to be, so that an enrolment that would not
  // fit is refused before it is written. Applier thread only.
  [[nodiscard]] bool HasRoom(const base::SchoolId& school, size_t samples) const;
  void CountStored(const base::SchoolId& school, size_t samples);
  void CountRemoved(const base::SchoolId& school, size_t samples);

  [[nodiscard]] absl::Status Enrol(const vault::SubjectRef& subject, uint16_t number,
                                   const matcher::VeinCode& code);
  // Waits for searches that began earlier; on return nothing of the subject can be found.
  size_t Erase(const vault::SubjectRef& subject);
  [[nodiscard]] absl::StatusOr<matcher::SearchResult> Search(
      const base::SchoolId& school, std::span<const matcher::VeinCode> codes);
  // The same for somebody who stands at a till: how near the match was goes into drift().
  [[nodiscard]] absl::StatusOr<matcher::SearchResult> SearchAtTill(
      const base::SchoolId& school, std::span<const matcher::VeinCode> codes);
  [[nodiscard]] const PalmDrift& drift() const { return drift_; }

  // How a search of `codes` codes decides in `school` when it has `more` rows than now.
  [[nodiscard]] matcher::DecisionRule RuleOf(const base::SchoolId& school, size_t more,
                                             size_t codes) const;

  [[nodiscard]] size_t rows() const;
  [[nodiscard]] size_t RowsOf(const base::SchoolId& school) const;
  // Stored samples of an earlier template version, which Load() has left out: their owners pay by
  // card until they are enrolled anew.
  [[nodiscard]] size_t outdated() const { return outdated_; }
  // False: some rows could not be locked in memory (raise the limit of locked memory).
  [[nodiscard]] bool memory_locked() const;

 private:
  Galleries(vault::Vault* vault, const matcher::Thresholds& thresholds, size_t rows_max)
      : vault_(vault), thresholds_(thresholds), rows_max_(rows_max) {}
  // Never destroyed while this object lives, so the pointer stays good.
  absl::StatusOr<matcher::Gallery*> Of(const base::SchoolId& school);

  vault::Vault* vault_;
  const matcher::Thresholds thresholds_;
  const size_t rows_max_;                    // Of one school.
  size_t outdated_ = 0;                      // Set by Load().
  std::map<base::SchoolId, size_t> stored_;  // By Load(), then by the applier thread.
  std::unique_ptr<matcher::MemoryKey> memory_key_;
  // Shared by all schools: a search has its helpers to itself or does without.
  matcher::SearchPool search_pool_{std::thread::hardware_concurrency()};
  PalmDrift drift_;
  mutable std::mutex mutex_;
  std::map<base::SchoolId, std::unique_ptr<matcher::Gallery>> galleries_;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_GALLERIES_H_

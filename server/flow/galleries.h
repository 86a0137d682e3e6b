// One gallery a school, opened when the school first needs it; all under one memory key.
//
// Threading: any thread. Enrol() and Erase() are called in commit order (House::keeper), so that a
// withdrawal never loses against the enrolment it follows.
#ifndef LADON_SERVER_FLOW_GALLERIES_H_
#define LADON_SERVER_FLOW_GALLERIES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "matcher/gallery.h"
#include "server/base/id.h"
#include "server/vault/vault.h"

namespace ladon::flow {

class Galleries {
 public:
  // Loads every enrolled palm. `progress` is told the number of samples done; may be empty.
  // DataLoss: a record does not open or its template does not parse.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Galleries>> Load(
      vault::Vault* vault, const std::function<void(size_t)>& progress);

  [[nodiscard]] absl::Status Enrol(const vault::SubjectRef& subject, uint16_t number,
                                   const matcher::VeinCode& code);
  // Waits for searches that began earlier; on return nothing of the subject can be found.
  size_t Erase(const vault::SubjectRef& subject);
  [[nodiscard]] absl::StatusOr<matcher::SearchResult> Search(
      const base::SchoolId& school, std::span<const matcher::VeinCode> codes);

  [[nodiscard]] size_t rows() const;
  // False: some rows could not be locked in memory (raise the limit of locked memory).
  [[nodiscard]] bool memory_locked() const;

 private:
  explicit Galleries(vault::Vault* vault) : vault_(vault) {}
  // Never destroyed while this object lives, so the pointer stays good.
  absl::StatusOr<matcher::Gallery*> Of(const base::SchoolId& school);

  vault::Vault* vault_;
  std::unique_ptr<matcher::MemoryKey> memory_key_;
  mutable std::mutex mutex_;
  std::map<base::SchoolId, std::unique_ptr<matcher::Gallery>> galleries_;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_GALLERIES_H_

#include "server/flow/galleries.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "matcher/memory_key.h"
#include "matcher/vein_code.h"
#include "server/base/secret.h"

namespace ladon::flow {
namespace {

matcher::SubjectRef RowSubject(const vault::SubjectRef& subject) {
  return matcher::SubjectRef{subject.subject.bytes};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Galleries>> Galleries::Load(
    vault::Vault* vault, const std::function<void(size_t)>& progress,
    const matcher::Thresholds& thresholds, size_t rows_max) {
  std::unique_ptr<Galleries> galleries(new Galleries(vault, thresholds, rows_max));
  absl::StatusOr<std::unique_ptr<matcher::MemoryKey>> key =
      matcher::MemoryKey::Create(base::FillRandom);
  if (!key.ok()) return key.status();
  galleries->memory_key_ = *std::move(key);
  std::mutex counting;
  size_t done = 0;
  const absl::Status loaded = vault->ForEachPalm(
      std::max(1U, std::thread::hardware_concurrency()),
      [&](const vault::SubjectRef& subject, uint16_t number, const vault::PalmRecord& palm) {
        const std::span bytes(reinterpret_cast<const uint8_t*>(palm.code.data()), palm.code.size());
        {
          const std::scoped_lock lock(counting);
          galleries->CountStored(subject.school, 1);
          if (matcher::IsOutdatedTemplate(bytes)) {
            ++galleries->outdated_;
            return absl::OkStatus();
          }
          if (progress) progress(++done);
        }
        const auto code = matcher::ParseTemplate(bytes);
        if (!code.ok()) {
          return absl::DataLossError("vault: a stored template does not parse: " +
                                     std::string(code.status().message()));
        }
        return galleries->Enrol(subject, number, *code);
      });
  if (!loaded.ok()) return loaded;
  return galleries;
}

bool Galleries::HasRoom(const base::SchoolId& school, size_t samples) const {
  const auto it = stored_.find(school);
  return (it == stored_.end() ? 0 : it->second) + samples <= rows_max_;
}

void Galleries::CountStored(const base::SchoolId& school, size_t samples) {
  stored_[school] += samples;
}

void Galleries::CountRemoved(const base::SchoolId& school, size_t samples) {
  const auto it = stored_.find(school);
  assert(samples == 0 || (it != stored_.end() && it->second >= samples));
  if (samples != 0) it->second -= samples;
}

absl::StatusOr<matcher::Gallery*> Galleries::Of(const base::SchoolId& school) {
  const std::scoped_lock lock(mutex_);
  if (const auto it = galleries_.find(school); it != galleries_.end()) return it->second.get();
  const absl::StatusOr<base::SecretKey> secret =
      vault_->SchoolKey(school, vault::Purpose::kSchoolTransform);
  if (!secret.ok()) return secret.status();
  absl::StatusOr<std::unique_ptr<matcher::Gallery>> gallery =
      matcher::Gallery::Open({.memory_key = memory_key_.get(),
                              .school_secret = secret->RevealForCrypto(),
                              .random = base::FillRandom,
                              .thresholds = thresholds_,
                              .rows_max = rows_max_,
                              .pool = &search_pool_});
  if (!gallery.ok()) return gallery.status();
  return galleries_.emplace(school, *std::move(gallery)).first->second.get();
}

absl::Status Galleries::Enrol(const vault::SubjectRef& subject, uint16_t number,
                              const matcher::VeinCode& code) {
  const absl::StatusOr<matcher::Gallery*> gallery = Of(subject.school);
  if (!gallery.ok()) return gallery.status();
  drift_.Forget(subject);
  return (*gallery)->Add({.subject = RowSubject(subject), .sample = number}, code);
}

size_t Galleries::Erase(const vault::SubjectRef& subject) {
  matcher::Gallery* gallery = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    const auto it = galleries_.find(subject.school);
    if (it == galleries_.end()) return 0;
    gallery = it->second.get();
  }
  drift_.Forget(subject);
  return gallery->EraseSubject(RowSubject(subject));
}

absl::StatusOr<matcher::SearchResult> Galleries::Search(const base::SchoolId& school,
                                                        std::span<const matcher::VeinCode> codes) {
  const absl::StatusOr<matcher::Gallery*> gallery = Of(school);
  if (!gallery.ok()) return gallery.status();
  return (*gallery)->Search(codes);
}

absl::StatusOr<matcher::SearchResult> Galleries::SearchAtTill(
    const base::SchoolId& school, std::span<const matcher::VeinCode> codes) {
  const absl::StatusOr<matcher::Gallery*> gallery = Of(school);
  if (!gallery.ok()) return gallery.status();
  const matcher::DetailedResult found = (*gallery)->SearchDetailed(codes);
  if (found.result.decision == matcher::SearchResult::Decision::kMatch) {
    drift_.Matched({.school = school, .subject = {found.result.subject.bytes}},
                   found.best->distance_q16, found.rule.distance_max_q16);
  }
  return found.result;
}

matcher::DecisionRule Galleries::RuleOf(const base::SchoolId& school, size_t more,
                                        size_t codes) const {
  const std::scoped_lock lock(mutex_);
  const auto it = galleries_.find(school);
  const size_t rows = it == galleries_.end() ? 0 : it->second->rows();
  return matcher::RuleFor(thresholds_, rows + more, codes);
}

size_t Galleries::rows() const {
  const std::scoped_lock lock(mutex_);
  size_t rows = 0;
  for (const auto& [school, gallery] : galleries_) rows += gallery->rows();
  return rows;
}

size_t Galleries::RowsOf(const base::SchoolId& school) const {
  const std::scoped_lock lock(mutex_);
  const auto it = galleries_.find(school);
  return it == galleries_.end() ? 0 : it->second->rows();
}

bool Galleries::memory_locked() const {
  const std::scoped_lock lock(mutex_);
  return std::all_of(galleries_.begin(), galleries_.end(),
                     [](const auto& entry) { return entry.second->memory_locked(); });
}

}  // namespace ladon::flow

#include "server/client/load/setup.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/client/demo/enrol_palm.h"
#include "server/client/demo/names.h"
#include "server/client/demo/palms_source.h"
#include "server/client/demo/world.h"

namespace ladon::load {
namespace {

// The left palm of child `index`: a palm that demo::SyntheticPalms gives to a stranger.
demo::Palm LeftPalm(const SetupOptions& options, size_t index) {
  demo::Palm palm;
  for (uint64_t image = 0; image <= demo::kEnrolImages; ++image) {
    const matcher::PalmSample sample = {.palm_seed = options.seed + 2 * index + 1,
                                        .sample_seed = image};
    if (image < demo::kEnrolImages) {
      palm.enrolment.emplace_back(sample);
    } else {
      palm.check = sample;
    }
  }
  return palm;
}

absl::Status AddChild(const SetupOptions& options, size_t index, const demo::Palm* palm,
                      demo::World* world, Scenario* scenario) {
  absl::StatusOr<demo::Child> child = world->CreateChild(index);
  if (!child.ok()) return child.status();
  if (absl::Status s = world->BindCard(index, &*child); !s.ok()) return s;
  if (absl::Status s = world->TopUp(*child, options.money_kopecks); !s.ok()) return s;
  scenario->cards.push_back(child->card);
  scenario->accounts.push_back(child->account_id);
  scenario->subjects.push_back(child->subject_id);
  if (palm == nullptr) return absl::OkStatus();
  for (const v1::ConsentKind kind : {v1::CONSENT_KIND_PERSONAL_DATA, v1::CONSENT_KIND_BIOMETRIC}) {
    if (absl::Status s = world->RecordConsent(*child, kind); !s.ok()) return s;
  }
  absl::Status enrolled = demo::EnrolPalm(*world, *child, v1::PALM_SIDE_RIGHT, *palm);
  if (enrolled.ok() && options.both_palms) {
    enrolled = demo::EnrolPalm(*world, *child, v1::PALM_SIDE_LEFT, LeftPalm(options, index));
  }
  if (!enrolled.ok()) return enrolled;
  absl::StatusOr<v1::Probe> probe = demo::ProbeOfShot(palm->probes.front());
  if (!probe.ok()) return probe.status();
  scenario->probes.push_back(*std::move(probe));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Scenario> SetUp(const SetupOptions& options,
                               const std::function<void(size_t children)>& tick) {
  if (options.children == 0 || options.children > demo::kInventedChildrenMax ||
      options.palms > options.children) {
    return absl::InvalidArgumentError(absl::StrCat("children: 1 to ", demo::kInventedChildrenMax,
                                                   "; palms: no more than children"));
  }
  if (options.tills == 0 || options.tills > kTillsMax) {
    return absl::InvalidArgumentError(absl::StrCat("tills: 1 to ", kTillsMax));
  }
  const absl::StatusOr<std::unique_ptr<demo::World>> opened =
      demo::World::Open({.server = options.server,
                         .server_name = options.server_name,
                         .authority = options.authority,
                         .sysadmin = options.sysadmin,
                         .identities = options.identities});
  if (!opened.ok()) return opened.status();
  demo::World& world = **opened;
  if (absl::Status s = world.CreateSchool("Load school"); !s.ok()) return s;
  if (absl::Status s = world.CreateCaterer("Load caterer"); !s.ok()) return s;
  for (size_t i = 0; i < options.tills; ++i) {
    const auto till = world.RegisterTill(absl::StrCat("load ", i + 1));
    if (!till.ok()) return till.status();
  }
  Scenario scenario;
  scenario.server = options.server;
  scenario.school_id = world.school_id();
  scenario.caterer_id = world.caterer_id();
  scenario.items = world.items();
  const std::vector<demo::Palm> palms = demo::SyntheticPalms(options.palms, options.seed);
  for (size_t i = 0; i < options.children; ++i) {
    // Every other synthetic palm is a stranger's.
    const demo::Palm* palm = i < options.palms ? &palms[2 * i] : nullptr;
    if (absl::Status s = AddChild(options, i, palm, &world, &scenario); !s.ok()) return s;
    tick(i + 1);
  }
  return scenario;
}

}  // namespace ladon::load

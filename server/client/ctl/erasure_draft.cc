#include "server/client/ctl/erasure_draft.h"

#include <optional>

#include "server/base/id.h"
#include "server/client/ctl/destruction_act.h"
#include "server/client/ctl/enum_words.h"
#include "server/client/ctl/page_fields.h"
#include "server/client/ctl/rights_render.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

constexpr size_t kDayLength = 10;  // "2026-11-25"

std::string Dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string Field(const Json& json, std::string_view name) {
  return TextAt(json, name, base::Language::kEnglish);
}

bool IsId(const std::string& text) {
  const std::optional<base::RequestId> id = base::IdOfHex<base::RequestId>(text);
  return id && !id->IsZero();
}

}  // namespace

Json CategoriesOf(const v1::ExportSubjectResponse& held, base::Language language) {
  Json categories = Json::array({base::Text("erasure.category.person", language)});
  const auto add = [&](bool there, std::string_view key) {
    if (there) categories.push_back(base::Text(key, language));
  };
  add(!held.consents().empty(), "erasure.category.consents");
  add(!held.palms().empty(), "erasure.category.palms");
  add(!held.cards().empty(), "erasure.category.cards");
  add(held.pin(), "erasure.category.pin");
  return categories;
}

Json CategoriesOf(const v1::Erasure& erasure, base::Language language) {
  Json categories = Json::array({base::Text("erasure.category.person", language)});
  if (erasure.palms() > 0) categories.push_back(base::Text("erasure.category.palms", language));
  if (erasure.cards() > 0) categories.push_back(base::Text("erasure.category.cards", language));
  // The record of the person is one more.
  if (erasure.records() > erasure.palms() + erasure.cards() + 1) {
    categories.push_back(base::Text("erasure.category.other", language));
  }
  return categories;
}

std::string FormatDraft(const ErasureDraft& draft) {
  Json json = {{"format", std::string(kDraftFormat)}, {"request_id", draft.request_id},
               {"school_id", draft.target.school},    {"subject_id", draft.target.subject},
               {"reason", EnumWord(draft.reason)},    {"act", draft.act}};
  return Dump(json);
}

absl::StatusOr<ErasureDraft> ParseDraft(std::string_view text) {
  const absl::Status wrong = absl::InvalidArgumentError("this is no draft of an erasure");
  if (text.size() > kDraftBytesMax) return wrong;
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (Field(json, "format") != kDraftFormat) return wrong;
  ErasureDraft draft = {
      .request_id = Field(json, "request_id"),
      .target = {.subject = Field(json, "subject_id"), .school = Field(json, "school_id")},
      .act = ObjectAt(json, "act")};
  for (int number = 1; v1::ErasureReason_IsValid(number); ++number) {
    const auto reason = static_cast<v1::ErasureReason>(number);
    if (EnumWord(reason) == Field(json, "reason")) draft.reason = reason;
  }
  const bool school = draft.target.school.empty() || IsId(draft.target.school);
  if (!IsId(draft.request_id) || !IsId(draft.target.subject) || !school) return wrong;
  if (absl::Status s = CheckDraft(draft); !s.ok()) return s;
  return draft;
}

absl::Status CheckDraft(const ErasureDraft& draft) {
  if (draft.reason == v1::ERASURE_REASON_UNSPECIFIED) {
    return absl::InvalidArgumentError("the draft lacks a reason");
  }
  v1::Erasure done;
  done.set_step(v1::ERASURE_STEP_DONE);
  done.set_reason(draft.reason);
  done.set_act_number(1);
  done.set_approved_by_role("school");
  done.mutable_destroyed_at()->set_seconds(1);
  return MakeActFiles(draft, done, base::Language::kEnglish).status();
}

Json DestructionOf(const ErasureDraft& draft, const v1::Erasure& erasure, base::Language language) {
  const auto field = [&](std::string_view name) -> Json {
    const auto found = draft.act.find(std::string(name));
    return found == draft.act.end() ? Json() : *found;
  };
  const std::string role = "page.role." + erasure.approved_by_role();
  const std::string approver =
      (base::HasText(role) ? base::Text(role, language) : erasure.approved_by_role()) + " " +
      base::HexOf(erasure.approved_by());
  Json destruction = {
      {"act_number", std::to_string(erasure.act_number())},
      {"operator", field("operator")},
      {"processor", field("processor")},
      {"subject_name", field("subject_name")},
      {"subject_id", base::HexOf(erasure.subject_id())},
      {"performed_by", field("performed_by")},
      {"categories", field("categories")},
      {"information_system", field("information_system")},
      {"method", base::Text("erasure.method", language)},
      {"reason", ReasonName(erasure.reason())},
      {"date", FormatLocalTime(erasure.destroyed_at().seconds()).substr(0, kDayLength)},
      {"approved_by", field("approved_by").is_null() ? Json(approver) : field("approved_by")},
      {"keys_destroyed", erasure.keys_destroyed()},
      {"epoch_after", erasure.epoch_after()}};
  return destruction;
}

absl::StatusOr<ActFiles> MakeActFiles(const ErasureDraft& draft, const v1::Erasure& erasure,
                                      base::Language language) {
  if (erasure.step() != v1::ERASURE_STEP_DONE) {
    return absl::InvalidArgumentError("the erasure is not done yet");
  }
  Json destruction = DestructionOf(draft, erasure, language);
  const absl::StatusOr<Json> extract = LogExtractJson(destruction);
  if (!extract.ok()) return extract.status();
  ActFiles files;
  files.extract_json = Dump(*extract);
  destruction["log_extract_sha256"] = base::HexOf(Sha256(files.extract_json));
  const absl::StatusOr<Json> act = DestructionActJson(destruction);
  if (!act.ok()) return act.status();
  files.act_json = Dump(*act);
  absl::StatusOr<std::string> page = DestructionActPage(destruction, language);
  if (!page.ok()) return page.status();
  files.act_page = *std::move(page);
  page = LogExtractPage(destruction, language);
  if (!page.ok()) return page.status();
  files.extract_page = *std::move(page);
  return files;
}

}  // namespace ladon::ctl

#include "server/client/terminal/attempt_record.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace ladon::terminal {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::pair<AttemptKind, std::string_view>, 3> kKinds = {{
    {AttemptKind::kDebit, "debit"},
    {AttemptKind::kCancel, "cancel"},
    {AttemptKind::kEnrol, "enrol"},
}};
constexpr std::array<std::pair<OutcomeKind, std::string_view>, 4> kOutcomes = {{
    {OutcomeKind::kDone, "done"},
    {OutcomeKind::kRefused, "refused"},
    {OutcomeKind::kBurnt, "burnt"},
    {OutcomeKind::kAbandoned, "abandoned"},
}};

template <class Table, class Enum>
std::string NameIn(const Table& table, Enum wanted) {
  for (const auto& [value, name] : table) {
    if (value == wanted) return std::string(name);
  }
  return {};
}

template <class Enum, class Table>
std::optional<Enum> ValueIn(const Table& table, const std::string& wanted) {
  for (const auto& [value, name] : table) {
    if (name == wanted) return value;
  }
  return std::nullopt;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::Status Damaged(const std::string& what) {
  return absl::DataLossError(absl::StrCat("record: ", what));
}

// A 16-byte id in hex; an empty text is the zero id where that is allowed.
std::optional<base::RequestId> IdField(const Json& json, const char* name, bool may_be_empty) {
  const std::string hex = json.at(name).get<std::string>();
  if (hex.empty() && may_be_empty) return base::RequestId{};
  return base::IdOfHex<base::RequestId>(hex);
}

absl::StatusOr<Attempt> DecodeAttempt(const Json& json) {
  Attempt attempt;
  const auto kind = ValueIn<AttemptKind>(kKinds, json.at("kind").get<std::string>());
  const auto id = IdField(json, "request_id", false);
  const auto cancels = IdField(json, "cancels", true);
  if (!kind || !id || !cancels) return Damaged("kind or id");
  attempt.kind = *kind;
  attempt.request_id = *id;
  attempt.cancels = *cancels;
  if (!absl::Base64Unescape(json.at("request").get<std::string>(), &attempt.request)) {
    return Damaged("request is not base64");
  }
  attempt.at_ms = json.at("at_ms").get<int64_t>();
  attempt.fresh_until_ms = json.at("fresh_until_ms").get<int64_t>();
  attempt.payer = json.at("payer").get<std::string>();
  for (const Json& line : json.at("lines")) {
    attempt.lines.push_back({.name = line.at("name").get<std::string>(),
                             .quantity = line.at("quantity").get<uint32_t>(),
                             .unit_price_kopecks = line.at("unit_price_kopecks").get<int64_t>()});
  }
  return attempt;
}

absl::StatusOr<Outcome> DecodeOutcome(const Json& json) {
  Outcome outcome;
  const auto kind = ValueIn<OutcomeKind>(kOutcomes, json.at("outcome").get<std::string>());
  const auto id = IdField(json, "request_id", false);
  const auto transaction = base::BytesOfHex(json.at("transaction_id").get<std::string>());
  if (!kind || !id || !transaction) return Damaged("outcome or id");
  outcome.kind = *kind;
  outcome.request_id = *id;
  outcome.transaction_id = *transaction;
  outcome.reason = json.at("reason").get<std::string>();
  outcome.amount_kopecks = json.at("amount_kopecks").get<int64_t>();
  outcome.at_ms = json.at("at_ms").get<int64_t>();
  outcome.service_date = json.at("service_date").get<std::string>();
  return outcome;
}

}  // namespace

std::string EncodeRecord(const Attempt& attempt) {
  Json lines = Json::array();
  for (const SlipLine& line : attempt.lines) {
    lines.push_back({{"name", line.name},
                     {"quantity", line.quantity},
                     {"unit_price_kopecks", line.unit_price_kopecks}});
  }
  return Dump({{"v", kAttemptRecordVersion},
               {"record", "attempt"},
               {"kind", NameIn(kKinds, attempt.kind)},
               {"request_id", base::HexOf(attempt.request_id)},
               {"request", absl::Base64Escape(attempt.request)},
               {"at_ms", attempt.at_ms},
               {"fresh_until_ms", attempt.fresh_until_ms},
               {"cancels", attempt.cancels.IsZero() ? "" : base::HexOf(attempt.cancels)},
               {"payer", attempt.payer},
               {"lines", lines}});
}

std::string EncodeRecord(const Outcome& outcome) {
  return Dump({{"v", kAttemptRecordVersion},
               {"record", "outcome"},
               {"outcome", NameIn(kOutcomes, outcome.kind)},
               {"request_id", base::HexOf(outcome.request_id)},
               {"reason", outcome.reason},
               {"transaction_id", base::HexOf(outcome.transaction_id)},
               {"amount_kopecks", outcome.amount_kopecks},
               {"at_ms", outcome.at_ms},
               {"service_date", outcome.service_date}});
}

absl::StatusOr<std::variant<Attempt, Outcome>> DecodeRecord(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("v").get<int>() > kAttemptRecordVersion) {
      return absl::UnimplementedError("record: written by a newer version of ladon-terminal");
    }
    const std::string record = json.at("record").get<std::string>();
    if (record == "attempt") {
      absl::StatusOr<Attempt> attempt = DecodeAttempt(json);
      if (!attempt.ok()) return attempt.status();
      return std::variant<Attempt, Outcome>(*std::move(attempt));
    }
    if (record != "outcome") return Damaged("unknown record");
    absl::StatusOr<Outcome> outcome = DecodeOutcome(json);
    if (!outcome.ok()) return outcome.status();
    return std::variant<Attempt, Outcome>(*std::move(outcome));
  } catch (const Json::exception& e) {
    return Damaged(e.what());
  }
}

}  // namespace ladon::terminal

#include "server/client/terminal/slip.h"

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "server/base/id.h"
#include "server/client/connection.h"
#include "server/client/text/table.h"

namespace ladon::terminal {
namespace {

using base::Language;
using base::Text;
using Json = nlohmann::json;

constexpr int64_t kMsPerSecond = 1'000;

std::string LocalFormat(int64_t unix_ms, const char* format) {
  const auto seconds = static_cast<time_t>(unix_ms / kMsPerSecond);
  tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const size_t size = std::strftime(text.data(), text.size(), format, &parts);
  return {text.data(), size};
}

std::string KindKey(AttemptKind kind) {
  switch (kind) {
    case AttemptKind::kDebit:
      return "sale";
    case AttemptKind::kCancel:
      return "return";
    case AttemptKind::kEnrol:
      return "enrolment";
  }
  return "";
}

std::string ReasonText(const std::string& reason, Language language) {
  return base::HasText(reason) ? Text(reason, language) : reason;
}

}  // namespace

std::string LocalDay(int64_t unix_ms) {
  return LocalFormat(unix_ms, "%Y-%m-%d");
}

std::string LocalTime(int64_t unix_ms) {
  return LocalFormat(unix_ms, "%H:%M:%S");
}

std::string SlipText(const AttemptEntry& entry, const v1::Payer* payer, Language language) {
  const Attempt& attempt = entry.attempt;
  std::string text = Text(absl::StrCat("terminal.slip.", KindKey(attempt.kind)), language) + "\n";
  if (!attempt.payer.empty()) absl::StrAppend(&text, attempt.payer, "\n");
  if (!attempt.lines.empty()) {
    client::Table table;
    table.Column(Text("terminal.slip.line", language), client::Align::kRight);
    table.Column(Text("terminal.slip.item", language));
    table.Column(Text("terminal.slip.quantity", language), client::Align::kRight);
    table.Column(Text("terminal.slip.price", language), client::Align::kRight);
    table.Column(Text("terminal.slip.sum", language), client::Align::kRight);
    int number = 0;
    for (const SlipLine& line : attempt.lines) {
      table.Row({std::to_string(++number), line.name, std::to_string(line.quantity),
                 base::FormatKopecks(line.unit_price_kopecks, language),
                 base::FormatKopecks(line.unit_price_kopecks * line.quantity, language)});
    }
    text += table.Render();
  }
  if (entry.outcome) {
    const Outcome& outcome = *entry.outcome;
    const std::string total = base::FormatKopecks(outcome.amount_kopecks, language);
    absl::StrAppend(&text, Text("terminal.slip.total", language, {total}), "\n");
    absl::StrAppend(&text,
                    outcome.service_date.empty() ? LocalDay(outcome.at_ms) : outcome.service_date,
                    " ", LocalTime(outcome.at_ms));
    if (!outcome.transaction_id.empty()) {
      const std::string id = base::HexOf(outcome.transaction_id).substr(0, kShortIdChars);
      absl::StrAppend(&text, "  ", Text("terminal.slip.transaction", language, {id}));
    }
    text += "\n";
  }
  if (payer != nullptr && payer->has_balance_kopecks()) {
    const std::string balance = base::FormatKopecks(payer->balance_kopecks(), language);
    absl::StrAppend(&text, Text("terminal.balance", language, {balance}), "\n");
  }
  if (payer != nullptr && payer->low_money()) {
    absl::StrAppend(&text, Text("terminal.low_money", language), "\n");
  }
  return text;
}

Json SlipJson(const AttemptEntry& entry, const v1::Payer* payer) {
  Json lines = Json::array();
  for (const SlipLine& line : entry.attempt.lines) {
    lines.push_back({{"name", line.name},
                     {"quantity", line.quantity},
                     {"unit_price_kopecks", line.unit_price_kopecks}});
  }
  Json json = {{"request_id", base::HexOf(entry.attempt.request_id)},
               {"kind", KindKey(entry.attempt.kind)},
               {"payer", entry.attempt.payer},
               {"lines", lines}};
  if (entry.outcome) {
    json["amount_kopecks"] = entry.outcome->amount_kopecks;
    json["transaction_id"] = base::HexOf(entry.outcome->transaction_id);
    json["service_date"] = entry.outcome->service_date;
    json["at_ms"] = entry.outcome->at_ms;
  }
  if (payer != nullptr) {
    json["low_money"] = payer->low_money();
    if (payer->has_balance_kopecks()) json["balance_kopecks"] = payer->balance_kopecks();
  }
  return json;
}

std::string SettlementText(const Settlement& settlement, Language language) {
  const Attempt& attempt = settlement.attempt;
  const std::string what = Text(absl::StrCat("terminal.kind.", KindKey(attempt.kind)), language);
  const std::string when = LocalTime(attempt.at_ms);
  const std::string amount = base::FormatKopecks(settlement.amount_kopecks, language);
  std::string text =
      Text(absl::StrCat("terminal.settled.", std::string(SettledName(settlement.how))), language,
           {what, when, attempt.payer, amount});
  if (settlement.how == Settled::kRefused) {
    absl::StrAppend(&text, " ", ReasonText(settlement.reason, language));
  }
  if (settlement.how == Settled::kStillUnknown && !settlement.status.ok()) {
    absl::StrAppend(&text, " ", client::Explain(settlement.status, language));
  }
  return text;
}

Json SettlementJson(const Settlement& settlement) {
  return {{"request_id", base::HexOf(settlement.attempt.request_id)},
          {"kind", KindKey(settlement.attempt.kind)},
          {"payer", settlement.attempt.payer},
          {"how", SettledName(settlement.how)},
          {"amount_kopecks", settlement.amount_kopecks},
          {"reason", settlement.reason}};
}

std::string_view SettledName(Settled how) {
  switch (how) {
    case Settled::kWentThrough:
      return "went_through";
    case Settled::kReturned:
      return "returned";
    case Settled::kRefused:
      return "refused";
    case Settled::kNeverHappened:
      return "never_happened";
    case Settled::kTakeAgain:
      return "take_again";
    case Settled::kStillUnknown:
      return "still_unknown";
  }
  return "";
}

}  // namespace ladon::terminal

#include "server/client/ctl/render.h"

#include "server/base/id.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

std::string Word(v1::SubjectKind kind) {
  switch (kind) {
    case v1::SUBJECT_KIND_PUPIL:
      return "pupil";
    case v1::SUBJECT_KIND_STAFF:
      return "staff";
    case v1::SUBJECT_KIND_VISITOR:
      return "visitor";
    default:
      return "unknown";
  }
}

std::string Word(v1::StatementKind kind) {
  switch (kind) {
    case v1::STATEMENT_KIND_TOP_UP:
      return "top_up";
    case v1::STATEMENT_KIND_MEAL:
      return "meal";
    case v1::STATEMENT_KIND_CANCEL:
      return "cancel";
    case v1::STATEMENT_KIND_TERMS:
      return "terms";
    case v1::STATEMENT_KIND_SUBSIDY:
      return "subsidy";
    case v1::STATEMENT_KIND_HOLD:
      return "hold";
    case v1::STATEMENT_KIND_MOVED:
      return "moved";
    case v1::STATEMENT_KIND_REFUND:
      return "refund";
    case v1::STATEMENT_KIND_CARRIED:
      return "carried";
    default:
      return "unknown";
  }
}

std::string Word(v1::BookingReason reason) {
  switch (reason) {
    case v1::BOOKING_REASON_NOT_RECOGNISED:
      return "not_recognised";
    case v1::BOOKING_REASON_OUTAGE:
      return "outage";
    default:
      return "unknown";
  }
}

}  // namespace

Json JsonOf(const v1::School& school) {
  const v1::SchoolSettings& settings = school.settings();
  return {{"school_id", base::HexOf(school.school_id())},
          {"name", settings.name()},
          {"time_zone", settings.time_zone()},
          {"biometrics", settings.biometrics()},
          {"biometrics_document_id", settings.biometrics_document_id()},
          {"show_balance_at_till", settings.show_balance_at_till()},
          {"low_money_kopecks", settings.low_money_kopecks()},
          {"free_amount_max_kopecks", settings.free_amount_max_kopecks()},
          {"unknown_liveness_max_kopecks", settings.unknown_liveness_max_kopecks()},
          {"cancel_window_seconds", settings.cancel_window_seconds()},
          {"cash_desk_account_id", base::HexOf(school.cash_desk_account_id())}};
}

Json JsonOf(const v1::Terminal& terminal) {
  return {{"terminal_id", base::HexOf(terminal.terminal_id())},
          {"school_id", base::HexOf(terminal.school_id())},
          {"label", terminal.label()},
          {"state", terminal.state() == v1::TERMINAL_STATE_ACTIVE ? "active" : "blocked"}};
}

Json JsonOf(const v1::Caterer& caterer) {
  return {{"caterer_id", base::HexOf(caterer.caterer_id())},
          {"name", caterer.name()},
          {"school_id", base::HexOf(caterer.school_id())},
          {"payable_account_id", base::HexOf(caterer.payable_account_id())}};
}

Json JsonOf(const v1::PriceList& list) {
  Json items = Json::array();
  for (const v1::PriceListItem& item : list.items()) {
    items.push_back({{"item_id", base::HexOf(item.item_id())},
                     {"category", item.category()},
                     {"name", item.name()},
                     {"unit_price_kopecks", item.unit_price_kopecks()}});
  }
  return {{"caterer_id", base::HexOf(list.caterer_id())},
          {"valid_from", FormatDate(list.valid_from())},
          {"items", items}};
}

Json JsonOf(const v1::Subject& subject) {
  Json purses = Json::array();
  for (const v1::PurseAccount& purse : subject.purses()) {
    purses.push_back({{"purse", std::string(WordOf(purse.purse()))},
                      {"account_id", base::HexOf(purse.account_id())}});
  }
  return {{"subject_id", base::HexOf(subject.subject_id())},
          {"kind", Word(subject.kind())},
          {"family_name", subject.name().family_name()},
          {"given_name", subject.name().given_name()},
          {"class", subject.name().class_name()},
          {"external_id", subject.external_id()},
          {"state", subject.state() == v1::SUBJECT_STATE_BLOCKED ? "blocked" : "active"},
          {"purses", purses},
          {"biometric_consent", subject.biometric_consent()},
          {"palm_samples", subject.palm_samples()},
          {"cards", subject.cards()},
          {"palm_weak", subject.palm_weak()},
          {"birth_date_known", subject.birth_date_known()},
          {"payment_account", subject.payment_account()}};
}

Json JsonOf(const v1::StatementLine& line) {
  Json out = {{"sequence", line.sequence()},
              {"journal_index", line.journal_index()},
              {"booked_at", FormatUtc(line.booked_at().seconds())},
              {"service_date", FormatDate(line.service_date())},
              {"kind", Word(line.kind())},
              {"amount_kopecks", line.amount_kopecks()},
              {"balance_kopecks", line.balance_kopecks()},
              {"transaction_id", base::HexOf(line.transaction_id())}};
  if (line.fee_kopecks() > 0) out["fee_kopecks"] = line.fee_kopecks();
  if (!line.item_id().empty()) out["item_id"] = base::HexOf(line.item_id());
  if (!line.item_name().empty()) out["item_name"] = line.item_name();
  if (line.quantity() != 0) out["quantity"] = line.quantity();
  if (line.booking_reason() != v1::BOOKING_REASON_UNSPECIFIED) {
    out["booking_reason"] = Word(line.booking_reason());
  }
  if (line.has_effective_date()) out["effective_date"] = FormatDate(line.effective_date());
  return out;
}

std::string YesNo(const Context& context, bool value) {
  return context.Say(value ? "word.yes" : "word.no");
}

std::string PurseWord(const Context& context, v1::Purse purse) {
  const std::string key = "purse." + std::string(WordOf(purse));
  return base::HasText(key) ? context.Say(key) : std::to_string(purse);
}

std::string KindWord(const Context& context, v1::SubjectKind kind) {
  return context.Say("kind." + Word(kind));
}

std::string KindWord(const Context& context, v1::StatementKind kind) {
  return context.Say("statement." + Word(kind));
}

std::string ListWord(const Context& context, v1::BookingReason reason) {
  if (reason == v1::BOOKING_REASON_UNSPECIFIED) return "";
  return context.Say("by_list." + Word(reason));
}

std::string NameOf(const v1::SubjectName& name) {
  std::string text = name.family_name() + " " + name.given_name();
  if (!name.class_name().empty()) text += ", " + name.class_name();
  return text;
}

}  // namespace ladon::ctl

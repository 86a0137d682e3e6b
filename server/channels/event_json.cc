#include "server/channels/event_json.h"

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace ladon::channels {
namespace {

using Json = nlohmann::ordered_json;

// Values of fiscal tags.
constexpr int kIncome = 1;  // 1054, receipt type
constexpr int kIncomeReturn = 2;
constexpr int kMethodAdvance = 3;  // 1214, method of payment
constexpr int kMethodFull = 4;
constexpr int kMethodPartAndCredit = 5;
constexpr int kMethodOnCredit = 6;
constexpr int kMethodCreditPaid = 7;
constexpr int kSubjectGoods = 1;  // 1212, subject of payment
constexpr int kSubjectPayment = 10;

std::string TimeOf(const google::protobuf::Timestamp& at) {
  const absl::Time time = absl::FromUnixSeconds(at.seconds()) + absl::Nanoseconds(at.nanos());
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

Json LinesOf(const v1::Event& event) {
  Json lines = Json::array();
  for (const v1::EventLine& line : event.lines()) {
    if (line.amount_kopecks() == 0 || line.quantity() == 0) continue;
    lines.push_back({{"name", line.item_name()},
                     {"quantity", line.quantity()},
                     {"amount_kopecks", line.amount_kopecks()},
                     {"caterer_id", absl::BytesToHexString(line.caterer_id())}});
  }
  return lines;
}

Json Common(const v1::Event& event) {
  Json data = {{"event_id", absl::BytesToHexString(event.event_id())},
               {"payment_account", event.payment_account()}};
  if (event.sequence() > 0) {
    data["sequence"] = event.sequence();
    data["amount_kopecks"] = event.amount_kopecks();
    data["balance_kopecks"] = event.balance_kopecks();
  }
  return data;
}

std::string Whole(const v1::Event& event, Json data) {
  const Json whole = {
      {"type", TypeOf(event.kind())}, {"timestamp", TimeOf(event.at())}, {"data", std::move(data)}};
  return whole.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json Item(int method, int subject, int64_t kopecks, const std::string& name, uint32_t quantity) {
  Json item;
  if (!name.empty()) item["1030"] = name;
  item["1023"] = quantity;
  item["1043_kopecks"] = kopecks;
  item["1212"] = subject;
  item["1214"] = method;
  return item;
}

// Money of a parent that came in or went back: nobody knows yet what it buys.
Json PaymentReceipt(const v1::Event& event, bool came) {
  Json items = Json::array();
  if (event.advance_kopecks() > 0) {
    items.push_back(Item(kMethodAdvance, kSubjectPayment, event.advance_kopecks(), {}, 1));
  }
  if (event.credit_kopecks() > 0) {
    items.push_back(Item(kMethodCreditPaid, kSubjectPayment, event.credit_kopecks(), {}, 1));
  }
  return {{"1054", came ? kIncome : kIncomeReturn},
          {"items", std::move(items)},
          {"1081_kopecks", event.advance_kopecks() + event.credit_kopecks()}};
}

// A meal, or one that went back.
Json MealReceipt(const v1::Event& event, bool eaten) {
  int method = kMethodFull;
  if (event.credit_kopecks() > 0) {
    method = event.advance_kopecks() > 0 ? kMethodPartAndCredit : kMethodOnCredit;
  }
  Json items = Json::array();
  int64_t named_kopecks = 0;
  for (const v1::EventLine& line : event.lines()) {
    const int64_t kopecks = eaten ? -line.amount_kopecks() : line.amount_kopecks();
    if (kopecks <= 0) continue;
    named_kopecks += kopecks;
    items.push_back(Item(method, kSubjectGoods, kopecks, line.item_name(),
                         std::max<uint32_t>(line.quantity(), 1)));
  }
  const int64_t all_kopecks = event.advance_kopecks() + event.credit_kopecks();
  if (named_kopecks < all_kopecks) {
    items.push_back(Item(method, kSubjectGoods, all_kopecks - named_kopecks, {}, 1));
  }
  return {{"1054", eaten ? kIncome : kIncomeReturn},
          {"items", std::move(items)},
          {"1215_kopecks", event.advance_kopecks()},
          {"1216_kopecks", event.credit_kopecks()}};
}

}  // namespace

std::string TypeOf(v1::EventKind kind) {
  // EVENT_KIND_TOP_UP -> top-up
  constexpr size_t kPrefix = sizeof("EVENT_KIND_") - 1;
  std::string name = absl::AsciiStrToLower(v1::EventKind_Name(kind).substr(kPrefix));
  for (char& c : name) c = c == '_' ? '-' : c;
  return name;
}

std::string NoticeJson(const v1::Event& event) {
  Json data = Common(event);
  if (Json lines = LinesOf(event); !lines.empty()) data["lines"] = std::move(lines);
  return Whole(event, std::move(data));
}

std::string ReceiptJson(const v1::Event& event) {
  Json data = Common(event);
  const bool came = event.amount_kopecks() > 0;
  switch (event.kind()) {
    case v1::EVENT_KIND_MEAL:
      data["receipt"] = MealReceipt(event, /*eaten=*/true);
      break;
    case v1::EVENT_KIND_CANCEL:  // A meal that comes back to the purse, or a payment that leaves
                                 // it.
      data["receipt"] =
          came ? MealReceipt(event, /*eaten=*/false) : PaymentReceipt(event, /*came=*/false);
      break;
    default:
      data["receipt"] = PaymentReceipt(event, came);
      break;
  }
  return Whole(event, std::move(data));
}

}  // namespace ladon::channels

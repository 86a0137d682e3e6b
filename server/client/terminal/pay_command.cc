// The command `pay`: who it is, for how much, and what if the palm is not known.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <utility>

#include "server/client/connection.h"
#include "server/client/terminal/commands.h"
#include "server/client/terminal/means.h"
#include "server/client/terminal/palm_tries.h"
#include "server/client/terminal/slip.h"
#include "server/client/text/console.h"

namespace ladon::terminal {
namespace {

using base::Text;

v1::Date Today() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string day =
      LocalDay(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  v1::Date date;
  date.set_year(std::stoi(day.substr(0, 4)));
  date.set_month(std::stoi(day.substr(5, 2)));
  date.set_day(std::stoi(day.substr(8, 2)));
  return date;
}

int64_t MsOf(const google::protobuf::Timestamp& at) {
  return at.seconds() * 1'000 + at.nanos() / 1'000'000;
}

}  // namespace

ExitCode Desk::PriceBasket(const PayOptions& options, PricedBasket* priced) {
  Order order;
  const auto caterer = base::IdOfHex<base::CatererId>(options.caterer);
  if (!caterer) return Fail(kExitUsage, "", "--caterer: 32 hex digits");
  order.caterer_id = std::string(caterer->view());
  order.items = options.items;
  order.purse = options.purse;
  if (!options.amount.empty()) {
    const absl::StatusOr<int64_t> amount = ParseRoubles(options.amount);
    if (!amount.ok()) return FailLocal(amount.status());
    order.free_amount_kopecks = *amount;
  }
  if (!options.total.empty()) {
    const absl::StatusOr<int64_t> total = ParseRoubles(options.total);
    if (!total.ok()) return FailLocal(total.status());
    order.total_kopecks = *total;
  }
  v1::GetPriceListResponse prices;
  if (!order.items.empty()) {
    v1::GetPriceListRequest question;
    question.set_caterer_id(order.caterer_id);
    *question.mutable_day() = Today();
    const grpc::Status status = transport_->GetPriceList(question, &prices);
    if (!status.ok()) return FailCall(status);
  }
  absl::StatusOr<PricedBasket> built =
      PriceOrder(order, prices.price_list(), Text("terminal.free_amount", options_.language));
  if (!built.ok()) return FailLocal(built.status());
  *priced = *std::move(built);
  return kExitDone;
}

bool Desk::IsWatched() const {
  return !options_.json && isatty(STDIN_FILENO) == 1;
}

std::optional<std::string> Desk::Ask(std::string_view key) const {
  std::fputs(Text(key, options_.language).c_str(), stdout);
  std::fflush(stdout);
  std::string answer;
  if (!std::getline(std::cin, answer)) return std::nullopt;
  return answer;
}

bool Desk::Confirm() const {
  return IsWatched() &&
         Ask("terminal.repeat.ask") == Text("terminal.repeat.yes", options_.language);
}

ExitCode Desk::AskByCard(const std::string& card, const MeansOptions& means, Shown* shown) {
  MeansOptions by_card = means;
  by_card.card = card;
  const ExitCode code = Show(by_card, 0, &shown->request);
  return code == kExitDone ? AskWho(shown->request, &shown->who) : code;
}

ExitCode Desk::OfferOthers(const PayOptions& options, Shown* shown) {
  result_["offers"] = {"card", "pin", "list"};
  if (!IsWatched()) {
    Say(Text("terminal.others.how", options_.language) + "\n");
    return kExitRefused;
  }
  const std::optional<std::string> choice = Ask("terminal.others.ask");
  if (choice == "1" || choice == "2") {
    const std::optional<std::string> card = Ask("terminal.others.card");
    if (!card) return kExitRefused;
    const ExitCode code = AskByCard(*card, options.means, shown);
    if (code == kExitDone && choice == "2") shown->pin = AskPin();
    return code;
  }
  // Nobody goes without a meal, but who it is must be said by a grown-up who knows the child.
  if (choice == "3") Say(Text("terminal.others.list", options_.language) + "\n");
  return kExitRefused;
}

std::string Desk::AskPin() const {
  return client::AskUnseen(Text("terminal.pin.ask", options_.language));
}

ExitCode Desk::FindPayer(const PayOptions& options, Shown* shown) {
  PalmTries tries;
  ExitCode code = kExitDone;
  for (size_t showing = 0;; ++showing) {
    code = Show(options.means, showing, &shown->request);
    if (code == kExitDone) code = AskWho(shown->request, &shown->who);
    if (code != kExitRefused || !options.means.card.empty()) break;
    const AfterPalm next = tries.Refused(result_.value("reason", ""));
    if (next == AfterPalm::kOtherMeans) code = OfferOthers(options, shown);
    if (next != AfterPalm::kAgain) break;
    const size_t given = std::max(options.means.images.size(), options.means.template_files.size());
    if (showing + 1 < given) continue;
    if (!IsWatched() || !Ask("terminal.again.ask")) break;
  }
  if (code != kExitDone) return code;
  // Of the palms that were refused before somebody was found.
  result_.erase("reason");
  result_.erase("message");
  result_.erase("offers");
  if (options.ask_pin && shown->pin.empty()) shown->pin = AskPin();
  return kExitDone;
}

ExitCode Desk::Pay(const PayOptions& options) {
  Shown shown;
  v1::IdentifyResponse& who = shown.who;
  PricedBasket priced;
  ExitCode code = Begin();
  // What can be told without a server is told first.
  if (code == kExitDone && !options.means.card.empty()) {
    code = Show(options.means, 0, &shown.request);
  }
  if (code == kExitDone) code = Connect();
  if (code == kExitDone) code = PriceBasket(options, &priced);
  if (code == kExitDone) code = FindPayer(options, &shown);
  if (code != kExitDone) return Finish(code);
  Till::Sale sale = {.basket = priced.basket,
                     .lines = priced.lines,
                     .token = who.identification_token(),
                     .token_expires_at_ms = MsOf(who.token_expires_at()),
                     .payer = who.payer().display_name(),
                     .second_means = std::nullopt,
                     .pin = shown.pin,
                     .repeat_confirmed = false};
  if (!options.second_card.empty()) {
    const absl::StatusOr<v1::Card> card =
        CardOfText(options.second_card, options.means.technology, options.means.profile);
    if (!card.ok()) return Finish(FailLocal(card.status()));
    sale.second_means = *card;
  }
  Verdict verdict = till_->Pay(sale);
  if (verdict.fate == Fate::kRefused && verdict.outcome &&
      verdict.outcome->reason == "POSSIBLE_REPEAT") {
    if (!options.yes && !Confirm()) {
      Conclude(verdict);
      return Finish(
          Fail(kExitRefused, "POSSIBLE_REPEAT", Text("terminal.repeat.how", options_.language)));
    }
    // Confirming takes a person's time; the means is still at hand, so a fresh token is asked for.
    if (code = AskWho(shown.request, &who); code != kExitDone) return Finish(code);
    sale.token = who.identification_token();
    sale.token_expires_at_ms = MsOf(who.token_expires_at());
    sale.repeat_confirmed = true;
    verdict = till_->Pay(sale);
  }
  return Finish(Conclude(verdict));
}

}  // namespace ladon::terminal

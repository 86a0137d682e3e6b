#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/roubles.h"
#include "server/channels/amount.h"
#include "server/channels/order_endpoints.h"
#include "server/client/connection.h"

namespace ladon::channels {
namespace {

constexpr int kOk = 200;
constexpr int kSeeOther = 303;
constexpr int kBadRequest = 400;
constexpr int kBadGateway = 502;
constexpr int kUnavailable = 503;

// The value of a field that came at most once; nullopt: it came more often.
std::optional<std::string> FieldOf(const HttpRequest& request, const std::string& name) {
  const auto [begin, end] = request.parameters.equal_range(name);
  if (begin == end) return std::string();
  return std::next(begin) == end ? std::optional(begin->second) : std::nullopt;
}

// Nobody sees a blank at either end of what was pasted.
std::string_view Stripped(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

struct Wish {
  std::optional<base::PaymentAccount> account;
  std::optional<int64_t> kopecks;
  PageForm form;  // As typed, with what is wrong.
};

Wish Read(std::string account, std::string sum) {
  const std::string_view typed_account = Stripped(account);
  const std::string_view typed_sum = Stripped(sum);
  Wish wish{.account = base::PaymentAccount::Parse(typed_account),
            .kopecks = base::KopecksOf(typed_sum, ".,", kAmountKopecksMax)};
  if (!wish.account) {
    wish.form.account_error =
        typed_account.empty() ? page_text::kNoAccount : page_text::kBadAccount;
  }
  if (!wish.kopecks) {
    wish.form.sum_error = typed_sum.empty() ? page_text::kNoSum : page_text::kBadSum;
  } else if (*wish.kopecks == 0) {
    wish.form.sum_error = page_text::kSumTooSmall;
  }
  wish.form.account = std::move(account);
  wish.form.sum = std::move(sum);
  return wish;
}

// The form again, with what the core said beside what it said it of.
HttpAnswer Refused(PageForm form, Verdict verdict) {
  int status = kBadRequest;
  switch (verdict) {
    case Verdict::kBadAccount:
    case Verdict::kAccountUnknown:
      form.account_error = page_text::kAccountUnknown;
      break;
    case Verdict::kAccountInactive:
      form.account_error = page_text::kAccountInactive;
      break;
    case Verdict::kTooSmall:
      form.sum_error = page_text::kSumTooSmall;
      break;
    case Verdict::kTooLarge:
      form.sum_error = page_text::kSumTooLarge;
      break;
    case Verdict::kForbidden:
      form.notice = page_text::kForbidden;
      status = kUnavailable;
      break;
    default:
      form.notice = page_text::kTemporary;
      status = kUnavailable;
      break;
  }
  HttpAnswer answer = AsPage(status, FormPage(form));
  answer.verdict = NameOf(verdict);
  return answer;
}

class OrderPage final : public Endpoint {
 public:
  explicit OrderPage(std::vector<PayWay> ways) : ways_(std::move(ways)) {}

  [[nodiscard]] HttpAnswer Serve(const HttpRequest& request) const override {
    if (!request.posted) return Named(AsPage(kOk, FormPage({})), "form", "ok");
    const auto account = FieldOf(request, "account");
    const auto sum = FieldOf(request, "sum");
    const auto pay = FieldOf(request, "pay");
    const PayWay* const way = pay ? WayOf(*pay) : nullptr;
    const bool known = pay && (pay->empty() || way != nullptr);
    if (!request.parameters_whole || !account || !sum || !known) return Refuse(kBadRequest);
    const Wish wish = Read(*account, *sum);
    const char* const verb = pay->empty() ? "check" : "order";
    if (!wish.form.account_error.empty() || !wish.form.sum_error.empty()) {
      return Named(AsPage(kBadRequest, FormPage(wish.form)), verb, "bad-field");
    }
    // Also before the order: what was shown a page ago is asked again, and probing is throttled
    // here.
    v1::CheckAccountResponse found;
    const PayWay& asked = way == nullptr ? ways_.front() : *way;
    const grpc::Status checked = asked.orders->Check(*wish.account, *wish.kopecks, &found);
    if (!checked.ok()) {
      HttpAnswer answer = Refused(wish.form, VerdictOf(checked));
      if (answer.status == kUnavailable) answer.fault = FaultOf(checked);
      return Named(std::move(answer), verb, {});
    }
    return Named(way == nullptr ? Confirm(wish, found) : Place(wish, *way), verb, {});
  }

  [[nodiscard]] HttpAnswer Refuse(int status) const override {
    return Named(AsPage(status, TroublePage(page_text::kBadRequest)), "", "bad-request");
  }

  [[nodiscard]] const std::string& contract() const override {
    return ways_.front().orders->contract();
  }

 private:
  static HttpAnswer Named(HttpAnswer answer, std::string_view verb, std::string_view verdict) {
    answer.verb = verb;
    if (!verdict.empty()) answer.verdict = verdict;
    return answer;
  }

  static std::string FaultOf(const grpc::Status& status) {
    return v1::ErrorReason_Name(client::DetailOf(status).reason()) + ", gRPC " +
           std::to_string(status.error_code());
  }

  [[nodiscard]] const PayWay* WayOf(std::string_view name) const {
    const auto way = std::find_if(ways_.begin(), ways_.end(),
                                  [name](const PayWay& one) { return NameOf(one.means) == name; });
    return way == ways_.end() ? nullptr : &*way;
  }

  // `found` by the first way; of the others it is asked what they cost, and one that does not take
  // this payment is not offered.
  [[nodiscard]] HttpAnswer Confirm(const Wish& wish, const v1::CheckAccountResponse& found) const {
    PageConfirmation confirmation{.account = wish.account->Digits(),
                                  .grouped = wish.account->Grouped(),
                                  .masked_name = found.masked_name(),
                                  .school = found.school_name(),
                                  .paid_kopecks = *wish.kopecks};
    for (const PayWay& way : ways_) {
      v1::CheckAccountResponse answer = found;
      const bool first = &way == &ways_.front();
      if (!first && !way.orders->Check(*wish.account, *wish.kopecks, &answer).ok()) continue;
      const int64_t fee_kopecks = answer.fee_kopecks();
      if (fee_kopecks < 0 || fee_kopecks >= *wish.kopecks) continue;
      confirmation.fees_kopecks.emplace_back(way.means, fee_kopecks);
    }
    if (confirmation.fees_kopecks.empty()) return Refused(wish.form, Verdict::kTooSmall);
    HttpAnswer answer = AsPage(kOk, ConfirmationPage(confirmation));
    answer.verdict = "ok";
    return answer;
  }

  [[nodiscard]] static HttpAnswer Place(const Wish& wish, const PayWay& way) {
    Placed placed = way.orders->Place(*wish.account, *wish.kopecks);
    if (placed.verdict == Verdict::kTechnical) {
      HttpAnswer answer = AsPage(kBadGateway, TroublePage(page_text::kBankSilent));
      answer.verdict = NameOf(placed.verdict);
      answer.fault = std::move(placed.fault);
      return answer;
    }
    if (placed.verdict != Verdict::kOk) {
      HttpAnswer answer = Refused(wish.form, placed.verdict);
      answer.fault = std::move(placed.fault);
      return answer;
    }
    HttpAnswer answer;
    if (way.means == OrderMeans::kCard) {
      answer = AsPage(kSeeOther, {});
      answer.headers.emplace_back("Location", std::move(placed.link));
    } else {
      answer = AsPage(kOk, SbpPage(placed.link, *wish.kopecks));
    }
    answer.verdict = "ok";
    return answer;
  }

  const std::vector<PayWay> ways_;
};

}  // namespace

std::unique_ptr<Endpoint> MakeOrderPage(std::vector<PayWay> ways) {
  return std::make_unique<OrderPage>(std::move(ways));
}

}  // namespace ladon::channels

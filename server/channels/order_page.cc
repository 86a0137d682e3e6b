#include "server/channels/order_page.h"

#include <algorithm>
#include <utility>

#include "server/channels/amount.h"
#include "server/channels/html_text.h"

namespace ladon::channels {
namespace {

constexpr std::string_view kHead =
    "<!doctype html>\n<html lang=\"ru\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>Оплата школьного питания</title>\n<style>\n"
    "body { font: 1.1em/1.5 sans-serif; max-width: 32em; margin: 1em auto; padding: 0 1em; "
    "color: #000; background: #fff; }\n"
    "label { display: block; margin-top: 1em; }\n"
    "input, button { font: inherit; padding: .5em; width: 100%; box-sizing: border-box; }\n"
    "button { margin-top: 1.5em; background: #064; color: #fff; border: 0; }\n"
    ".error { color: #a00; margin: .2em 0; } .notice { border: 2px solid #a00; padding: .5em; }\n"
    "dt { color: #555; } dd { margin: 0 0 .5em; overflow-wrap: anywhere; "
    "unicode-bidi: isolate; }\n"
    "</style></head><body>\n<h1>Оплата школьного питания</h1>\n";
constexpr std::string_view kTail = "</body></html>\n";

// A form may go to this page or on to the bank's.
constexpr char kPolicy[] =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' https:; base-uri 'none'; "
    "frame-ancestors 'none'";

std::string Page(std::string_view body) {
  return std::string(kHead).append(body).append(kTail);
}

std::string RoublesOf(int64_t kopecks) {
  std::string text = FormatAmount(kopecks);
  std::replace(text.begin(), text.end(), '.', ',');
  return text + " ₽";
}

struct Field {
  std::string_view name;
  std::string_view label;
  std::string_view hint;  // For keyboards: "numeric", "decimal".
  std::string_view value;
  std::string_view error;
};

void AddField(const Field& field, std::string* out) {
  constexpr size_t kShownBytesMax = 64;  // Of a value that is wrong anyway.
  const std::string name(field.name);
  *out += "<label for=\"" + name + "\">" + HtmlOf(field.label) + "</label>\n";
  *out += "<input id=\"" + name + "\" name=\"" + name + "\" required autocomplete=\"off\"";
  *out += " inputmode=\"" + std::string(field.hint) + "\" maxlength=\"64\" value=\"" +
          HtmlOf(field.value.substr(0, kShownBytesMax)) + "\"";
  if (field.error.empty()) {
    *out += ">\n";
    return;
  }
  *out += " aria-invalid=\"true\" aria-describedby=\"" + name + "-error\">\n";
  *out += "<p class=\"error\" id=\"" + name + "-error\">" + HtmlOf(field.error) + "</p>\n";
}

void AddFact(std::string_view name, std::string_view value, std::string* out) {
  *out += "<dt>" + HtmlOf(name) + "</dt><dd>" + HtmlOf(value) + "</dd>\n";
}

void AddHidden(std::string_view name, std::string_view value, std::string* out) {
  *out += "<input type=\"hidden\" name=\"" + HtmlOf(name) + "\" value=\"" + HtmlOf(value) + "\">\n";
}

std::string WordOf(OrderMeans means) {
  return means == OrderMeans::kCard ? "картой" : "СБП";
}

}  // namespace

std::string_view NameOf(OrderMeans means) {
  return means == OrderMeans::kCard ? "card" : "sbp";
}

std::string FormPage(const PageForm& form) {
  std::string body;
  if (!form.notice.empty()) {
    body += "<p class=\"notice\" role=\"alert\">" + HtmlOf(form.notice) + "</p>\n";
  }
  body += "<form method=\"post\">\n";
  AddField({.name = "account",
            .label = "Лицевой счёт ребёнка (12 цифр)",
            .hint = "numeric",
            .value = form.account,
            .error = form.account_error},
           &body);
  AddField({.name = "sum",
            .label = "Сумма, рублей",
            .hint = "decimal",
            .value = form.sum,
            .error = form.sum_error},
           &body);
  body += "<button>Продолжить</button>\n</form>\n";
  return Page(body);
}

std::string ConfirmationPage(const PageConfirmation& confirmation) {
  std::string body = "<p>Проверьте, тому ли ребёнку вы платите.</p>\n<dl>\n";
  AddFact("Лицевой счёт", confirmation.grouped, &body);
  AddFact("Ребёнок", confirmation.masked_name, &body);
  AddFact("Школа", confirmation.school, &body);
  AddFact("К оплате", RoublesOf(confirmation.paid_kopecks), &body);
  for (const auto& [means, fee_kopecks] : confirmation.fees_kopecks) {
    const std::string by = confirmation.fees_kopecks.size() == 1 ? "" : ", " + WordOf(means);
    AddFact("Комиссия" + by, RoublesOf(fee_kopecks), &body);
    AddFact("Поступит на счёт" + by, RoublesOf(confirmation.paid_kopecks - fee_kopecks), &body);
  }
  body += "</dl>\n<form method=\"post\">\n";
  AddHidden("account", confirmation.account, &body);
  AddHidden("sum", FormatAmount(confirmation.paid_kopecks), &body);
  for (const auto& [means, fee_kopecks] : confirmation.fees_kopecks) {
    body += "<button name=\"pay\" value=\"" + std::string(NameOf(means)) + "\">";
    body += means == OrderMeans::kCard ? "Картой" : "СБП";
    body += "</button>\n";
  }
  body += "</form>\n<p><a href=\"?\">Изменить счёт или сумму</a></p>\n";
  return Page(body);
}

std::string SbpPage(std::string_view link, int64_t kopecks) {
  std::string body = "<p>К оплате: " + HtmlOf(RoublesOf(kopecks)) + "</p>\n";
  body += "<p><a rel=\"noreferrer\" href=\"" + HtmlOf(link) + "\">Оплатить через СБП</a></p>\n";
  body +=
      "<p>На телефоне ссылка откроет приложение вашего банка, на компьютере — QR-код, который надо "
      "снять телефоном.</p>\n<p>Деньги поступят на счёт ребёнка через несколько минут после "
      "оплаты. "
      "Эту страницу можно закрыть.</p>\n";
  return Page(body);
}

std::string TroublePage(std::string_view text) {
  return Page("<p class=\"notice\" role=\"alert\">" + HtmlOf(text) +
              "</p>\n<p><a href=\"?\">К странице оплаты</a></p>\n");
}

HttpAnswer AsPage(int status, std::string html) {
  return {.status = status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(html),
          .headers = {{"Content-Security-Policy", kPolicy},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-store"}}};
}

}  // namespace ladon::channels

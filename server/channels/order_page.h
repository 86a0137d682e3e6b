// The pages on which a parent pays: their texts and their HTML.
//
// One page at one address, without scripts and without anything from elsewhere: a form for the
// account and the sum; the same with what was wrong beside each field; who will get the money and
// what it costs, with a button for each way to pay; the link of a payment by SBP; and what to
// do when it cannot be done now. Every value is escaped here. Threading: pure functions.
#ifndef LADON_SERVER_CHANNELS_ORDER_PAGE_H_
#define LADON_SERVER_CHANNELS_ORDER_PAGE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/channels/endpoint.h"

namespace ladon::channels {

// What a contract takes payments by.
enum class OrderMeans : uint8_t { kCard, kSbp };
// "card", "sbp": the value of the button, and the name in logs.
[[nodiscard]] std::string_view NameOf(OrderMeans means);

// As it was typed, to be mended; empty texts: nothing was wrong.
struct PageForm {
  std::string account;
  std::string sum;
  std::string account_error;
  std::string sum_error;
  std::string notice;  // Above the form.
};

struct PageConfirmation {
  std::string account;  // 12 digits.
  std::string grouped;  // The same for reading.
  std::string masked_name;
  std::string school;
  int64_t paid_kopecks = 0;
  // What it may be paid by: at least one, each once, and each with what it costs: less than is
  // paid.
  std::vector<std::pair<OrderMeans, int64_t>> fees_kopecks;
};

[[nodiscard]] std::string FormPage(const PageForm& form);
[[nodiscard]] std::string ConfirmationPage(const PageConfirmation& confirmation);
[[nodiscard]] std::string SbpPage(std::string_view link, int64_t kopecks);
[[nodiscard]] std::string TroublePage(std::string_view text);

// What is said of a field, or of the whole, in Russian.
namespace page_text {
inline constexpr char kNoAccount[] = "Введите лицевой счёт";
inline constexpr char kBadAccount[] =
    "Лицевой счёт — это 12 цифр; проверьте, не перепутаны ли цифры";
inline constexpr char kAccountUnknown[] = "Такого лицевого счёта нет";
inline constexpr char kAccountInactive[] = "Этот лицевой счёт закрыт";
inline constexpr char kNoSum[] = "Введите сумму";
inline constexpr char kBadSum[] = "Сумма — это рубли и не больше двух цифр копеек, например 500,00";
inline constexpr char kSumTooSmall[] = "Сумма слишком мала";
inline constexpr char kSumTooLarge[] = "Сумма слишком велика";
inline constexpr char kTemporary[] =
    "Сейчас не получается: слишком много обращений или временная ошибка. Деньги не списаны. "
    "Повторите через несколько минут.";
inline constexpr char kForbidden[] = "Приём платежей сейчас закрыт. Деньги не списаны.";
inline constexpr char kBankSilent[] =
    "Оплата не начата: банк не ответил. Деньги не списаны. Вернитесь и попробуйте ещё раз.";
inline constexpr char kBadRequest[] = "Запрос не понят. Откройте страницу оплаты заново.";
}  // namespace page_text

// With the headers that every page has.
[[nodiscard]] HttpAnswer AsPage(int status, std::string html);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_ORDER_PAGE_H_

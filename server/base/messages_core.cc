#include "server/base/message_tables.h"

namespace ladon::base::internal {
namespace {

// First the reasons of errors.proto by name, in its order, then trouble with the connection.
// Each sentence says what happened and what the reader can do; none blames the child.
constexpr Message kMessages[] = {
    {"FIELD_INVALID", "Запрос заполнен неверно.", "The request is not filled in correctly."},
    {"REQUEST_ID_REUSED",
     "Этот номер запроса уже использован для другой операции. Начните операцию заново.",
     "This request id was already used for another operation. Start the operation again."},
    {"TEMPLATE_UNSUPPORTED",
     "Шаблон ладони не подходит этому серверу. Обновите программу терминала.",
     "The palm template does not suit this server. Update the terminal program."},
    {"CARD_UID_RANDOM",
     "Эта карта каждый раз показывает новый номер и не подходит. Возьмите другую карту.",
     "This card shows a new number every time and cannot be used. Take another card."},
    {"TOTAL_MISMATCH", "Итог не равен сумме строк. Соберите заказ заново.",
     "The total differs from the sum of the lines. Put the order together again."},

    {"NOT_PERMITTED", "Для этого действия нет прав.", "You are not permitted to do this."},
    {"CLIENT_CERTIFICATE_INVALID",
     "Сертификат этого рабочего места не принят: обратитесь к администратору.",
     "The certificate of this workplace is not accepted: ask the administrator."},

    {"SCHOOL_UNKNOWN", "Такой школы нет.", "There is no such school."},
    {"TERMINAL_UNKNOWN", "Такой кассы нет.", "There is no such till."},
    {"CATERER_UNKNOWN", "Такого поставщика питания нет.", "There is no such caterer."},
    {"SUBJECT_UNKNOWN", "Такого человека в списке школы нет.",
     "There is no such person on the school's list."},
    {"ACCOUNT_UNKNOWN", "Такого счёта нет.", "There is no such account."},
    {"CARD_UNKNOWN", "Карта не зарегистрирована.", "The card is not registered."},
    {"CONSENT_UNKNOWN", "Такого согласия нет.", "There is no such consent."},
    {"ALREADY_EXISTS", "Такая запись уже есть.", "Such a record exists already."},
    {"CARD_BOUND_ELSEWHERE", "Карта уже принадлежит другому человеку.",
     "The card already belongs to somebody else."},
    {"OPERATION_UNKNOWN", "Такая операция не найдена.", "No such operation was found."},

    {"PALM_NOT_RECOGNISED", "Ладонь не узнана. Поднесите её ещё раз или приложите карту.",
     "The palm was not recognised. Show it again or use the card."},
    {"PALM_AMBIGUOUS",
     "Ладонь похожа на двух человек, списания не было. Поднесите её ещё раз или приложите карту.",
     "The palm resembles two people, nothing was charged. Show it again or use the card."},
    {"LIVENESS_FAILED", "Датчик не увидел живой руки. Поднесите ладонь ещё раз.",
     "The sensor saw no live hand. Show the palm again."},
    {"SECOND_MEANS_NEEDED", "Для такой суммы нужна ещё и карта. Приложите карту.",
     "For this sum the card is needed as well. Use the card."},
    {"SECOND_MEANS_MISMATCH", "Карта и ладонь принадлежат разным людям. Списания не было.",
     "The card and the palm belong to different people. Nothing was charged."},
    {"CARD_BLOCKED", "Карта заблокирована.", "The card is blocked."},
    {"CARD_LOST", "Карта объявлена утерянной. Передайте её дежурному.",
     "The card was reported lost. Hand it to the person on duty."},
    {"CARD_EXPIRED", "Срок временной карты истёк.", "The temporary card has expired."},
    {"TOKEN_INVALID", "Опознание не подходит этой кассе. Поднесите ладонь или карту ещё раз.",
     "The identification is not valid at this till. Show the palm or the card again."},
    {"TOKEN_EXPIRED", "Прошло слишком много времени. Поднесите ладонь или карту ещё раз.",
     "Too much time has passed. Show the palm or the card again."},
    {"TOKEN_ALREADY_USED", "По этому опознанию уже оплачено. Поднесите ладонь или карту ещё раз.",
     "This identification has already paid. Show the palm or the card again."},
    {"BIOMETRICS_OFF", "В этой школе ладони не используются. Приложите карту.",
     "This school does not use palms. Use the card."},
    {"CONSENT_MISSING", "Нет действующего согласия. Приложите карту.",
     "There is no valid consent. Use the card."},
    {"SUBJECT_BLOCKED", "Питание по карте и ладони приостановлено. Обратитесь в школу.",
     "Card and palm are suspended for this person. Ask the school office."},
    {"PALM_THROTTLED",
     "На этой кассе слишком много неузнанных ладоней подряд. Приложите карту; через несколько минут"
     " ладонь снова заработает.",
     "Too many palms were not recognised at this till. Use the card; palms will work again in a few"
     " minutes."},
    {"CAPTURES_DIFFER",
     "Снимки не похожи друг на друга. Снимите одну и ту же ладонь ещё раз, не двигая её.",
     "The captures do not resemble each other. Capture the same palm again, holding it still."},
    {"ENROLMENT_NOT_CONFIRMED",
     "По контрольному снимку ладонь не узнана. Снимите её ещё раз, спокойно.",
     "The further capture does not find the palm again. Capture it once more, calmly."},
    {"PALM_ALREADY_ENROLLED",
     "Такая ладонь в школе уже записана. Если это близнец, запись повторяет второй сотрудник с"
     " пометкой о сходстве.",
     "Such a palm is already enrolled in the school. For a twin a second approver repeats the"
     " enrolment and marks the likeness."},
    {"GALLERY_FULL", "В школе записано слишком много ладоней. Обратитесь к администратору.",
     "Too many palms are enrolled in this school. Ask the administrator."},

    {"PRICE_NOT_ON_LIST", "Такой цены нет в сегодняшнем прейскуранте. Обновите прейскурант.",
     "This price is not on today's price list. Refresh the price list."},
    {"PRICE_LIST_MISSING", "На этот день нет прейскуранта.",
     "There is no price list for this day."},
    {"FREE_AMOUNT_NOT_ALLOWED", "Такая произвольная сумма в этой школе не разрешена.",
     "This school does not allow such a typed amount."},
    {"PURSE_NOT_OPEN", "Такой кошелёк не открыт.", "This purse is not open."},
    {"INSUFFICIENT_FUNDS", "Не хватает денег на счёте.", "There is not enough money."},
    {"ACCOUNT_FROZEN", "Счёт заморожен: пополнить можно, списать нельзя.",
     "The account is frozen: it can be topped up but not charged."},
    {"ACCOUNT_CLOSED", "Счёт закрыт.", "The account is closed."},
    {"POSSIBLE_REPEAT",
     "Такой же заказ этого человека оплачен только что. Подтвердите, что это не повтор.",
     "The same order of this person was paid a moment ago. Confirm that it is not a repeat."},
    {"BALANCE_OVERFLOW", "Сумма на счёте стала бы слишком большой.",
     "The balance would become too large."},

    {"CANCELLED_BEFORE_ARRIVAL", "Операция отменена раньше, чем дошла. Списания не было.",
     "The operation was cancelled before it arrived. Nothing was charged."},
    {"CANCEL_WINDOW_PASSED",
     "Время отмены на кассе прошло. Отменить может старший кассир до конца дня.",
     "The till's time to cancel has passed. A senior cashier can cancel until the day ends."},
    {"NOTHING_TO_CANCEL", "Отменять нечего.", "There is nothing to cancel."},
    {"ALREADY_CANCELLED", "Это уже отменено.", "This is cancelled already."},
    {"ORIGINAL_REFUSED", "Исходная операция была отклонена, списания не было.",
     "The original operation was refused, nothing was charged."},

    {"OVERLOADED", "Сервер занят. Повторите через несколько секунд.",
     "The server is busy. Repeat in a few seconds."},
    {"STOPPING", "Сервер перезапускается. Повторите через минуту.",
     "The server is restarting. Repeat in a minute."},
    {"DEADLINE_PASSED", "Сервер не успел ответить. Повторите.",
     "The server did not answer in time. Repeat."},
    {"INTERNAL", "Сбой сервера. Повторите, затем обратитесь к администратору.",
     "The server failed. Repeat, then ask the administrator."},

    {"refusal.with_field", "{0} (поле {1})", "{0} (field {1})"},
    {"network.unavailable", "Нет связи с сервером. Проверьте сеть и повторите.",
     "The server cannot be reached. Check the network and repeat."},
    {"network.deadline", "Сервер не ответил вовремя. Повторите.",
     "The server did not answer in time. Repeat."},
    {"network.other", "Сервер ответил ошибкой {0} без пояснения.",
     "The server answered with error {0} and no explanation."},
};

}  // namespace

std::span<const Message> CoreMessages() {
  return kMessages;
}

}  // namespace ladon::base::internal

#include "server/base/message_tables.h"

namespace ladon::base::internal {
namespace {

// Keys open with "page." (the page on which a parent reads what is held) or "act." (the act of
// destruction and the extract of its log).
constexpr Message kMessages[] = {
    {"page.title", "Что хранится о человеке", "What is held about a person"},
    {"page.intro",
     "Система школьного питания составила эту выписку по статье 14 Федерального закона 152-ФЗ «О "
     "персональных данных». Здесь всё, что в ней хранится об этом человеке: зачем, на каком "
     "основании и до какого срока.",
     "The school meal system made this extract under article 14 of Federal Law 152-FZ on personal "
     "data. Here is all that it holds about this person: what for, on what basis and for how "
     "long."},
    {"page.nothing", "Ничего не хранится.", "Nothing is held."},
    {"page.operator", "Оператор", "Operator"},
    {"page.operator_address", "Адрес оператора", "Operator's address"},
    {"page.made_at", "Составлено", "Made at"},

    {"page.subject", "Человек", "The person"},
    {"page.subject_why",
     "Зачем: отпустить питание именно этому человеку и вести его счёт. Основание: согласие, "
     "договор "
     "о питании и обязанность школы (статья 6). Срок: пока человек учится или работает в школе, "
     "затем не дольше 30 дней.",
     "What for: to serve this very person and to keep the account. Basis: consent, the contract on "
     "meals and the duty of the school (article 6). Term: as long as the person is at the school, "
     "then at most 30 days."},
    {"page.family_name", "Фамилия", "Family name"},
    {"page.given_name", "Имя", "Given name"},
    {"page.class", "Класс", "Class"},
    {"page.birth_date", "Дата рождения", "Date of birth"},
    {"page.left_on", "Последний день в школе", "Last day at the school"},
    {"page.kind", "Кто это", "Kind"},
    {"page.state", "Состояние", "State"},
    {"page.external_id", "Код в школе", "School's id"},
    {"page.payment_account", "Лицевой счёт для оплаты", "Payment account"},
    {"page.subject_id", "Номер в системе", "Id in the system"},
    {"page.kind.pupil", "ученик", "pupil"},
    {"page.kind.staff", "сотрудник", "staff"},
    {"page.kind.visitor", "посетитель", "visitor"},
    {"page.state.active", "действует", "active"},
    {"page.state.blocked", "заблокирован", "blocked"},
    {"page.state.card_only", "только по карте", "card only"},
    {"page.state.erased", "уничтожен", "destroyed"},
    {"page.state.lost", "утеряна", "lost"},
    {"page.state.temporary", "временная", "temporary"},
    {"page.state.expired", "срок истёк", "expired"},
    {"page.state.received", "принято", "received"},
    {"page.state.open", "в работе", "in progress"},
    {"page.state.in_progress", "в работе", "in progress"},
    {"page.state.extended", "продлено", "extended"},
    {"page.state.done", "исполнено", "done"},
    {"page.state.refused", "отказано", "refused"},
    {"page.state.overdue", "просрочено", "overdue"},

    {"page.bases", "Что делается с данными", "What is done with the data"},
    {"page.processing", "Что делается", "What is done"},
    {"page.purpose", "Зачем", "What for"},
    {"page.basis", "Основание", "Basis"},
    {"page.term", "Срок", "Term"},

    {"page.consents", "Согласия", "Consents"},
    {"page.consents_why",
     "Зачем: доказать, что согласие было. Основание: статья 9 часть 3. Срок: пока согласие "
     "действует, затем как доказательство. Сам документ хранит школа, здесь только его отпечаток "
     "(SHA-256). Отозвать согласие можно в любой день.",
     "What for: to prove that there was a consent. Basis: article 9 part 3. Term: as long as the "
     "consent is valid, then as evidence. The school keeps the document itself, here is only its "
     "digest (SHA-256). A consent may be withdrawn on any day."},
    {"page.consent", "Согласие {0}", "Consent {0}"},
    {"page.consent_kind", "На что", "For what"},
    {"page.consent.personal_data", "обработка персональных данных", "processing of personal data"},
    {"page.consent.biometric", "опознание по ладони", "identification by palm"},
    {"page.signer", "Кто подписал", "Signed by"},
    {"page.signer.representative", "законный представитель", "legal representative"},
    {"page.signer.self", "сам человек", "the person"},
    {"page.signer.both", "законный представитель и сам человек",
     "legal representative and the person"},
    {"page.form", "Вид документа", "Form"},
    {"page.form.paper", "на бумаге", "on paper"},
    {"page.form.electronic_signature", "с электронной подписью", "with an electronic signature"},
    {"page.valid_from", "Действует с", "Valid from"},
    {"page.valid_until", "Действует до", "Valid until"},
    {"page.recorded_at", "Записано", "Recorded at"},
    {"page.withdrawn_at", "Отозвано", "Withdrawn at"},
    {"page.purposes", "Цели", "Purposes"},
    {"consent_purpose.meals", "Обслуживание и учёт питания", "Serving and accounting for meals"},
    {"consent_purpose.settlement", "Расчёты с плательщиками, поставщиками и бюджетом",
     "Settlement with payers, caterers and the budget"},
    {"consent_purpose.notification", "Сообщения родителям", "Telling parents"},
    {"consent_purpose.palm_identification", "Опознание у кассы по ладони",
     "Identification at the till by palm"},
    {"page.processor", "Кому поручено", "Entrusted to"},
    {"page.checked_by", "Кто проверил полномочия", "Authority checked by"},
    {"page.document", "Отпечаток документа", "Digest of the document"},
    {"page.authority_document", "Отпечаток документа о полномочиях",
     "Digest of the document of authority"},
    {"page.id", "Номер", "Id"},

    {"page.palms", "Ладони", "Palms"},
    {"page.palms_why",
     "Зачем: узнать человека у кассы. Основание: отдельное письменное согласие (статья 11). Срок: "
     "до "
     "отзыва согласия, затем не дольше 30 дней. Хранится не снимок, а зашифрованный код рисунка "
     "вен; "
     "показать его нельзя, можно только уничтожить. Вместо ладони всегда можно пользоваться "
     "картой.",
     "What for: to recognise the person at the till. Basis: a separate written consent (article "
     "11). "
     "Term: until the consent is withdrawn, then at most 30 days. What is held is no picture but "
     "an "
     "enciphered code of the vein pattern; it cannot be shown, only destroyed. A card can always "
     "be "
     "used instead."},
    {"page.side", "Ладонь", "Palm"},
    {"page.side.left", "левая", "left"},
    {"page.side.right", "правая", "right"},
    {"page.samples", "Кодов", "Codes"},
    {"page.quality", "Качество, из 100", "Quality, of 100"},

    {"page.cards", "Карты и ПИН-код", "Cards and PIN"},
    {"page.cards_why",
     "Зачем: узнать человека у кассы. Основание: согласие и договор о питании (статья 6). Срок: "
     "пока "
     "карта привязана. Номер карты и ПИН-код не хранятся: только отпечатки, по которым их можно "
     "сверить, и последний байт номера, чтобы отличить карты друг от друга.",
     "What for: to recognise the person at the till. Basis: consent and the contract on meals "
     "(article 6). Term: as long as the card is bound. Neither the card number nor the PIN is "
     "held: "
     "only digests to compare with, and the last byte of the number to tell cards apart."},
    {"page.tail", "Последний байт", "Last byte"},
    {"page.pin", "ПИН-код задан", "PIN is set"},

    {"page.purses", "Кошельки", "Purses"},
    {"page.purses_why",
     "Зачем: платить за питание. Основание: договор о питании и закон о бухгалтерском учёте "
     "(402-ФЗ, "
     "статья 29). Срок: не менее пяти лет после отчётного года, без имени. Остаток можно вернуть.",
     "What for: to pay for meals. Basis: the contract on meals and the law on accounting (402-FZ, "
     "article 29). Term: at least five years after the year, without the name. What is left can be "
     "paid back."},
    {"page.purse", "Кошелёк", "Purse"},
    {"page.balance", "Остаток", "Balance"},
    {"page.overdraft", "Разрешённый минус", "Overdraft limit"},
    {"page.frozen", "Заморожен", "Frozen"},
    {"page.account", "Номер счёта", "Account id"},

    {"page.requests", "Обращения", "Requests"},
    {"page.requests_why",
     "Зачем: ответить в срок и доказать это. Основание: статьи 14, 20 и 21. Срок: три года.",
     "What for: to answer in time and to prove it. Basis: articles 14, 20 and 21. Term: three "
     "years."},
    {"page.request", "О чём", "About"},
    {"page.request.access", "показать данные", "to show the data"},
    {"page.request.rectify", "исправить данные", "to correct the data"},
    {"page.request.block", "заблокировать данные", "to block the data"},
    {"page.request.stop", "прекратить обработку", "to stop processing"},
    {"page.request.withdraw", "отозвать согласие", "to withdraw a consent"},
    {"page.request.unlawful", "обработка незаконна", "processing is unlawful"},
    {"page.request.purpose_reached", "цель достигнута", "the purpose is reached"},
    {"page.request.erase", "уничтожить данные", "to destroy the data"},
    {"page.received", "Получено", "Received"},
    {"page.deadline", "Исполнить до", "Due"},
    {"page.closed", "Закрыто", "Closed"},
    {"page.note", "Примечание", "Note"},

    {"page.movements", "Движение денег", "Movements of money"},
    {"page.movements_why",
     "Зачем: учёт и проверка. Основание: закон о бухгалтерском учёте (402-ФЗ, статья 29). Срок: не "
     "менее пяти лет после отчётного года, без имени. Деньги со знаком минус списаны.",
     "What for: accounts and their verification. Basis: the law on accounting (402-FZ, article "
     "29). "
     "Term: at least five years after the year, without the name. Sums with a minus were paid out "
     "of the account."},
    {"page.at", "Когда", "When"},
    {"page.service_date", "День питания", "Service date"},
    {"page.sum", "Сумма", "Sum"},
    {"page.what", "Что", "What"},
    {"page.item", "Блюдо", "Item"},
    {"page.movements_cut", "Показаны первые {0}; остальные выдаются отдельно.",
     "The first {0} are shown; the others are handed out apart."},
    {"page.what.top_up", "пополнение", "top-up"},
    {"page.what.meal", "питание", "meal"},
    {"page.what.cancel", "отмена", "cancellation"},
    {"page.what.terms", "условия счёта", "account terms"},
    {"page.what.subsidy", "льгота", "subsidy"},
    {"page.what.hold", "удержание", "hold"},
    {"page.what.refund", "возврат", "refund"},
    {"page.what.carried", "перенос остатка", "balance carried over"},
    {"page.what.moved", "перенос ошибочного платежа", "misdirected payment moved"},

    {"page.accesses", "Кто обращался к данным", "Who accessed the data"},
    {"page.accesses_why",
     "Зачем: знать, кто и когда обращался к данным. Основание: статья 19 часть 2 пункт 8. Срок: "
     "три "
     "года.",
     "What for: to know who accessed the data and when. Basis: article 19 part 2 point 8. Term: "
     "three years."},
    {"page.accesses_apart", "Выписка из журнала обращений выдаётся отдельно.",
     "The extract of the log of accesses is handed out apart."},
    {"page.role", "Кто", "Who"},
    {"page.actor", "Номер", "Id"},
    {"page.call", "Что делал", "What was done"},
    {"page.outcome", "Исход", "Outcome"},
    {"page.role.terminal", "касса", "till"},
    {"page.role.senior-cashier", "старший кассир", "senior cashier"},
    {"page.role.enroller", "сотрудник, ведущий списки", "enrolment desk"},
    {"page.role.sysadmin", "системный администратор", "system administrator"},
    {"page.role.auditor", "аудитор", "auditor"},
    {"page.role.school", "школа", "school"},
    {"page.role.caterer", "поставщик питания", "caterer"},
    {"page.role.municipality", "муниципалитет", "municipality"},
    {"page.role.channel", "канал оплаты", "payment channel"},
    {"page.role.data-protection-officer", "ответственный за персональные данные",
     "data-protection officer"},
    {"page.role.security-admin", "администратор безопасности", "security administrator"},
    {"page.call.Identify", "опознание", "identification"},
    {"page.call.IdentifyAndDebit", "опознание и оплата", "identification and payment"},
    {"page.call.Debit", "оплата", "payment"},
    {"page.call.Cancel", "отмена покупки", "cancellation of a purchase"},
    {"page.call.TopUp", "пополнение", "top-up"},
    {"page.call.GetBalance", "просмотр остатка", "looked at the balance"},
    {"page.call.GetStatement", "просмотр движения денег", "looked at the movements"},
    {"page.call.PlacePayment", "зачисление невыясненного платежа", "placed a payment"},
    {"page.call.MovePayment", "перенос ошибочного платежа", "moved a misdirected payment"},
    {"page.call.OpenRefund", "возврат плательщику", "opened a refund"},
    {"page.call.CloseRefund", "выплата возврата", "paid a refund out"},
    {"page.call.CancelRefund", "отмена возврата", "cancelled a refund"},
    {"page.call.SetOverdraftLimit", "разрешённый минус", "overdraft limit"},
    {"page.call.SetFrozen", "заморозка счёта", "froze or unfroze the account"},
    {"page.call.SetLimits", "запись ограничений", "set limits"},
    {"page.call.GetLimits", "просмотр ограничений", "looked at limits"},
    {"page.call.SetEntitlements", "запись льгот", "set entitlements"},
    {"page.call.GetEntitlements", "просмотр льгот", "looked at entitlements"},
    {"page.call.CreateSubject", "внесение в список", "entered the person"},
    {"page.call.UpdateSubject", "изменение данных", "changed the data"},
    {"page.call.ListSubjects", "просмотр списка", "looked at the list"},
    {"page.call.RecordConsent", "запись согласия", "recorded a consent"},
    {"page.call.WithdrawConsent", "отзыв согласия", "withdrew a consent"},
    {"page.call.EnrolPalm", "запись ладони", "enrolled a palm"},
    {"page.call.BindCard", "привязка карты", "bound a card"},
    {"page.call.SetCardState", "состояние карты", "changed the state of a card"},
    {"page.call.SetPin", "запись ПИН-кода", "set the PIN"},
    {"page.call.ListClass", "просмотр списка класса", "looked at the class list"},
    {"page.call.BookByList", "оплата по списку", "payment by list"},
    {"page.call.GetReceipt", "квитанция", "receipt"},
    {"page.call.ExportExtract", "выписка", "extract"},
    {"page.call.ListEntries", "просмотр записей", "looked at the entries"},
    {"page.call.ExportSubject", "выдача сведений", "handed out what is held"},
    {"page.call.RectifySubject", "исправление данных", "corrected the data"},
    {"page.call.BlockSubject", "блокирование данных", "blocked or unblocked the data"},
    {"page.call.EraseSubject", "уничтожение данных", "destroyed the data"},
    {"page.call.MoveSubject", "перевод в другую школу", "moved to another school"},
    {"page.call.OpenRequest", "запись обращения", "recorded a request"},
    {"page.outcome.success", "исполнено", "done"},
    {"page.outcome.refused", "отказано", "refused"},
    {"page.outcome.failed", "не удалось", "failed"},

    {"page.recipients", "Кому передаются данные", "Who else gets the data"},
    {"page.whom", "Кому", "To whom"},

    {"page.rights", "Ваши права", "Your rights"},
    {"page.rights_why",
     "Обратитесь в школу, если здесь есть ошибка (исправят за 7 рабочих дней), если хотите "
     "заблокировать данные (сразу), прекратить обработку (10 рабочих дней), отозвать согласие или "
     "уничтожить данные (30 дней). Отказ от ладони не лишает питания. Решение школы можно "
     "обжаловать "
     "в Роскомнадзор или в суд.",
     "Turn to the school if something here is wrong (it is corrected within 7 working days), or to "
     "have the data blocked (at once), the processing stopped (10 working days), a consent "
     "withdrawn "
     "or the data destroyed (30 days). Who refuses the palm is served all the same. A decision of "
     "the school can be appealed to Roskomnadzor or in court."},

    {"act.title", "Акт об уничтожении персональных данных № {0}",
     "Act No. {0} of the destruction of personal data"},
    {"act.intro",
     "Составлен по статье 21 часть 7 Федерального закона 152-ФЗ и приказу Роскомнадзора от "
     "28.10.2022 № 179. Хранится три года.",
     "Drawn up under article 21 part 7 of Federal Law 152-FZ and Roskomnadzor order 179 of "
     "28.10.2022. Kept for three years."},
    {"act.extract_title", "Выгрузка из журнала регистрации событий к акту № {0}",
     "Extract of the event log for act No. {0}"},
    {"act.extract_intro",
     "Составлена по приказу Роскомнадзора от 28.10.2022 № 179. Хранится три года вместе с актом.",
     "Drawn up under Roskomnadzor order 179 of 28.10.2022. Kept for three years with the act."},
    {"act.operator", "Оператор", "Operator"},
    {"act.operator_address", "Адрес оператора", "Operator's address"},
    {"act.processor", "Обработка поручена", "Processing entrusted to"},
    {"act.processor_address", "Адрес того, кому поручена", "Address of the processor"},
    {"act.not_entrusted", "никому не поручена", "nobody"},
    {"act.subject", "Чьи данные уничтожены", "Whose data were destroyed"},
    {"act.subject_id", "Номер субъекта в системе", "Subject's id in the system"},
    {"act.categories", "Уничтоженные категории данных", "Categories destroyed"},
    {"act.system", "Информационная система", "Information system"},
    {"act.method", "Способ уничтожения", "Method of destruction"},
    {"act.reason", "Причина", "Reason"},
    {"act.date", "Дата уничтожения", "Date of destruction"},
    {"act.keys_destroyed", "Уничтожено ключей", "Keys destroyed"},
    {"act.epoch_after", "Эпоха ключей после уничтожения", "Key epoch after the destruction"},
    {"act.log_extract", "SHA-256 выгрузки из журнала", "SHA-256 of the log extract"},
    {"act.performed_by", "Данные уничтожили", "The data were destroyed by"},
    {"act.name", "Фамилия, имя, отчество", "Full name"},
    {"act.position", "Должность", "Position"},
    {"act.signature", "Подпись", "Signature"},
    {"act.approved_by", "Утвердил", "Approved by"},
    {"act.reason.CONSENT_WITHDRAWN", "согласие отозвано (статья 21 часть 5)",
     "the consent was withdrawn (article 21 part 5)"},
    {"act.reason.PURPOSE_REACHED", "цель обработки достигнута (статья 21 часть 4)",
     "the purpose was reached (article 21 part 4)"},
    {"act.reason.LEFT_SCHOOL",
     "человек выбыл из школы, цель обработки достигнута (статья 21 часть 4)",
     "the person left the school, the purpose was reached (article 21 part 4)"},
    {"act.reason.UNLAWFUL", "обработка была неправомерной (статья 21 часть 3)",
     "the processing was unlawful (article 21 part 3)"},
    {"act.reason.SUBJECT_DEMAND", "требование субъекта", "demand of the subject"},
    {"act.reason.COURT", "решение суда", "decision of a court"},
    {"act.reason.SCHOOL_CLOSED", "оператор прекратил работу", "the operator has closed"},
    {"act.reason.NO_CONSENT_AT_18", "человеку исполнилось 18 лет, собственного согласия он не дал",
     "the person turned 18 and gave no consent of their own"},
};

}  // namespace

std::span<const Message> RightsMessages() {
  return kMessages;
}

}  // namespace ladon::base::internal

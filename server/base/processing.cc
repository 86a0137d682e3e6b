#include "server/base/processing.h"

#include <algorithm>

namespace ladon::base {
namespace {

constexpr Processing kProcessings[] = {
    {.id = kBiometricProcessing,
     .name = {"Опознание по рисунку вен ладони", "Identification by palm veins"},
     .purpose =
         {"Узнать человека у кассы столовой, чтобы списать оплату питания с его счёта. Только "
          "по желанию: карта и список класса дают то же самое по той же цене.",
          "To recognise a person at the canteen till, so that a meal is paid from their "
          "account. By choice only: a card or the class list does the same at the same "
          "price."},
     .subjects = {"Ученики, сотрудники и посетители, давшие отдельное согласие, в школах, где эта "
                  "возможность включена",
                  "Pupils, staff and visitors who gave a separate consent, in schools where it is "
                  "switched on"},
     .categories =
         {"Биометрические: шаблон рисунка вен (код, а не снимок), сторона ладони, качество",
          "Biometric: a template of the vein pattern (a code, not a picture), side of the "
          "palm, quality"},
     .basis =
         {"Письменное согласие: статья 11 часть 1 и статья 9 часть 4 Федерального закона 152-ФЗ",
          "Written consent: article 11 part 1 and article 9 part 4 of Federal Law 152-FZ"},
     .term =
         {"До отзыва или окончания согласия либо до выбытия; из поиска шаблон уходит сразу, "
          "уничтожается не позднее чем через 30 дней",
          "Until the consent is withdrawn or ends, or the person leaves; the template leaves the "
          "search at once and is destroyed within 30 days"},
     .recipients = {"Никто: шаблон не покидает сервер",
                    "Nobody: a template never leaves the server"},
     .measures =
         {"Снимок остаётся в кассе и не хранится; каждый шаблон зашифрован ключом своего "
          "владельца, в памяти тоже лежит зашифрованным; уничтожение ключа делает нечитаемыми "
          "и старые копии",
          "The picture stays in the terminal and is not kept; every template is sealed under "
          "a key of its owner and enciphered in memory as well; destroying the key makes old "
          "copies unreadable too"}},
    {.id = kAccountingProcessing,
     .name = {"Опознание и учёт питания", "Identification and meal accounts"},
     .purpose =
         {"Отпускать питание нужному человеку, вести его счёт, применять льготы и ограничения, "
          "которые задали родители",
          "To serve the right person, keep their account, and apply the entitlements and the "
          "limits that parents set"},
     .subjects = {"Ученики, сотрудники и посетители школы",
                  "Pupils, staff and visitors of the school"},
     .categories =
         {"Фамилия, имя, класс, код в школе, дата рождения, если школа её внесла; ключевой "
          "хеш и последний байт номера карты; отпечаток PIN; код льготы без её причины",
          "Family and given name, class, the school's id, date of birth where the school "
          "entered it; a keyed hash and the last byte of the card number; a digest of the "
          "PIN; the code of an entitlement without its reason"},
     .basis =
         {"Согласие, договор об организации питания и обязанность школы организовать питание: "
          "статья 6 часть 1 пункты 1, 2 и 5 Федерального закона 152-ФЗ, статья 37 Федерального "
          "закона 273-ФЗ",
          "Consent, the contract on meals, and the school's duty to provide them: article 6 part "
          "1 points 1, 2 and 5 of Federal Law 152-FZ, article 37 of Federal Law 273-FZ"},
     .term =
         {"Пока человек учится или работает в школе; затем уничтожается не позднее чем через 30 "
          "дней",
          "As long as the person is at the school; then destroyed within 30 days"},
     .recipients =
         {"Касса школы: имя, первая буква фамилии и класс в момент покупки",
          "The school's till: given name, first letter of the family name and class at the "
          "moment of a purchase"},
     .measures =
         {"Записи зашифрованы ключом своего владельца; доступ только по личному сертификату и "
          "роли своей школы; каждое обращение записано",
          "Records are sealed under a key of their owner; access only with a personal "
          "certificate and a role of the same school; every access is logged"}},
    {.id = kLedgerProcessing,
     .name = {"Бухгалтерский журнал", "The ledger"},
     .purpose = {"Учитывать пополнения, оплату и льготы так, чтобы их можно было проверить",
                 "To account for top-ups, payments and subsidies so that they can be verified"},
     .subjects = {"Владельцы счетов: ученики, сотрудники и посетители",
                  "Holders of accounts: pupils, staff and visitors"},
     .categories =
         {"Случайный номер счёта, сумма, день и время, вид операции; имён и классов в "
          "журнале нет",
          "A random account number, sum, day and time, kind of operation; the ledger holds "
          "no names and no classes"},
     .basis =
         {"Обязанность по закону: статья 29 Федерального закона 402-ФЗ; статья 6 часть 1 пункт 2 "
          "Федерального закона 152-ФЗ",
          "A duty by law: article 29 of Federal Law 402-FZ; article 6 part 1 point 2 of Federal "
          "Law 152-FZ"},
     .term =
         {"Не менее пяти лет после отчётного года; отзыв согласия и уничтожение данных человека "
          "журнал не меняют, но делают его записи безымянными",
          "At least five years after the year they report; withdrawing a consent or destroying a "
          "person's data leaves the ledger as it is but makes its entries nameless"},
     .recipients = {"Поставщик питания, аудитор, по закону налоговые и контрольные органы: суммы и "
                    "номера счетов без имён",
                    "The caterer, the auditor, by law tax and supervisory bodies: sums and account "
                    "numbers without names"},
     .measures =
         {"Записи связаны деревом Меркла и подписаны: изменить их незаметно нельзя; проверка "
          "возможна без доверия к серверу",
          "Entries are bound in a signed Merkle tree: none can be changed unseen; they can be "
          "verified without trusting the server"}},
    {.id = kRightsProcessing,
     .name = {"Согласия, обращения и акты", "Consents, requests and acts"},
     .purpose =
         {"Доказать, что согласие было, ответить на обращение в срок и подтвердить уничтожение",
          "To prove that there was a consent, answer a request in time and confirm a "
          "destruction"},
     .subjects = {"Ученики, сотрудники, посетители; законные представители и те, кто вёл обращение",
                  "Pupils, staff, visitors; legal representatives and who handled a request"},
     .categories =
         {"Вид, срок и отпечаток документа согласия, кто подписал и кто проверил полномочия; "
          "вид, день и срок обращения; акт об уничтожении",
          "Kind, term and digest of a consent document, who signed it and who checked the "
          "authority; kind, day and deadline of a request; the act of destruction"},
     .basis =
         {"Обязанность по закону: статья 9 часть 3, статьи 14, 20 и 21 Федерального закона 152-ФЗ, "
          "приказ Роскомнадзора от 28.10.2022 № 179",
          "A duty by law: article 9 part 3, articles 14, 20 and 21 of Federal Law 152-FZ, "
          "Roskomnadzor order 179 of 28.10.2022"},
     .term = {"Согласие: пока оно действует; акт и выгрузка из журнала: три года",
              "A consent: as long as it is valid; an act and its log extract: three years"},
     .recipients = {"Субъект или его законный представитель; по запросу Роскомнадзор",
                    "The subject or their legal representative; Roskomnadzor on request"},
     .measures =
         {"Сам документ хранит школа, в системе лежит только его отпечаток; имя есть только в "
          "выданном акте",
          "The school keeps the document itself, the system only its digest; a name stands "
          "only in the act that was handed out"}},
    {.id = kSecurityLogProcessing,
     .name = {"Журнал безопасности", "The security log"},
     .purpose = {"Знать, кто, когда и к чьим данным обращался, и обнаружить злоупотребление",
                 "To know who accessed whose data and when, and to find misuse"},
     .subjects = {"Сотрудники, работающие с системой; люди, к чьим данным обращались",
                  "Staff who work with the system; the people whose data were accessed"},
     .categories =
         {"Номер сертификата и роль, вызов и его исход, адрес, время, случайный номер "
          "человека; имён, карт и шаблонов в журнале нет",
          "Certificate number and role, the call and its outcome, address, time, a random "
          "number of the person; the log holds no names, cards or templates"},
     .basis = {"Обязанность по закону: статья 19 часть 2 пункт 8 Федерального закона 152-ФЗ, "
               "приказ ФСТЭК "
               "России от 18.02.2013 № 21",
               "A duty by law: article 19 part 2 point 8 of Federal Law 152-FZ, FSTEC order 21 of "
               "18.02.2013"},
     .term = {"Три года", "Three years"},
     .recipients =
         {"Администратор безопасности и ответственный за персональные данные; субъект видит "
          "обращения к своим данным",
          "The security administrator and the data-protection officer; a subject sees the "
          "accesses to their own data"},
     .measures =
         {"Ответ даётся только после записи в журнал; записи связаны собственным деревом Меркла: "
          "изменить или убрать одну незаметно нельзя",
          "No answer is given before its record is written; records are bound in a Merkle tree of "
          "their own: none can be changed or removed unseen"}},
};

}  // namespace

std::span<const Processing> AllProcessings() {
  return kProcessings;
}

const Processing* FindProcessing(std::string_view id) {
  const std::span<const Processing> all = AllProcessings();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Processing& one) { return one.id == id; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace ladon::base

// Sber's first protocol for billers.
//
// Codes: 0 ok; 1 temporary, repeat; 2 unknown ACTION; 3 account not found; 4 form of the account; 5
// account not active; 6 PAY_ID; 7 forbidden for technical reasons; 8 booked before, with the first
// EXT_ID, REG_DATE and AMOUNT; 9 sum; 10, 11 sum too small, too large; 12 date; 300 anything else.
// It has no cancel: what was paid by mistake goes back by the bank's letter.
#include <optional>
#include <string>

#include "server/channels/amount.h"
#include "server/channels/answer_xml.h"
#include "server/channels/protocol.h"
#include "server/channels/reader.h"

namespace ladon::channels {
namespace {

constexpr char kDateForm[] = "dd.mm.YYYY_HH:MM:SS";
constexpr char kDateFormat[] = "%d.%m.%Y_%H:%M:%S";

int CodeOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return 0;
    case Verdict::kTemporary:
      return 1;
    case Verdict::kUnknownVerb:
      return 2;
    case Verdict::kAccountUnknown:
      return 3;
    case Verdict::kBadAccount:
      return 4;
    case Verdict::kAccountInactive:
      return 5;
    case Verdict::kBadPaymentId:
      return 6;
    case Verdict::kForbidden:
    case Verdict::kTechnical:
      return 7;
    case Verdict::kDuplicate:
      return 8;
    case Verdict::kBadAmount:
      return 9;
    case Verdict::kTooSmall:
      return 10;
    case Verdict::kTooLarge:
      return 11;
    case Verdict::kBadDate:
      return 12;
    case Verdict::kConflict:
    case Verdict::kPaymentUnknown:
    case Verdict::kCannotCancel:
    case Verdict::kInternal:
      return 300;
  }
  return 300;
}

class SberOne final : public Protocol {
 public:
  explicit SberOne(const Dialect& dialect) : dialect_(dialect) {}

  [[nodiscard]] Reading Read(const QueryParameters& parameters) const override {
    Reader reader(parameters);
    Reading reading;
    Question& question = reading.question;
    const std::optional<std::string> action = reader.Value("ACTION");
    const bool pays = action == "payment";
    if (!pays && action != "check") reader.Fail(Verdict::kUnknownVerb);
    question.verb = pays ? Verb::kPay : Verb::kCheck;
    question.typed_account =
        reader.Account("ACCOUNT", dialect_.account_pattern.get(), &question.account);
    if (!question.account && !pays) reader.Fail(Verdict::kBadAccount);
    if (pays) {
      question.payment_id = reader.PaymentId("PAY_ID", true);
      question.kopecks = reader.Amount("AMOUNT", true);
      question.paid_at = reader.Date("PAY_DATE", kDateForm, dialect_.time_zone, true);
    }
    reading.verdict = reader.verdict();
    return reading;
  }

  [[nodiscard]] std::string Write(const Question&, const Reply& reply) const override {
    AnswerXml xml("response");
    if (!reply.masked_name.empty()) xml.Add("FIO", reply.masked_name);
    if (reply.our_id != 0) xml.Add("EXT_ID", std::to_string(reply.our_id));
    if (reply.registered_at) {
      xml.Add("REG_DATE", absl::FormatTime(kDateFormat, *reply.registered_at, dialect_.time_zone));
    }
    if (reply.kopecks) xml.Add("AMOUNT", FormatAmount(*reply.kopecks));
    xml.Add("CODE", std::to_string(CodeOf(reply.verdict)));
    if (dialect_.comments) xml.Add("MESSAGE", reply.comment);
    return xml.Render(dialect_.charset);
  }

 private:
  const Dialect dialect_;
};

}  // namespace

std::unique_ptr<Protocol> MakeSberOne(const Dialect& dialect) {
  return std::make_unique<SberOne>(dialect);
}

}  // namespace ladon::channels

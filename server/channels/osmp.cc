// OSMP and Sber's second protocol, which took its names.
//
// Results of OSMP: 0 ok; 1 temporary, the only one that a bank repeats by itself; 4 form of the
// account; 5 account not found; 7 forbidden by the provider; 8 forbidden for technical reasons; 79
// account not active; 241, 242 sum too small, too large; 251 cannot be cancelled; 300 anything
// else. Those of Sber's second protocol are OSMP's, with 8 for what was booked before.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/channels/amount.h"
#include "server/channels/answer_xml.h"
#include "server/channels/protocol.h"
#include "server/channels/reader.h"

namespace ladon::channels {
namespace {

constexpr char kDateForm[] = "YYYYmmddHHMMSS";
constexpr char kDateFormat[] = "%Y%m%d%H%M%S";

int ResultOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
    case Verdict::kDuplicate:  // Told as what it is: done.
      return 0;
    case Verdict::kTemporary:
      return 1;
    case Verdict::kBadAccount:
      return 4;
    case Verdict::kAccountUnknown:
      return 5;
    case Verdict::kForbidden:
      return 7;
    case Verdict::kTechnical:
      return 8;
    case Verdict::kAccountInactive:
      return 79;
    case Verdict::kTooSmall:
      return 241;
    case Verdict::kTooLarge:
      return 242;
    case Verdict::kCannotCancel:
      return 251;
    case Verdict::kUnknownVerb:
    case Verdict::kBadPaymentId:
    case Verdict::kConflict:
    case Verdict::kBadAmount:
    case Verdict::kBadDate:
    case Verdict::kPaymentUnknown:
    case Verdict::kInternal:
      return 300;
  }
  return 300;
}

std::optional<Verb> VerbOf(const std::optional<std::string>& command, bool cancels) {
  if (command == "check") return Verb::kCheck;
  if (command == "pay") return Verb::kPay;
  if (cancels && command == "status") return Verb::kStatus;
  if (cancels && command == "cancel") return Verb::kCancel;
  return std::nullopt;
}

class Osmp final : public Protocol {
 public:
  Osmp(const Dialect& dialect, bool of_sber) : dialect_(dialect), of_sber_(of_sber) {}

  [[nodiscard]] Reading Read(const QueryParameters& parameters) const override {
    Reader reader(parameters);
    Reading reading;
    Question& question = reading.question;
    const std::optional<Verb> verb = VerbOf(reader.Value("command"), dialect_.cancels);
    if (!verb) reader.Fail(Verdict::kUnknownVerb);
    question.verb = verb.value_or(Verb::kCheck);
    const bool pays = question.verb == Verb::kPay;
    const bool of_payment = pays || question.verb != Verb::kCheck;
    // Sber's second one checks without a payment.
    question.payment_id = reader.PaymentId("txn_id", of_payment || !of_sber_);
    if (pays || question.verb == Verb::kCheck) {
      question.typed_account =
          reader.Account("account", dialect_.account_pattern.get(), &question.account);
      if (!question.account && !pays) reader.Fail(Verdict::kBadAccount);
      question.kopecks = reader.Amount("sum", pays);
    }
    if (pays) question.paid_at = reader.Date("txn_date", kDateForm, dialect_.time_zone, true);
    reading.verdict = reader.verdict();
    return reading;
  }

  [[nodiscard]] std::string Write(const Question& question, const Reply& reply) const override {
    AnswerXml xml("response");
    if (!of_sber_) xml.Add("osmp_txn_id", question.payment_id);
    if (reply.our_id != 0) xml.Add(of_sber_ ? "ext_id" : "prv_txn", std::to_string(reply.our_id));
    if (of_sber_ && reply.registered_at) {
      xml.Add("reg_date", absl::FormatTime(kDateFormat, *reply.registered_at, dialect_.time_zone));
    }
    if (reply.kopecks) xml.Add("sum", FormatAmount(*reply.kopecks));
    constexpr int kSberDuplicate = 8;
    const bool duplicate = of_sber_ && reply.verdict == Verdict::kDuplicate;
    xml.Add("result", std::to_string(duplicate ? kSberDuplicate : ResultOf(reply.verdict)));
    if (of_sber_ && !reply.masked_name.empty()) xml.Add("fio", reply.masked_name);
    if (dialect_.comments) xml.Add("comment", CommentOf(reply));
    return xml.Render(dialect_.charset);
  }

 private:
  // OSMP has no place of its own for the name.
  [[nodiscard]] std::string CommentOf(const Reply& reply) const {
    if (of_sber_ || reply.masked_name.empty()) return reply.comment;
    return reply.comment.empty() ? reply.masked_name : reply.masked_name + "; " + reply.comment;
  }

  const Dialect dialect_;
  const bool of_sber_;
};

}  // namespace

std::unique_ptr<Protocol> MakeOsmp(const Dialect& dialect) {
  return std::make_unique<Osmp>(dialect, false);
}

std::unique_ptr<Protocol> MakeSberTwo(const Dialect& dialect) {
  return std::make_unique<Osmp>(dialect, true);
}

}  // namespace ladon::channels

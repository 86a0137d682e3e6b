#include "server/channels/core.h"

#include <utility>

#include "server/channels/amount.h"
#include "server/client/connection.h"

namespace ladon::channels {
namespace {

// What an operator looks for: the code of gRPC and our reason, names of both.
std::string FaultOf(const grpc::Status& status) {
  const v1::ErrorReason reason = client::DetailOf(status).reason();
  if (reason != v1::ERROR_REASON_UNSPECIFIED) return v1::ErrorReason_Name(reason);
  return "gRPC " + std::to_string(status.error_code()) + ": " + status.error_message();
}

Reply Refused(Verdict verdict) {
  return {.verdict = verdict, .comment = CommentOf(verdict)};
}
Reply Refused(const grpc::Status& status) {
  Reply reply = Refused(VerdictOf(status));
  if (reply.verdict == Verdict::kTemporary) reply.fault = FaultOf(status);
  return reply;
}

absl::Time TimeOf(const google::protobuf::Timestamp& from) {
  return absl::FromUnixSeconds(from.seconds()) + absl::Nanoseconds(from.nanos());
}

// Of a payment that is booked: the same whenever it is asked for.
Reply Told(const v1::Payment& payment, Verdict verdict) {
  return {.verdict = verdict,
          .our_id = payment.number(),
          .kopecks = payment.paid_kopecks(),
          .registered_at = TimeOf(payment.booked_at()),
          .comment = CommentOf(verdict)};
}

}  // namespace

Verdict VerdictOf(const grpc::Status& status) {
  if (!client::IsDefinite(status)) return Verdict::kTemporary;
  switch (client::DetailOf(status).reason()) {
    case v1::ERROR_REASON_PAYMENT_ACCOUNT_UNKNOWN:
      return Verdict::kAccountUnknown;
    case v1::ERROR_REASON_PAYMENT_ACCOUNT_INACTIVE:
      return Verdict::kAccountInactive;
    case v1::ERROR_REASON_PAYMENT_DIFFERS:
    case v1::ERROR_REASON_PAYMENT_CANCELLED:
      return Verdict::kConflict;
    case v1::ERROR_REASON_PAYMENT_TOO_SMALL:
      return Verdict::kTooSmall;
    case v1::ERROR_REASON_PAYMENT_TOO_LARGE:
      return Verdict::kTooLarge;
    case v1::ERROR_REASON_PAYMENT_UNKNOWN:
      return Verdict::kPaymentUnknown;
    case v1::ERROR_REASON_PAYMENT_NOT_CANCELLABLE:
      return Verdict::kCannotCancel;
    case v1::ERROR_REASON_FIELD_INVALID:
      return Verdict::kInternal;
    default:  // Throttled, or a set-up that somebody is about to mend: not for ever.
      return Verdict::kTemporary;
  }
}

std::string CommentOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
    case Verdict::kDuplicate:
      return "Платёж принят";
    case Verdict::kTemporary:
      return "Временная ошибка, повторите позже";
    case Verdict::kUnknownVerb:
      return "Неизвестная команда";
    case Verdict::kBadAccount:
      return "Неверный формат лицевого счёта";
    case Verdict::kAccountUnknown:
      return "Лицевой счёт не найден";
    case Verdict::kAccountInactive:
      return "Лицевой счёт закрыт";
    case Verdict::kForbidden:
      return "Приём платежей запрещён";
    case Verdict::kTechnical:
      return "Приём платежей невозможен по техническим причинам";
    case Verdict::kBadPaymentId:
      return "Неверный номер платежа";
    case Verdict::kConflict:
      return "Платёж с этим номером уже был, на другой счёт или сумму, или отменён";
    case Verdict::kBadAmount:
      return "Неверная сумма";
    case Verdict::kTooSmall:
      return "Сумма слишком мала";
    case Verdict::kTooLarge:
      return "Сумма слишком велика";
    case Verdict::kBadDate:
      return "Неверная дата";
    case Verdict::kPaymentUnknown:
      return "Платёж не найден";
    case Verdict::kCannotCancel:
      return "Отмена невозможна";
    case Verdict::kInternal:
      return "Ошибка";
  }
  return "Ошибка";
}

Reply Core::Ask(const Asked& asked, const Question& question) const {
  switch (question.verb) {
    case Verb::kCheck:
      return Check(asked, question);
    case Verb::kPay:
      return Pay(asked, question);
    case Verb::kStatus:
      return Status(asked, question);
    case Verb::kCancel:
      return Cancel(asked, question);
  }
  return Refused(Verdict::kUnknownVerb);
}

Reply Core::Check(const Asked& asked, const Question& question) const {
  if (!question.account) return Refused(Verdict::kBadAccount);
  v1::CheckAccountRequest request;
  request.set_contract(asked.contract);
  request.set_payment_account(question.account->Digits());
  if (question.kopecks) request.set_paid_kopecks(*question.kopecks);
  v1::CheckAccountResponse response;
  const grpc::Status status = Call(request, &response);
  if (!status.ok()) return Refused(status);
  std::string comment = response.school_name();
  if (response.fee_kopecks() > 0) {
    const int64_t net = *question.kopecks - response.fee_kopecks();
    comment += "; комиссия " + FormatAmount(response.fee_kopecks()) + ", на счёт поступит " +
               FormatAmount(net);
  }
  return {.verdict = Verdict::kOk,
          .masked_name = response.masked_name(),
          .comment = std::move(comment)};
}

Reply Core::Pay(const Asked& asked, const Question& question) const {
  v1::AcceptPaymentRequest request;
  request.set_contract(asked.contract);
  request.set_payment_id(question.payment_id);
  request.set_payer_account(Utf8Of(question.typed_account, asked.charset));
  request.set_paid_kopecks(question.kopecks.value_or(0));
  if (question.paid_at)
    request.mutable_paid_at()->set_seconds(absl::ToUnixSeconds(*question.paid_at));
  v1::AcceptPaymentResponse response;
  const grpc::Status status = Call(request, &response);
  if (!status.ok()) return Refused(status);
  const bool again = response.replayed() && asked.repeat == Repeat::kCode8;
  return Told(response.payment(), again ? Verdict::kDuplicate : Verdict::kOk);
}

Reply Core::Status(const Asked& asked, const Question& question) const {
  v1::GetPaymentRequest request;
  request.set_contract(asked.contract);
  request.set_payment_id(question.payment_id);
  v1::GetPaymentResponse response;
  const grpc::Status status = Call(request, &response);
  if (!status.ok()) return Refused(status);
  if (response.payment().state() == v1::PAYMENT_STATE_CANCELLED) {
    return Refused(Verdict::kConflict);
  }
  return Told(response.payment(), Verdict::kOk);
}

Reply Core::Cancel(const Asked& asked, const Question& question) const {
  v1::CancelPaymentRequest request;
  request.set_contract(asked.contract);
  request.set_payment_id(question.payment_id);
  v1::CancelPaymentResponse response;
  const grpc::Status status = Call(request, &response);
  if (!status.ok()) return Refused(status);
  Reply reply = Told(response.payment(), Verdict::kOk);
  reply.comment = "Платёж отменён";
  return reply;
}

}  // namespace ladon::channels

#include "server/rpc/rights_view.h"

#include <array>
#include <string>

#include "server/flow/deadlines.h"
#include "server/rpc/subject_view.h"

namespace ladon::rpc {
namespace {

std::string BytesOfDigest(const std::array<uint8_t, 32>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

void SetConsent(const vault::ConsentRecord& from, v1::ConsentView* to) {
  to->set_consent_id(BytesOf(from.id.bytes));
  to->set_kind(static_cast<v1::ConsentKind>(from.kind));
  to->set_signer(static_cast<v1::ConsentSigner>(from.signer));
  to->set_form(static_cast<v1::ConsentForm>(from.form));
  to->set_document_sha256(BytesOfDigest(from.document));
  if (from.authority_document != std::array<uint8_t, 32>{}) {
    to->set_authority_document_sha256(BytesOfDigest(from.authority_document));
  }
  to->set_recorded_by(BytesOf(from.recorded_by.bytes));
  SetTimestamp(from.recorded_at_ns, to->mutable_recorded_at());
  SetDate(from.valid_from, to->mutable_valid_from());
  SetDate(from.valid_until, to->mutable_valid_until());
  if (from.withdrawn_at_ns != 0) SetTimestamp(from.withdrawn_at_ns, to->mutable_withdrawn_at());
  to->set_processor(from.processor);
  for (const vault::ConsentPurpose purpose : vault::kConsentPurposes) {
    if ((from.purposes & BitOf(purpose)) != 0) {
      to->add_purposes(static_cast<v1::ConsentPurpose>(purpose));
    }
  }
}

const char* NameOf(flow::StatementKind kind) {
  switch (kind) {
    case flow::StatementKind::kTopUp:
      return "TOP_UP";
    case flow::StatementKind::kMeal:
      return "MEAL";
    case flow::StatementKind::kCancel:
      return "CANCEL";
    case flow::StatementKind::kTerms:
      return "TERMS";
    case flow::StatementKind::kSubsidy:
      return "SUBSIDY";
    case flow::StatementKind::kHold:
      return "HOLD";
    case flow::StatementKind::kMoved:
      return "MOVED";
    case flow::StatementKind::kRefund:
      return "REFUND";
    case flow::StatementKind::kCarried:
      return "CARRIED";
  }
  return "";
}

void SetMovement(const base::AccountId& account, const flow::StatementLine& from,
                 v1::Movement* to) {
  to->set_account_id(BytesOf(account.bytes));
  SetTimestamp(from.booked_at_ns, to->mutable_booked_at());
  if (from.service_day != 0) SetDate(from.service_day, to->mutable_service_date());
  to->set_what(NameOf(from.kind));
  to->set_item(from.item_name);
  to->set_amount_kopecks(from.amount_kopecks);
  to->set_balance_kopecks(from.balance_kopecks);
}

}  // namespace

void SetExport(const flow::SubjectExport& from, v1::ExportSubjectResponse* to) {
  SetSubject({.id = from.subject.subject,
              .record = from.record,
              .palm_samples = static_cast<uint32_t>(from.palms.size()),
              .cards = static_cast<uint32_t>(from.cards.size())},
             to->mutable_subject());
  to->set_school_id(BytesOf(from.subject.school.bytes));
  if (from.record.birth_day != 0) SetDate(from.record.birth_day, to->mutable_birth_date());
  if (from.record.left_on != 0) SetDate(from.record.left_on, to->mutable_left_on());
  for (const vault::ConsentRecord& consent : from.consents) SetConsent(consent, to->add_consents());
  for (const vault::PalmRecord& palm : from.palms) {
    v1::PalmView* const one = to->add_palms();
    one->set_side(static_cast<v1::PalmSide>(palm.side));
    one->set_quality(palm.quality);
    one->set_sensor_id(BytesOf(palm.sensor.bytes));
    one->set_template_bytes(static_cast<uint32_t>(palm.code.size()));
  }
  for (const vault::CardRecord& card : from.cards) {
    v1::CardView* const one = to->add_cards();
    one->set_card_id(BytesOf(card.id.bytes));
    one->set_state(static_cast<v1::CardState>(card.state));
    if (card.valid_until != 0) SetDate(card.valid_until, one->mutable_valid_until());
    one->set_tail(base::HexOf(std::string(1, static_cast<char>(card.tail))));
  }
  to->set_pin(from.pin);
  for (const flow::PurseState& purse : from.purses) {
    v1::PurseView* const one = to->add_purses();
    one->set_purse(static_cast<v1::Purse>(purse.purse));
    one->set_account_id(BytesOf(purse.account.bytes));
    one->set_balance_kopecks(purse.balance_kopecks);
    one->set_overdraft_limit_kopecks(purse.overdraft_limit_kopecks);
    one->set_frozen(purse.frozen);
  }
  for (const auto& request : from.requests) {
    SetRightsRequest(request, 0, base::Calendar::Statutory(), to->add_requests());
  }
  for (const auto& [account, line] : from.movements) {
    SetMovement(account, line, to->add_movements());
  }
  to->set_movements_cut(from.movements_cut);
}

void SetErasure(const registers::Erasure& from, v1::Erasure* to) {
  to->set_erasure_id(BytesOf(from.id.bytes));
  to->set_step(static_cast<v1::ErasureStep>(from.step));
  to->set_reason(static_cast<v1::ErasureReason>(from.reason));
  to->set_school_id(BytesOf(from.school.bytes));
  to->set_subject_id(BytesOf(from.subject.bytes));
  if (!from.requested_by.id.IsZero()) {
    to->set_requested_by_role(std::string(base::RoleName(from.requested_by.role)));
    to->set_requested_by(BytesOf(from.requested_by.id.bytes));
  }
  if (!from.approved_by.id.IsZero()) {
    to->set_approved_by_role(std::string(base::RoleName(from.approved_by.role)));
    to->set_approved_by(BytesOf(from.approved_by.id.bytes));
  }
  SetTimestamp(from.requested_at_ns, to->mutable_requested_at());
  to->set_act_number(from.act_number);
  to->set_settled_kopecks(from.settled_kopecks);
  to->set_records(from.records);
  to->set_palms(from.palms);
  to->set_cards(from.cards);
  to->set_keys_destroyed(from.keys_destroyed);
  to->set_destroyed_in_epoch(from.destroyed_in_epoch);
  to->set_epoch_after(from.epoch_after);
  if (from.destroyed_at_ns != 0) SetTimestamp(from.destroyed_at_ns, to->mutable_destroyed_at());
  if (from.done_at_ns != 0) SetTimestamp(from.done_at_ns, to->mutable_done_at());
}

void SetRightsRequest(const registers::RightsRequest& from, uint32_t today,
                      const base::Calendar& calendar, v1::RightsRequest* to) {
  to->set_rights_request_id(BytesOf(from.id.bytes));
  to->set_kind(static_cast<v1::RequestKind>(from.kind));
  to->set_state(static_cast<v1::RequestState>(from.state));
  to->set_school_id(BytesOf(from.school.bytes));
  to->set_subject_id(BytesOf(from.subject.bytes));
  to->set_recorded_by(BytesOf(from.recorded_by.id.bytes));
  SetDate(from.received, to->mutable_received());
  SetDate(from.deadline, to->mutable_deadline());
  to->set_extended(from.extended);
  to->set_note(from.note);
  if (from.closed != 0) SetDate(from.closed, to->mutable_closed());
  if (today == 0 || from.state != registers::RequestState::kOpen) return;
  const flow::Deadlines terms =
      flow::DeadlinesOf(static_cast<flow::RequestKind>(from.kind), from.received, calendar);
  to->set_overdue(today > from.deadline);
  to->set_warn(!from.extended && today >= terms.warn_from);
}

uint32_t BirthDay(std::string_view field, bool present, const v1::Date& date, Fields* fields) {
  if (!present) return 0;
  constexpr int kYearsPerDay = 10'000;
  const bool small = date.year() >= 1900 && date.year() <= 2999 && date.month() >= 1 &&
                     date.month() <= 12 && date.day() >= 1 && date.day() <= 31;
  const auto day = static_cast<uint32_t>(
      small ? date.year() * kYearsPerDay + date.month() * 100 + date.day() : 0);
  if (!small || !base::IsCalendarDay(day)) {
    fields->Fail(field, "must be a day of the calendar from 1900 on");
    return 0;
  }
  return day;
}

}  // namespace ladon::rpc

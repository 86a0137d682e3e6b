#include "server/rpc/subject_view.h"

#include <string>

#include "server/rpc/limits.h"

namespace ladon::rpc {

void SetSubject(const flow::SubjectView& from, v1::Subject* to) {
  const vault::SubjectRecord& record = from.record;
  to->set_subject_id(BytesOf(from.id.bytes));
  to->set_kind(static_cast<v1::SubjectKind>(record.kind));
  to->mutable_name()->set_family_name(record.family_name);
  to->mutable_name()->set_given_name(record.given_name);
  to->mutable_name()->set_class_name(record.class_name);
  to->set_external_id(record.external_id);
  to->set_state(record.state == vault::SubjectState::kActive ? v1::SUBJECT_STATE_ACTIVE
                                                             : v1::SUBJECT_STATE_BLOCKED);
  for (const auto& [purse, account] : record.purses) {
    v1::PurseAccount* const one = to->add_purses();
    one->set_purse(static_cast<v1::Purse>(purse));
    one->set_account_id(BytesOf(account.bytes));
  }
  to->set_biometric_consent(from.biometric_consent);
  to->set_palm_samples(from.palm_samples);
  to->set_cards(from.cards);
  to->set_palm_weak(from.palm_weak);
  to->set_birth_date_known(record.birth_day != 0);
  if (record.payment_account != 0) {
    to->set_payment_account(std::to_string(record.payment_account));
  }
}

Names NamesOf(bool present, const v1::SubjectName& name, Fields* fields) {
  fields->Require(present, "name", "must be given");
  Names names{
      .family_name = fields->Name("name.family_name", name.family_name(), kNameCharactersMax),
      .given_name = fields->Name("name.given_name", name.given_name(), kNameCharactersMax),
      .class_name = fields->Text("name.class_name", name.class_name(), 0, kClassCharactersMax)};
  return names;
}

}  // namespace ladon::rpc

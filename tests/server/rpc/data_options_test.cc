// Goal: no field of the contract is of a person without saying so: category and purpose (152-FZ
// article 5). Method: walk the descriptors of every message; fields whose name sounds like a
// person's must say both, or stand in a list here; made-up messages show that each rule finds
// something.
#include <google/protobuf/descriptor.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/descriptors.h"

namespace ladon {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Words of a field's name that sound like a person's.
bool SoundsPersonal(const std::string& field) {
  static const auto* const words = new std::set<std::string>{
      "account",   "address", "allergy", "balance",  "birth",    "birthday", "card",    "cards",
      "class",     "codes",   "consent", "diet",     "email",    "external", "family",  "frozen",
      "gender",    "given",   "grade",   "health",   "image",    "inn",      "mail",    "name",
      "overdraft", "palm",    "parent",  "passport", "password", "person",   "phone",   "photo",
      "pin",       "secret",  "sex",     "signer",   "snils",    "subject",  "surname", "template",
      "templates", "token",   "tokens",  "uid",      "uids"};
  for (const auto word : absl::StrSplit(field, '_')) {
    if (words->contains(std::string(word))) return true;
  }
  return false;
}

// Looked at, and of no person.
const std::set<std::string>& SoundsButIsNot() {
  static const auto* const fields = new std::set<std::string>{
      "ladon.v1.SchoolSettings.name", "ladon.v1.SchoolSettings.show_balance_at_till",
      "ladon.v1.School.cash_desk_account_id", "ladon.v1.Caterer.name",
      "ladon.v1.Caterer.payable_account_id", "ladon.v1.CreateCatererRequest.name",
      "ladon.v1.PriceListItem.name", "ladon.v1.ProductSales.name", "ladon.v1.SchoolFigures.name",
      "ladon.v1.Figure.name", "ladon.v1.IdentifyResponse.token_expires_at",
      // How many there were, of a person or a school.
      "ladon.v1.PalmView.template_bytes", "ladon.v1.Erasure.cards",
      "ladon.v1.MoveSubjectResponse.cards", "ladon.v1.MoveSubjectResponse.cards_to_bind",
      "ladon.v1.RemoveBiometricsResponse.palm_samples_removed",
      "ladon.v1.RemoveBiometricsResponse.palm_samples_left",
      "ladon.v1.ListIncidentsRequest.page_token", "ladon.v1.ListIncidentsResponse.next_page_token",
      "ladon.v1.ListApprovalsRequest.page_token", "ladon.v1.ListApprovalsResponse.next_page_token",
      // Ids of what is not a person's, or numbers within one account.
      "ladon.v1.GetStatementRequest.page_token", "ladon.v1.GetStatementResponse.next_page_token",
      "ladon.v1.ListEntriesRequest.page_token", "ladon.v1.ListEntriesResponse.next_page_token",
      "ladon.v1.ListSchoolsRequest.page_token", "ladon.v1.ListSchoolsResponse.next_page_token",
      "ladon.v1.ListTerminalsRequest.page_token", "ladon.v1.ListTerminalsResponse.next_page_token",
      "ladon.v1.ListCaterersRequest.page_token", "ladon.v1.ListCaterersResponse.next_page_token",
      "ladon.v1.ListSuspenseRequest.page_token", "ladon.v1.ListSuspenseResponse.next_page_token",
      "ladon.v1.ListRefundsRequest.page_token", "ladon.v1.ListRefundsResponse.next_page_token",
      "ladon.v1.ListOpenOrdersRequest.page_token",
      "ladon.v1.ListOpenOrdersResponse.next_page_token"};
  return *fields;
}

// Messages of ours say it at their own fields; a date has none that would.
bool SaysItWithin(const FieldDescriptor& field) {
  const Descriptor* const message = field.message_type();
  return message != nullptr &&
         (message->options().map_entry() ||
          (message->file()->package() == field.file()->package() && message->name() != "Date"));
}

bool HoldsText(const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return true;
  if (field.is_map()) return true;
  const Descriptor* const message = field.message_type();
  return message != nullptr && !SaysItWithin(field) && message->name() != "Date" &&
         message->full_name() != "google.protobuf.Timestamp" &&
         message->full_name() != "google.protobuf.Duration";
}

// What is wrong with the options of a field; empty: nothing.
std::string Complaint(const FieldDescriptor& field) {
  const v1::DataCategory category = field.options().GetExtension(v1::data_category);
  const v1::DataPurpose purpose = field.options().GetExtension(v1::data_purpose);
  const bool of_a_person =
      category != v1::DATA_CATEGORY_UNSPECIFIED && category != v1::DATA_CATEGORY_NONE;
  const std::string& name = field.full_name();
  if (of_a_person && purpose == v1::DATA_PURPOSE_UNSPECIFIED) return name + " says no purpose";
  if (!of_a_person && purpose != v1::DATA_PURPOSE_UNSPECIFIED) return name + " says no category";
  if (HoldsText(field) && category == v1::DATA_CATEGORY_UNSPECIFIED) {
    return name + " says no category";
  }
  if (!of_a_person && SoundsPersonal(field.name()) && !SaysItWithin(field) &&
      !SoundsButIsNot().contains(name)) {
    return name + " sounds like a person's";
  }
  return {};
}

std::vector<std::string> Complaints(const Descriptor& message) {
  std::vector<std::string> complaints;
  if (message.options().map_entry()) return complaints;  // The field of the map says it.
  for (int i = 0; i < message.field_count(); ++i) {
    if (std::string complaint = Complaint(*message.field(i)); !complaint.empty()) {
      complaints.push_back(std::move(complaint));
    }
  }
  for (int i = 0; i < message.nested_type_count(); ++i) {
    for (std::string& complaint : Complaints(*message.nested_type(i))) {
      complaints.push_back(std::move(complaint));
    }
  }
  return complaints;
}

TEST(DataOptionsTest, EveryFieldOfTheContractSaysWhatItTellsOfAPerson) {
  size_t of_a_person = 0;
  for (const Descriptor* const message : testing::MessagesOfTheContract()) {
    EXPECT_THAT(Complaints(*message), IsEmpty());
    for (int i = 0; i < message->field_count(); ++i) {
      if (message->field(i)->options().HasExtension(v1::data_purpose)) ++of_a_person;
    }
  }
  EXPECT_GT(of_a_person, 50);
}

TEST(DataOptionsTest, EveryExceptionIsAFieldOfTheContract) {
  std::set<std::string> fields;
  for (const Descriptor* const message : testing::MessagesOfTheContract()) {
    for (int i = 0; i < message->field_count(); ++i) fields.insert(message->field(i)->full_name());
  }
  for (const std::string& name : SoundsButIsNot()) EXPECT_TRUE(fields.contains(name)) << name;
}

// One message M with these fields.
std::vector<std::string> ComplaintsOf(const std::string& fields) {
  const testing::MadeUp made(absl::StrCat("message_type { name: 'M' ", fields, " }"));
  return Complaints(*made.descriptor("M"));
}

std::string Field(const std::string& name, const std::string& type, const std::string& options) {
  return absl::StrCat("field { name: '", name, "' number: 1 label: LABEL_OPTIONAL ", type,
                      " options { ", options, " } }");
}

TEST(DataOptionsTest, ATextWithoutACategoryIsFound) {
  EXPECT_THAT(ComplaintsOf(Field("remark", "type: TYPE_STRING", "")),
              ElementsAre("M.remark says no category"));
  EXPECT_THAT(ComplaintsOf(Field("blob", "type: TYPE_BYTES", "")),
              ElementsAre("M.blob says no category"));
  EXPECT_THAT(ComplaintsOf(Field("count", "type: TYPE_INT32", "")), IsEmpty());
}

TEST(DataOptionsTest, EachOptionWithoutTheOtherIsFound) {
  const std::string text = "type: TYPE_STRING";
  const std::string none = "[ladon.v1.data_category]: DATA_CATEGORY_NONE ";
  const std::string personal = "[ladon.v1.data_category]: DATA_CATEGORY_PERSONAL ";
  const std::string pseudonym = "[ladon.v1.data_category]: DATA_CATEGORY_PSEUDONYM ";
  const std::string purpose = "[ladon.v1.data_purpose]: DATA_PURPOSE_ACCOUNTING ";
  EXPECT_THAT(ComplaintsOf(Field("remark", text, personal + purpose)), IsEmpty());
  EXPECT_THAT(ComplaintsOf(Field("remark", text, none)), IsEmpty());
  EXPECT_THAT(ComplaintsOf(Field("remark", text, personal)),
              ElementsAre("M.remark says no purpose"));
  EXPECT_THAT(ComplaintsOf(Field("remark", text, pseudonym)),
              ElementsAre("M.remark says no purpose"));
  EXPECT_THAT(ComplaintsOf(Field("remark", text, purpose)),
              ElementsAre("M.remark says no category"));
  EXPECT_THAT(ComplaintsOf(Field("remark", text, none + purpose)),
              ElementsAre("M.remark says no category"));
}

TEST(DataOptionsTest, ANameThatSoundsLikeAPersonsIsFound) {
  const std::string none = "[ladon.v1.data_category]: DATA_CATEGORY_NONE";
  EXPECT_THAT(ComplaintsOf(Field("family_name", "type: TYPE_STRING", none)),
              ElementsAre("M.family_name sounds like a person's"));
  EXPECT_THAT(ComplaintsOf(Field("pin", "type: TYPE_UINT32", "")),
              ElementsAre("M.pin sounds like a person's"));
  EXPECT_THAT(ComplaintsOf(Field("consent", "type: TYPE_BOOL", "")),
              ElementsAre("M.consent sounds like a person's"));
  // A part of a word is no word.
  EXPECT_THAT(ComplaintsOf(Field("username_count", "type: TYPE_UINT32", "")), IsEmpty());
}

TEST(DataOptionsTest, ADateAndMessagesOfOthersSayItAtTheField) {
  const auto with = [](const std::string& name, const std::string& type) {
    const testing::MadeUp made(absl::StrCat(
        "package: 'ladon.v1.made' dependency: 'google/protobuf/any.proto' ",
        "message_type { name: 'Date' } message_type { name: 'Own' } message_type { name: 'M' ",
        Field(name, absl::StrCat("type: TYPE_MESSAGE type_name: '", type, "'"), ""), " }"));
    return Complaints(*made.descriptor("ladon.v1.made.M"));
  };
  EXPECT_THAT(with("birth_date", ".ladon.v1.made.Date"),
              ElementsAre("ladon.v1.made.M.birth_date sounds like a person's"));
  EXPECT_THAT(with("valid_until", ".ladon.v1.made.Date"), IsEmpty());
  EXPECT_THAT(with("name", ".ladon.v1.made.Own"), IsEmpty());
  EXPECT_THAT(with("more", ".google.protobuf.Any"),
              ElementsAre("ladon.v1.made.M.more says no category"));
}

}  // namespace
}  // namespace ladon

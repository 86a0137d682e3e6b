// Goal: nothing of a person is in the line that stands for a message, whatever shape the message
// has. Method: exact lines for messages of the contract and made-up ones; then every message of the
// contract with a mark in every hidden field, and the mark looked for in several forms.
#include "server/rpc/redact.h"

#include <google/protobuf/unknown_field_set.h>

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/rpc/descriptors.h"

namespace ladon::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Id() {
  std::string bytes;
  for (char byte = 0; byte < 16; ++byte) bytes.push_back(byte);
  return bytes;
}
constexpr char kIdHex[] = "000102030405060708090a0b0c0d0e0f";

TEST(RedactTest, NamesAreLeftOutAndIdsStay) {
  v1::CreateSubjectRequest request;
  request.set_request_id(Id());
  request.set_kind(v1::SUBJECT_KIND_PUPIL);
  request.mutable_name()->set_family_name("Петрова");
  request.mutable_name()->set_given_name("Анна-Мария Луиза Шарлотта");
  request.mutable_name()->set_class_name("5А");
  request.set_external_id("77-12");
  request.add_purses(v1::PURSE_BUFFET);
  request.add_purses(v1::PURSE_HOT_MEALS);
  EXPECT_EQ(Redacted(request),
            absl::StrCat("request_id=", kIdHex,
                         " kind=<personal> name={family_name=<personal short> "
                         "given_name=<personal medium> class_name=<personal short>} "
                         "external_id=<personal short> purses=[PURSE_BUFFET PURSE_HOT_MEALS]"));
}

TEST(RedactTest, PalmsCardsAndTokensAreLeftOut) {
  v1::IdentifyAndDebitRequest request;
  request.set_request_id(Id());
  request.mutable_probe()->add_codes(std::string(900, 'P'));
  request.mutable_probe()->add_codes(std::string(900, 'Q'));
  request.mutable_probe()->set_sensor_id(Id());
  request.mutable_second_means()->set_technology(v1::CARD_TECHNOLOGY_EM4100);
  request.mutable_second_means()->set_uid("UUUUU");
  EXPECT_EQ(Redacted(request),
            absl::StrCat("request_id=", kIdHex,
                         " probe={codes=[<biometric long> <biometric long>] sensor_id=", kIdHex,
                         " liveness=<biometric>} second_means={technology=CARD_TECHNOLOGY_EM4100 "
                         "uid=<credential short>} pin=<credential short>"));
  v1::DebitRequest debit;
  debit.set_identification_token(std::string(100, 'T'));
  EXPECT_EQ(Redacted(debit), "identification_token=<secret medium> pin=<credential short>");
}

// One message M with fields a, b, ...; each entry: the type and the category.
struct MadeField {
  std::string type;
  std::string category;
};

std::string FieldsOf(const std::vector<MadeField>& fields) {
  std::string text;
  for (size_t i = 0; i < fields.size(); ++i) {
    absl::StrAppend(
        &text, " field { name: '", std::string(1, static_cast<char>('a' + i)), "' number: ", i + 1,
        " label: LABEL_OPTIONAL type: ", fields[i].type, " options { ",
        fields[i].category.empty() ? ""
                                   : absl::StrCat("[ladon.v1.data_category]: ", fields[i].category),
        " } }");
  }
  return text;
}

std::string RedactedMade(const std::string& fields, const std::string& text) {
  testing::MadeUp made(absl::StrCat("message_type { name: 'M' ", fields, " }"));
  return Redacted(*made.Message("M", text));
}

TEST(RedactTest, EveryCategoryIsShownOrHidden) {
  const EnumDescriptor* const categories = v1::DataCategory_descriptor();
  for (int i = 0; i < categories->value_count(); ++i) {
    const std::string& category = categories->value(i)->name();
    const std::string line = RedactedMade(
        FieldsOf({{"TYPE_STRING", category}, {"TYPE_BYTES", category}}), "a: 'MARK' b: 'MARK'");
    const bool shown = category == "DATA_CATEGORY_NONE" || category == "DATA_CATEGORY_PSEUDONYM";
    EXPECT_EQ(line.find("MARK") != std::string::npos, shown) << line;
    EXPECT_EQ(line.find("4d41524b") != std::string::npos, shown) << line;
    EXPECT_EQ(line.find("short>") == std::string::npos, shown) << line;
  }
}

TEST(RedactTest, ATextThatNobodyClassifiedIsHidden) {
  EXPECT_EQ(RedactedMade(FieldsOf({{"TYPE_STRING", ""}, {"TYPE_INT64", ""}, {"TYPE_BYTES", ""}}),
                         "a: 'MARK' b: -7 c: 'MARK'"),
            "a=<unclassified short> b=-7 c=<unclassified short>");
}

TEST(RedactTest, WhetherAHiddenFlagIsSetIsNotTold) {
  const std::string fields = FieldsOf({{"TYPE_BOOL", "DATA_CATEGORY_PERSONAL"},
                                       {"TYPE_SINT32", "DATA_CATEGORY_PERSONAL"},
                                       {"TYPE_DOUBLE", "DATA_CATEGORY_BIOMETRIC"}});
  EXPECT_EQ(RedactedMade(fields, ""), "a=<personal> b=<personal> c=<biometric>");
  EXPECT_EQ(RedactedMade(fields, "a: true b: -3 c: 0.5"), RedactedMade(fields, ""));
}

TEST(RedactTest, LengthsAreToldInClasses) {
  const std::string fields = FieldsOf({{"TYPE_BYTES", "DATA_CATEGORY_SECRET"}});
  for (const auto& [bytes, name] :
       {std::pair(0, "short"), std::pair(16, "short"), std::pair(17, "medium"),
        std::pair(256, "medium"), std::pair(257, "long")}) {
    EXPECT_EQ(RedactedMade(fields, absl::StrCat("a: '", std::string(bytes, 'x'), "'")),
              absl::StrCat("a=<secret ", name, ">"));
  }
}

// A map goes by what its field says, keys and values alike.
std::string RedactedMap(const std::string& options) {
  return RedactedMade(
      absl::StrCat("nested_type { name: 'MapEntry' options { map_entry: true } "
                   "field { name: 'key' number: 1 label: LABEL_OPTIONAL type: TYPE_STRING } "
                   "field { name: 'value' number: 2 label: LABEL_OPTIONAL type: TYPE_STRING } } "
                   "field { name: 'map' number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE "
                   "type_name: '.M.MapEntry' options { ",
                   options, " } }"),
      "map { key: 'MARK' value: 'KRAM' }");
}

TEST(RedactTest, MapsGoByTheirField) {
  EXPECT_EQ(RedactedMap("[ladon.v1.data_category]: DATA_CATEGORY_PERSONAL"), "map=[<personal>]");
  EXPECT_EQ(RedactedMap(""), "map=[{key=<unclassified short> value=<unclassified short>}]");
  EXPECT_EQ(RedactedMap("[ladon.v1.data_category]: DATA_CATEGORY_NONE"),
            "map=[{key=\"MARK\" value=\"KRAM\"}]");
}

TEST(RedactTest, OfAOneofOnlyTheMemberThatIsSetIsThere) {
  v1::IdentifyRequest request;
  EXPECT_EQ(Redacted(request), "");
  request.mutable_card()->set_uid("UUUU");
  EXPECT_EQ(Redacted(request), "card={uid=<credential short>}");
  v1::ExportExtractRequest extract;
  extract.set_account_id(Id());
  EXPECT_EQ(Redacted(extract), absl::StrCat("account_id=", kIdHex));
  v1::Limits limits;
  limits.set_per_purchase_kopecks(0);
  EXPECT_EQ(Redacted(limits), "per_purchase_kopecks=<personal>");
}

TEST(RedactTest, AMessageThatIsPersonalIsHiddenWhole) {
  EXPECT_EQ(RedactedMade("nested_type { name: 'D' field { name: 'year' number: 1 label: "
                         "LABEL_OPTIONAL type: TYPE_INT32 } } field { name: 'born' number: 1 "
                         "label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: '.M.D' options { "
                         "[ladon.v1.data_category]: DATA_CATEGORY_PERSONAL } }",
                         "born { year: 2017 }"),
            "born=<personal>");
}

TEST(RedactTest, UnknownFieldsAreNotThere) {
  v1::CreateSubjectRequest request;
  request.set_request_id(Id());
  constexpr int kNobodyKnows = 999;
  for (Message* const message :
       {static_cast<Message*>(&request), static_cast<Message*>(request.mutable_name())}) {
    auto* const unknown = message->GetReflection()->MutableUnknownFields(message);
    unknown->AddLengthDelimited(kNobodyKnows, "MARK");
    unknown->AddVarint(kNobodyKnows + 1, 1'234'567);
  }
  v1::CreateSubjectRequest received;
  ASSERT_TRUE(received.ParseFromString(request.SerializeAsString()));
  const std::string line = Redacted(received);
  EXPECT_THAT(line, StartsWith(absl::StrCat("request_id=", kIdHex)));
  EXPECT_THAT(line, Not(HasSubstr("MARK")));
  EXPECT_THAT(line, Not(HasSubstr("1234567")));
  EXPECT_THAT(line, Not(HasSubstr("999")));
}

TEST(RedactTest, AnUnknownNumberOfAnEnumerationIsANumber) {
  v1::SetTerminalStateRequest request;
  request.set_state(static_cast<v1::TerminalState>(77));
  EXPECT_EQ(Redacted(request), "state=77");
}

TEST(RedactTest, TextsAreEscapedAndCut) {
  v1::RegisterTerminalRequest request;
  request.set_label("касса 1\r\n\x1b[31m\"\\");
  EXPECT_EQ(Redacted(request),
            absl::StrCat("label=\"", absl::CEscape("касса"), " 1\\r\\n\\033[31m\\\"\\\\\""));
  request.set_label(std::string(kShownBytesMax, 'x'));
  EXPECT_EQ(Redacted(request), absl::StrCat("label=\"", request.label(), "\""));
  request.set_label(std::string(kShownBytesMax, 'x') + "y");
  EXPECT_EQ(Redacted(request), absl::StrCat("label=\"", std::string(kShownBytesMax, 'x'), "\"..."));
  v1::PingRequest ping;
  ping.set_padding(std::string(4'096, '\xff'));
  EXPECT_THAT(Redacted(ping), EndsWith("ffff..."));
}

TEST(RedactTest, ALineHasItsLimit) {
  v1::PutPriceListRequest request;
  while (Redacted(request).size() < kRedactedBytesMax - 200) {
    request.mutable_price_list()->add_items()->set_name("Суп");
  }
  EXPECT_THAT(Redacted(request), Not(EndsWith("...")));
  for (int i = 0; i < 500; ++i) request.mutable_price_list()->add_items()->set_name("Суп");
  const std::string line = Redacted(request);
  EXPECT_EQ(line.size(), kRedactedBytesMax);
  EXPECT_THAT(line, EndsWith("..."));
}

TEST(RedactTest, MessagesWithinMessagesHaveTheirLimit) {
  testing::MadeUp made(
      "message_type { name: 'M' field { name: 'm' number: 1 label: LABEL_OPTIONAL "
      "type: TYPE_MESSAGE type_name: '.M' } }");
  std::string text;
  std::string expected;
  for (int depth = 1; depth <= kRedactedDepthMax; ++depth) {
    text = absl::StrCat("m { ", text, " }");
    expected += "m={";
  }
  EXPECT_EQ(Redacted(*made.Message("M", absl::StrCat("m { ", text, " }"))),
            absl::StrCat(expected, "...", std::string(kRedactedDepthMax, '}')));
}

constexpr char kMark[] = "Щъжэх";

// Puts the mark into every field that is to be hidden and a number into the others.
void Fill(Message* message, int depth) {
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = message->GetDescriptor()->field(i);
    const google::protobuf::Reflection* const reflection = message->GetReflection();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && depth > 0) {
      Fill(field->is_repeated() ? reflection->AddMessage(message, field)
                                : reflection->MutableMessage(message, field),
           depth - 1);
    }
    const v1::DataCategory category = field->options().GetExtension(v1::data_category);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING ||
        category == v1::DATA_CATEGORY_NONE || category == v1::DATA_CATEGORY_PSEUDONYM) {
      continue;
    }
    if (field->is_repeated()) {
      reflection->AddString(message, field, kMark);
    } else {
      reflection->SetString(message, field, kMark);
    }
  }
}

TEST(RedactTest, NoMessageOfTheContractShowsWhatItMustHide) {
  size_t hidden = 0;
  for (const Descriptor* const descriptor : testing::MessagesOfTheContract()) {
    const std::unique_ptr<Message> message(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
    Fill(message.get(), 4);
    const std::string line = Redacted(*message);
    if (message->SerializeAsString().find(kMark) != std::string::npos) {
      ++hidden;
      EXPECT_THAT(line, HasSubstr("short>")) << descriptor->full_name();
    }
    for (const std::string& form :
         {std::string(kMark), absl::CEscape(kMark), absl::BytesToHexString(kMark)}) {
      EXPECT_THAT(line, Not(HasSubstr(form))) << descriptor->full_name();
    }
  }
  EXPECT_GT(hidden, 20);
}

}  // namespace
}  // namespace ladon::rpc

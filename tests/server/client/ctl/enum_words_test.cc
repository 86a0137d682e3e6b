// Goal: every value of the contract has one word on the command line and finds its way back; the
// words that pages look up in the catalogue are there. Method: walk whole enumerations.
#include "server/client/ctl/enum_words.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "ladon/v1/approval_service.pb.h"
#include "ladon/v1/officer_service.pb.h"
#include "ladon/v1/subject_service.pb.h"
#include "server/client/ctl/rights_render.h"
#include "tests/testing/status_testing.h"

namespace ladon::ctl {
namespace {

using ::testing::ElementsAre;

TEST(EnumWordsTest, WordsAndOptions) {
  EXPECT_EQ(EnumWord(v1::ERASURE_REASON_NO_CONSENT_AT_18), "no_consent_at_18");
  EXPECT_EQ(EnumWord(v1::CONSENT_FORM_ELECTRONIC_SIGNATURE), "electronic_signature");
  EXPECT_EQ(EnumWord(v1::ERASURE_REASON_UNSPECIFIED), "unknown");
  EXPECT_EQ(EnumWord(static_cast<v1::ErasureReason>(99)), "unknown");
  EXPECT_THAT(EnumOptions<v1::RequestKind>(),
              ElementsAre("access", "rectify", "block", "stop", "withdraw", "unlawful",
                          "purpose-reached", "erase"));
  EXPECT_EQ(EnumOf<v1::RequestKind>("purpose-reached"), v1::REQUEST_KIND_PURPOSE_REACHED);
  for (const char* none : {"", "unspecified", "purpose_reached", "PURPOSE-REACHED"}) {
    EXPECT_EQ(EnumOf<v1::RequestKind>(none), v1::REQUEST_KIND_UNSPECIFIED) << none;
  }
}

TEST(EnumWordsTest, TheCatalogueHasEveryWord) {
  const auto has = [](const std::string& key) { EXPECT_TRUE(base::HasText(key)) << key; };
  for (const std::string& option : EnumOptions<v1::ErasureReason>()) {
    has("act.reason." + ReasonName(EnumOf<v1::ErasureReason>(option)));
  }
  const auto all = [&](const std::string& head, std::vector<std::string> options) {
    for (std::string& option : options) {
      std::replace(option.begin(), option.end(), '-', '_');
      has(head + option);
    }
  };
  all("erasure.step.", EnumOptions<v1::ErasureStep>());
  all("approval.state.", EnumOptions<v1::ApprovalState>());
  all("incident.state.", EnumOptions<v1::IncidentState>());
  all("page.request.", EnumOptions<v1::RequestKind>());
  all("page.state.", EnumOptions<v1::RequestState>());
  all("page.consent.", EnumOptions<v1::ConsentKind>());
  all("page.signer.", EnumOptions<v1::ConsentSigner>());
  all("page.form.", EnumOptions<v1::ConsentForm>());
}

TEST(EnumWordsTest, WhatTheCatalogueDoesNotKnowStandsAsItIs) {
  std::ostringstream nowhere;
  const Context context(base::Language::kEnglish, &nowhere, &nowhere);
  EXPECT_EQ(WordFor(context, "erasure.step.", "done"), "done");
  EXPECT_EQ(WordFor(context, "page.role.", "school"), "school");
  EXPECT_EQ(WordFor(context, "page.role.", "astronaut"), "astronaut");
}

}  // namespace
}  // namespace ladon::ctl

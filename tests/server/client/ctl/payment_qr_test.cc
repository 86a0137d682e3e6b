// Goal: the text of a slip's QR code is what the standard asks for, whatever stands in the values,
// and holds nothing of a child but the payment account. Method: written, then taken apart by the
// rules of the standard alone; values at and beyond every bound.
#include "server/client/ctl/payment_qr.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ladon::ctl {
namespace {

using ::testing::HasSubstr;

PaymentSlip Slip() {
  return {.payee = {.name = "ООО «Школьное питание»",
                    .account = "40702810000000000001",
                    .bank_name = "ПАО СБЕРБАНК",
                    .bic = "044525225",
                    .correspondent_account = "30101810400000000225",
                    .inn = "7707083893",
                    .kpp = "773601001"},
          .purpose = "Питание в школе",
          .account = base::PaymentAccount::Draw([](std::span<uint8_t> out) {
            for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>(17 * i + 3);
          }),
          .sum_kopecks = 20'000};
}

// By the standard: six signs, the charset, the separator; then name=value.
std::map<std::string, std::string> TakenApart(const std::string& text) {
  EXPECT_EQ(text.substr(0, 7), "ST00012");
  std::map<std::string, std::string> fields;
  const char separator = text[7];
  for (size_t at = 8; at < text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    const std::string field = text.substr(at, end - at);
    const size_t equals = field.find('=');
    EXPECT_TRUE(fields.emplace(field.substr(0, equals), field.substr(equals + 1)).second) << field;
    at = end + 1;
  }
  return fields;
}

TEST(PaymentQrTest, SaysWhereTheMoneyGoesAndForWhichAccount) {
  const PaymentSlip slip = Slip();
  const auto text = PaymentQrText(slip);
  ASSERT_TRUE(text.ok()) << text.status();
  const std::map<std::string, std::string> want = {{"Name", "ООО «Школьное питание»"},
                                                   {"PersonalAcc", "40702810000000000001"},
                                                   {"BankName", "ПАО СБЕРБАНК"},
                                                   {"BIC", "044525225"},
                                                   {"CorrespAcc", "30101810400000000225"},
                                                   {"Sum", "20000"},
                                                   {"Purpose", "Питание в школе"},
                                                   {"PayeeINN", "7707083893"},
                                                   {"KPP", "773601001"},
                                                   {"PersAcc", slip.account.Digits()},
                                                   {"TechCode", "08"}};
  EXPECT_EQ(TakenApart(*text), want) << "and nothing else";
  EXPECT_EQ(text->substr(0, 13), "ST00012|Name=") << "the mandatory part comes first";
}

TEST(PaymentQrTest, ThePayerMayChooseTheSum) {
  PaymentSlip slip = Slip();
  slip.sum_kopecks.reset();
  slip.payee.kpp.clear();
  slip.payee.correspondent_account = "0";
  const auto text = PaymentQrText(slip);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(TakenApart(*text).count("Sum"), 0);
  EXPECT_EQ(TakenApart(*text).count("KPP"), 0);
}

TEST(PaymentQrTest, TheSeparatorStandsInNoValue) {
  for (const std::string& name :
       {std::string("А|Б"), std::string("А|Б#В;Г"), std::string("|#;:^_~{}!$%&()*+,/")}) {
    PaymentSlip slip = Slip();
    slip.payee.name = name;
    const auto text = PaymentQrText(slip);
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(TakenApart(*text).at("Name"), name);
    EXPECT_EQ(TakenApart(*text).at("TechCode"), "08") << "one separator from end to end";
  }
  PaymentSlip slip = Slip();
  slip.payee.name = "|#;:^_~{}!$%&()*+,/@";
  EXPECT_FALSE(PaymentQrText(slip).ok());
}

TEST(PaymentQrTest, WhatDoesNotFitIsNamed) {
  const auto refused = [](const auto& change) {
    PaymentSlip slip = Slip();
    change(&slip);
    const auto text = PaymentQrText(slip);
    EXPECT_EQ(text.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(text.status().message());
  };
  using S = PaymentSlip;
  EXPECT_THAT(refused([](S* s) { s->payee.name.clear(); }), HasSubstr("Name"));
  EXPECT_THAT(refused([](S* s) { s->payee.name.assign(161, 'x'); }), HasSubstr("Name"));
  EXPECT_THAT(refused([](S* s) { s->payee.name = "А\nБ"; }), HasSubstr("Name"));
  EXPECT_THAT(refused([](S* s) { s->payee.account.pop_back(); }), HasSubstr("PersonalAcc"));
  EXPECT_THAT(refused([](S* s) { s->payee.account[3] = 'O'; }), HasSubstr("PersonalAcc"));
  EXPECT_THAT(refused([](S* s) { s->payee.bank_name.assign(46, 'x'); }), HasSubstr("BankName"));
  EXPECT_THAT(refused([](S* s) { s->payee.bic = "1"; }), HasSubstr("BIC"));
  EXPECT_THAT(refused([](S* s) { s->payee.correspondent_account = "12"; }),
              HasSubstr("CorrespAcc"));
  EXPECT_THAT(refused([](S* s) { s->payee.inn = "12345678901"; }), HasSubstr("PayeeINN"));
  EXPECT_THAT(refused([](S* s) { s->payee.kpp = "1"; }), HasSubstr("KPP"));
  EXPECT_THAT(refused([](S* s) { s->purpose.assign(161, 'x'); }), HasSubstr("Purpose"));
  EXPECT_THAT(refused([](S* s) { s->sum_kopecks = 0; }), HasSubstr("Sum"));
  // 160 letters of two bytes each are allowed by themselves, and too many with the rest.
  EXPECT_THAT(refused([](S* s) {
                s->payee.name.clear();
                for (int i = 0; i < 160; ++i) s->payee.name += "ж";
              }),
              HasSubstr("shorten"));
}

}  // namespace
}  // namespace ladon::ctl

// Goal: no callback is believed that the bank did not sign. Method: the vector of the protocol's
// description; every parameter changed, taken out and added; a signature made with a key that is
// drawn here, and one by another key.
#include "server/channels/callback_signature.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "server/base/deleter.h"
#include "server/base/id.h"

namespace ladon::channels {
namespace {

using base::Deleter;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

constexpr char kToken[] = "yourSecretToken";

Parameters Deposited() {
  return {{"amount", "35000"},
          {"mdOrder", "3ff6962a-7dcc-4283-ab50-a6d7dd3386fe"},
          {"operation", "deposited"},
          {"orderNumber", "10747"},
          {"status", "1"},
          {"checksum", "064770D1C332208549BC104539AD778D610D1B122523281C461FE9ACF059EF60"}};
}

TEST(CallbackSignatureTest, TheVectorOfTheProtocol) {
  EXPECT_EQ(SignedText(Deposited()),
            "amount;35000;mdOrder;3ff6962a-7dcc-4283-ab50-a6d7dd3386fe;operation;deposited;"
            "orderNumber;10747;status;1;");
  EXPECT_EQ(HmacChecksum(Deposited(), kToken), Deposited()["checksum"]);
  EXPECT_TRUE(CheckHmac(Deposited(), kToken).ok());
  Parameters aliased = Deposited();
  aliased["sign_alias"] = "anything";
  EXPECT_TRUE(CheckHmac(aliased, kToken).ok()) << "which key it was is not signed";
}

TEST(CallbackSignatureTest, WhatWasChangedIsRefused) {
  for (const auto& [name, value] : Deposited()) {
    Parameters changed = Deposited();
    changed[name] += "0";
    EXPECT_FALSE(CheckHmac(changed, kToken).ok()) << name;
    changed.erase(name);
    EXPECT_FALSE(CheckHmac(changed, kToken).ok()) << "without " << name;
  }
  Parameters more = Deposited();
  more["extra"] = "1";
  EXPECT_FALSE(CheckHmac(more, kToken).ok());
  for (const char* checksum : {"", "0", "06", "не цифры"}) {
    Parameters cut = Deposited();
    cut["checksum"] = checksum;
    EXPECT_FALSE(CheckHmac(cut, kToken).ok()) << checksum;
  }
  EXPECT_FALSE(CheckHmac(Deposited(), "anotherToken").ok());
  EXPECT_FALSE(CheckHmac({}, kToken).ok());
}

Key MakeKey(bool rsa = true) {
  constexpr unsigned int kBits = 2'048;
  return Key(rsa ? EVP_RSA_gen(kBits) : EVP_EC_gen("P-256"));
}

std::string CertificateOf(EVP_PKEY* key) {
  const std::unique_ptr<X509, Deleter<X509_free>> certificate(X509_new());
  X509_set_pubkey(certificate.get(), key);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
  X509_sign(certificate.get(), key, EVP_sha256());
  const std::unique_ptr<BIO, Deleter<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

Parameters SignedBy(EVP_PKEY* key, Parameters parameters) {
  const std::string text = SignedText(parameters);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  size_t size = 0;
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha512(), nullptr, key);
  EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size());
  std::vector<unsigned char> signature(size);
  EVP_DigestSign(context.get(), signature.data(), &size, bytes, text.size());
  parameters["checksum"] =
      base::HexOf(std::string(reinterpret_cast<const char*>(signature.data()), size));
  return parameters;
}

TEST(CallbackSignatureTest, ASignatureUnderTheBanksCertificate) {
  const Key bank = MakeKey();
  const std::string certificate = CertificateOf(bank.get());
  const Parameters good = SignedBy(bank.get(), Deposited());
  EXPECT_TRUE(CheckRsa(good, certificate).ok());
  Parameters changed = good;
  changed["amount"] = "3500000";
  EXPECT_FALSE(CheckRsa(changed, certificate).ok());
  for (const std::string& checksum :
       {std::string(), good.at("checksum").substr(2), good.at("checksum").substr(1),
        good.at("checksum") + "00", std::string("zz")}) {
    Parameters cut = good;
    cut["checksum"] = checksum;
    EXPECT_FALSE(CheckRsa(cut, certificate).ok());
  }
  const Key other = MakeKey();
  EXPECT_FALSE(CheckRsa(SignedBy(other.get(), Deposited()), certificate).ok());
  EXPECT_FALSE(CheckRsa({}, certificate).ok());
}

TEST(CallbackSignatureTest, WhatIsNoCertificateOfTheKindIsToldApart) {
  const Key curve = MakeKey(false);
  for (const std::string& certificate :
       {std::string(),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        CertificateOf(curve.get())}) {
    EXPECT_EQ(CheckRsa(Deposited(), certificate).code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace ladon::channels

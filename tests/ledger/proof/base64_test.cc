// Goal: one text for one value. Method: the vectors of RFC 4648 section 10, every length there and
// back, and texts that lenient decoders take.
#include "ledger/proof/base64.h"

#include <random>

#include "gtest/gtest.h"

namespace ladon::ledger {
namespace {

TEST(Base64Test, VectorsOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(EncodeBase64(std::string_view(bytes)), text);
    EXPECT_EQ(DecodeBase64(text), bytes);
  }
}

TEST(Base64Test, EveryLengthThereAndBack) {
  std::mt19937 random(1);
  for (size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_EQ(DecodeBase64(EncodeBase64(bytes)), bytes);
  }
}

TEST(Base64Test, RefusesWhatIsNotCanonical) {
  for (const char* text :
       {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "Zm8==", "=", "====", "Z===", "Zm9v\n",
        " Zm9v", "Zm 9v", "Zm9v=", "Zm9v====", "Zm-_", "Zg==Zg==", "Zm9\xc3\xa9"}) {
    EXPECT_FALSE(DecodeBase64(text).has_value()) << text;
  }
  EXPECT_FALSE(DecodeBase64(std::string_view("Zm9\0", 4)).has_value());
}

TEST(Base64Test, NoOtherTextForAnyValue) {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string text = EncodeBase64(bytes);
    for (size_t i = 0; i < text.size(); ++i) {
      for (int c = 0; c < 256; ++c) {
        std::string other = text;
        other[i] = static_cast<char>(c);
        ASSERT_TRUE(other == text || DecodeBase64(other) != bytes) << text << " " << other;
      }
    }
  }
}

TEST(Base64Test, DigestsAreThirtyTwoBytes) {
  Digest digest;
  digest.bytes.fill(7);
  EXPECT_EQ(DecodeBase64Digest(EncodeBase64(digest)), digest);
  EXPECT_FALSE(DecodeBase64Digest(EncodeBase64(std::string(31, 'a'))).has_value());
  EXPECT_FALSE(DecodeBase64Digest(EncodeBase64(std::string(33, 'a'))).has_value());
  EXPECT_FALSE(DecodeBase64Digest("").has_value());
}

}  // namespace
}  // namespace ladon::ledger

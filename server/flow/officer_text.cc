#include "server/flow/officer_text.h"

#include "server/vault/blob.h"

namespace ladon::flow {
namespace {

constexpr vault::KeyName kTextsKey{.owner = {}, .purpose = vault::Purpose::kOfficerTexts};

}  // namespace

absl::StatusOr<std::string> SealText(const House& house, std::string_view label,
                                     const std::string& text) {
  if (text.empty()) return std::string();
  const auto key = house.vault->SchoolKey({}, kTextsKey.purpose);
  if (!key.ok()) return key.status();
  return vault::SealBlob(*key, kTextsKey, label, text);
}

absl::StatusOr<std::string> OpenText(const House& house, std::string_view label,
                                     const std::string& sealed) {
  if (sealed.empty()) return std::string();
  const auto key = house.vault->SchoolKey({}, kTextsKey.purpose);
  if (!key.ok()) return key.status();
  return vault::OpenBlob(*key, kTextsKey, label, sealed);
}

}  // namespace ladon::flow

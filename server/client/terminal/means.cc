#include "server/client/terminal/means.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "matcher/extract/extractor.h"
#include "matcher/vein_code.h"
#include "server/base/id.h"

namespace ladon::terminal {
namespace {

std::string WireBytes(const matcher::VeinCode& code) {
  const std::vector<uint8_t> bytes = matcher::SerializeTemplate(code);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

v1::Probe EmptyProbe(v1::Liveness liveness) {
  v1::Probe probe;
  probe.set_sensor_id(std::string(kFileSensorId));
  probe.set_liveness(liveness);
  return probe;
}

bool LengthFits(v1::CardTechnology technology, size_t uid_bytes) {
  switch (technology) {
    case v1::CARD_TECHNOLOGY_ISO14443A:
      return uid_bytes == 4 || uid_bytes == 7 || uid_bytes == kCardUidBytesMax;
    case v1::CARD_TECHNOLOGY_EM4100:
      return uid_bytes == 5;
    case v1::CARD_TECHNOLOGY_WIEGAND26:
      return uid_bytes == 3;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<std::vector<uint8_t>> ReadFile(const std::string& path, size_t bytes_max) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  }
  if (!std::filesystem::is_regular_file(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a file"));
  }
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (!error && size > bytes_max) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": larger than ", bytes_max, " bytes"));
  }
  std::ifstream in(path, std::ios::binary);
  // One byte more, so that a file that grows meanwhile is noticed.
  std::vector<uint8_t> bytes(error ? 0 : static_cast<size_t>(size) + 1);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (error || in.bad() || !in.eof()) {
    return absl::UnavailableError(absl::StrCat(path, ": cannot be read"));
  }
  bytes.resize(static_cast<size_t>(in.gcount()));
  return bytes;
}

absl::StatusOr<v1::Probe> ProbeOfImage(std::span<const uint8_t> image, v1::Liveness liveness) {
  const absl::StatusOr<matcher::Extraction> extraction = matcher::ExtractProbe(image);
  if (!extraction.ok()) return extraction.status();
  v1::Probe probe = EmptyProbe(liveness);
  for (const matcher::VeinCode& code : extraction->codes) probe.add_codes(WireBytes(code));
  return probe;
}

absl::StatusOr<v1::Probe> ProbeOfTemplate(std::span<const uint8_t> bytes, v1::Liveness liveness) {
  const absl::StatusOr<matcher::VeinCode> code = matcher::ParseTemplate(bytes);
  if (!code.ok()) return code.status();
  v1::Probe probe = EmptyProbe(liveness);
  probe.add_codes(WireBytes(*code));
  return probe;
}

absl::StatusOr<TemplateSample> TemplateOfImage(std::span<const uint8_t> image) {
  const absl::StatusOr<matcher::Extraction> extraction = matcher::ExtractTemplate(image);
  if (!extraction.ok()) return extraction.status();
  return TemplateSample{.bytes = WireBytes(extraction->codes.front()),
                        .quality = static_cast<uint32_t>(std::clamp(extraction->quality, 0, 100))};
}

absl::StatusOr<v1::Card> CardOfText(std::string_view hex, v1::CardTechnology technology,
                                    v1::ReaderProfile profile) {
  std::string digits;
  for (const char c : hex) {
    if (c != ':' && c != ' ' && c != '-') digits.push_back(c);
  }
  const std::optional<std::string> uid = base::BytesOfHex(digits);
  if (!uid || !LengthFits(technology, uid->size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", std::string(hex),
                     "': a card number is hex: ISO14443A 4, 7 or 10 bytes, "
                     "EM4100 5, WIEGAND26 3"));
  }
  v1::Card card;
  card.set_technology(technology);
  card.set_uid(*uid);
  card.set_reader_profile(profile);
  return card;
}

std::string PalmRefusal(const absl::Status& status, base::Language language) {
  const std::string key = absl::StrCat("terminal.palm.", matcher::ExtractRefusalReason(status));
  if (base::HasText(key)) return base::Text(key, language);
  return std::string(status.message());
}

}  // namespace ladon::terminal

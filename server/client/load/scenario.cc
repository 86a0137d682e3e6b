#include "server/client/load/scenario.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/base/id.h"
#include "server/client/terminal/means.h"

namespace ladon::load {
namespace {

using Json = nlohmann::json;

absl::Status Wrong(const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("scenario: ", what));
}

absl::StatusOr<std::string> IdOf(const Json& json, const char* name) {
  const std::optional<std::string> bytes = base::BytesOfHex(json.get<std::string>());
  if (!bytes || bytes->size() != base::kIdBytes) return Wrong(absl::StrCat(name, ": not an id"));
  return *bytes;
}

absl::StatusOr<v1::PriceListItem> ItemOf(const Json& json) {
  const absl::StatusOr<std::string> id = IdOf(json.at("item_id"), "item_id");
  if (!id.ok()) return id.status();
  v1::PriceListItem item;
  item.set_item_id(*id);
  item.set_category(json.at("category").get<uint32_t>());
  item.set_name(json.at("name").get<std::string>());
  item.set_unit_price_kopecks(json.at("unit_price_kopecks").get<int64_t>());
  return item;
}

absl::StatusOr<v1::Card> CardOf(const Json& json) {
  v1::CardTechnology technology = v1::CARD_TECHNOLOGY_UNSPECIFIED;
  v1::ReaderProfile profile = v1::READER_PROFILE_UNSPECIFIED;
  if (!v1::CardTechnology_Parse(json.at("technology").get<std::string>(), &technology) ||
      !v1::ReaderProfile_Parse(json.at("reader_profile").get<std::string>(), &profile)) {
    return Wrong("cards: technology or reader_profile");
  }
  return terminal::CardOfText(json.at("uid").get<std::string>(), technology, profile);
}

absl::StatusOr<v1::Probe> ProbeOf(const Json& json) {
  v1::Probe probe;
  probe.set_sensor_id(std::string(terminal::kFileSensorId));
  probe.set_liveness(v1::LIVENESS_PASS);
  for (const Json& code : json) {
    if (!absl::Base64Unescape(code.get<std::string>(), probe.add_codes())) {
      return Wrong("probes: not base64");
    }
  }
  if (probe.codes().empty()) return Wrong("probes: an empty probe");
  return probe;
}

// Reads one list of the file; `parse` makes an entry.
template <class T, class Parse>
absl::Status ReadList(const Json& json, const char* name, const Parse& parse, std::vector<T>* out) {
  const Json& list = json.at(name);
  if (!list.is_array()) return Wrong(absl::StrCat(name, ": not a list"));
  if (list.size() > kScenarioEntriesMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("scenario: ", name, ": more than ", kScenarioEntriesMax, " entries"));
  }
  for (const Json& entry : list) {
    absl::StatusOr<T> value = parse(entry);
    if (!value.ok()) return value.status();
    out->push_back(*std::move(value));
  }
  return absl::OkStatus();
}

absl::StatusOr<Scenario> Decode(const Json& json) {
  Scenario scenario;
  scenario.server = json.at("server").get<std::string>();
  const absl::StatusOr<std::string> school = IdOf(json.at("school_id"), "school_id");
  if (!school.ok()) return school.status();
  const absl::StatusOr<std::string> caterer = IdOf(json.at("caterer_id"), "caterer_id");
  if (!caterer.ok()) return caterer.status();
  scenario.school_id = *school;
  scenario.caterer_id = *caterer;
  absl::Status s = ReadList(json, "items", ItemOf, &scenario.items);
  if (s.ok()) s = ReadList(json, "cards", CardOf, &scenario.cards);
  if (s.ok()) s = ReadList(json, "probes", ProbeOf, &scenario.probes);
  if (s.ok()) {
    s = ReadList(
        json, "accounts", [](const Json& entry) { return IdOf(entry, "accounts"); },
        &scenario.accounts);
  }
  if (s.ok()) {
    s = ReadList(
        json, "subjects", [](const Json& entry) { return IdOf(entry, "subjects"); },
        &scenario.subjects);
  }
  if (!s.ok()) return s;
  if (scenario.items.empty()) return Wrong("items: empty");
  return scenario;
}

Json Encode(const Scenario& scenario) {
  Json items = Json::array();
  for (const v1::PriceListItem& item : scenario.items) {
    items.push_back({{"item_id", base::HexOf(item.item_id())},
                     {"category", item.category()},
                     {"name", item.name()},
                     {"unit_price_kopecks", item.unit_price_kopecks()}});
  }
  Json cards = Json::array();
  for (const v1::Card& card : scenario.cards) {
    cards.push_back({{"technology", v1::CardTechnology_Name(card.technology())},
                     {"uid", base::HexOf(card.uid())},
                     {"reader_profile", v1::ReaderProfile_Name(card.reader_profile())}});
  }
  Json accounts = Json::array();
  for (const std::string& account : scenario.accounts) accounts.push_back(base::HexOf(account));
  Json subjects = Json::array();
  for (const std::string& subject : scenario.subjects) subjects.push_back(base::HexOf(subject));
  Json probes = Json::array();
  for (const v1::Probe& probe : scenario.probes) {
    Json codes = Json::array();
    for (const std::string& code : probe.codes()) codes.push_back(absl::Base64Escape(code));
    probes.push_back(std::move(codes));
  }
  return {{"server", scenario.server},
          {"school_id", base::HexOf(scenario.school_id)},
          {"caterer_id", base::HexOf(scenario.caterer_id)},
          {"items", items},
          {"cards", cards},
          {"accounts", accounts},
          {"subjects", subjects},
          {"probes", probes}};
}

}  // namespace

absl::Status WriteScenario(const std::string& path, const Scenario& scenario) {
  const std::string text = Encode(scenario).dump(1, ' ', false, Json::error_handler_t::replace);
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    const std::string why = std::error_code(errno, std::generic_category()).message();
    if (errno == EEXIST) return absl::AlreadyExistsError(path + ": exists; nothing was written");
    return absl::FailedPreconditionError(absl::StrCat(path, ": ", why));
  }
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = write(fd, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    written += static_cast<size_t>(n);
  }
  const bool closed = close(fd) == 0;
  if (written == text.size() && closed) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, ": cannot be written"));
}

absl::StatusOr<Scenario> ReadScenario(const std::string& path) {
  const absl::StatusOr<std::vector<uint8_t>> bytes = terminal::ReadFile(path, kScenarioBytesMax);
  if (!bytes.ok()) return bytes.status();
  try {
    return Decode(Json::parse(bytes->begin(), bytes->end()));
  } catch (const Json::exception& error) {
    return Wrong(error.what());
  }
}

}  // namespace ladon::load

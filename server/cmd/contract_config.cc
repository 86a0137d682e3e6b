#include "server/cmd/contract_config.h"

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "server/base/roubles.h"
#include "server/flow/service_day.h"

namespace ladon {
namespace {

using payments::Contract;

struct Percent {
  uint32_t* hundredths;
};
struct Roubles {
  int64_t* kopecks;
};
using Target = std::variant<std::string*, bool*, uint32_t*, Percent, Roubles>;

std::string At(const std::string& path, const toml::node& node) {
  return path + ", line " + std::to_string(node.source().begin.line) + ": [[contract]] ";
}

std::optional<Target> TargetOf(std::string_view key, Contract* contract) {
  if (key == "name") return &contract->name;
  if (key == "time_zone") return &contract->time_zone;
  if (key == "fee_percent") return Percent{&contract->fee_hundredths};
  if (key == "fee_min") return Roubles{&contract->fee_kopecks_min};
  if (key == "paid_min") return Roubles{&contract->paid_kopecks_min};
  if (key == "paid_max") return Roubles{&contract->paid_kopecks_max};
  if (key == "cancels") return &contract->cancels;
  if (key == "registry_max") return Roubles{&contract->registry_kopecks_max};
  if (key == "registry_hour") return &contract->registry_hour;
  if (key == "registries") return &contract->registries;
  if (key == "refund_days") return &contract->refund_days;
  return std::nullopt;
}

// What is wrong with the value; empty: nothing.
std::string_view Set(const toml::node& node, const Target& target) {
  const auto text = node.value_exact<std::string>();
  if (const auto* const to = std::get_if<std::string*>(&target)) {
    if (!text) return "must be a text in quotes";
    **to = *text;
  } else if (const auto* const flag = std::get_if<bool*>(&target)) {
    const auto value = node.value_exact<bool>();
    if (!value) return "must be true or false";
    **flag = *value;
  } else if (const auto* const number = std::get_if<uint32_t*>(&target)) {
    constexpr int64_t kNumberMax = 1'000'000;
    const auto value = node.value_exact<int64_t>();
    if (!value || *value < 0 || *value > kNumberMax) return "must be a whole number";
    **number = static_cast<uint32_t>(*value);
  } else {
    // A number with a point would be a floating one: sums and shares are texts.
    const auto exact = text ? base::KopecksOf(*text, ".", payments::kPaidKopecksMax) : std::nullopt;
    if (!exact) return "must be a text of digits, with a point and two decimals at most: \"1.50\"";
    if (const auto* const percent = std::get_if<Percent>(&target)) {
      if (*exact > payments::kFeeHundredthsMax) return "must be \"0\" to \"100\"";
      *percent->hundredths = static_cast<uint32_t>(*exact);
    } else {
      *std::get<Roubles>(target).kopecks = *exact;
    }
  }
  return {};
}

absl::StatusOr<Contract> ReadOne(const std::string& path, const toml::table& table,
                                 const std::string& time_zone) {
  Contract contract{.name = {}, .time_zone = time_zone};
  for (const auto& [name, node] : table) {
    const std::optional<Target> target = TargetOf(name.str(), &contract);
    if (!target) {
      return absl::InvalidArgumentError(At(path, node) + "unknown key " + std::string(name.str()) +
                                        "; deploy/ladond.toml lists every key");
    }
    if (const std::string_view wrong = Set(node, *target); !wrong.empty()) {
      return absl::InvalidArgumentError(At(path, node) + std::string(name.str()) + " " +
                                        std::string(wrong));
    }
  }
  absl::Status good = payments::CheckContract(contract);
  if (good.ok() && !flow::IsTimeZone(contract.time_zone)) {
    good = absl::InvalidArgumentError("time_zone must be an IANA name like Europe/Moscow");
  }
  if (!good.ok()) return absl::InvalidArgumentError(At(path, table) + std::string(good.message()));
  return contract;
}

}  // namespace

absl::StatusOr<ContractsByName> ReadContracts(const std::string& path, const toml::node& node,
                                              const std::string& time_zone) {
  const toml::array* const array = node.as_array();
  if (array == nullptr || !array->is_homogeneous<toml::table>()) {
    return absl::InvalidArgumentError(At(path, node) + "must be tables: write [[contract]]");
  }
  if (array->size() > payments::kContractsMax) {
    return absl::InvalidArgumentError(At(path, node) + "more than 100 contracts");
  }
  ContractsByName contracts;
  for (const toml::node& one : *array) {
    absl::StatusOr<Contract> contract = ReadOne(path, *one.as_table(), time_zone);
    if (!contract.ok()) return contract.status();
    const std::string name = contract->name;
    if (!contracts.emplace(name, *std::move(contract)).second) {
      return absl::InvalidArgumentError(At(path, one) + "name " + name + " stands there twice");
    }
  }
  return contracts;
}

}  // namespace ladon

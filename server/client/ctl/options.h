// Command-line options that several commands share, with their checks.
//
// Threading: one thread, while the command line is built.
#ifndef LADON_SERVER_CLIENT_CTL_OPTIONS_H_
#define LADON_SERVER_CLIENT_CTL_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "ladon/v1/types.pb.h"
#include "server/client/ctl/context.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {

// Each sets a validator: 32 hex digits; a day; roubles; hex bytes.
CLI::Option* IdOption(CLI::App* command, const std::string& name, std::string* hex,
                      const std::string& help);
CLI::Option* DateOption(CLI::App* command, const std::string& name, std::string* day,
                        const std::string& help);
// The same for a day of birth: from 1900 on.
CLI::Option* BirthDateOption(CLI::App* command, const std::string& name, std::string* day,
                             const std::string& help);
// A moment: values.h, ParseTime().
CLI::Option* TimeOption(CLI::App* command, const std::string& name, std::string* time,
                        const std::string& help);
CLI::Option* RoublesOption(CLI::App* command, const std::string& name, std::string* roubles,
                           const std::string& help);

// Roubles as between firms: up to a hundred million.
CLI::Option* BankSumOption(CLI::App* command, const std::string& name, std::string* roubles,
                           const std::string& help);

struct CardArguments {
  std::string uid_hex;
  std::string technology = "iso14443a";
  std::string reader_profile = "transmission";
};
// --technology, --reader-profile.
void CardKindOptions(CLI::App* command, CardArguments* card);
// The same, and --card.
CLI::Option* CardOptions(CLI::App* command, CardArguments* card);

// The values of options that passed their checks.
[[nodiscard]] std::string BytesOf(const std::string& hex);
[[nodiscard]] v1::Date DateOf(const std::string& day);
[[nodiscard]] int64_t MomentOf(const std::string& time);
[[nodiscard]] int64_t KopecksOf(const std::string& roubles,
                                int64_t kopecks_max = kAmountKopecksMax);
[[nodiscard]] v1::Card CardOf(const CardArguments& card);

// A command that runs `action` when it is chosen.
CLI::App* AddCommand(CLI::App* parent, Context* context, const std::string& name,
                     const std::string& help, std::function<int()> action);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_OPTIONS_H_

#include "server/client/ctl/options.h"

#include <cassert>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "server/base/id.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

std::string CheckId(const std::string& text) {
  const std::optional<base::RequestId> id = base::IdOfHex<base::RequestId>(text);
  return id && !id->IsZero() ? "" : "must be 32 hex digits, not all zero";
}

std::string CheckDate(const std::string& text) {
  return ParseDate(text) ? "" : "must be a day that exists, as 2026-09-01";
}

std::string CheckBirthDate(const std::string& text) {
  return ParseDate(text, kBirthYearMin) ? "" : "must be a day that exists, as 2015-02-28";
}

std::string CheckTime(const std::string& text) {
  return ParseTime(text) ? "" : "must be a time, as \"2026-09-01 12:30\" or 2026-09-01T12:30:00Z";
}

std::string CheckRoubles(const std::string& text) {
  return ParseRoubles(text) ? "" : "must be roubles from 0 to 100000, as 150 or 99.50";
}

std::string CheckBankSum(const std::string& text) {
  return ParseRoubles(text, kBankKopecksMax)
             ? ""
             : "must be roubles from 0 to 100000000, as 15000 or 99.50";
}

std::string CheckUid(const std::string& text) {
  const std::optional<std::string> bytes = base::BytesOfHex(text);
  return bytes && bytes->size() >= 3 && bytes->size() <= 10 ? "" : "must be 3 to 10 bytes in hex";
}

// A command line is seen by every other process and kept by shells; a card's number is a secret.
std::string ReadUid(std::string& text) {
  if (text == "-" && !std::getline(std::cin, text)) return "standard input has no line";
  return CheckUid(text);
}

}  // namespace

CLI::Option* IdOption(CLI::App* command, const std::string& name, std::string* hex,
                      const std::string& help) {
  return command->add_option(name, *hex, help)->check(CheckId)->type_name("HEX");
}

CLI::Option* DateOption(CLI::App* command, const std::string& name, std::string* day,
                        const std::string& help) {
  return command->add_option(name, *day, help)->check(CheckDate)->type_name("YYYY-MM-DD");
}

CLI::Option* BirthDateOption(CLI::App* command, const std::string& name, std::string* day,
                             const std::string& help) {
  return command->add_option(name, *day, help)->check(CheckBirthDate)->type_name("YYYY-MM-DD");
}

CLI::Option* TimeOption(CLI::App* command, const std::string& name, std::string* time,
                        const std::string& help) {
  return command->add_option(name, *time, help)->check(CheckTime)->type_name("TIME");
}

CLI::Option* RoublesOption(CLI::App* command, const std::string& name, std::string* roubles,
                           const std::string& help) {
  return command->add_option(name, *roubles, help)->check(CheckRoubles)->type_name("ROUBLES");
}

CLI::Option* BankSumOption(CLI::App* command, const std::string& name, std::string* roubles,
                           const std::string& help) {
  return command->add_option(name, *roubles, help)->check(CheckBankSum)->type_name("ROUBLES");
}

void CardKindOptions(CLI::App* command, CardArguments* card) {
  command->add_option("--technology", card->technology, "Kind of card")
      ->check(CLI::IsMember({"iso14443a", "em4100", "wiegand26"}))
      ->capture_default_str();
  command
      ->add_option("--reader-profile", card->reader_profile,
                   "Which byte the reader gives first: the first on the air, or reversed")
      ->check(CLI::IsMember({"transmission", "reversed"}))
      ->capture_default_str();
}

CLI::Option* CardOptions(CLI::App* command, CardArguments* card) {
  CardKindOptions(command, card);
  return command
      ->add_option("--card", card->uid_hex,
                   "Card number as read, in hex; \"-\": a line of standard input, where no other "
                   "process sees it")
      ->transform(CLI::Validator(ReadUid, "HEX"))
      ->type_name("HEX");
}

std::string BytesOf(const std::string& hex) {
  const std::optional<std::string> bytes = base::BytesOfHex(hex);
  assert(bytes.has_value());
  return *bytes;
}

v1::Date DateOf(const std::string& day) {
  const std::optional<v1::Date> date = ParseDate(day, kBirthYearMin);
  assert(date.has_value());
  return *date;
}

int64_t MomentOf(const std::string& time) {
  const std::optional<int64_t> seconds = ParseTime(time);
  assert(seconds.has_value());
  return *seconds;
}

int64_t KopecksOf(const std::string& roubles, int64_t kopecks_max) {
  const std::optional<int64_t> kopecks = ParseRoubles(roubles, kopecks_max);
  assert(kopecks.has_value());
  return *kopecks;
}

v1::Card CardOf(const CardArguments& card) {
  v1::Card out;
  out.set_uid(BytesOf(card.uid_hex));
  out.set_technology(CardTechnologyOf(card.technology));
  out.set_reader_profile(ReaderProfileOf(card.reader_profile));
  return out;
}

CLI::App* AddCommand(CLI::App* parent, Context* context, const std::string& name,
                     const std::string& help, std::function<int()> action) {
  CLI::App* command = parent->add_subcommand(name, help);
  command->callback([context, action = std::move(action)] { context->action = action; });
  return command;
}

}  // namespace ladon::ctl

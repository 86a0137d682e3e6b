#include "server/client/pki/issued.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/id.h"
#include "server/base/principal.h"
#include "server/client/pki/identity_files.h"

namespace ladon::pki {
namespace {

using std::chrono::sys_seconds;

constexpr std::string_view kFirstLine = "ladon issued certificates 1";
constexpr std::string_view kNothing = "-";

// Takes what comes before the next `end` off the front.
std::string_view Cut(std::string_view* text, char end) {
  const size_t at = std::min(text->find(end), text->size());
  const std::string_view front = text->substr(0, at);
  text->remove_prefix(std::min(at + 1, text->size()));
  return front;
}

template <class Number>
std::optional<Number> NumberOf(std::string_view digits) {
  Number number{};
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::optional<sys_seconds> TimeOf(std::string_view digits) {
  const std::optional<int64_t> seconds = NumberOf<int64_t>(digits);
  if (!seconds) return std::nullopt;
  return sys_seconds(std::chrono::seconds(*seconds));
}

std::string OrNothing(std::string_view text) {
  return std::string(text.empty() ? kNothing : text);
}

std::optional<Issued> ParseLine(std::string_view line) {
  Issued issued;
  issued.serial_hex = Cut(&line, ' ');
  if (SerialOfText(issued.serial_hex) != issued.serial_hex) return std::nullopt;
  const std::optional<sys_seconds> not_after = TimeOf(Cut(&line, ' '));
  if (!not_after) return std::nullopt;
  issued.not_after = *not_after;
  const std::string_view at = Cut(&line, ' ');
  const std::string_view reason = Cut(&line, ' ');
  if (at != kNothing || reason != kNothing) {
    const std::optional<sys_seconds> revoked_at = TimeOf(at);
    const std::optional<RevocationReason> why = ReasonOf(reason);
    if (!revoked_at || !why) return std::nullopt;
    issued.revocation = Revocation{.at = *revoked_at, .reason = *why};
  }
  const std::string_view principal = Cut(&line, ' ');
  const bool known = principal == kServerPrincipal || base::ParsePrincipal(principal).ok();
  if (principal != kNothing && !known) return std::nullopt;
  if (principal != kNothing) issued.principal = principal;
  if (line != kNothing && !IsHolder(line)) return std::nullopt;
  if (line != kNothing) issued.holder = line;
  return issued;
}

}  // namespace

std::string_view ReasonName(RevocationReason reason) {
  switch (reason) {
    case RevocationReason::kKeyCompromise:
      return "keyCompromise";
    case RevocationReason::kAffiliationChanged:
      return "affiliationChanged";
    case RevocationReason::kSuperseded:
      return "superseded";
    case RevocationReason::kCessationOfOperation:
      return "cessationOfOperation";
  }
  return "";
}

std::optional<RevocationReason> ReasonOf(std::string_view name) {
  for (const RevocationReason reason : kRevocationReasons) {
    if (ReasonName(reason) == name) return reason;
  }
  return std::nullopt;
}

const Issued* IssuedIndex::Find(std::string_view serial_hex) const {
  const auto it = std::find_if(all.begin(), all.end(), [&](const Issued& issued) {
    return issued.serial_hex == serial_hex;
  });
  return it == all.end() ? nullptr : &*it;
}

Issued* IssuedIndex::Find(std::string_view serial_hex) {
  return const_cast<Issued*>(std::as_const(*this).Find(serial_hex));
}

bool IsHolder(std::string_view text) {
  return !text.empty() && text.size() <= kHolderCharactersMax && text != kNothing &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::optional<std::string> SerialOfText(std::string_view text) {
  constexpr size_t kSerialBytesMax = 20;
  std::string hex(text);
  hex.erase(std::remove(hex.begin(), hex.end(), ':'), hex.end());
  if (hex.size() % 2 != 0) hex.insert(hex.begin(), '0');
  std::optional<std::string> bytes = base::BytesOfHex(hex);
  if (!bytes) return std::nullopt;
  bytes->erase(0, std::min(bytes->find_first_not_of('\0'), bytes->size()));
  if (bytes->empty() || bytes->size() > kSerialBytesMax) return std::nullopt;
  return base::HexOf(*bytes);
}

std::string Format(const IssuedIndex& index) {
  std::string text(kFirstLine);
  absl::StrAppend(&text, "\ncrl ", index.list_number, "\n");
  for (const Issued& issued : index.all) {
    std::string at;
    std::string reason;
    if (issued.revocation) {
      at = absl::StrCat(issued.revocation->at.time_since_epoch().count());
      reason = ReasonName(issued.revocation->reason);
    }
    absl::StrAppend(&text, issued.serial_hex, " ", issued.not_after.time_since_epoch().count(), " ",
                    OrNothing(at), " ");
    absl::StrAppend(&text, OrNothing(reason), " ", OrNothing(issued.principal), " ",
                    OrNothing(issued.holder), "\n");
  }
  return text;
}

absl::StatusOr<IssuedIndex> ParseIssued(std::string_view text) {
  const auto bad = [](size_t line) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", line, " is not as ladonctl writes it: take the file from a backup"));
  };
  if (Cut(&text, '\n') != kFirstLine) return bad(1);
  IssuedIndex index;
  std::string_view head = Cut(&text, '\n');
  const std::string_view word = Cut(&head, ' ');
  const std::optional<uint64_t> number = NumberOf<uint64_t>(head);
  if (word != "crl" || !number) return bad(2);
  index.list_number = *number;
  std::set<std::string> serials;
  for (size_t line = 3; !text.empty(); ++line) {
    if (text.find('\n') == std::string_view::npos) return bad(line);  // Cut off.
    std::optional<Issued> issued = ParseLine(Cut(&text, '\n'));
    if (!issued || !serials.insert(issued->serial_hex).second) return bad(line);
    index.all.push_back(*std::move(issued));
  }
  return index;
}

absl::StatusOr<IssuedIndex> ReadIssued(const std::string& dir) {
  const std::string path = dir + "/issued";
  const absl::StatusOr<std::string> text = ReadSmallFile(path, kIssuedBytesMax);
  if (absl::IsNotFound(text.status())) return IssuedIndex();
  if (!text.ok()) return text.status();
  absl::StatusOr<IssuedIndex> index = ParseIssued(*text);
  if (index.ok()) return index;
  return absl::FailedPreconditionError(absl::StrCat(path, ": ", index.status().message()));
}

absl::Status WriteIssued(const std::string& dir, const IssuedIndex& index) {
  const std::string text = Format(index);
  if (text.size() > kIssuedBytesMax) {
    return absl::FailedPreconditionError(
        absl::StrCat(dir, "/issued: full; begin another authority beside this one"));
  }
  return ReplaceFile(dir + "/issued", text, 0600);
}

}  // namespace ladon::pki

#include "ledger/proof/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ledger/proof/base64.h"

namespace ladon::ledger {
namespace {

absl::Status Malformed(const char* why) {
  return absl::InvalidArgumentError(absl::StrCat("checkpoint: ", why));
}

// Takes the next line; nullopt at the end, or when the last one has no line feed.
std::optional<std::string_view> TakeLine(std::string_view* text) {
  const size_t end = text->find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end + 1);
  return line;
}

}  // namespace

std::optional<uint64_t> ParseDecimal(std::string_view digits) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  return value;
}

std::string FormatCheckpoint(const Checkpoint& checkpoint) {
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n", EncodeBase64(checkpoint.root),
                      "\n");
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text) {
  const std::optional<std::string_view> origin = TakeLine(&text);
  const std::optional<std::string_view> size_line = TakeLine(&text);
  const std::optional<std::string_view> root_line = TakeLine(&text);
  if (!origin.has_value() || origin->empty()) return Malformed("no origin");
  const std::optional<uint64_t> size =
      size_line.has_value() ? ParseDecimal(*size_line) : std::nullopt;
  if (!size.has_value()) return Malformed("the second line is no number of entries");
  const std::optional<Digest> root =
      root_line.has_value() ? DecodeBase64Digest(*root_line) : std::nullopt;
  if (!root.has_value()) return Malformed("the third line is no root hash");
  while (!text.empty()) {
    const std::optional<std::string_view> extension = TakeLine(&text);
    if (!extension.has_value() || extension->empty()) return Malformed("an empty extension line");
  }
  return Checkpoint{.origin = std::string(*origin), .size = *size, .root = *root};
}

absl::StatusOr<OpenedCheckpoint> OpenCheckpoint(std::string_view note,
                                                std::span<const VerifierKey> keys) {
  absl::StatusOr<Note> opened = OpenNote(note, keys);
  if (!opened.ok()) return opened.status();
  absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(opened->text);
  if (!checkpoint.ok()) return checkpoint.status();
  const bool by_the_log = std::any_of(
      opened->verified.begin(), opened->verified.end(),
      [&](const NoteSignature& signature) { return signature.name == checkpoint->origin; });
  if (!by_the_log) {
    return absl::UnauthenticatedError(
        absl::StrCat("checkpoint: not signed by ", checkpoint->origin, " itself"));
  }
  return OpenedCheckpoint{.checkpoint = *std::move(checkpoint), .note = *std::move(opened)};
}

absl::StatusOr<OpenedCheckpoint> OpenOwnCheckpoint(std::string_view note,
                                                   std::span<const VerifierKey> keys) {
  absl::StatusOr<OpenedCheckpoint> opened = OpenCheckpoint(note, keys);
  if (!opened.ok() || opened->note.unverified.empty()) return opened;
  return absl::UnauthenticatedError(
      absl::StrCat("the checkpoint has a signature by an unknown key of ",
                   opened->note.unverified.front().name));
}

}  // namespace ladon::ledger

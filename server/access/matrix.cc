#include "server/access/matrix.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>
#include <charconv>
#include <fstream>
#include <initializer_list>
#include <optional>

#include "ledger/proof/note.h"
#include "server/access/matrix_text.h"

namespace ladon::access {
namespace {

constexpr std::string_view kFirstLine = "ladon access matrix 1";
constexpr std::string_view kPackage = "/ladon.v1.";
constexpr std::string_view kAllMark = "@all";
// Of records that nobody's call leaves (server/audit/process_event.h).
constexpr uint16_t kProcessFirst = 900;
constexpr uint16_t kProcessLast = 999;

absl::Status Bad(const std::string& what) {
  return absl::InvalidArgumentError(what);
}

std::string Join(std::initializer_list<std::string_view> parts) {
  std::string whole;
  for (const std::string_view part : parts) whole += part;
  return whole;
}

std::string_view ViewOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

std::vector<std::string_view> WordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < line.size();) {
    const size_t begin = line.find_first_not_of(' ', at);
    if (begin == std::string_view::npos) break;
    at = std::min(line.find(' ', begin), line.size());
    words.push_back(line.substr(begin, at - begin));
  }
  return words;
}

absl::StatusOr<base::Role> ReadRole(std::string_view word) {
  const std::optional<base::Role> role = base::RoleOf(word);
  if (!role) return Bad(Join({"\"", word, "\" is no role"}));
  return *role;
}

absl::StatusOr<Grant> ReadGrant(std::string_view word) {
  const bool all = word.size() > kAllMark.size() && word.ends_with(kAllMark);
  if (all) word.remove_suffix(kAllMark.size());
  const absl::StatusOr<base::Role> role = ReadRole(word);
  if (!role.ok()) return role.status();
  const base::Belonging belonging = base::BelongingOf(*role);
  if (all && belonging == base::Belonging::kOneSchool) {
    return Bad(Join({"\"", word, "\" belongs to one school: take @all away"}));
  }
  if (!all && belonging == base::Belonging::kAllSchools) {
    return Bad(Join({"\"", word, "\" belongs to no one school: write ", word, kAllMark}));
  }
  return Grant{.role = *role, .scope = all ? Scope::kAllSchools : Scope::kOwnSchool};
}

absl::Status AddGrant(std::string_view word, std::vector<Grant>* grants) {
  const absl::StatusOr<Grant> grant = ReadGrant(word);
  if (!grant.ok()) return grant.status();
  if (FindGrant(*grants, grant->role) != nullptr) {
    return Bad(Join({"\"", word, "\" stands there twice"}));
  }
  grants->push_back(*grant);
  return absl::OkStatus();
}

bool IsCallName(std::string_view word) {
  return std::count(word.begin(), word.end(), '/') == 1 && word.front() != '/' &&
         word.back() != '/' && std::all_of(word.begin(), word.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '/';
         });
}

}  // namespace

absl::Status Matrix::ReadCall(std::span<const std::string_view> words) {
  constexpr size_t kWordsMin = 4;  // call, number, call's name, one role.
  if (words.size() < kWordsMin) return Bad("a call needs a number, a name and a role");
  Rule rule;
  const char* const end = words[1].data() + words[1].size();
  const auto [rest, error] = std::from_chars(words[1].data(), end, rule.event);
  if (error != std::errc() || rest != end || rule.event == 0) {
    return Bad(Join({"\"", words[1], "\" is no number from 1 to 65535"}));
  }
  if (rule.event >= kProcessFirst && rule.event <= kProcessLast) {
    return Bad(Join({"\"", words[1], "\" is a number of the process's own: 900 to 999 are"}));
  }
  if (!IsCallName(words[2])) return Bad(Join({"\"", words[2], "\" is no Service/Call"}));
  rule.rpc = Join({kPackage, words[2]});
  std::vector<Grant>* into = &rule.grants;
  for (const std::string_view word : words.subspan(3)) {
    if (word == "+" && into == &rule.grants) {
      into = &rule.approvers;
    } else if (absl::Status s = AddGrant(word, into); !s.ok()) {
      return s;
    }
  }
  if (rule.grants.empty()) return Bad("nobody may make this call");
  if (into == &rule.approvers && rule.approvers.empty()) return Bad("nobody may approve it");
  if (!by_rpc_.emplace(rule.rpc, rules_.size()).second) return Bad("the call stands there twice");
  if (!by_event_.emplace(rule.event, rules_.size()).second) return Bad("the number is taken");
  rules_.push_back(std::move(rule));
  return absl::OkStatus();
}

absl::Status Matrix::ReadApart(std::span<const std::string_view> words) {
  constexpr size_t kWordsMin = 3;
  if (words.size() < kWordsMin) return Bad("apart needs two roles");
  const absl::StatusOr<base::Role> one = ReadRole(words[1]);
  if (!one.ok()) return one.status();
  for (const std::string_view word : words.subspan(2)) {
    const absl::StatusOr<base::Role> other = ReadRole(word);
    if (!other.ok()) return other.status();
    if (*one == *other) return Bad("a role cannot be apart from itself");
    apart_.emplace(*one, *other);
    apart_.emplace(*other, *one);
  }
  return absl::OkStatus();
}

absl::StatusOr<Matrix> Matrix::Parse(std::string_view text) {
  if (text.size() > kMatrixBytesMax) return Bad("access matrix: longer than 64 KiB");
  Matrix matrix;
  matrix.text_ = text;
  size_t number = 0;
  for (std::string_view rest = matrix.text_; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    const std::vector<std::string_view> words = WordsOf(line);
    absl::Status read;
    if (number == 1) {
      if (line != kFirstLine) read = Bad(Join({"must be \"", kFirstLine, "\""}));
    } else if (words.empty() || words[0].front() == '#') {
      continue;
    } else if (words[0] == "call") {
      read = matrix.ReadCall(words);
    } else if (words[0] == "apart") {
      read = matrix.ReadApart(words);
    } else {
      read = Bad(Join({"\"", words[0], "\" is neither call nor apart"}));
    }
    if (!read.ok()) {
      return Bad(Join({"access matrix, line ", std::to_string(number), ": ", ViewOf(read)}));
    }
  }
  if (matrix.rules_.empty()) return Bad("access matrix: it grants nothing");
  return matrix;
}

const Matrix& Matrix::BuiltIn() {
  static const Matrix* const matrix = [] {
    absl::StatusOr<Matrix> parsed = Parse(MatrixText());
    assert(parsed.ok());  // Held by a test.
    return new Matrix(*std::move(parsed));
  }();
  return *matrix;
}

const Rule* Matrix::Find(std::string_view rpc) const {
  const auto it = by_rpc_.find(rpc);
  return it == by_rpc_.end() ? nullptr : &rules_[it->second];
}

const Rule* Matrix::FindEvent(uint16_t event) const {
  const auto it = by_event_.find(event);
  return it == by_event_.end() ? nullptr : &rules_[it->second];
}

std::string Matrix::NameOf(uint16_t event) const {
  const Rule* const rule = FindEvent(event);
  return rule == nullptr ? std::string() : rule->rpc.substr(kPackage.size());
}

bool Matrix::MayMeet(base::Role a, base::Role b) const {
  return !apart_.contains({a, b});
}

std::string Matrix::Fingerprint() const {
  std::array<uint8_t, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const uint8_t*>(text_.data()), text_.size());
  std::string hex(2 * digest.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  hex.pop_back();
  return hex;
}

absl::Status Matrix::CheckAgainst(const Matrix& built_in) const {
  for (const Rule& rule : built_in.rules_) {
    const Rule* const mine = Find(rule.rpc);
    if (mine == nullptr || mine->event != rule.event) {
      return Bad(Join(
          {"access matrix: ", rule.rpc, " must have the number ", std::to_string(rule.event)}));
    }
    if (mine->approvers.empty() && !rule.approvers.empty()) {
      return Bad(Join({"access matrix: ", rule.rpc, " must have a second approver"}));
    }
  }
  for (const Rule& rule : rules_) {
    if (built_in.Find(rule.rpc) == nullptr) {
      return Bad(Join({"access matrix: ", rule.rpc, " is no call of this program"}));
    }
  }
  for (const auto& [one, other] : built_in.apart_) {
    if (MayMeet(one, other)) {
      return Bad(Join({"access matrix: ", base::RoleName(one), " and ", base::RoleName(other),
                       " must be kept apart"}));
    }
  }
  return absl::OkStatus();
}

const Grant* FindGrant(std::span<const Grant> grants, base::Role role) {
  const auto it = std::find_if(grants.begin(), grants.end(),
                               [&](const Grant& grant) { return grant.role == role; });
  return it == grants.end() ? nullptr : &*it;
}

absl::StatusOr<Matrix> LoadSignedMatrix(const std::string& path, std::string_view verifier_key) {
  const absl::StatusOr<ledger::VerifierKey> key = ledger::ParseVerifierKey(verifier_key);
  if (!key.ok()) return key.status();
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("cannot read the access matrix " + path);
  std::string bytes(2 * kMatrixBytesMax, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  const absl::StatusOr<ledger::Note> note = ledger::OpenNote(bytes, {&*key, 1});
  if (!note.ok()) {
    return absl::Status(note.status().code(),
                        Join({path, ": ", ViewOf(note.status()),
                              ": sign it with ladonctl access sign, or correct "
                              "[access] matrix_key"}));
  }
  absl::StatusOr<Matrix> matrix = Matrix::Parse(note->text);
  if (!matrix.ok()) return matrix.status();
  if (absl::Status s = matrix->CheckAgainst(Matrix::BuiltIn()); !s.ok()) return s;
  return matrix;
}

}  // namespace ladon::access

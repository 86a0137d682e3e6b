#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ledger/proof/note.h"
#include "server/base/secret.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"
#include "server/client/pki/identity_files.h"

namespace ladon::ctl {
namespace {

constexpr size_t kKeyFileBytesMax = 1'024;
constexpr size_t kMatrixBytesMax = size_t{64} * 1024;  // As server/access/matrix.h.

struct Arguments {
  std::string name = "ladon-access-matrix";
  std::string key;
  std::string in;
  std::string out;
};

// C2SP signed-note, as golang.org/x/mod/sumdb/note writes its keys.
std::string KeyText(const ledger::VerifierKey& key,
                    const std::array<uint8_t, ledger::kEd25519Bytes>& seed) {
  std::string body(1, static_cast<char>(ledger::KeyType::kEd25519));
  body.append(reinterpret_cast<const char*>(seed.data()), seed.size());
  std::string text =
      absl::StrFormat("PRIVATE+KEY+%s+%08x+%s\n", key.name, key.id, absl::Base64Escape(body));
  base::Wipe(body.data(), body.size());
  return text;
}

int MakeKey(Context& context, const Arguments& given) {
  std::array<uint8_t, ledger::kEd25519Bytes> seed{};
  base::FillRandom(seed);
  const absl::StatusOr<ledger::SigningKey> key = ledger::SigningKey::FromSeed(given.name, seed);
  if (!key.ok()) return context.Fail(key.status());
  std::string text = KeyText(key->verifier(), seed);
  base::Wipe(seed.data(), seed.size());
  const absl::Status written = pki::WriteNewFile(given.out, text, 0400);
  base::Wipe(text.data(), text.size());
  if (!written.ok()) return context.Fail(written);
  const std::string verifier = ledger::FormatVerifierKey(key->verifier());
  return context.Print({{"key_file", given.out}, {"verifier_key", verifier}},
                       context.Say("matrix.key_made", {given.out, verifier}));
}

absl::StatusOr<ledger::SigningKey> ReadKey(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": the signing key is open to group or others; run: chmod 0400 ", path));
  }
  absl::StatusOr<std::string> text = ReadWholeFile(path, kKeyFileBytesMax);
  if (!text.ok()) return text.status();
  const size_t size = text->find_last_not_of("\r\n") + 1;
  absl::StatusOr<ledger::SigningKey> key =
      ledger::SigningKey::Parse(std::string_view(*text).substr(0, size));
  base::Wipe(text->data(), text->size());
  if (key.ok()) return key;
  return absl::FailedPreconditionError(absl::StrCat(path, ": ", key.status().message()));
}

int Sign(Context& context, const Arguments& given) {
  const absl::StatusOr<std::string> matrix = ReadWholeFile(given.in, kMatrixBytesMax);
  if (!matrix.ok()) return context.Fail(matrix.status());
  const absl::StatusOr<ledger::SigningKey> key = ReadKey(given.key);
  if (!key.ok()) return context.Fail(key.status());
  const std::vector<const ledger::SigningKey*> keys = {&*key};
  const absl::StatusOr<std::string> note = ledger::SignNote(*matrix, keys);
  if (!note.ok()) return context.Fail(note.status());
  if (absl::Status s = pki::WriteNewFile(given.out, *note, 0644); !s.ok()) return context.Fail(s);
  const std::string verifier = ledger::FormatVerifierKey(key->verifier());
  return context.Print({{"signed", given.out}, {"verifier_key", verifier}},
                       context.Say("matrix.signed", {given.out, verifier}));
}

}  // namespace

void AddMatrixCommands(CLI::App* access, Context* context) {
  const auto given = std::make_shared<Arguments>();
  CLI::App* command =
      AddCommand(access, context, "key",
                 "Make a key that signs tables of rights of your own; keep it off the server",
                 [context, given] { return MakeKey(*context, *given); });
  command->add_option("--out", given->out, "File to make, mode 0400")->required();
  command->add_option("--name", given->name, "Name of the key")->capture_default_str();

  command = AddCommand(access, context, "sign", "Sign a table of rights for [access] matrix",
                       [context, given] { return Sign(*context, *given); });
  command->add_option("--key", given->key, "The key that access key made")->required();
  command->add_option("--in", given->in, "The table, as ladond --access-matrix prints it, changed")
      ->required();
  command->add_option("--out", given->out, "File to make")->required();
}

}  // namespace ladon::ctl

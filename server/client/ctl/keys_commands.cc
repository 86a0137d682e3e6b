#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/base/id.h"
#include "server/base/key_file.h"
#include "server/base/secret.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/key_shares.h"
#include "server/client/ctl/options.h"
#include "server/client/pki/identity_files.h"

namespace ladon::ctl {
namespace {

struct SplitArguments {
  std::string root_key_file;
  std::string out;
  ShareCounts counts;
};

struct CombineArguments {
  std::string out;
  std::vector<std::string> shares;
};

std::string HexOfSet(const KeyShare& share) {
  return base::HexOf({reinterpret_cast<const char*>(share.set.data()), share.set.size()});
}

// All of them or none: some would look like a set that was lost.
absl::StatusOr<std::vector<std::string>> WriteShares(const std::string& directory,
                                                     const std::vector<KeyShare>& shares) {
  if (absl::Status s = pki::MakePrivateDirectory(directory); !s.ok()) return s;
  std::vector<std::string> paths;
  for (const KeyShare& share : shares) {
    const std::string path = directory + "/share-" + std::to_string(share.number) + "-of-" +
                             std::to_string(share.counts.total);
    std::string text = FormatShare(share);
    const absl::Status written = pki::WriteNewFile(path, text, 0400);
    base::Wipe(text.data(), text.size());
    if (!written.ok()) {
      for (const std::string& made : paths) unlink(made.c_str());
      return written;
    }
    paths.push_back(path);
  }
  return paths;
}

int Split(Context& context, const SplitArguments& given) {
  const absl::StatusOr<base::SecretKey> key = base::ReadRootKeyFile(given.root_key_file);
  if (!key.ok()) return context.Fail(key.status());
  const absl::StatusOr<std::vector<KeyShare>> shares =
      SplitKey(*key, given.counts, context.language());
  if (!shares.ok()) return context.Fail(shares.status());
  const absl::StatusOr<std::vector<std::string>> paths = WriteShares(given.out, *shares);
  if (!paths.ok()) return context.Fail(paths.status());
  return context.Print({{"set", HexOfSet(shares->front())},
                        {"threshold", given.counts.threshold},
                        {"total", given.counts.total},
                        {"shares", *paths}},
                       context.Say("keys.split", {std::to_string(given.counts.total), given.out,
                                                  std::to_string(given.counts.threshold),
                                                  HexOfSet(shares->front())}));
}

absl::StatusOr<std::vector<ShareOfFile>> ReadShares(const std::vector<std::string>& paths,
                                                    base::Language language) {
  std::vector<ShareOfFile> shares;
  for (const std::string& path : paths) {
    absl::StatusOr<std::string> text = pki::ReadSmallFile(path);
    if (!text.ok()) return text.status();
    absl::StatusOr<KeyShare> share = ParseShare(*text, path, language);
    base::Wipe(text->data(), text->size());
    if (!share.ok()) return share.status();
    shares.push_back({.path = path, .share = *std::move(share)});
  }
  return shares;
}

int Combine(Context& context, const CombineArguments& given) {
  const absl::StatusOr<std::vector<ShareOfFile>> shares =
      ReadShares(given.shares, context.language());
  if (!shares.ok()) return context.Fail(shares.status());
  const absl::StatusOr<base::SecretKey> key = CombineShares(*shares, context.language());
  if (!key.ok()) return context.Fail(key.status());
  if (absl::Status s = base::WriteRootKeyFile(given.out, *key); !s.ok()) return context.Fail(s);
  std::string numbers;
  Json list = Json::array();
  for (const ShareOfFile& one : *shares) {
    numbers += (numbers.empty() ? "" : ", ") + std::to_string(one.share.number);
    list.push_back(one.share.number);
  }
  return context.Print(
      {{"root_key_file", given.out}, {"set", HexOfSet(shares->front().share)}, {"shares", list}},
      context.Say("keys.combined", {given.out, numbers}));
}

}  // namespace

void AddKeysCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("keys", "The keys of the vault");
  noun->require_subcommand(1);
  const auto path = std::make_shared<std::string>();
  CLI::App* command = AddCommand(
      noun, context, "init", "Make a root key file; keep a copy in a safe place", [context, path] {
        if (absl::Status s = base::CreateRootKeyFile(*path); !s.ok()) {
          return context->Fail(s);
        }
        return context->Print({{"root_key_file", *path}}, context->Say("keys.made", {*path}));
      });
  command->add_option("file", *path, "File to make, mode 0400")->required();

  const auto split = std::make_shared<SplitArguments>();
  command = AddCommand(noun, context, "split",
                       "Split the root key into shares for several people; some of them together "
                       "can make it again, fewer learn nothing",
                       [context, split] { return Split(*context, *split); });
  command->add_option("--root-key-file", split->root_key_file, "The root key")->required();
  command
      ->add_option("--out", split->out,
                   "Directory for the shares, in memory best: all of them together are the key")
      ->required();
  command->add_option("--shares", split->counts.total, "How many shares to make")
      ->check(CLI::Range(kKeyShareThresholdMin, kKeySharesMax))
      ->capture_default_str();
  command->add_option("--threshold", split->counts.threshold, "How many of them give the key")
      ->check(CLI::Range(kKeyShareThresholdMin, kKeySharesMax))
      ->capture_default_str();

  const auto combine = std::make_shared<CombineArguments>();
  command = AddCommand(noun, context, "combine", "Make the root key again from its shares",
                       [context, combine] { return Combine(*context, *combine); });
  command->add_option("--out", combine->out, "File to make, mode 0400")->required();
  command->add_option("shares", combine->shares, "Files of the shares")
      ->required()
      ->expected(1, static_cast<int>(kKeySharesMax));

  AddKeyServiceCommands(noun, context);
}

}  // namespace ladon::ctl

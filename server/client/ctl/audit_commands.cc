#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "ladon/v1/audit_service.pb.h"
#include "ledger/proof/checkpoint.h"
#include "ledger/proof/tile.h"
#include "server/client/ctl/checkpoint_output.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/options.h"
#include "server/client/text/progress.h"

namespace ladon::ctl {
namespace {

constexpr int kLevels = static_cast<int>(ledger::kTileLevelsMax);

struct Arguments {
  std::string account;
  uint64_t index = 0;
  uint64_t old_size = 0;
  std::string out;
  std::string key_out;
};

int Checkpoint(Context& context, const Arguments& given) {
  v1::GetCheckpointResponse response;
  if (const int code = context.Call(v1::GetCheckpointRequest(), &response); code != kDone) {
    return code;
  }
  return PutCheckpoint(context, response.checkpoint(),
                       {response.verifier_keys().begin(), response.verifier_keys().end()},
                       {.note = given.out, .keys = given.key_out});
}

int Consistency(Context& context, const Arguments& given) {
  v1::GetConsistencyProofRequest request;
  request.set_old_size(given.old_size);
  v1::GetConsistencyProofResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  if (absl::Status s = SaveFile(given.out, response.growth()); !s.ok()) return context.Fail(s);
  return context.Print({{"file", given.out}}, context.Say("audit.saved", {given.out}));
}

// How many hashes, or entries, level `level` has (-1: entries).
uint64_t HashesOf(int level, uint64_t size) {
  return ledger::HashesAtLevel(static_cast<unsigned>(std::max(level, 0)), size);
}

// One file of the log; a full one that is there already is not asked for again.
int FetchTile(Context& context, const std::filesystem::path& folder, uint64_t size, int level,
              uint64_t number) {
  const size_t width =
      std::min<uint64_t>(ledger::kTileWidth, HashesOf(level, size) - number * ledger::kTileWidth);
  const std::filesystem::path path = folder / ledger::TilePath(level, number, width);
  if (width == ledger::kTileWidth && std::filesystem::exists(path)) return kDone;
  v1::GetTileRequest request;
  request.set_size(size);
  request.set_level(level);
  request.set_number(number);
  v1::GetTileResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  // Whole or not at all: what is there is not fetched again.
  const std::string beside = path.string() + ".new";
  if (absl::Status s = SaveFile(beside, response.tile()); !s.ok()) return context.Fail(s);
  std::filesystem::rename(beside, path, error);
  if (error) {
    return context.Fail(absl::InternalError(absl::StrCat(path.string(), " cannot be written")));
  }
  return kDone;
}

int Tiles(Context& context, const Arguments& given) {
  v1::GetCheckpointResponse head;
  if (const int code = context.Call(v1::GetCheckpointRequest(), &head); code != kDone) {
    return code;
  }
  const std::string& note = head.checkpoint();
  // The server is believed no further than this: ladon-audit verifies what it sent.
  const absl::StatusOr<ledger::Note> parsed = ledger::ParseNote(note);
  const absl::StatusOr<ledger::Checkpoint> checkpoint =
      parsed.ok() ? ledger::ParseCheckpoint(parsed->text) : parsed.status();
  if (!checkpoint.ok()) return context.Fail(checkpoint.status());
  const uint64_t size = checkpoint->size;
  const std::filesystem::path folder = given.out;
  const auto tiles_of = [size](int level) {
    return (HashesOf(level, size) + ledger::kTileWidth - 1) / ledger::kTileWidth;
  };
  uint64_t total = 0;
  for (int level = -1; level < kLevels; ++level) total += tiles_of(level);
  client::Progress progress(context.Say("audit.tiles"), static_cast<int64_t>(total));
  int64_t done = 0;
  for (int level = -1; level < kLevels; ++level) {
    for (uint64_t number = 0; number < tiles_of(level); ++number) {
      if (const int code = FetchTile(context, folder, size, level, number); code != kDone) {
        return code;
      }
      progress.Advance(++done);
    }
  }
  // Last: who sees the checkpoint finds all that it needs.
  if (absl::Status s = SaveFile((folder / "checkpoint").string(), note); !s.ok()) {
    return context.Fail(s);
  }
  return context.Print({{"folder", given.out}, {"entries", size}, {"files", total + 1}},
                       context.Say("audit.saved", {given.out}));
}

int Receipt(Context& context, const Arguments& given) {
  v1::GetReceiptRequest request;
  request.set_account_id(BytesOf(given.account));
  request.set_journal_index(given.index);
  v1::GetReceiptResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const std::string proof = given.out + ".tlog-proof";
  const std::string entry = given.out + ".entry";
  if (absl::Status s = SaveFile(proof, response.tlog_proof()); !s.ok()) return context.Fail(s);
  if (absl::Status s = SaveFile(entry, response.entry()); !s.ok()) return context.Fail(s);
  return context.Print({{"tlog_proof", proof}, {"entry", entry}},
                       context.Say("audit.saved", {proof + ", " + entry}));
}

}  // namespace

void AddAuditCommands(CLI::App* app, Context* context) {
  CLI::App* noun =
      app->add_subcommand("audit", "Proofs for outsiders; ladon-audit verifies them offline");
  noun->require_subcommand(1);
  const auto given = std::make_shared<Arguments>();

  CLI::App* command = AddCommand(noun, context, "checkpoint", "The signed head of the journal",
                                 [context, given] { return Checkpoint(*context, *given); });
  command->add_option("--out", given->out, "Save the signed note here");
  command->add_option("--key-out", given->key_out, "Save the verifier keys here");

  command = AddCommand(noun, context, "consistency",
                       "Prove that the journal still begins with an earlier checkpoint",
                       [context, given] { return Consistency(*context, *given); });
  command->add_option("--old-size", given->old_size, "Entries of the earlier checkpoint")
      ->required()
      ->check(CLI::PositiveNumber);
  command->add_option("--out", given->out, "File to make")->required();

  command = AddCommand(noun, context, "tiles",
                       "The whole log as static files (C2SP tlog-tiles); fetches what is missing",
                       [context, given] { return Tiles(*context, *given); });
  command->add_option("--out", given->out, "Folder to make or to complete")->required();

  command = AddCommand(noun, context, "receipt", "One entry of a purse, proved",
                       [context, given] { return Receipt(*context, *given); });
  IdOption(command, "account", &given->account, "The purse")->required();
  command->add_option("--index", given->index, "Journal index, as the statement shows it")
      ->required();
  command->add_option("--out", given->out, "Makes OUT.tlog-proof and OUT.entry")->required();
  AddExtractCommands(noun, context);
}

}  // namespace ladon::ctl

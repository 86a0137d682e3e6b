#include "server/client/ctl/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

#include "server/base/descriptor.h"
#include "server/client/call.h"

namespace ladon::ctl {
namespace {

// A link that fails so often in a row brings no file.
constexpr int kAttemptsMax = 8;
constexpr std::chrono::milliseconds kFirstWait{250};

// What has come so far of a file, and where one can go on.
struct Received {
  std::string path;
  std::string resume_token;
  uint64_t good_bytes = 0;  // Up to where the token leads.
  uint64_t entries = 0;
  bool any = false;  // Something came since the last attempt began.
};

// Takes one stream to its end, or to where it breaks off.
grpc::Status Fetch(const std::string& title, const BeginStream& begin, Received* received) {
  std::error_code error;
  std::filesystem::resize_file(received->path, received->good_bytes, error);
  std::ofstream file(received->path, std::ios::binary | std::ios::app);
  const std::unique_ptr<PieceStream> stream = begin(received->resume_token);
  Piece piece;
  std::unique_ptr<client::Progress> progress;
  uint64_t bytes = received->good_bytes;
  while (stream->Next(&piece)) {
    received->any = true;
    file << piece.data;
    bytes += piece.data.size();
    if (progress == nullptr) {
      progress =
          std::make_unique<client::Progress>(title, static_cast<int64_t>(piece.entries_total));
    }
    progress->Advance(static_cast<int64_t>(piece.entries_done));
    if (piece.resume_token.empty()) continue;
    if (!file.flush()) {
      stream->Cancel();
      break;
    }
    received->resume_token = piece.resume_token;
    received->good_bytes = bytes;
    received->entries = piece.entries_total;
  }
  grpc::Status status = stream->Finish();
  if (!file) return {grpc::StatusCode::DATA_LOSS, received->path + " cannot be written"};
  return status;
}

}  // namespace

int Download(Context& context, const std::string& path, const std::string& title,
             const BeginStream& begin) {
  // Beside its place until it is whole.
  Received received{.path = path + ".part"};
  const base::Descriptor created(open(received.path.c_str(),
                                      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                                      S_IRUSR | S_IWUSR));  // Whose it is decides who else may see.
  if (created.get() < 0) return context.Fail(absl::InternalError(path + " cannot be written"));
  for (int attempt = 1;; ++attempt) {
    received.any = false;
    const grpc::Status status = Fetch(title, begin, &received);
    if (status.error_code() == grpc::StatusCode::DATA_LOSS) {
      return context.Fail(absl::InternalError(status.error_message()));
    }
    if (status.ok()) break;
    if (received.any) attempt = 1;
    if (client::IsDefinite(status) || attempt == kAttemptsMax) return context.Report(status, "");
    std::this_thread::sleep_for(kFirstWait * (1 << attempt));
  }
  std::error_code error;
  if (fsync(created.get()) == 0) {
    std::filesystem::rename(received.path, path, error);
  } else {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) return context.Fail(absl::InternalError(path + " cannot be written"));
  return context.Print(
      {{"file", path}, {"entries", received.entries}, {"bytes", received.good_bytes}},
      context.Say("audit.saved", {path}));
}

}  // namespace ladon::ctl

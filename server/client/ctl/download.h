// A file that the server makes piece by piece, fetched over a link that may break: it goes on where
// it broke off, and gets its name when it is whole.
//
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_CTL_DOWNLOAD_H_
#define LADON_SERVER_CLIENT_CTL_DOWNLOAD_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/client/ctl/context.h"
#include "server/client/text/progress.h"

namespace ladon::ctl {

// One piece of a stream, whatever message brought it.
struct Piece {
  std::string data;
  std::string resume_token;  // Empty: one cannot go on from here.
  uint64_t entries_done = 0;
  uint64_t entries_total = 0;
};

// A stream under way. Next() is false when no piece comes any more; then Finish() tells why.
class PieceStream {
 public:
  virtual ~PieceStream() = default;
  virtual bool Next(Piece* piece) = 0;
  virtual void Cancel() = 0;
  virtual grpc::Status Finish() = 0;
};

// The stream of a generated stub, whose messages have the fields of a Piece.
template <class Response>
class StubStream final : public PieceStream {
 public:
  using Reader = std::unique_ptr<grpc::ClientReader<Response>>;

  explicit StubStream(const std::function<Reader(grpc::ClientContext*)>& begin)
      : reader_(begin(&call_)) {}
  bool Next(Piece* piece) override {
    if (!reader_->Read(&response_)) return false;
    *piece = {.data = response_.data(),
              .resume_token = response_.resume_token(),
              .entries_done = response_.entries_done(),
              .entries_total = response_.entries_total()};
    return true;
  }
  void Cancel() override { call_.TryCancel(); }
  grpc::Status Finish() override { return reader_->Finish(); }

 private:
  grpc::ClientContext call_;
  const Reader reader_;
  Response response_;
};

// Begins the stream at `resume_token`; empty: at its begin.
using BeginStream = std::function<std::unique_ptr<PieceStream>(const std::string& resume_token)>;

// Fetches `path`; `title` is what a progress bar says. Exit code; kDone is also printed.
// OpenChannel() comes first.
int Download(Context& context, const std::string& path, const std::string& title,
             const BeginStream& begin);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_DOWNLOAD_H_

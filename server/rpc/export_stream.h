// A file of ours as a stream: its pieces are made on the exporter's thread, each when the one
// before is on its way. Threading: as stream_call.h.
#ifndef LADON_SERVER_RPC_EXPORT_STREAM_H_
#define LADON_SERVER_RPC_EXPORT_STREAM_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "server/flow/export.h"
#include "server/flow/refusal.h"
#include "server/rpc/stream_call.h"

namespace ladon::rpc {

// The messages of `open`, whose Next() gives a flow::ExportPiece.
template <class Exported, class Response>
NextMessage PiecesOf(const flow::House* house, const std::shared_ptr<Exported>& open) {
  return [house, open,
          done = std::make_shared<bool>(false)](const Answer<std::optional<std::string>>& tell) {
    if (*done) return tell(std::optional<std::string>());
    const bool taken = house->exporter->Run([open, done, tell] {
      absl::StatusOr<flow::ExportPiece> piece = open->Next();
      if (!piece.ok()) return tell(piece.status());
      *done = piece->last;
      Response response;
      response.set_data(std::move(piece->data));
      response.set_resume_token(std::move(piece->resume_token));
      response.set_entries_done(piece->entries_done);
      response.set_entries_total(piece->entries_total);
      tell(std::optional(response.SerializeAsString()));
    });
    if (!taken) tell(flow::Refuse(flow::Reason::kOverloaded));
  };
}

// Answers a call with the pieces of what was opened for it, or with why it was not.
template <class Exported, class Response>
flow::Done<std::shared_ptr<Exported>> AnswerPieces(const CallContext& call,
                                                   Answer<NextMessage> answer) {
  return [house = call.house,
          answer = std::move(answer)](const absl::StatusOr<std::shared_ptr<Exported>>& open) {
    open.ok() ? answer(PiecesOf<Exported, Response>(house, *open)) : answer(open.status());
  };
}

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_EXPORT_STREAM_H_

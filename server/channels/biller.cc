#include "server/channels/biller.h"

#include "server/channels/callback_signature.h"

namespace ladon::channels {

BillerAnswer Biller::Answer(const Core& core, const QueryParameters& parameters) const {
  const Reading reading = protocol_->Read(parameters);
  Reply reply;
  if (!token_.empty()) {
    Parameters signed_ones;
    for (const auto& [name, value] : parameters) signed_ones[name] = value;
    // One that comes twice would not be signed as it is read; reading refuses it by itself.
    if (signed_ones.size() != parameters.size() || !CheckHmac(signed_ones, token_).ok()) {
      reply.verdict = Verdict::kForbidden;
    }
  }
  if (reply.verdict == Verdict::kOk) reply.verdict = reading.verdict;
  if (reply.verdict == Verdict::kOk) {
    reply = core.Ask(asked_, reading.question);
  } else {
    reply.comment = CommentOf(reply.verdict);
  }
  return {.body = protocol_->Write(reading.question, reply),
          .verdict = reply.verdict,
          .verb = reading.question.verb,
          .fault = reply.fault};
}

BillerAnswer Biller::Refuse(Verdict verdict) const {
  return {.body = protocol_->Write({}, {.verdict = verdict, .comment = CommentOf(verdict)}),
          .verdict = verdict};
}

}  // namespace ladon::channels

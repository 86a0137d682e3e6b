// Names buckets of a throttle (throttle.h) that count a contract's numbers and not somebody's
// certificate. Threading: pure functions.
#ifndef LADON_SERVER_FLOW_THROTTLE_BUCKET_H_
#define LADON_SERVER_FLOW_THROTTLE_BUCKET_H_

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "ledger/proof/merkle.h"
#include "server/base/codec.h"
#include "server/base/id.h"

namespace ladon::flow {

// The same for the same contract and number. One throttle counts numbers of one kind.
[[nodiscard]] inline base::ActorId BucketOf(std::string_view contract, uint64_t number) {
  base::Encoder out;
  out.String(contract);
  out.U64(number);
  const ledger::Digest digest = ledger::Sha256(out.Take());
  base::ActorId id;
  std::copy_n(digest.bytes.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_THROTTLE_BUCKET_H_

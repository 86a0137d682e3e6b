// What is left of palms that are no longer in the store: rows in search, and keys, which are
// destroyed so that no copy of a withdrawn template opens once the epoch has ended.
// Threading: any thread but the ledger's.
#ifndef LADON_SERVER_FLOW_PALM_KEYS_H_
#define LADON_SERVER_FLOW_PALM_KEYS_H_

#include <functional>
#include <vector>

#include "server/flow/commit.h"
#include "server/vault/vault.h"

namespace ladon::flow {

// Takes the subject's palms out of search and waits for it: behind enrolments that were decided
// earlier and are on their way there. Not on the keeper's thread.
void LeaveSearch(const House& house, const vault::SubjectRef& subject);

// Of those among `subjects` that are at that school and have no palm in the store. Decided and done
// on the applier thread, where no enrolment can come in between; that thread waits for one synced
// append. `done` is told how many keys went; whatever fails is made up for at the next start.
void DestroyUnusedPalmKeys(const House& house, std::vector<vault::SubjectRef> subjects,
                           std::function<void(size_t keys)> done = {});

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PALM_KEYS_H_

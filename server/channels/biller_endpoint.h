// A biller's contract at its path: who may, what they ask, and the answer as HTTP.
// Threading: as Endpoint.
#ifndef LADON_SERVER_CHANNELS_BILLER_ENDPOINT_H_
#define LADON_SERVER_CHANNELS_BILLER_ENDPOINT_H_

#include <memory>
#include <string>

#include "server/channels/biller.h"
#include "server/channels/endpoint.h"

namespace ladon::channels {

// Some banks look at the body alone and take any status but 200 for a failure of the line; others
// want the status to tell. Refusals of the protocol are meant, not those of the guard.
enum class StatusPolicy : uint8_t { kAlways200, kTells };

// `core` must outlive the endpoint.
[[nodiscard]] std::unique_ptr<Endpoint> MakeBillerEndpoint(const Core* core, Biller biller,
                                                           Guard guard, StatusPolicy policy);

}  // namespace ladon::channels

#endif  // LADON_SERVER_CHANNELS_BILLER_ENDPOINT_H_

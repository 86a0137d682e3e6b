// What the service needs for payments by parents, put together: the contracts with their accounts,
// and how their alarms are told. Threading: the main thread.
#ifndef LADON_SERVER_CMD_PAYMENT_DESK_H_
#define LADON_SERVER_CMD_PAYMENT_DESK_H_

#include "server/cmd/alarms.h"
#include "server/cmd/config.h"
#include "server/flow/house.h"
#include "server/payments/contract.h"
#include "server/rpc/monitor.h"

namespace ladon {

// Sets house->contracts, to `contracts` as the configuration has them, and house->alarm. All must
// outlive the house.
void SetUpPayments(const Config& config, rpc::Monitor* monitor, Alarms* alarms,
                   payments::Contracts* contracts, flow::House* house);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_PAYMENT_DESK_H_

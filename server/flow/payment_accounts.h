// The numbers that parents pay to. Threading: as each function says.
#ifndef LADON_SERVER_FLOW_PAYMENT_ACCOUNTS_H_
#define LADON_SERVER_FLOW_PAYMENT_ACCOUNTS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "server/flow/house.h"

namespace ladon::flow {

// One that nobody has. On the applier thread, where nobody else can take it.
[[nodiscard]] uint64_t UnusedPaymentAccount(const House& house);

// Gives one to everybody who has none: who was enrolled before there were any. Looks once in the
// life of a store. At start, before anybody calls; waits. DataLoss: a record is damaged; the error
// of the commit.
[[nodiscard]] absl::Status AssignPaymentAccounts(const House& house);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_PAYMENT_ACCOUNTS_H_

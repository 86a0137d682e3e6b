#include "server/cmd/payment_desk.h"

#include <string>
#include <utility>

#include "server/flow/channel_payment.h"

namespace ladon {

void SetUpPayments(const Config& config, rpc::Monitor* monitor, Alarms* alarms,
                   payments::Contracts* contracts, flow::House* house) {
  house->alarm = [monitor, alarms](audit::ProcessEvent event, const access::Caller& about) {
    alarms->Raise(AlarmAbout(event, about));
    const std::string name(audit::ProcessEventName(static_cast<uint16_t>(event)));
    monitor->Log(rpc::LogLevel::kWarning, "alarm",
                 {{"event", rpc::LogText::SafeBecause("a name of ours", name)},
                  {"actor", about.principal.id}});
  };
  ContractsByName by_name = config.contracts;
  for (auto& [name, contract] : by_name) flow::SetAccounts(*house, &contract);
  *contracts = payments::Contracts(std::move(by_name));
  house->contracts = contracts;
}

}  // namespace ladon

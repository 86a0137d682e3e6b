// The parts of which the catalogue is made; only messages.cc joins them.
// Threading: constant data.
#ifndef LADON_SERVER_BASE_MESSAGE_TABLES_H_
#define LADON_SERVER_BASE_MESSAGE_TABLES_H_

#include <span>

#include "server/base/messages.h"

namespace ladon::base::internal {

// Refusals and trouble on the way to the server.
[[nodiscard]] std::span<const Message> CoreMessages();
// What the operator tool prints: table heads, results, the import report.
[[nodiscard]] std::span<const Message> ToolMessages();
// What the terminal, the load generator and the demonstration print.
[[nodiscard]] std::span<const Message> TerminalMessages();
// What a data subject and a regulator read: the export, the act of destruction.
[[nodiscard]] std::span<const Message> RightsMessages();
// What officers, approvers and security administrators read of the operator tool.
[[nodiscard]] std::span<const Message> OfficerMessages();

// What the sysadmin reads who works on the server's machine: setup, doctor, restore drill.
[[nodiscard]] std::span<const Message> HostMessages();

}  // namespace ladon::base::internal

#endif  // LADON_SERVER_BASE_MESSAGE_TABLES_H_

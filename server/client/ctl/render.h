// How the contract's messages look to machines (JSON, ids in hex) and to people (words).
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_CTL_RENDER_H_
#define LADON_SERVER_CLIENT_CTL_RENDER_H_

#include <string>

#include "ladon/v1/accounts_service.pb.h"
#include "ladon/v1/admin_service.pb.h"
#include "ladon/v1/enrolment_service.pb.h"
#include "server/client/ctl/context.h"

namespace ladon::ctl {

[[nodiscard]] Json JsonOf(const v1::School& school);
[[nodiscard]] Json JsonOf(const v1::Terminal& terminal);
[[nodiscard]] Json JsonOf(const v1::Caterer& caterer);
[[nodiscard]] Json JsonOf(const v1::PriceList& list);
[[nodiscard]] Json JsonOf(const v1::Subject& subject);
[[nodiscard]] Json JsonOf(const v1::StatementLine& line);

[[nodiscard]] std::string YesNo(const Context& context, bool value);
[[nodiscard]] std::string PurseWord(const Context& context, v1::Purse purse);
[[nodiscard]] std::string KindWord(const Context& context, v1::SubjectKind kind);
[[nodiscard]] std::string KindWord(const Context& context, v1::StatementKind kind);
// «по списку: не узнан»; empty: not by list.
[[nodiscard]] std::string ListWord(const Context& context, v1::BookingReason reason);
// "Иванов Иван, 5А"
[[nodiscard]] std::string NameOf(const v1::SubjectName& name);

}  // namespace ladon::ctl

#endif  // LADON_SERVER_CLIENT_CTL_RENDER_H_

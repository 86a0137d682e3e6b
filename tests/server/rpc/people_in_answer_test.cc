// Goal: whoever counts the people that a stolen identity has seen misses no call that shows people.
// Method: calls of each kind, by the names that the security log has.
#include "server/rpc/people_in_answer.h"

#include "gtest/gtest.h"

namespace ladon::rpc {
namespace {

TEST(PeopleInAnswerTest, CallsThatListPeople) {
  for (const char* call : {"TerminalService/ListClass", "EnrolmentService/ListSubjects",
                           "OutboxService/PullEvents", "PaymentService/ListRefunds",
                           "SubjectService/ListRequests", "OfficerService/ListAffected"}) {
    EXPECT_TRUE(ListsPeople(call)) << call;
  }
}

TEST(PeopleInAnswerTest, CallsAboutOneOrNobodyAndNamesOfNone) {
  for (const char* call :
       {"OperationService/Ping", "AdminService/GetFigures", "AdminService/ListComingStops",
        "KeyService/GetKeys", "ChannelService/CheckAccount", "ChannelService/AcceptPayment",
        "TerminalService/Identify", "TerminalService", "TerminalService/NoSuchCall", "", "/"}) {
    EXPECT_FALSE(ListsPeople(call)) << call;
  }
}

}  // namespace
}  // namespace ladon::rpc

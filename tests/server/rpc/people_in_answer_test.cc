// Goal: whoever counts the people that a stolen identity has seen misses no call that shows people.
// Method: calls of each kind, by the names that the security log has.
#include "server/rpc/people_in_answer.h"

#include "gtest/gtest.h"

namespace ladon::rpc {
namespace {

TEST(PeopleInAnswerTest, CallsThatTellOfPeople) {
  for (const char* call :
       {"TerminalService/ListClass", "EnrolmentService/ListSubjects", "ChannelService/CheckAccount",
        "OutboxService/PullEvents", "SubjectService/ListRequests", "OfficerService/ListAffected"}) {
    EXPECT_TRUE(AnswersAboutPeople(call)) << call;
  }
}

TEST(PeopleInAnswerTest, CallsThatDoNotAndNamesOfNone) {
  for (const char* call :
       {"OperationService/Ping", "AdminService/GetFigures", "AdminService/ListComingStops",
        "KeyService/GetKeys", "TerminalService", "TerminalService/NoSuchCall", "", "/"}) {
    EXPECT_FALSE(AnswersAboutPeople(call)) << call;
  }
}

}  // namespace
}  // namespace ladon::rpc

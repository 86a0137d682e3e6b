// Goal: an answer is never ahead of the disk. Method: the power is cut at every operation of the
// disk during sales; what was acknowledged must be there once after the restart, with its security
// record. Also: keys and ids depend on everything that should tell calls apart.
#include "server/flow/commit.h"

#include <set>

#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::Fault;
using testing::IsOk;

constexpr int64_t kStart = 1'000'000;

class CommitTest : public ::testing::Test {
 protected:
  CommitTest() { world_.GiveCard(school_, pupil_.id, CardOf(1)); }

  absl::StatusOr<DebitAnswer> Sell(const base::RequestId& id) {
    DebitInput input = world_.SaleOf(school_, PayMeans(CardOf(1)), {LineOf(kBun)});
    input.request = world_.RequestOf(world_.Till(school_), id);
    input.repeat_confirmed = true;
    return WaitFor<DebitAnswer>([&](Done<DebitAnswer> done) {
      Debit(world_.house(), world_.Till(school_), input, std::move(done));
    });
  }
  int64_t Balance() const { return world_.Balance(pupil_.record.purses[0].second); }

  FlowWorld world_;
  TestSchool school_ = world_.MakeSchool();
  SubjectView pupil_ = world_.MakePupil(school_, kStart);
};

TEST_F(CommitTest, NothingAcknowledgedIsLostWhereverThePowerIsCut) {
  int64_t sold = 0;
  for (uint64_t ahead = 1; ahead <= 6; ++ahead) {
    const uint64_t records = world_.AuditSize();
    world_.disk().FailAt(world_.disk().operations() + ahead, Fault::kPowerCut);
    std::vector<base::RequestId> acknowledged;
    base::RequestId unanswered;
    while (unanswered.IsZero()) {
      const base::RequestId id = world_.FreshId();
      const auto answer = Sell(id);
      if (answer.ok()) {
        acknowledged.push_back(id);
      } else {
        EXPECT_EQ(ReasonOf(answer), Reason::kStopping);
        unanswered = id;
      }
    }
    EXPECT_EQ(ReasonOf(Sell(world_.FreshId())), Reason::kStopping) << "it stays stopped";
    world_.PowerCutAndRestart();
    EXPECT_EQ(world_.fatal_calls.exchange(0), 1);  // Told after the callers, before the end.
    const access::Caller till = world_.Till(school_);
    for (const base::RequestId& id : acknowledged) {
      EXPECT_EQ(world_.GetOperation(till, id)->state, OperationState::kSucceeded);
    }
    EXPECT_GE(world_.AuditSize(), records + acknowledged.size());
    // The unanswered one is there or not; repeated under its id it is there once.
    ASSERT_THAT(Sell(unanswered), IsOk());
    sold += static_cast<int64_t>(acknowledged.size() + 1) * kBunKopecks;
    EXPECT_EQ(Balance(), kStart - sold);
  }
}

TEST_F(CommitTest, AFullDiskAcknowledgesNothing) {
  world_.disk().FailAt(world_.disk().operations() + 1, Fault::kNoSpace);
  EXPECT_EQ(ReasonOf(Sell(world_.FreshId())), Reason::kStopping);
  EXPECT_TRUE(world_.disk().happened());
  // Calls that change nothing need their security record too.
  const auto found = WaitFor<IdentifyAnswer>([&](Done<IdentifyAnswer> done) {
    Identify(world_.house(), world_.Till(school_), CardOf(1), std::move(done));
  });
  EXPECT_EQ(ReasonOf(found), Reason::kStopping);
  world_.PowerCutAndRestart();
  EXPECT_EQ(world_.fatal_calls, 1);
  EXPECT_EQ(Balance(), kStart);
  EXPECT_THAT(Sell(world_.FreshId()), IsOk());
}

TEST_F(CommitTest, AFailedWithdrawalIsNotAcknowledged) {
  const matcher::VeinCode palm = world_.GivePalm(school_, pupil_.id);
  world_.disk().FailAt(world_.disk().operations() + 1, Fault::kIoError);
  const access::Caller desk = world_.Desk(school_.school.id);
  const auto refused = WaitFor<WithdrawAnswer>([&](Done<WithdrawAnswer> done) {
    WithdrawConsent(world_.house(), desk, world_.Fresh(desk), pupil_.id,
                    vault::ConsentKind::kBiometric, std::move(done));
  });
  EXPECT_EQ(ReasonOf(refused), Reason::kStopping);
  world_.PowerCutAndRestart();
  EXPECT_THAT(world_.Identify(world_.Till(school_), world_.ProbeOf(palm)), IsOk());
}

TEST_F(CommitTest, ARefusalBeforeTheFlowIsRecordedToo) {
  access::Caller caller = world_.Till(school_);
  EXPECT_FALSE(
      access::Authorize(access::Matrix::BuiltIn(), "/ladon.v1.AccountsService/TopUp", &caller)
          .ok());
  const uint64_t before = world_.AuditSize();
  absl::Notification answered;
  absl::Status given;
  ReplyRefused(world_.house(), caller, Refuse(Reason::kNotPermitted), [&](absl::Status status) {
    given = std::move(status);
    answered.Notify();
  });
  answered.WaitForNotification();
  EXPECT_EQ(ReasonOf(given), Reason::kNotPermitted);
  EXPECT_EQ(world_.AuditSize(), before + 1);
}

// A submission that is no command is a fault of ours: told and recorded as such.
TEST_F(CommitTest, WhatIsNoCommandIsAnInternalErrorWithARecord) {
  ledger::Submission submission;
  submission.command = ledger::NoteOperation{};  // Without an operation key.
  const uint64_t before = world_.AuditSize();
  absl::Notification answered;
  absl::Status given;
  Commit(world_.house(), world_.Till(school_), {}, std::move(submission),
         [&](const absl::Status& status, const ledger::Outcome&) {
           given = status;
           answered.Notify();
         });
  answered.WaitForNotification();
  EXPECT_EQ(ReasonOf(given), Reason::kInternal);
  EXPECT_EQ(world_.AuditSize(), before + 1);
}

TEST_F(CommitTest, KeysAndIdsTellCallsApart) {
  const House& house = world_.house();
  std::set<ledger::Digest> keys;
  for (const char* uri : {"ladon://a", "ladon://b", "ladon://aa"}) {
    for (uint64_t id = 1; id <= 3; ++id) {
      EXPECT_TRUE(keys.insert(OperationKeyOf(uri, IdOf<base::RequestId>(id)).digest).second);
    }
  }
  const std::set<ledger::Digest> contents = {
      ContentDigest(house, "rpc", "bytes"), ContentDigest(house, "rpc", "bytes2"),
      ContentDigest(house, "rpcb", "ytes"), ContentDigest(house, "other", "bytes")};
  EXPECT_EQ(contents.size(), 4);
  const ledger::OperationKey key = OperationKeyOf("ladon://a", IdOf<base::RequestId>(1));
  const ledger::OperationKey other = OperationKeyOf("ladon://a", IdOf<base::RequestId>(2));
  EXPECT_EQ(DeriveIdBytes(house, key, "school"), DeriveIdBytes(house, key, "school"));
  EXPECT_NE(DeriveIdBytes(house, key, "school"), DeriveIdBytes(house, key, "terminal"));
  EXPECT_NE(DeriveIdBytes(house, key, "school"), DeriveIdBytes(house, other, "school"));
  const auto before = DeriveIdBytes(house, key, "school");
  world_.Restart();
  EXPECT_EQ(DeriveIdBytes(world_.house(), key, "school"), before) << "the key is kept";
}

TEST_F(CommitTest, TheSameBytesUnderAnotherKeyHaveAnotherDigest) {
  const ledger::Digest here = ContentDigest(world_.house(), "rpc", "probe");
  FlowWorld elsewhere;
  EXPECT_NE(ContentDigest(elsewhere.house(), "rpc", "probe"), here);
}

}  // namespace
}  // namespace ladon::flow

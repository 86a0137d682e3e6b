// Goal: those who watch over the service see what they may of the security log, each look leaves a
// record, and a file is proved or refused by field. Method: a house with two schools; officers of
// one, of all, and of none; tokens made up and taken from answers.
#include "server/flow/security.h"

#include <memory>
#include <thread>

#include "ledger/proof/seclog_verifier.h"
#include "server/audit/signed_records.h"
#include "tests/server/flow/flow_world.h"

namespace ladon::flow {
namespace {

using testing::IsOk;

constexpr std::string_view kList = "SecurityLogService/ListSecurityEvents";
constexpr std::string_view kExport = "SecurityLogService/ExportSecurityLog";

class SecurityTest : public ::testing::Test {
 protected:
  SecurityTest() : records_(world_.house().audit, world_.house().ledger, [] { return kNoonNs; }) {
    std::array<uint8_t, ledger::kEd25519Bytes> seed;
    seed.fill(9);
    ledger::CheckpointerOptions options{.log = &records_, .path = dir_.Sub("security-checkpoint")};
    options.keys.push_back(*ledger::SigningKey::FromSeed("ladon.example/security", seed));
    checkpointer_ = *ledger::Checkpointer::Open(std::move(options));
    house_ = world_.house();
    house_.security_checkpointer = checkpointer_.get();
    house_.officers = &officers_;
    house_.exporter = &exporter_;
    house_.exports = &exports_;
  }
  ~SecurityTest() override {
    officers_.Stop();
    exporter_.Stop();
  }

  static access::Caller Officer(base::Role role, const base::SchoolId& school = {}) {
    access::Caller caller;
    caller.principal = {.role = role, .school = school, .id = IdOf<base::ActorId>(80)};
    caller.uri = base::FormatPrincipal(caller.principal);
    caller.peer = "ipv4:127.0.0.1:40000";
    return caller;
  }
  absl::StatusOr<audit::RecordPage> List(const access::Caller& caller,
                                         const audit::RecordQuery& query = {}) {
    return world_.Call<audit::RecordPage>(caller, kList, [&](const access::Caller& c, auto done) {
      ListSecurityEvents(house_, c, query, std::move(done));
    });
  }
  absl::StatusOr<std::shared_ptr<SecurityExport>> Open(const SecurityExportRequest& request,
                                                       uint64_t whose = 80) {
    access::Caller auditor = Officer(base::Role::kAuditor);
    auditor.principal.id = IdOf<base::ActorId>(whose);
    return world_.Call<std::shared_ptr<SecurityExport>>(
        auditor, kExport, [&](const access::Caller& c, auto done) {
          ExportSecurityLog(house_, c, request, std::move(done));
        });
  }
  static std::string ReadAll(SecurityExport* open) {
    std::string bytes;
    for (;;) {
      const auto piece = open->Next();
      EXPECT_THAT(piece, IsOk());
      if (!piece.ok()) return bytes;
      bytes += piece->data;
      if (piece->last) return bytes;
    }
  }

  // Before the world: the last holder of an answer is a thread of its ledger.
  Exports exports_;
  House house_;
  FlowWorld world_;
  const testing::TempDir dir_;
  TestSchool school_ = world_.MakeSchool();
  TestSchool other_ = world_.MakeSchool();
  SubjectView pupil_ = world_.MakePupil(school_, 1'000);
  audit::SignedRecords records_;
  std::unique_ptr<ledger::Checkpointer> checkpointer_;
  WorkerPool officers_{1};
  WorkerPool exporter_{1};
};

TEST_F(SecurityTest, AnOfficerOfOneSchoolSeesThatSchoolAlone) {
  world_.MakePupil(other_);
  const base::SchoolId& own = school_.school.id;
  const access::Caller officer = Officer(base::Role::kDataProtectionOfficer, own);
  const auto page = List(officer);
  ASSERT_THAT(page, IsOk());
  EXPECT_FALSE(page->records.empty());
  for (const ledger::AuditLeaf& leaf : page->records) EXPECT_EQ(leaf.school, own.bytes);
  audit::RecordQuery query;
  query.filter.school = own.bytes;
  EXPECT_THAT(List(officer, query), IsOk());
  query.filter.school = other_.school.id.bytes;
  const auto refused = List(officer, query);
  EXPECT_EQ(ReasonOf(refused), Reason::kSchoolUnknown);
  EXPECT_EQ(FieldOf(refused), "school_id");
  query.filter.school = base::SchoolId{}.bytes;
  EXPECT_EQ(ReasonOf(List(officer, query)), Reason::kSchoolUnknown) << "nor what belongs to none";

  const auto all = List(Officer(base::Role::kDataProtectionOfficer));
  ASSERT_THAT(all, IsOk());
  EXPECT_GT(all->records.size(), page->records.size());
}

// As an operator's own matrix may grant it.
TEST_F(SecurityTest, WhoBelongsToNoSchoolAndWasGrantedOneSeesNothing) {
  access::Caller officer = Officer(base::Role::kDataProtectionOfficer);
  officer.scope = access::Scope::kOwnSchool;
  const auto page = WaitFor<audit::RecordPage>([&](Done<audit::RecordPage> done) {
    ListSecurityEvents(house_, officer, {}, std::move(done));
  });
  EXPECT_EQ(ReasonOf(page), Reason::kNotPermitted);
}

TEST_F(SecurityTest, APositionThatIsNoneIsRefusedByField) {
  audit::RecordQuery query;
  query.position = audit::RecordPosition{.next = 0, .end = ~uint64_t{0}};
  EXPECT_EQ(FieldOf(List(Officer(base::Role::kSecurityAdmin), query)), "page_token");
}

TEST_F(SecurityTest, CallsHaveNamesAndNumbers) {
  EXPECT_EQ(EventName(house_, 102), "TerminalService/Debit");
  EXPECT_EQ(EventOf(house_, "TerminalService/Debit"), 102);
  EXPECT_EQ(EventName(house_, 901), "process/started");
  EXPECT_EQ(EventOf(house_, "process/started"), 901);
  EXPECT_EQ(EventName(house_, 1), "");
  for (const std::string_view name : {"", "Debit", "/ladon.v1.TerminalService/Debit", "process/"}) {
    EXPECT_EQ(EventOf(house_, name), std::nullopt) << name;
  }
}

TEST_F(SecurityTest, AFileVerifiesWholeAndResumed) {
  auto open = Open({.first = 1});
  ASSERT_THAT(open, IsOk());
  const auto first = (*open)->Next();
  ASSERT_THAT(first, IsOk());
  const std::string rest = first->last ? "" : ReadAll(open->get());
  const std::vector<ledger::VerifierKey> keys = checkpointer_->verifiers();
  const auto verified = ledger::VerifySeclog(first->data + rest, {.keys = keys});
  EXPECT_TRUE(verified.good()) << verified.defects.front().what;
  EXPECT_EQ(verified.head.first, 1);
  EXPECT_EQ(first->entries_total, verified.checkpoint.size - 1);
  // The log has grown meanwhile; what was begun stays what it was.
  ASSERT_THAT(List(Officer(base::Role::kSecurityAdmin)), IsOk());
  auto resumed = Open({.resume_token = first->resume_token});
  ASSERT_THAT(resumed, IsOk());
  EXPECT_EQ(first->last ? "" : ReadAll(resumed->get()), rest);
}

TEST_F(SecurityTest, WhatIsNoRangeAndNoTokenIsRefusedByField) {
  EXPECT_EQ(FieldOf(Open({.first = 10'000})), "first");
  EXPECT_EQ(FieldOf(Open({.first = 3, .end = 3})), "first");
  EXPECT_EQ(FieldOf(Open({.end = 10'000})), "end");
  for (const std::string& token : {std::string("x"), std::string(34, '\0'),
                                   "\1" + std::string(33, '\0'), "\1" + std::string(33, '\x7f')}) {
    EXPECT_EQ(FieldOf(Open({.resume_token = token})), "resume_token");
  }
}

TEST_F(SecurityTest, SoManyFilesAtOnceAndNoMore) {
  std::vector<std::shared_ptr<SecurityExport>> open;
  for (size_t i = 0; i < kExportsOfOneMax; ++i) {
    ASSERT_OK_AND_ASSIGN(open.emplace_back(), Open({}));
  }
  EXPECT_EQ(ReasonOf(Open({})), Reason::kOverloaded) << "nobody takes the places of all";
  for (size_t i = open.size(); i < kExportsMax; ++i) {
    ASSERT_OK_AND_ASSIGN(open.emplace_back(), Open({}, 81));
  }
  EXPECT_EQ(ReasonOf(Open({}, 82)), Reason::kOverloaded);
  // The thread that gave the answer may hold on to it for a moment longer.
  const std::weak_ptr<SecurityExport> last = open.back();
  open.pop_back();
  while (!last.expired()) std::this_thread::yield();
  EXPECT_THAT(Open({}, 82), IsOk());
}

TEST_F(SecurityTest, TheCheckpointIsOverEveryRecordBefore) {
  const uint64_t before = world_.AuditSize();
  const auto head = world_.Call<SignedHead>(Officer(base::Role::kAuditor),
                                            "SecurityLogService/GetSecurityCheckpoint",
                                            [&](const access::Caller& c, auto done) {
                                              GetSecurityCheckpoint(house_, c, std::move(done));
                                            });
  ASSERT_THAT(head, IsOk());
  const auto opened = ledger::OpenCheckpoint(head->checkpoint, checkpointer_->verifiers());
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->checkpoint.size, before);
  EXPECT_EQ(head->verifier_keys.size(), 1);
}

TEST_F(SecurityTest, TheProcessRecordsWhatItDoesItself) {
  const uint64_t before = world_.AuditSize();
  ASSERT_THAT(RecordProcessEvent(house_, audit::ProcessEvent::kAlarm, ledger::Sha256("what")),
              IsOk());
  EXPECT_EQ(world_.AuditSize(), before + 1);
  audit::RecordQuery query;
  query.filter.events = {static_cast<uint16_t>(audit::ProcessEvent::kAlarm)};
  const auto page = List(Officer(base::Role::kSecurityAdmin), query);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->records.size(), 1);
  EXPECT_EQ(page->records[0].outcome, ledger::AuditOutcome::kFailed);
  EXPECT_EQ(page->records[0].at_ns, kNoonNs);
}

}  // namespace
}  // namespace ladon::flow

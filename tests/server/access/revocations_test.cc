// Goal: what is in force only ever goes forward, whatever happens to the file, and who asks never
// waits for it.
// Method: a real file, put in place, spoilt, taken away and put back; the time is an argument.
#include "server/access/revocations.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "tests/server/access/made_x509.h"
#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon::access {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using ::ladon::testing::TempDir;
using std::chrono::days;
using std::chrono::seconds;
using ::testing::HasSubstr;

class RevocationsTest : public ::testing::Test {
 protected:
  std::string path() const { return dir_.File("crl.pem"); }
  // As ladonctl does it: the whole file at once.
  void Put(const std::string& bytes) const {
    const std::string temporary = path() + ".new";
    std::ofstream(temporary, std::ios::binary) << bytes;
    ASSERT_EQ(rename(temporary.c_str(), path().c_str()), 0);
  }
  void PutList(const ListShape& shape) const { Put(MakeList(shape, authority_)); }
  absl::StatusOr<std::unique_ptr<Revocations>> Open(std::chrono::sys_seconds now = kNow) const {
    return Revocations::Open({.path = path(), .authorities_pem = authority_.Pem()}, now);
  }
  // That long after the file was changed.
  std::chrono::sys_seconds After(seconds age) const {
    struct stat info {};
    EXPECT_EQ(stat(path().c_str(), &info), 0);
    return std::chrono::sys_seconds(std::chrono::seconds(info.st_ctim.tv_sec)) + age;
  }
  Caller CallerWith(uint8_t serial) const {
    Caller caller;
    caller.certificate_serial.back() = serial;
    caller.certificate_issuer = DigestOf(X509_get_subject_name(authority_.certificate.get()));
    return caller;
  }

  const TempDir dir_;
  const MadeAuthority authority_ = MakeAuthority("Authority");
};

TEST_F(RevocationsTest, TheFirstLookMustBeGood) {
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kNotFound));
  Put("no list");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kInvalidArgument));
  Put(MakeList({}, MakeAuthority("Other")));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kUnauthenticated));
  PutList({});
  EXPECT_THAT(Open(), IsOk());
  EXPECT_THAT(Revocations::Open({.path = path(), .authorities_pem = "none"}, kNow),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Revocations::Open({.path = dir_.path(), .authorities_pem = authority_.Pem()}, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition))
      << "a directory";
}

TEST_F(RevocationsTest, TellsWhoIsRevokedAndWhatANewListChanged) {
  PutList({.number = 1, .serials_hex = {"03"}});
  ASSERT_OK_AND_ASSIGN(const auto revocations, Open());
  EXPECT_TRUE(revocations->IsRevoked(CallerWith(3)));
  EXPECT_FALSE(revocations->IsRevoked(CallerWith(4)));
  Caller stranger = CallerWith(3);
  stranger.certificate_issuer = {};
  EXPECT_FALSE(revocations->IsRevoked(stranger)) << "another authority's number 3";

  PutList({.number = 2, .serials_hex = {"03", "04", "05"}});
  EXPECT_FALSE(revocations->IsRevoked(CallerWith(4)));
  ASSERT_OK_AND_ASSIGN(const Revocations::Report report, revocations->Reload(kNow));
  EXPECT_TRUE(revocations->IsRevoked(CallerWith(4)));
  EXPECT_TRUE(report.read);
  EXPECT_TRUE(report.changed);
  EXPECT_FALSE(report.stale);
  EXPECT_EQ(report.lists, 1u);
  EXPECT_EQ(report.revoked, 3u);
  EXPECT_EQ(report.added, 2u);
  EXPECT_EQ(report.next_update, kNow + days(30));
}

TEST_F(RevocationsTest, OnlyAnotherFileIsRead) {
  PutList({.number = 1});
  const std::chrono::sys_seconds later = After(seconds(60));
  ASSERT_OK_AND_ASSIGN(const auto revocations, Open(later));
  ASSERT_OK_AND_ASSIGN(const Revocations::Report same, revocations->Reload(later));
  EXPECT_FALSE(same.read);
  EXPECT_FALSE(same.changed);
  std::ofstream(path(), std::ios::app) << "# the same list, longer\n";
  ASSERT_OK_AND_ASSIGN(const Revocations::Report touched, revocations->Reload(later));
  EXPECT_TRUE(touched.read);
  EXPECT_FALSE(touched.changed);
}

// The times of a file that was changed a moment ago may not show the next change.
TEST_F(RevocationsTest, AFileThatWasYoungWhenReadIsReadAgain) {
  PutList({.number = 1});
  ASSERT_OK_AND_ASSIGN(const auto revocations, Open(After(seconds(1))));
  for (const auto& [age, read] : {std::pair(2, true), std::pair(3, true), std::pair(60, false)}) {
    ASSERT_OK_AND_ASSIGN(const Revocations::Report report,
                         revocations->Reload(After(seconds(age))));
    EXPECT_EQ(report.read, read) << age;
  }
}

TEST_F(RevocationsTest, WhatIsRefusedLeavesTheOldSetAndIsToldAtEachLook) {
  PutList({.number = 5, .serials_hex = {"03"}});
  ASSERT_OK_AND_ASSIGN(const auto revocations, Open());
  const auto refused = [&](absl::StatusCode code, const std::string& why) {
    for (int look = 0; look < 2; ++look) {
      const auto report = revocations->Reload(kNow);
      EXPECT_THAT(report, StatusIs(code));
      EXPECT_THAT(std::string(report.status().message()), HasSubstr(why));
    }
    EXPECT_TRUE(revocations->IsRevoked(CallerWith(3)));
    EXPECT_FALSE(revocations->IsRevoked(CallerWith(4)));
  };
  PutList({.number = 4, .serials_hex = {"04"}});
  refused(absl::StatusCode::kFailedPrecondition, "older");
  Put("");
  refused(absl::StatusCode::kInvalidArgument, path());
  Put(MakeList({.number = 9, .serials_hex = {"04"}}, MakeAuthority("Authority")));
  refused(absl::StatusCode::kUnauthenticated, path());
  ASSERT_EQ(unlink(path().c_str()), 0);
  refused(absl::StatusCode::kNotFound, path());
  PutList({.number = 6, .serials_hex = {"04"}});
  ASSERT_OK_AND_ASSIGN(const Revocations::Report report, revocations->Reload(kNow));
  EXPECT_TRUE(report.changed);
  EXPECT_FALSE(revocations->IsRevoked(CallerWith(3))) << "an authority may take back a hold";
  EXPECT_TRUE(revocations->IsRevoked(CallerWith(4)));
}

TEST_F(RevocationsTest, TheSameFileAfterItWasGoneIsGood) {
  PutList({.number = 5, .serials_hex = {"03"}});
  ASSERT_OK_AND_ASSIGN(const auto revocations, Open());
  const std::string aside = dir_.File("aside");
  ASSERT_EQ(rename(path().c_str(), aside.c_str()), 0);
  EXPECT_THAT(revocations->Reload(kNow), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_EQ(rename(aside.c_str(), path().c_str()), 0);
  ASSERT_OK_AND_ASSIGN(const Revocations::Report report, revocations->Reload(kNow));
  EXPECT_FALSE(report.changed);
  EXPECT_EQ(report.revoked, 1u);
}

TEST_F(RevocationsTest, AListThatIsGoneFromTheFileIsAStepBack) {
  const MadeAuthority other = MakeAuthority("Other");
  const std::string ours = MakeList({.number = 1, .serials_hex = {"03"}}, authority_);
  Put(ours + MakeList({.number = 1}, other));
  ASSERT_OK_AND_ASSIGN(
      const auto revocations,
      Revocations::Open({.path = path(), .authorities_pem = authority_.Pem() + other.Pem()}, kNow));
  Put(ours);
  const auto report = revocations->Reload(kNow);
  EXPECT_THAT(report, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("CN=Other"));
}

TEST_F(RevocationsTest, AStaleListStaysInForceAndIsToldToBe) {
  PutList({.number = 1, .serials_hex = {"03"}, .next_update = kNow + days(30)});
  ASSERT_OK_AND_ASSIGN(const auto revocations, Open());
  ASSERT_OK_AND_ASSIGN(const Revocations::Report fresh, revocations->Reload(kNow + days(30)));
  EXPECT_FALSE(fresh.stale);
  ASSERT_OK_AND_ASSIGN(const Revocations::Report stale, revocations->Reload(kNow + days(31)));
  EXPECT_TRUE(stale.stale);
  EXPECT_TRUE(revocations->IsRevoked(CallerWith(3)));
  PutList({.number = 2,
           .serials_hex = {"03"},
           .this_update = kNow + days(31),
           .next_update = kNow + days(61)});
  ASSERT_OK_AND_ASSIGN(const Revocations::Report next, revocations->Reload(kNow + days(31)));
  EXPECT_FALSE(next.stale);
}

TEST_F(RevocationsTest, ReadersSeeOneSetOrTheNextWhileItChanges) {
  PutList({.number = 1, .serials_hex = {"03"}});
  ASSERT_OK_AND_ASSIGN(const auto revocations, Open());
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) EXPECT_TRUE(revocations->IsRevoked(CallerWith(3)));
  });
  for (uint64_t number = 2; number < 20; ++number) {
    PutList({.number = number, .serials_hex = {"03", number % 2 == 0 ? "04" : "05"}});
    EXPECT_THAT(revocations->Reload(kNow), IsOk());
  }
  done = true;
  reader.join();
}

}  // namespace
}  // namespace ladon::access

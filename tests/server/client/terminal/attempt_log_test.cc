// Goal: whatever moment the power fails at, the till knows every call that may have been sent.
// Method: cut the file after every byte and reopen; damage it in every other way and expect a
// refusal; make the disk refuse in the middle of a record.
#include "server/client/terminal/attempt_log.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/testing/status_testing.h"

namespace ladon::terminal {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;

base::RequestId IdOf(uint64_t n) {
  base::RequestId id;
  std::memcpy(id.bytes.data(), &n, sizeof n);
  id.bytes[15] = 1;
  return id;
}

Attempt AttemptOf(uint64_t n) {
  Attempt attempt;
  attempt.request_id = IdOf(n);
  attempt.request = std::string("request ") + std::to_string(n);
  attempt.at_ms = static_cast<int64_t>(n);
  attempt.payer = "Анна К., 2Б";
  attempt.lines = {{"Суп", 1, 4'500}};
  return attempt;
}

Outcome DoneOf(uint64_t n) {
  Outcome outcome;
  outcome.request_id = IdOf(n);
  outcome.transaction_id = std::string(16, 't');
  outcome.amount_kopecks = 4'500;
  return outcome;
}

class AttemptLogTest : public ::testing::Test {
 protected:
  AttemptLogTest() {
    std::string name = (std::filesystem::temp_directory_path() / "ladon-attempts-XXXXXX").string();
    root_ = mkdtemp(name.data());
    path_ = root_ + "/state/till.log";
  }
  ~AttemptLogTest() override { std::filesystem::remove_all(root_); }

  std::string Content() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void SetContent(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  // Attempt 1 done, 2 pending, 3 done, 4 pending.
  void Fill() const {
    ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
    for (const uint64_t n : {1, 2, 3, 4}) {
      ASSERT_THAT(log->Append(AttemptOf(n)), IsOk());
      if (n % 2 == 1) {
        ASSERT_THAT(log->Append(DoneOf(n)), IsOk());
      }
    }
  }

  std::string root_;
  std::string path_;
};

TEST_F(AttemptLogTest, KeepsAttemptsAndOutcomesAcrossRestarts) {
  Fill();
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  EXPECT_FALSE(log->recovered_torn_line());
  ASSERT_EQ(log->entries().size(), 4U);
  EXPECT_EQ(log->entries()[0].attempt, AttemptOf(1));
  EXPECT_EQ(log->entries()[0].outcome, DoneOf(1));
  EXPECT_EQ(log->Pending(), (std::vector<Attempt>{AttemptOf(2), AttemptOf(4)}));
  EXPECT_EQ(log->Find(IdOf(3))->outcome, DoneOf(3));
  EXPECT_EQ(log->Find(IdOf(5)), nullptr);
}

TEST_F(AttemptLogTest, CutAtEveryByteKeepsExactlyTheCompleteRecords) {
  Fill();
  const std::string whole = Content();
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    SetContent(whole.substr(0, cut));
    {
      ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
      size_t records = 0;
      for (const AttemptEntry& entry : log->entries()) records += entry.outcome ? 2 : 1;
      const std::string kept = whole.substr(0, cut);
      ASSERT_EQ(records, static_cast<size_t>(std::count(kept.begin(), kept.end(), '\n'))) << cut;
      ASSERT_EQ(log->recovered_torn_line(), cut != 0 && whole[cut - 1] != '\n') << cut;
      // Work goes on after the cut, and what is written then is found again.
      ASSERT_THAT(log->Append(AttemptOf(9)), IsOk());
    }
    ASSERT_OK_AND_ASSIGN(const auto again, AttemptLog::Open(path_));
    ASSERT_FALSE(again->recovered_torn_line());
    ASSERT_EQ(again->entries().back().attempt, AttemptOf(9)) << cut;
  }
}

TEST_F(AttemptLogTest, PagesOfZerosAfterAPowerCutAreATornLine) {
  Fill();
  const std::string whole = Content();
  for (const std::string& tail : {std::string(100, '\0'), std::string(100, '\0') + "}\n"}) {
    SetContent(whole + tail);
    ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
    EXPECT_TRUE(log->recovered_torn_line());
    EXPECT_EQ(log->entries().size(), 4U);
    EXPECT_EQ(Content(), whole);
  }
}

TEST_F(AttemptLogTest, RefusesEveryFlippedByteAndLeavesTheFileAlone) {
  Fill();
  const std::string whole = Content();
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x01);
    SetContent(damaged);
    const auto log = AttemptLog::Open(path_);
    if (at + 1 == whole.size()) {  // The last end of line is gone: that is a torn line.
      ASSERT_THAT(log, IsOk());
      continue;
    }
    ASSERT_THAT(log, StatusIs(absl::StatusCode::kDataLoss)) << at;
    ASSERT_EQ(Content(), damaged);
  }
}

TEST_F(AttemptLogTest, RefusesAMissingLineAndSwappedLines) {
  Fill();
  const std::string whole = Content();
  const size_t first_end = whole.find('\n') + 1;
  const size_t second_end = whole.find('\n', first_end) + 1;
  const std::string first = whole.substr(0, first_end);
  const std::string second = whole.substr(first_end, second_end - first_end);
  const std::string rest = whole.substr(second_end);
  for (const std::string& bad : {second + rest, first + rest, second + first + rest}) {
    SetContent(bad);
    EXPECT_THAT(AttemptLog::Open(path_), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(AttemptLogTest, RefusesAnIdUsedTwiceAndAnOutcomeWithoutItsAttempt) {
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  ASSERT_THAT(log->Append(AttemptOf(1)), IsOk());
  EXPECT_THAT(log->Append(AttemptOf(1)), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(log->Append(DoneOf(2)), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(log->Append(DoneOf(1)), IsOk());
  EXPECT_THAT(log->Append(DoneOf(1)), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(AttemptLogTest, SecondProcessIsKeptOut) {
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  EXPECT_THAT(AttemptLog::Open(path_), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(AttemptLogTest, DirectoryAndFileMustBePrivate) {
  Fill();
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  EXPECT_THAT(AttemptLog::Open(path_), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  ASSERT_EQ(chmod((root_ + "/state").c_str(), 0750), 0);
  EXPECT_THAT(AttemptLog::Open(path_), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_EQ(chmod((root_ + "/state").c_str(), 0700), 0);
  EXPECT_THAT(AttemptLog::Open(path_), IsOk());
}

TEST_F(AttemptLogTest, RefusesASymbolicLink) {
  Fill();
  const std::string link = root_ + "/state/link.log";
  std::filesystem::create_symlink(path_, link);
  EXPECT_THAT(AttemptLog::Open(link), StatusIs(absl::StatusCode::kUnavailable));
}

// A disk that fills up in the middle of a record: the file size limit of the process.
TEST_F(AttemptLogTest, DiskThatRefusesStopsTheLogAndLosesNothing) {
  Fill();
  const size_t before = Content().size();
  {
    ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
    rlimit old_limit{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
    const auto old_handler = signal(SIGXFSZ, SIG_IGN);
    const rlimit tight = {.rlim_cur = before + 40, .rlim_max = old_limit.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
    const absl::Status refused = log->Append(AttemptOf(5));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old_limit), 0);
    signal(SIGXFSZ, old_handler);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
    // The tail is unknown now: even with room again nothing may follow it.
    EXPECT_THAT(log->Append(AttemptOf(6)), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_EQ(Content().size(), before + 40);
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  EXPECT_TRUE(log->recovered_torn_line());
  EXPECT_EQ(log->Find(IdOf(5)), nullptr);
  EXPECT_EQ(log->Pending().size(), 2U);
}

TEST_F(AttemptLogTest, RecordLimit) {
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Attempt attempt = AttemptOf(1);
  attempt.payer = std::string(kAttemptRecordBytesMax, 'x');
  EXPECT_THAT(log->Append(attempt), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(log->Append(AttemptOf(1)), IsOk());
}

TEST_F(AttemptLogTest, FullLogTakesOutcomesButNoNewAttempt) {
  ASSERT_OK_AND_ASSIGN(const auto log, AttemptLog::Open(path_));
  Attempt big = AttemptOf(0);
  big.payer = std::string(kAttemptRecordBytesMax - 1'000, 'x');
  uint64_t n = 0;
  absl::Status s;
  while (s.ok() && n < 2 * kAttemptLogBytesMax / kAttemptRecordBytesMax) {
    big.request_id = IdOf(++n);
    s = log->Append(big);
  }
  EXPECT_THAT(s, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_GE(std::filesystem::file_size(path_), kAttemptLogBytesMax);
  EXPECT_THAT(log->Append(DoneOf(1)), IsOk());
}

TEST_F(AttemptLogTest, RefusesAFileLargerThanALogCanGrow) {
  Fill();
  std::filesystem::resize_file(path_, kAttemptLogBytesMax + 2 * kAttemptRecordBytesMax);
  EXPECT_THAT(AttemptLog::Open(path_), StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace ladon::terminal

// Goal: a log line is one JSON object of printable ASCII, whatever its texts hold, and nothing of a
// person gets into one by accident. Method: lines written to a file are read back and parsed; what
// must not compile is asked of the types.
#include "server/rpc/monitor.h"

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ladon/v1/enrolment_service.pb.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::rpc {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// A field takes what cannot be of a person, and texts only with a reason.
static_assert(std::is_constructible_v<LogField, Literal, int64_t>);
static_assert(std::is_constructible_v<LogField, Literal, bool>);
static_assert(std::is_constructible_v<LogField, Literal, LogText>);
static_assert(std::is_constructible_v<LogField, Literal, base::SubjectId>);
static_assert(!std::is_constructible_v<LogField, Literal, std::string>);
static_assert(!std::is_constructible_v<LogField, Literal, std::string_view>);
static_assert(!std::is_constructible_v<LogField, Literal, const char*>);
static_assert(!std::is_constructible_v<LogField, Literal, v1::SubjectName>);
static_assert(!std::is_constructible_v<LogText, std::string>);
static_assert(!std::is_constructible_v<Literal, std::string>);
static_assert(!std::is_constructible_v<Literal, const char*>);

class MonitorTest : public ::testing::Test {
 protected:
  std::unique_ptr<Monitor> StartMonitor(LogLevel level) {
    auto monitor = Monitor::Start({.metrics_listen = "", .log_file = file_, .level = level});
    EXPECT_THAT(monitor, testing::IsOk());
    return *std::move(monitor);
  }
  [[nodiscard]] std::vector<std::string> Lines() const {
    std::ifstream in(file_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  [[nodiscard]] nlohmann::json OnlyLine() const {
    const std::vector<std::string> lines = Lines();
    EXPECT_THAT(lines, SizeIs(1));
    return lines.empty() ? nlohmann::json() : nlohmann::json::parse(lines.front());
  }

  testing::TempDir directory_;
  const std::string file_ = directory_.Sub("log");
};

TEST_F(MonitorTest, NoTextEndsALineOrReachesATerminal) {
  const std::vector<std::string> texts = {"one\r\ntwo\n{\"level\":\"error\"}",
                                          "\x1b[2J\x07\x08",
                                          "quote \" and backslash \\",
                                          "\x7f",
                                          "\xc2\x85 next line",
                                          "\xe2\x80\xa8 line separator",
                                          "\xe2\x80\xae from the right",
                                          std::string("zero\0byte", 9),
                                          "Петрова"};
  const std::unique_ptr<Monitor> monitor = StartMonitor(LogLevel::kInfo);
  for (const std::string& text : texts) {
    monitor->Log(LogLevel::kInfo, "test", {{"text", LogText::SafeBecause("a test", text)}});
  }
  const std::vector<std::string> lines = Lines();
  ASSERT_THAT(lines, SizeIs(texts.size()));
  for (size_t i = 0; i < lines.size(); ++i) {
    for (const char c : lines[i]) EXPECT_TRUE(c >= ' ' && c <= '~') << lines[i];
    EXPECT_EQ(nlohmann::json::parse(lines[i])["text"], texts[i]);
  }
}

TEST_F(MonitorTest, ATextThatIsNotUtf8IsReplacedNotThrown) {
  StartMonitor(LogLevel::kInfo)
      ->Log(LogLevel::kInfo, "test", {{"text", LogText::SafeBecause("a test", "a\xff\xfe z")}});
  EXPECT_EQ(OnlyLine()["text"], "a\xef\xbf\xbd\xef\xbf\xbd z");
}

TEST_F(MonitorTest, ATextIsCutAtItsLimit) {
  const std::string longest(kLogTextBytesMax, 'x');
  StartMonitor(LogLevel::kInfo)
      ->Log(LogLevel::kInfo, "test",
            {{"text", LogText::SafeBecause("a test", longest)},
             {"longer", LogText::SafeBecause("a test", longest + "yz")}});
  EXPECT_EQ(OnlyLine()["text"], longest);
  EXPECT_EQ(OnlyLine()["longer"], longest);
}

TEST_F(MonitorTest, FieldsKeepTheirTypes) {
  StartMonitor(LogLevel::kDebug)
      ->Log(LogLevel::kWarning, "test",
            {{"least", std::numeric_limits<int64_t>::min()},
             {"most", std::numeric_limits<uint64_t>::max()},
             {"small", uint16_t{7}},
             {"flag", true},
             {"word", "of the source"},
             {"id", *base::IdOfHex<base::TerminalId>("000102030405060708090a0b0c0d0e0f")}});
  const nlohmann::json line = OnlyLine();
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["event"], "test");
  EXPECT_EQ(line["least"], std::numeric_limits<int64_t>::min());
  EXPECT_EQ(line["most"], std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(line["small"], 7);
  EXPECT_EQ(line["flag"], true);
  EXPECT_EQ(line["word"], "of the source");
  EXPECT_EQ(line["id"], "000102030405060708090a0b0c0d0e0f");
}

TEST_F(MonitorTest, LevelsBelowAreNotWritten) {
  const std::unique_ptr<Monitor> monitor = StartMonitor(LogLevel::kWarning);
  EXPECT_FALSE(monitor->Logs(LogLevel::kInfo));
  EXPECT_TRUE(monitor->Logs(LogLevel::kWarning));
  monitor->Log(LogLevel::kDebug, "debug");
  monitor->Log(LogLevel::kInfo, "info");
  EXPECT_THAT(Lines(), IsEmpty());
  monitor->Log(LogLevel::kError, "error");
  EXPECT_EQ(OnlyLine()["event"], "error");
}

TEST_F(MonitorTest, ARefusalNamesItsFieldAndAFaultOfOursTellsWhatHappened) {
  const std::unique_ptr<Monitor> monitor = StartMonitor(LogLevel::kDebug);
  monitor->Report("/ladon.v1.A/B", flow::RefuseField("name.family_name", "must be letters"));
  monitor->Report("/ladon.v1.A/B", absl::DataLossError("vault: damaged\nrecord"));
  const std::vector<std::string> lines = Lines();
  ASSERT_THAT(lines, SizeIs(2));
  const nlohmann::json refused = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(refused["level"], "debug");
  EXPECT_EQ(refused["event"], "call_refused");
  EXPECT_EQ(refused["rpc"], "/ladon.v1.A/B");
  EXPECT_EQ(refused["reason"], "FIELD_INVALID");
  EXPECT_EQ(refused["detail"], "name.family_name");
  const nlohmann::json failed = nlohmann::json::parse(lines[1]);
  EXPECT_EQ(failed["level"], "error");
  EXPECT_EQ(failed["event"], "call_failed");
  EXPECT_EQ(failed["reason"], "INTERNAL");
  EXPECT_EQ(failed["detail"], "vault: damaged\nrecord");
}

}  // namespace
}  // namespace ladon::rpc

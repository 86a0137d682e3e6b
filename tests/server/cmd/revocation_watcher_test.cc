// Goal: a list that is put in place comes into force by itself, and the operator hears of it once.
// Method: a real file and a watcher that looks often; every wait is for what it tells.
#include "server/cmd/revocation_watcher.h"

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/server/access/made_x509.h"
#include "tests/server/base/temp_dir.h"
#include "tests/testing/status_testing.h"

namespace ladon {
namespace {

using access::kNow;
using access::ListShape;
using access::Revocations;
using ::ladon::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RevocationWatcherTest : public ::testing::Test {
 protected:
  void Put(const ListShape& shape) {
    const std::string temporary = path_ + ".new";
    std::ofstream(temporary, std::ios::binary) << access::MakeList(shape, authority_);
    ASSERT_EQ(rename(temporary.c_str(), path_.c_str()), 0);
  }
  void Watch(std::chrono::milliseconds every) {
    auto opened = Revocations::Open({.path = path_, .authorities_pem = authority_.Pem()}, kNow);
    ASSERT_THAT(opened, ::ladon::testing::IsOk());
    revocations_ = *std::move(opened);
    watcher_.emplace(RevocationWatcher::Options{
        .revocations = revocations_.get(),
        .now_ns =
            [this] {
              const std::chrono::nanoseconds now =
                  kNow.time_since_epoch() + std::chrono::days(days_.load());
              return static_cast<uint64_t>(now.count());
            },
        .on_report =
            [this](const Revocations::Report& report) {
              Tell((report.stale ? "stale " : "") + std::to_string(report.revoked));
            },
        .on_refused = [this](const absl::Status& why) { Tell(std::string(why.message())); },
        .every = every});
  }
  void Tell(const std::string& what) {
    const std::scoped_lock lock(mutex_);
    told_.push_back(what);
    changed_.notify_all();
  }
  // The next thing told.
  std::string Next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return told_.size() > heard_; });
    return told_[heard_++];
  }
  // All that was told, once nothing more can be.
  std::vector<std::string> End() {
    watcher_.reset();
    return told_;
  }

  const TempDir dir_;
  const std::string path_ = dir_.File("crl.pem");
  const access::MadeAuthority authority_ = access::MakeAuthority("Authority");
  std::atomic<int> days_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;
  size_t heard_ = 0;
  std::unique_ptr<Revocations> revocations_;
  std::optional<RevocationWatcher> watcher_;
};

TEST_F(RevocationWatcherTest, TellsWhatIsInForceAtOnceAndStopsAtOnce) {
  Put({.serials_hex = {"03"}});
  Watch(std::chrono::hours(24));
  EXPECT_EQ(Next(), "1");
  EXPECT_THAT(End(), ElementsAre("1"));
}

TEST_F(RevocationWatcherTest, TellsEachChangeOnce) {
  Put({.number = 1});
  Watch(std::chrono::milliseconds(1));
  EXPECT_EQ(Next(), "0");
  Put({.number = 2, .serials_hex = {"03"}});
  EXPECT_EQ(Next(), "1");
  Put({.number = 1});
  EXPECT_THAT(Next(), HasSubstr("older"));
  ASSERT_EQ(unlink(path_.c_str()), 0);
  EXPECT_THAT(Next(), HasSubstr("No such file"));
  Put({.number = 2, .serials_hex = {"03"}});
  EXPECT_EQ(Next(), "1") << "good again, and no other set";
  days_ = 31;
  EXPECT_EQ(Next(), "stale 1");
  EXPECT_EQ(End().size(), 6u);
}

}  // namespace
}  // namespace ladon

// Goal: the right images enrol and the right images probe; names tell every child apart.
// Method: folders made here, complete and broken; all names up to the limit.
#include "server/client/demo/palms_source.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "server/client/demo/names.h"
#include "tests/testing/status_testing.h"

namespace ladon::demo {
namespace {

using ::ladon::testing::StatusIs;

class PalmsFolderTest : public ::testing::Test {
 protected:
  PalmsFolderTest() {
    std::string name = (std::filesystem::temp_directory_path() / "ladon-palms-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~PalmsFolderTest() override { std::filesystem::remove_all(root_); }
  void Put(const std::string& palm, const std::string& image) const {
    std::filesystem::create_directories(root_ + "/" + palm);
    std::ofstream(root_ + "/" + palm + "/" + image) << image;
  }

  std::string root_;
};

TEST_F(PalmsFolderTest, EveryOtherPalmIsEnrolledWithTheFirstImagesOfSessionOne) {
  for (const char* palm : {"001", "002", "003"}) {
    for (const char* image :
         {"1_04.png", "1_02.png", "1_01.png", "1_03.png", "2_01.png", "2_02.jpg", "notes.txt"}) {
      Put(palm, image);
    }
  }
  std::ofstream(root_ + "/README.md") << "not a palm";
  ASSERT_OK_AND_ASSIGN(const std::vector<Palm> palms, PalmsOfFolder(root_));
  ASSERT_EQ(palms.size(), 3U);
  EXPECT_TRUE(palms[0].enrolled);
  EXPECT_FALSE(palms[1].enrolled);
  EXPECT_TRUE(palms[2].enrolled);
  std::vector<std::string> enrolment;
  for (const Shot& shot : palms[0].enrolment) enrolment.push_back(std::get<std::string>(shot));
  EXPECT_EQ(enrolment, (std::vector<std::string>{root_ + "/001/1_01.png", root_ + "/001/1_02.png",
                                                 root_ + "/001/1_03.png"}));
  EXPECT_TRUE(palms[1].enrolment.empty());
  for (const Palm& palm : palms) EXPECT_EQ(palm.probes.size(), 2U);
  ASSERT_OK_AND_ASSIGN(const std::vector<uint8_t> bytes, LoadShot(palms[0].probes[1]));
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "2_02.jpg");
}

TEST_F(PalmsFolderTest, RefusesFoldersThatCannotServe) {
  EXPECT_THAT(PalmsOfFolder(root_ + "/none"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(PalmsOfFolder(root_), StatusIs(absl::StatusCode::kNotFound));
  Put("001", "1_01.png");
  EXPECT_THAT(PalmsOfFolder(root_), StatusIs(absl::StatusCode::kInvalidArgument));
  Put("001", "2_01.png");
  EXPECT_EQ(PalmsOfFolder(root_)->size(), 1U);
  Put("002", "2_01.png");
  EXPECT_THAT(PalmsOfFolder(root_), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(PalmsFolderTest, Limits) {
  for (size_t i = 0; i <= kImagesPerPalmMax; ++i) Put("001", "2_" + std::to_string(i) + ".png");
  EXPECT_THAT(PalmsOfFolder(root_), StatusIs(absl::StatusCode::kResourceExhausted));
  std::filesystem::remove_all(root_ + "/001");
  for (size_t i = 0; i <= kPalmsMax; ++i) {
    Put("p" + std::to_string(i), "1_1.png");
    Put("p" + std::to_string(i), "2_1.png");
  }
  EXPECT_THAT(PalmsOfFolder(root_), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(SyntheticPalmsTest, HalfAreStrangersAndNoImageServesTwice) {
  const std::vector<Palm> palms = SyntheticPalms(5, 77);
  ASSERT_EQ(palms.size(), 10U);
  std::set<std::pair<uint64_t, uint64_t>> seeds;
  size_t shots = 0;
  size_t enrolled = 0;
  for (const Palm& palm : palms) {
    enrolled += palm.enrolled ? 1 : 0;
    EXPECT_EQ(palm.enrolment.size(), palm.enrolled ? kEnrolImages : 0);
    EXPECT_EQ(palm.probes.size(), kSyntheticProbes);
    for (const auto* list : {&palm.enrolment, &palm.probes}) {
      for (const Shot& shot : *list) {
        const auto& sample = std::get<matcher::PalmSample>(shot);
        seeds.emplace(sample.palm_seed, sample.sample_seed);
        ++shots;
      }
    }
  }
  EXPECT_EQ(enrolled, 5U);
  EXPECT_EQ(seeds.size(), shots);
}

TEST(InventedNameTest, NoTwoChildrenShareWhatATillShows) {
  std::set<std::string> shown;
  for (size_t i = 0; i < kInventedChildrenMax; ++i) {
    const v1::SubjectName name = InventedName(i);
    EXPECT_LE(name.class_name().size(), 8U);
    shown.insert(name.given_name() + "/" + name.class_name());
  }
  EXPECT_EQ(shown.size(), kInventedChildrenMax);
}

}  // namespace
}  // namespace ladon::demo

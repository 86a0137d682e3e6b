// Goal: a folder is read as its names say, and a name that says nothing is refused by name.
// Method: empty files in a temporary directory; nothing here decodes an image.
#include "matcher/eval/image_set.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::matcher::eval {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

void ExpectRefused(const absl::Status& status, absl::StatusCode code, const std::string& words) {
  EXPECT_EQ(status.code(), code);
  EXPECT_THAT(std::string(status.message()), HasSubstr(words));
}

class ImageSetTest : public ::testing::Test {
 protected:
  void Put(const std::string& name) {
    const std::filesystem::path path = std::filesystem::path(dir_.path()) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "x";
  }
  absl::StatusOr<ImageSet> Read(size_t templates = 1) {
    return ReadImageSet(dir_.path(), templates);
  }
  ladon::testing::TempDir dir_;
};

TEST_F(ImageSetTest, TheFirstSessionEnrolsAndTheLaterOnesProbe) {
  for (const char* name : {"b/1_01.png", "b/2_01.jpg", "b/3_01.BMP", "a/1_10.jpeg", "a/1_9.png",
                           "a/2_1.png", "a/notes.txt", "README.md"}) {
    Put(name);
  }
  ASSERT_OK_AND_ASSIGN(const ImageSet set, Read());
  EXPECT_TRUE(set.two_sessions);
  EXPECT_EQ(set.images, 6u);
  ASSERT_THAT(set.palms, SizeIs(2));
  EXPECT_EQ(set.palms[0].name, "a") << "by name";
  ASSERT_THAT(set.palms[0].enrolment, SizeIs(2));
  EXPECT_EQ(set.palms[0].enrolment[0].filename(), "1_9.png") << "numbers, not letters";
  EXPECT_THAT(set.palms[1].enrolment, SizeIs(1));
  EXPECT_THAT(set.palms[1].probes, SizeIs(2));
}

TEST_F(ImageSetTest, OneSessionEnrolsItsFirstImages) {
  for (const char* name : {"a/1_1.png", "a/1_2.png", "a/1_3.png", "b/1_1.png"}) Put(name);
  ASSERT_OK_AND_ASSIGN(const ImageSet set, Read(2));
  EXPECT_FALSE(set.two_sessions);
  EXPECT_THAT(set.palms[0].enrolment, SizeIs(2));
  EXPECT_THAT(set.palms[0].probes, SizeIs(1));
  EXPECT_THAT(set.palms[1].probes, SizeIs(0));
}

TEST_F(ImageSetTest, NamesThatSayNothingAreRefused) {
  for (const char* name : {"a/x.png", "a/1.png", "a/1_.png", "a/_1.png", "a/1_2_3.png",
                           "a/1_1234567.png", "a/-1_2.png"}) {
    SCOPED_TRACE(name);
    Put(name);
    ExpectRefused(Read().status(), absl::StatusCode::kInvalidArgument, name);
    std::filesystem::remove(std::filesystem::path(dir_.path()) / name);
  }
}

TEST_F(ImageSetTest, TwoImagesOfOneNumberAreRefused) {
  Put("a/1_01.png");
  Put("a/1_1.jpg");
  ExpectRefused(Read().status(), absl::StatusCode::kInvalidArgument, "same");
}

TEST_F(ImageSetTest, APalmWithoutTheEnrollingSessionIsRefused) {
  Put("a/1_1.png");
  Put("b/2_1.png");
  ExpectRefused(Read().status(), absl::StatusCode::kInvalidArgument, "enrol");
}

TEST_F(ImageSetTest, NothingThere) {
  ExpectRefused(Read().status(), absl::StatusCode::kNotFound, "no images");
  ExpectRefused(ReadImageSet("/no/such/folder", 1).status(), absl::StatusCode::kNotFound,
                "/no/such/folder");
}

}  // namespace
}  // namespace ladon::matcher::eval

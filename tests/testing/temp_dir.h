// A directory of one test's own, mode 0700, gone with all it holds when the test ends.
#ifndef LADON_TESTS_TESTING_TEMP_DIR_H_
#define LADON_TESTS_TESTING_TEMP_DIR_H_

#include <cassert>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace ladon::testing {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ladon-XXXXXX").string();
    [[maybe_unused]] const char* made = ::mkdtemp(pattern.data());
    assert(made != nullptr);
    path_ = pattern;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string Sub(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace ladon::testing

#endif  // LADON_TESTS_TESTING_TEMP_DIR_H_

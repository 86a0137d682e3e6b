// A directory that lives as long as the test. Threading: one test, one thread.
#ifndef LADON_TESTS_SERVER_BASE_TEMP_DIR_H_
#define LADON_TESTS_SERVER_BASE_TEMP_DIR_H_

#include <cassert>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace ladon::testing {

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ladon_test_XXXXXX").string();
    const char* made = mkdtemp(pattern.data());
    assert(made != nullptr);
    path_ = made;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace ladon::testing

#endif  // LADON_TESTS_SERVER_BASE_TEMP_DIR_H_

#ifndef LADON_TESTS_TESTING_STATUS_TESTING_H_
#define LADON_TESTS_TESTING_STATUS_TESTING_H_
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
namespace ladon::testing {
inline absl::StatusCode CodeOf(const absl::Status& s) {
  return s.code();
}
template <typename T>
absl::StatusCode CodeOf(const absl::StatusOr<T>& s) {
  return s.status().code();
}
inline std::string TextOf(const absl::Status& s) {
  return s.ToString();
}
template <typename T>
std::string TextOf(const absl::StatusOr<T>& s) {
  return s.status().ToString();
}
MATCHER_P(StatusIs, code, "") {
  *result_listener << TextOf(arg);
  return CodeOf(arg) == code;
}
MATCHER(IsOk, "") {
  *result_listener << TextOf(arg);
  return arg.ok();
}
}  // namespace ladon::testing
#define CONCAT2_(a, b) a##b
#define CONCAT_(a, b) CONCAT2_(a, b)
#define ASSERT_OK_AND_ASSIGN(lhs, expr) ASSERT_OK_AND_ASSIGN_(CONCAT_(so_, __LINE__), lhs, expr)
#define ASSERT_OK_AND_ASSIGN_(tmp, lhs, expr) \
  auto tmp = (expr);                          \
  ASSERT_THAT(tmp, ::ladon::testing::IsOk()); \
  lhs = *std::move(tmp)
#endif

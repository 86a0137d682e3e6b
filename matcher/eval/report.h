// An evaluation as a file for machines, a table for people, and a picture.
// Pure but for the file system.
#ifndef LADON_MATCHER_EVAL_REPORT_H_
#define LADON_MATCHER_EVAL_REPORT_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "matcher/eval/coded_set.h"
#include "matcher/eval/evaluation.h"
#include "matcher/eval/protection.h"

namespace ladon::matcher::eval {

struct Report {
  std::string name;  // Of the set: the folder's last part.
  Design design;
  size_t palms = 0;
  size_t images = 0;
  size_t failed_images = 0;
  double extract_ms = 0;
  bool two_sessions = false;
  Evaluation evaluation;
  ProtectionFigures protection;
};

// One object; every figure is a plain number, its interval under `<key>_ci90` as [low, high]. A
// figure that could not be measured is null.
[[nodiscard]] std::string RenderJson(const Report& report);
[[nodiscard]] std::string RenderText(const Report& report);
[[nodiscard]] std::string RenderPlot(const Report& report);

// FailedPrecondition: the file cannot be written.
[[nodiscard]] absl::Status WriteFile(const std::string& path, const std::string& text);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_REPORT_H_

// The detection error trade-off as a picture: SVG, both axes logarithmic, readable in print and on
// a dark screen. Pure.
#ifndef LADON_MATCHER_EVAL_DET_PLOT_H_
#define LADON_MATCHER_EVAL_DET_PLOT_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "matcher/eval/error_rates.h"

namespace ladon::matcher::eval {

struct DetPlot {
  std::string title;
  std::vector<std::string> notes;  // Lines below the title: figures with their intervals.
  std::span<const DetPoint> curve;
  double eer = 0;                  // Marked when it is not 0.
  size_t genuine_comparisons = 0;  // The smallest rates that can be seen: 1 / these.
  size_t impostor_comparisons = 0;
};

// A whole SVG document. Points with a rate of 0 are drawn on the border of the plot, because a
// logarithm has no place for them; the caption says so.
[[nodiscard]] std::string RenderSvg(const DetPlot& plot);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_DET_PLOT_H_

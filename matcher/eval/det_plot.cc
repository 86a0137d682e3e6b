#include "matcher/eval/det_plot.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ladon::matcher::eval {
namespace {

constexpr double kLeft = 80;
constexpr double kTop = 110;
constexpr double kSide = 480;
constexpr double kWidth = 640;
constexpr double kHeight = 690;
constexpr double kNoteHeight = 18;

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// A logarithmic axis from 10^-decades to 1.
class Axis {
 public:
  // Shows one error of `trials`, and at least three decades.
  explicit Axis(size_t trials)
      : decades_(std::max(3, static_cast<int>(std::ceil(
                                 std::log10(std::max<double>(10, static_cast<double>(trials))))))) {
  }
  [[nodiscard]] int decades() const { return decades_; }
  // 0 .. kSide from the small end; rates below the axis lie on its end.
  [[nodiscard]] double At(double rate) const {
    const double smallest = std::pow(10, -decades_);
    return kSide * (1 + std::log10(std::clamp(rate, smallest, 1.0)) / decades_);
  }

 private:
  int decades_;
};

std::string RateLabel(int power) {
  return absl::StrFormat("%g %%", 100 * std::pow(10, power));
}

std::string Text(double x, double y, std::string_view attributes, std::string_view text) {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>\n", x, y, attributes,
                         Escape(text));
}

std::string Line(double x1, double y1, double x2, double y2, std::string_view style) {
  return absl::StrFormat("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n",
                         x1, y1, x2, y2, style);
}

std::string Grid(const Axis& fmr, const Axis& fnmr) {
  std::string out;
  for (int power = -fmr.decades(); power <= 0; ++power) {
    const double x = kLeft + fmr.At(std::pow(10, power));
    out += Line(x, kTop, x, kTop + kSide, "grid");
    out += Text(x, kTop + kSide + 18, "text-anchor=\"middle\"", RateLabel(power));
  }
  for (int power = -fnmr.decades(); power <= 0; ++power) {
    const double y = kTop + kSide - fnmr.At(std::pow(10, power));
    out += Line(kLeft, y, kLeft + kSide, y, "grid");
    out += Text(kLeft - 8, y + 4, "text-anchor=\"end\"", RateLabel(power));
  }
  // Where both errors are equal.
  const int shared = std::min(fmr.decades(), fnmr.decades());
  const double least = std::pow(10, -shared);
  out += Line(kLeft + fmr.At(least), kTop + kSide - fnmr.At(least), kLeft + kSide, kTop, "equal");
  return out;
}

}  // namespace

std::string RenderSvg(const DetPlot& plot) {
  const Axis fmr(plot.impostor_comparisons);
  const Axis fnmr(plot.genuine_comparisons);
  std::string svg = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" "
      "viewBox=\"0 0 %g %g\" font-family=\"sans-serif\" font-size=\"13\">\n"
      "<style>.grid{stroke:#d8d8d8}.equal{stroke:#a0a0a0;stroke-dasharray:5 4}"
      ".curve{fill:none;stroke:#0b57a4;stroke-width:2.5}.mark{fill:#c0392b}</style>\n"
      "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
      kWidth, kHeight, kWidth, kHeight);
  svg += Text(kLeft, 30, "font-size=\"17\" font-weight=\"bold\"", plot.title);
  double y = 52;
  for (const std::string& note : plot.notes) {
    svg += Text(kLeft, y, "fill=\"#444444\"", note);
    y += kNoteHeight;
  }
  svg += Grid(fmr, fnmr);
  std::string points;
  for (const DetPoint& point : plot.curve) {
    absl::StrAppendFormat(&points, "%.1f,%.1f ", kLeft + fmr.At(point.fmr),
                          kTop + kSide - fnmr.At(point.fnmr));
  }
  svg += absl::StrCat("<polyline class=\"curve\" points=\"", points, "\"/>\n");
  if (plot.eer > 0) {
    const double x = kLeft + fmr.At(plot.eer);
    const double at = kTop + kSide - fnmr.At(plot.eer);
    svg += absl::StrFormat("<circle class=\"mark\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n", x, at);
    svg += Text(x + 9, at - 7, "fill=\"#c0392b\"", absl::StrFormat("EER %.3g %%", 100 * plot.eer));
  }
  svg += Text(kLeft + kSide / 2, kTop + kSide + 42, "text-anchor=\"middle\"",
              "False match rate (other palms taken for this one)");
  svg += absl::StrFormat(
      "<text transform=\"translate(22 %.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
      kTop + kSide / 2, "False non-match rate (the palm itself not found)");
  svg +=
      Text(kLeft, kTop + kSide + 66, "fill=\"#666666\" font-size=\"11\"",
           absl::StrFormat("%d genuine and %d impostor comparisons in one split; no error at all "
                           "lies on the border.",
                           plot.genuine_comparisons, plot.impostor_comparisons));
  svg += "</svg>\n";
  return svg;
}

}  // namespace ladon::matcher::eval

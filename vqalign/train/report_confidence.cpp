// The report's charts of confidence: reliability, and risk against coverage.
#include <algorithm>

#include "vqalign/core/calibration.h"
#include "vqalign/core/error.h"
#include "vqalign/train/report_parts.h"
#include "vqalign/train/report_svg.h"

namespace vqalign::detail {
namespace {

constexpr double kLeft = 46, kTop = 12, kSide = 300;
constexpr std::size_t kMostPoints = 300;

/// The highest tick of an axis of risks that holds `risk`.
double axis_end(double risk) {
  for (const double end : {0.02, 0.05, 0.1, 0.2, 0.5}) {
    if (risk <= end) return end;
  }
  return 1;
}

std::string upright(const std::string& text) {
  return concat("<text class=\"soft\" text-anchor=\"middle\" transform=\"translate(14 ",
                svg_number(kTop + kSide / 2), ") rotate(-90)\">", text, "</text>");
}

/// So many points of the curve at most, in even steps, with its last one.
std::string polyline(const std::vector<CoveredRisk>& curve, double highest) {
  std::string points;
  const std::size_t shown = std::min(curve.size(), kMostPoints);
  for (std::size_t i = 1; i <= shown; ++i) {
    const CoveredRisk& point = curve[i * curve.size() / shown - 1];
    points += concat(points.empty() ? "" : " ", svg_number(kLeft + kSide * point.coverage), ",",
                     svg_number(kTop + kSide - kSide * point.risk / highest));
  }
  return "<polyline class=\"curve\" points=\"" + points + "\"/>";
}

}  // namespace

std::string reliability_diagram(const std::vector<double>& confidences,
                                const std::vector<double>& accuracies) {
  constexpr double kCounts = 50, kGap = 14;
  const std::vector<ReliabilityBin> bins = reliability_bins(confidences, accuracies);
  std::size_t most = 1;
  for (const ReliabilityBin& bin : bins) most = std::max(most, bin.count);
  const double step = kSide / static_cast<double>(bins.size());
  const double floor = kTop + kSide + kGap + kCounts;
  std::string svg = opening("square", 380, 440, "Confidence against accuracy");
  for (const int percent : {0, 25, 50, 75, 100}) {
    const double x = kLeft + kSide * percent / 100, y = kTop + kSide - kSide * percent / 100;
    svg += line("grid", kLeft, y, kLeft + kSide, y) + line("grid", x, kTop, x, kTop + kSide);
    svg += label("soft", "end", kLeft - 6, y + 4, std::to_string(percent));
    svg += label("soft", "middle", x, floor + 16, std::to_string(percent));
  }
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const ReliabilityBin& bin = bins[i];
    if (bin.count == 0) continue;
    const auto count = static_cast<double>(bin.count);
    const double x = kLeft + step * static_cast<double>(i) + 1;
    const double high = kSide * bin.accuracy;
    const double share = kCounts * count / static_cast<double>(most);
    svg += "<g><title>" +
           html_text(concat(bin.count, " answers: confidence ", html_number(100 * bin.confidence),
                            " %, accuracy ", html_number(100 * bin.accuracy), " %")) +
           "</title>";
    svg += rectangle("bar", x, kTop + kSide - high, step - 2, high);
    svg += rectangle("count", x, floor - share, step - 2, share) + "</g>\n";
  }
  svg += line("ideal", kLeft, kTop + kSide, kLeft + kSide, kTop);
  svg += label("soft", "middle", kLeft + kSide / 2, floor + 36,
               "confidence in %; below the bars how many answers have it");
  return svg + upright("accuracy in %") + "</svg>\n";
}

std::string risk_coverage_chart(const std::vector<double>& confidences,
                                const std::vector<double>& accuracies) {
  const std::vector<CoveredRisk> curve = risk_coverage_curve(confidences, accuracies);
  double most = 0;
  for (const CoveredRisk& point : curve) most = std::max(most, point.risk);
  const double highest = axis_end(most);
  std::string svg = opening("square", 380, 440, "Risk against coverage");
  for (const int percent : {0, 25, 50, 75, 100}) {
    const double x = kLeft + kSide * percent / 100, y = kTop + kSide - kSide * percent / 100;
    svg += line("grid", kLeft, y, kLeft + kSide, y) + line("grid", x, kTop, x, kTop + kSide);
    svg += label("soft", "end", kLeft - 6, y + 4, html_number(highest * percent, 1));
    svg += label("soft", "middle", x, kTop + kSide + 16, std::to_string(percent));
  }
  if (!curve.empty()) svg += polyline(curve, highest);
  svg += label("soft", "middle", kLeft + kSide / 2, kTop + kSide + 36,
               "coverage in %: the most confident answers");
  return svg + upright("risk: wrong in %") + "</svg>\n";
}

std::string confidence_charts(const std::vector<double>& confidences,
                              const std::vector<double>& accuracies) {
  return "<div class=\"pair\">\n" + reliability_diagram(confidences, accuracies) +
         risk_coverage_chart(confidences, accuracies) + "</div>\n";
}

}  // namespace vqalign::detail

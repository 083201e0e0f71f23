#include "vqalign/train/robustness/robustness_page.h"

#include <algorithm>
#include <array>

#include "vqalign/core/error.h"
#include "vqalign/train/report_parts.h"
#include "vqalign/train/report_svg.h"

namespace vqalign {
namespace {

using detail::html_number;
using detail::html_text;

constexpr double kLeft = 60, kTop = 30, kWidth = 380, kHeight = 220, kLegend = 170;
/// Of the kinds of a part, in their order; seen on light and on dark pages.
constexpr std::array<const char*, 8> kColours = {"#4c86c6", "#d9772b", "#3f9a63", "#c9544c",
                                                 "#8f6bc4", "#3aa0a6", "#b8912f", "#8a8f99"};

/// From values to places in the picture.
struct Frame {
  double low = 0, high = 1;
  double x(int64_t severity) const {
    return kLeft + kWidth * static_cast<double>(severity) / static_cast<double>(kMostSeverity);
  }
  double y(double value) const { return kTop + kHeight * (high - value) / (high - low); }
};

std::vector<const RobustnessCurve*> curves_of(const RobustnessResult& result, HarmedPart part) {
  std::vector<const RobustnessCurve*> curves;
  for (const RobustnessCurve& curve : result.curves) {
    if (harmed_part(curve.kind) == part && !curve.points.empty()) curves.push_back(&curve);
  }
  return curves;
}

/// Round numbers that cover all curves.
std::vector<double> value_ticks(const std::vector<const RobustnessCurve*>& curves,
                                const RobustnessPoint& clean, const RobustnessFigure& figure) {
  double low = figure.value(clean), high = low;
  for (const RobustnessCurve* curve : curves) {
    for (const RobustnessPoint& point : curve->points) {
      low = std::min(low, figure.value(point));
      high = std::max(high, figure.value(point));
    }
  }
  return detail::axis_ticks(low, high);
}

std::string drawn_curve(const RobustnessCurve& curve, const RobustnessPoint& clean,
                        const RobustnessFigure& figure, const Frame& frame, const char* colour) {
  std::string points, dots;
  const auto add = [&](const RobustnessPoint& point) {
    const double value = figure.value(point);
    const std::string x = detail::svg_number(frame.x(point.severity));
    const std::string y = detail::svg_number(frame.y(value));
    points += concat(points.empty() ? "" : " ", x, ",", y);
    dots += concat("<circle cx=\"", x, "\" cy=\"", y, "\" r=\"3.5\" fill=\"", colour, "\"><title>",
                   html_text(concat(curve.kind, " ", point.severity, ": ",
                                    html_number(value, figure.decimals))),
                   "</title></circle>");
  };
  add(clean);
  for (const RobustnessPoint& point : curve.points) add(point);
  return concat("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"", colour, "\" points=\"",
                points, "\"/>", dots, "\n");
}

std::string tick_label(const RobustnessFigure& figure, double tick) {
  return html_number(tick, figure.falls ? 1 : 3);
}

}  // namespace

std::string robustness_chart(const RobustnessResult& result, const RobustnessFigure& figure,
                             HarmedPart part) {
  const std::vector<const RobustnessCurve*> curves = curves_of(result, part);
  if (!result.clean || curves.empty()) return {};
  const std::vector<double> ticks = value_ticks(curves, *result.clean, figure);
  const Frame frame{ticks.front(), ticks.back()};
  std::string svg = detail::opening("bars", static_cast<int>(kLeft + kWidth + kLegend),
                                    static_cast<int>(kTop + kHeight + 46),
                                    concat(figure.title, " over severity, ", part_name(part)));
  svg += detail::label("", "start", kLeft, 16, figure.title);
  for (const double tick : ticks) {
    svg += detail::line("grid", kLeft, frame.y(tick), kLeft + kWidth, frame.y(tick));
    svg += detail::label("soft", "end", kLeft - 8, frame.y(tick) + 4, tick_label(figure, tick));
  }
  for (int64_t severity = 0; severity <= kMostSeverity; ++severity) {
    svg += detail::label("soft", "middle", frame.x(severity), kTop + kHeight + 18,
                         std::to_string(severity));
  }
  svg += detail::label("soft", "middle", kLeft + kWidth / 2, kTop + kHeight + 38, "severity");
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const char* colour = kColours[i % kColours.size()];
    const double y = kTop + 6 + 20 * static_cast<double>(i);
    const double x = kLeft + kWidth + 16;
    svg += drawn_curve(*curves[i], *result.clean, figure, frame, colour);
    svg +=
        detail::drawn_line(concat("stroke-width=\"3\" stroke=\"", colour, "\""), x, y, x + 18, y);
    svg += detail::label("", "start", x + 25, y + 4, curves[i]->kind);
  }
  return svg + "</svg>\n";
}

std::string robustness_page(const RobustnessHead& head, const RobustnessResult& result) {
  std::string html = detail::report_head("Robustness of " + head.model);
  html += concat("<p>", detail::html_data(head.data), ", ", detail::html_count(result.questions),
                 " questions, seed ", head.seed);
  if (result.passes > 0) html += concat(", PAvPU and ECE over ", result.passes, " passes");
  html += ". Severity 0 is the dataset as it is.</p>\n";
  const std::vector<RobustnessFigure> figures = robustness_figures(result.passes);
  for (const HarmedPart part :
       {HarmedPart::kPictures, HarmedPart::kFeatures, HarmedPart::kQuestions}) {
    if (curves_of(result, part).empty()) continue;
    html += concat("<h2>Harm to ", part_name(part), "</h2>\n");
    for (const RobustnessFigure& figure : figures) {
      html += "<div class=\"scroll\">" + robustness_chart(result, figure, part) + "</div>\n";
    }
  }
  html += "<h2>Tables</h2>\n";
  for (const RobustnessFigure& figure : figures) {
    html += detail::html_table(robustness_table(result, figure));
  }
  return html + detail::report_foot();
}

}  // namespace vqalign

#include "vqalign/train/experiment/plots.h"

#include <algorithm>
#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/train/report_parts.h"
#include "vqalign/train/report_svg.h"

namespace vqalign {
namespace {

using detail::html_number;
using detail::html_text;

constexpr int kLeast = 150;      ///< left of the axis, for names
constexpr double kLetter = 7.5;  ///< of a name at most, on average
constexpr int kNameGap = 12;
constexpr int kWidth = 420;
constexpr int kRight = 170;
constexpr int kTop = 40;
constexpr int kRowHeight = 30;

// Names of their own, for the plot also stands inside a page with styles. Light colours are
// attributes, for not every program that shows SVG knows style sheets; dark ones go over them.
constexpr const char* kPlotStyle =
    "<style>.plot text{font:12px system-ui,sans-serif}.plot .plot-ink{fill:#1c2330}"
    ".plot .plot-soft{fill:#5b6577}@media(prefers-color-scheme:dark){.plot .plot-ink{fill:#e6e9ef}"
    ".plot .plot-soft{fill:#9aa5b8}.plot-grid{stroke:#343c4a}.plot-dot{fill:#6fa3e0}"
    ".plot-mean,.plot-interval{stroke:#f09a4f}}</style>";

constexpr const char* kInk = "class=\"plot-ink\" fill=\"#1c2330\"";
constexpr const char* kSoft = "class=\"plot-soft\" fill=\"#5b6577\"";
constexpr const char* kGrid = "class=\"plot-grid\" stroke=\"#d9dee7\"";
constexpr const char* kMean = "class=\"plot-mean\" stroke=\"#c25d12\" stroke-width=\"3\"";
constexpr const char* kInterval = "class=\"plot-interval\" stroke=\"#c25d12\" stroke-width=\"2\"";
constexpr const char* kDot = "class=\"plot-dot\" fill=\"#3a6fb0\" fill-opacity=\"0.75\"";

/// From values to places in the picture.
struct Axis {
  double low = 0, high = 1;
  int left = kLeast;
  double x(double value) const { return left + kWidth * (value - low) / (high - low); }
};

std::string plot_text(const char* style, const char* anchor, double x, double y,
                      const std::string& text) {
  return detail::drawn_text(concat(style, " font-family=\"sans-serif\" font-size=\"12\""), anchor,
                            x, y, text);
}

const MeanInterval* interval_of(const SettingSummary& setting, const Figure& figure) {
  const auto found = setting.figures.find(figure.key);
  return found == setting.figures.end() || found->second.count == 0 ? nullptr : &found->second;
}

/// Covers every dot and interval, and leaves room for every name.
Axis axis_of(const std::vector<double>& ticks, const ExperimentSummary& summary) {
  Axis axis{ticks.front(), ticks.back()};
  if (axis.low == axis.high) axis.high = axis.low + 1;
  for (const SettingSummary& setting : summary.settings) {
    const double room = kLetter * static_cast<double>(setting.name.size()) + kNameGap;
    axis.left = std::max(axis.left, static_cast<int>(room));
  }
  return axis;
}

std::vector<double> ticks_of(const Figure& figure, const ExperimentSummary& summary) {
  double low = 1e300, high = -1e300;
  const auto cover = [&](double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  };
  for (const RunRecord& run : summary.runs) {
    const auto found = run.figures.find(figure.key);
    if (found != run.figures.end()) cover(found->second);
  }
  for (const SettingSummary& setting : summary.settings) {
    const MeanInterval* interval = interval_of(setting, figure);
    if (!interval) continue;
    cover(interval->mean - interval->half_width.value_or(0));
    cover(interval->mean + interval->half_width.value_or(0));
  }
  return detail::axis_ticks(low, high);
}

std::string tick_text(const Figure& figure, double tick) {
  if (figure.decimals == 0) return value_text(figure, tick);
  std::string text = html_number(tick, figure.decimals + 1);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string setting_row(const Figure& figure, const ExperimentSummary& summary,
                        const SettingSummary& setting, const Axis& axis, double y) {
  const MeanInterval* interval = interval_of(setting, figure);
  std::string row = plot_text(kInk, "end", axis.left - kNameGap, y + 4, setting.name);
  if (!interval) return "<g>" + row + "</g>\n";
  const std::string told = figure_text(figure, interval);
  if (interval->half_width) {
    row += detail::drawn_line(kInterval, axis.x(interval->mean - *interval->half_width), y,
                              axis.x(interval->mean + *interval->half_width), y);
  }
  row += detail::drawn_line(kMean, axis.x(interval->mean), y - 9, axis.x(interval->mean), y + 9);
  for (const RunRecord& run : summary.runs) {
    const auto found = run.figures.find(figure.key);
    if (run.plan.setting != setting.name || found == run.figures.end()) continue;
    row += concat("<circle ", kDot, " cx=\"", html_number(axis.x(found->second), 1), "\" cy=\"",
                  html_number(y, 1), "\" r=\"4\"><title>seed ", run.plan.seed, ": ",
                  value_text(figure, found->second), "</title></circle>");
  }
  row += plot_text(kSoft, "start", axis.left + kWidth + 14, y + 4, told);
  return "<g><title>" + html_text(setting.name + ": " + told) + "</title>" + row + "</g>\n";
}

}  // namespace

std::string figure_plot(const Figure& figure, const ExperimentSummary& summary) {
  const std::vector<double> ticks = ticks_of(figure, summary);
  const Axis axis = axis_of(ticks, summary);
  const int height = kTop + kRowHeight * static_cast<int>(summary.settings.size()) + 30;
  const int width = axis.left + kWidth + kRight;
  const std::string title = concat(figure.title, ": mean, 95 % interval, seeds");
  std::string svg = concat("<svg class=\"plot\" viewBox=\"0 0 ", width, " ", height, "\" width=\"",
                           width, "\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\"><title>",
                           html_text(title), "</title>\n", kPlotStyle, "\n");
  svg += plot_text(kInk, "start", axis.left, 18, figure.title) + "\n";
  const double floor = height - 26;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const double x = axis.x(ticks[i]);
    svg += detail::drawn_line(kGrid, x, kTop - 8, x, floor);
    // Long numbers would run into each other.
    if (figure.decimals == 0 && i % 2 == 1) continue;
    svg += plot_text(kSoft, "middle", x, floor + 16, tick_text(figure, ticks[i]));
  }
  double y = kTop + kRowHeight / 2.0;
  for (const SettingSummary& setting : summary.settings) {
    svg += setting_row(figure, summary, setting, axis, y);
    y += kRowHeight;
  }
  return svg + "</svg>\n";
}

}  // namespace vqalign

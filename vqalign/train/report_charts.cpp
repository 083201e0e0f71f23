// The report's charts, as SVG inside the page.
#include <algorithm>
#include <cmath>
#include <map>

#include "vqalign/core/error.h"
#include "vqalign/core/unicode.h"
#include "vqalign/train/report_parts.h"

namespace vqalign::detail {
namespace {

constexpr int kRow = 24;
constexpr int kLabels = 210;
constexpr int kPlot = 430;
constexpr int kNumbers = 170;
constexpr int kAccuracies = kLabels + kPlot + 80;

std::string svg_number(double value) {
  return html_number(value, 1);
}

/// So many characters at most.
std::string shortened(const std::string& text, std::size_t most) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    const std::size_t here = i;
    next_code_point(text, i);
    if (count + 1 == most && i < text.size()) return text.substr(0, here) + "\u2026";
  }
  return text;
}

std::vector<ReportBar> bars_of(const EvaluationReport& report,
                               const std::map<std::string, double>& accuracies,
                               const std::map<std::string, double>* priors,
                               std::string Annotation::*type) {
  std::map<std::string, int64_t> counts;
  for (const Annotation& annotation : report.dataset->annotations) ++counts[annotation.*type];
  std::vector<ReportBar> bars;
  for (const auto& [name, accuracy] : accuracies) {
    bars.push_back({name, counts[name], accuracy, priors ? priors->at(name) : -1});
  }
  std::stable_sort(bars.begin(), bars.end(), [](const ReportBar& a, const ReportBar& b) {
    return a.accuracy != b.accuracy ? a.accuracy < b.accuracy : a.questions > b.questions;
  });
  return bars;
}

std::string line(const char* style, double x1, double y1, double x2, double y2) {
  return concat("<line class=\"", style, "\" x1=\"", svg_number(x1), "\" y1=\"", svg_number(y1),
                "\" x2=\"", svg_number(x2), "\" y2=\"", svg_number(y2), "\"/>");
}

std::string rectangle(const char* style, double x, double y, double width, double height) {
  return concat("<rect class=\"", style, "\" x=\"", svg_number(x), "\" y=\"", svg_number(y),
                "\" width=\"", svg_number(width), "\" height=\"", svg_number(height), "\"/>");
}

std::string label(const char* style, const char* anchor, double x, double y,
                  const std::string& text) {
  return concat("<text class=\"", style, "\" text-anchor=\"", anchor, "\" x=\"", svg_number(x),
                "\" y=\"", svg_number(y), "\">", html_text(text), "</text>");
}

std::string opening(const std::string& style, int width, int height, const std::string& title) {
  return concat("<svg class=\"", style, "\" viewBox=\"0 0 ", width, " ", height,
                "\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\"><title>", html_text(title),
                "</title>\n");
}

std::string bar_row(const ReportBar& bar, double top) {
  const double scale = kPlot / 100.0;
  const std::string name = bar.name.empty() ? "(none)" : bar.name;
  std::string told = concat(name, ": ", html_number(bar.accuracy), " % of ", bar.questions);
  if (bar.prior >= 0) told += concat(", prior ", html_number(bar.prior), " %");
  std::string row = "<g><title>" + html_text(told) + "</title>";
  row += label("", "end", kLabels - 10, top + 16, shortened(name, 32));
  row += rectangle("bar", kLabels, top + 4, scale * bar.accuracy, kRow - 8);
  if (bar.prior >= 0) {
    const double at = kLabels + scale * bar.prior;
    row += line("halo", at, top + 2, at, top + kRow - 2);
    row += line("prior", at, top + 2, at, top + kRow - 2);
  }
  row += label("", "end", kAccuracies, top + 16, html_number(bar.accuracy));
  row += label("soft", "end", kLabels + kPlot + kNumbers - 5, top + 16, html_count(bar.questions));
  return row + "</g>\n";
}

struct Bin {
  int64_t count = 0;
  double confidence = 0;  ///< sums
  double accuracy = 0;
};

/// As expected_calibration_error() bins: (i / n, (i + 1) / n], the first one with its lower end.
std::vector<Bin> bins_of(const std::vector<double>& confidences,
                         const std::vector<double>& accuracies) {
  constexpr int kBins = 15;
  std::vector<Bin> bins(kBins);
  for (std::size_t i = 0; i < confidences.size(); ++i) {
    const int at = static_cast<int>(std::ceil(confidences[i] * kBins)) - 1;
    Bin& bin = bins[static_cast<std::size_t>(std::clamp(at, 0, kBins - 1))];
    ++bin.count;
    bin.confidence += confidences[i];
    bin.accuracy += accuracies[i];
  }
  return bins;
}

}  // namespace

std::vector<ReportBar> answer_type_bars(const EvaluationReport& report) {
  return bars_of(report, report.score->shown_answer_types(),
                 report.prior ? &report.prior->score.shown_answer_types() : nullptr,
                 &Annotation::answer_type);
}

std::vector<ReportBar> question_type_bars(const EvaluationReport& report) {
  return bars_of(report, report.score->shown_question_types(),
                 report.prior ? &report.prior->score.shown_question_types() : nullptr,
                 &Annotation::question_type);
}

std::string bar_chart(const std::vector<ReportBar>& bars, const std::string& title) {
  const int head = 24;
  const int height = head + kRow * static_cast<int>(bars.size()) + 6;
  std::string svg = "<div class=\"scroll\">\n";
  svg += opening("bars", kLabels + kPlot + kNumbers, height, title);
  svg += label("soft", "end", kAccuracies, 15, "accuracy");
  svg += label("soft", "end", kLabels + kPlot + kNumbers - 5, 15, "questions");
  for (const int percent : {0, 25, 50, 75, 100}) {
    const double x = kLabels + kPlot * percent / 100.0;
    svg += line("grid", x, head - 4, x, height - 4);
    svg += label("soft", "middle", x, 15, std::to_string(percent));
  }
  for (std::size_t i = 0; i < bars.size(); ++i) {
    svg += bar_row(bars[i], head + kRow * static_cast<double>(i));
  }
  return svg + "</svg></div>\n";
}

std::string reliability_diagram(const std::vector<double>& confidences,
                                const std::vector<double>& accuracies) {
  constexpr double kLeft = 46, kTop = 12, kSide = 300, kCounts = 50, kGap = 14;
  const std::vector<Bin> bins = bins_of(confidences, accuracies);
  int64_t most = 1;
  for (const Bin& bin : bins) most = std::max(most, bin.count);
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
    const Bin& bin = bins[i];
    if (bin.count == 0) continue;
    const auto count = static_cast<double>(bin.count);
    const double x = kLeft + step * static_cast<double>(i) + 1;
    const double high = kSide * bin.accuracy / count;
    const double share = kCounts * count / static_cast<double>(most);
    svg += "<g><title>" +
           html_text(concat(bin.count, " answers: confidence ",
                            html_number(100 * bin.confidence / count), " %, accuracy ",
                            html_number(100 * bin.accuracy / count), " %")) +
           "</title>";
    svg += rectangle("bar", x, kTop + kSide - high, step - 2, high);
    svg += rectangle("count", x, floor - share, step - 2, share) + "</g>\n";
  }
  svg += line("ideal", kLeft, kTop + kSide, kLeft + kSide, kTop);
  svg += label("soft", "middle", kLeft + kSide / 2, floor + 36,
               "confidence in %; below the bars how many answers have it");
  svg += concat("<text class=\"soft\" text-anchor=\"middle\" transform=\"translate(14 ",
                svg_number(kTop + kSide / 2), ") rotate(-90)\">accuracy in %</text>");
  return svg + "</svg>\n";
}

}  // namespace vqalign::detail

// The report's bar charts, as SVG inside the page.
#include <algorithm>
#include <map>

#include "vqalign/core/error.h"
#include "vqalign/core/unicode.h"
#include "vqalign/train/report_parts.h"
#include "vqalign/train/report_svg.h"

namespace vqalign::detail {
namespace {

constexpr int kRow = 24;
constexpr int kLabels = 210;
constexpr int kPlot = 430;
constexpr int kNumbers = 170;
constexpr int kAccuracies = kLabels + kPlot + 80;

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

std::string bar_row(const ReportBar& bar, const BarNames& names, double top) {
  const double scale = kPlot / 100.0;
  const std::string name = bar.name.empty() ? "(none)" : bar.name;
  std::string told = concat(name, ": ", html_number(bar.accuracy), " % of ", bar.questions);
  if (bar.prior >= 0) told += concat(", ", names.mark, " ", html_number(bar.prior), " %");
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

std::string bar_chart(const std::vector<ReportBar>& bars, const std::string& title,
                      const BarNames& names) {
  const int head = 24;
  const int height = head + kRow * static_cast<int>(bars.size()) + 6;
  std::string svg = "<div class=\"scroll\">\n";
  svg += opening("bars", kLabels + kPlot + kNumbers, height, title);
  svg += label("soft", "end", kAccuracies, 15, names.bar);
  svg += label("soft", "end", kLabels + kPlot + kNumbers - 5, 15, "questions");
  for (const int percent : {0, 25, 50, 75, 100}) {
    const double x = kLabels + kPlot * percent / 100.0;
    svg += line("grid", x, head - 4, x, height - 4);
    svg += label("soft", "middle", x, 15, std::to_string(percent));
  }
  for (std::size_t i = 0; i < bars.size(); ++i) {
    svg += bar_row(bars[i], names, head + kRow * static_cast<double>(i));
  }
  return svg + "</svg></div>\n";
}

}  // namespace vqalign::detail

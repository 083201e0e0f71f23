#include "vqalign/train/evaluation_report.h"

#include <cassert>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/calibration.h"
#include "vqalign/core/error.h"
#include "vqalign/train/report_parts.h"

namespace vqalign {
namespace {

using detail::html_count;
using detail::html_data;
using detail::html_number;

std::string tile(const std::string& value, const std::string& what) {
  return "<div class=\"tile\"><b>" + value + "</b><span>" + what + "</span></div>\n";
}

std::string tiles(const EvaluationReport& report, std::size_t wrong) {
  const Score& score = *report.score;
  std::string html = "<div class=\"tiles\">\n";
  html += tile(html_number(score.overall) + " %", "official accuracy");
  if (score.exact_match) html += tile(html_number(*score.exact_match) + " %", "exact match");
  if (report.prior) {
    html += tile(html_number(report.prior->score.shown_overall()) + " %",
                 "without the picture (prior of " + html_data(report.prior->split) + ")");
  }
  html += tile(html_count(score.questions), "questions");
  html += tile(html_count(static_cast<int64_t>(wrong)), "answered wrongly");
  const double error = expected_calibration_error(*report.confidences, score.shown_accuracies());
  html += tile(html_number(error, 4), "calibration error (ECE)");
  html += tile(html_number(report.loss, 4), "loss");
  html += tile(html_number(100 * report.outside_answer_list) + " %",
               "of questions have no answer in the model's list");
  return html + "</div>\n";
}

std::string bars_section(const EvaluationReport& report) {
  std::string html = "<h2>Answer types</h2>\n<p>";
  html += report.score->only_exact() ? "Exact matches" : "Accuracy";
  html += " in percent, the worst first.";
  if (report.prior) {
    html +=
        " The upright mark is the prior: the best answer to the exact question text, learned "
        "from " +
        html_data(report.prior->split) +
        ", where a new text falls back on its question type. What lies under it is known "
        "without looking.";
  }
  html += "</p>\n" + detail::bar_chart(detail::answer_type_bars(report), "Accuracy by answer type");
  html += "<h2>Question types</h2>\n" +
          detail::bar_chart(detail::question_type_bars(report), "Accuracy by question type");
  return html;
}

std::string calibration_figures_text(const std::vector<double>& confidences,
                                     const std::vector<double>& accuracies) {
  const CalibrationFigures figures = calibration_figures(confidences, accuracies);
  return "Calibration error " + html_number(figures.ece, 4) + ", with bins of equal counts " +
         html_number(figures.ece_adaptive, 4) + "; Brier score " + html_number(figures.brier, 4) +
         ", negative log-likelihood " + html_number(figures.nll, 4) +
         "; right answers ranked before wrong ones (AUROC) " +
         (figures.auroc ? html_number(*figures.auroc, 4)
                        : "is not defined, as none or all are right") +
         ", area under risk against coverage (AURC) " + html_number(figures.aurc, 4) + ".";
}

std::string calibration_section(const EvaluationReport& report) {
  const std::vector<double> accuracies = report.score->shown_accuracies();
  std::string html =
      "<h2>Confidence</h2>\n<p>How often answers of a confidence are right. On the dashed line "
      "they are right as often as they claim; below it they claim too much. Beside it: how many "
      "of the answers are wrong when only the most confident are given.</p>\n";
  html += "<p>" + calibration_figures_text(*report.confidences, accuracies) + "</p>\n";
  html += detail::confidence_charts(*report.confidences, accuracies);
  if (!report.passes) return html;
  const MeasuredPasses& passes = *report.passes;
  html +=
      concat("<h2>Confidence over ", html_count(passes.count), " passes with dropout</h2>\n<p>");
  html += "PAvPU " + html_number(passes.pavpu) + " %. " +
          calibration_figures_text(passes.confidences, passes.accuracies) + "</p>\n";
  return html + detail::confidence_charts(passes.confidences, passes.accuracies);
}

std::string mistakes_section(const EvaluationReport& report, const std::vector<std::size_t>& wrong,
                             Progress& progress, const CancelToken& cancel) {
  if (wrong.empty()) return "<h2>Wrong answers</h2>\n<p>None.</p>\n";
  std::string html =
      "<h2>Most frequent mistakes</h2>\n" + detail::confusion_table(report, wrong) +
      "<h2>Wrong answers</h2>\n<p>An answer is wrong with an official accuracy below one half";
  if (report.score->exact_match)
    html += ", or without an exact match where there are not ten answers";
  html += wrong.size() > detail::kMostCards
              ? concat(". The ", detail::kMostCards, " most confident of ",
                       html_count(static_cast<int64_t>(wrong.size())), ":")
              : std::string(". The most confident come first.");
  return html + "</p>\n" + detail::gallery(report, wrong, progress, cancel);
}

}  // namespace

void write_evaluation_report(const std::filesystem::path& path, const EvaluationReport& report,
                             Progress& progress, const CancelToken& cancel) {
  assert(report.answers->size() == report.dataset->annotations.size());
  assert(report.confidences->size() == report.answers->size());
  const std::vector<std::size_t> wrong = detail::wrong_answers(report);
  AtomicFile file(path);
  file.write(detail::report_head(report.model + " on " + report.dataset->name));
  file.write(tiles(report, wrong.size()));
  file.write(bars_section(report));
  file.write(calibration_section(report));
  file.write(mistakes_section(report, wrong, progress, cancel));
  file.write(detail::report_foot());
  file.commit();
}

}  // namespace vqalign

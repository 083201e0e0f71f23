#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/train/evaluation_report.h"
#include "vqalign/train/text_table.h"

namespace vqalign::detail {

/// Text of the data as HTML shows it: &, <, >, quotes escaped, control characters as spaces, bytes
/// that are no UTF-8 as U+FFFD.
std::string html_text(std::string_view text);
/// The same, set apart from what stands around it whichever way its script runs.
std::string html_data(std::string_view text);
/// "61.42"
std::string html_number(double value, int decimals = 2);
/// "5,000"
std::string html_count(int64_t count);

/// A table; the first column is text, the others are numbers.
std::string html_table(const TextTable& table);

/// The page up to its body, and from the body's end on.
std::string report_head(const std::string& title);
std::string report_foot();

/// One row of a bar chart.
struct ReportBar {
  std::string name;
  int64_t questions = 0;
  double accuracy = 0;  ///< percent
  double prior = -1;    ///< percent; below 0: none
};

/// The rows of each kind of type, the lowest accuracy first.
std::vector<ReportBar> answer_type_bars(const EvaluationReport& report);
std::vector<ReportBar> question_type_bars(const EvaluationReport& report);

/// What the numbers of a bar chart are: the bar's, the upright mark's.
struct BarNames {
  const char* bar = "accuracy";
  const char* mark = "prior";
};

/// SVG elements.
std::string bar_chart(const std::vector<ReportBar>& bars, const std::string& title,
                      const BarNames& names = {});
std::string reliability_diagram(const std::vector<double>& confidences,
                                const std::vector<double>& accuracies);

/// At every coverage, how many answers are wrong when only the most confident are given.
std::string risk_coverage_chart(const std::vector<double>& confidences,
                                const std::vector<double>& accuracies);
/// Both side by side.
std::string confidence_charts(const std::vector<double>& confidences,
                              const std::vector<double>& accuracies);

constexpr std::size_t kMostCards = 200;  ///< in the gallery

/// The questions answered wrongly, the most confident first, ties in the dataset's order.
std::vector<std::size_t> wrong_answers(const EvaluationReport& report);
/// A table of the most frequent pairs of what people say and what was answered.
std::string confusion_table(const EvaluationReport& report, const std::vector<std::size_t>& wrong);
std::string gallery(const EvaluationReport& report, const std::vector<std::size_t>& wrong,
                    Progress& progress, const CancelToken& cancel);

/// A picture as a data URI of a small JPEG; empty when it cannot be read.
std::string thumbnail_uri(const std::filesystem::path& picture);

}  // namespace vqalign::detail

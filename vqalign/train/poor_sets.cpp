#include "vqalign/train/poor_sets.h"

#include <algorithm>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"

namespace vqalign {

std::string few_questions_line(const std::string& data, int64_t questions) {
  if (questions == 0 || questions >= kFewestQuestions) return {};
  return concat(data, " has ", questions, questions == 1 ? " question" : " questions",
                ": accuracy, calibration and certainty of fewer than ", kFewestQuestions,
                " say little");
}

std::string one_answer_line(int64_t answers, int64_t passes) {
  if (answers != 1) return {};
  return concat("the model knows a single answer and gives it to every question",
                passes == 0 ? ""
                            : ": passes have no other to compare it with, none counts as certain, "
                              "and PAvPU tells its errors alone");
}

std::string undivided_line(const std::string& data, std::span<const double> accuracies,
                           double outside_answer_list) {
  const auto all = [accuracies](double value) {
    return std::all_of(accuracies.begin(), accuracies.end(),
                       [value](double accuracy) { return accuracy == value; });
  };
  if (accuracies.empty() || !(all(0) || all(1))) return {};
  const char* reason = outside_answer_list == 1 && all(0)
                           ? ", as no question has an answer that the model knows"
                           : "";
  const std::string told = accuracies.size() == 1
                               ? concat("the only answer is ", all(1) ? "right" : "wrong")
                               : concat(all(1) ? "all" : "none", " of the ", accuracies.size(),
                                        " answers ", all(1) ? "are" : "is", " right");
  return concat(data, ": ", told, reason, ": nothing tells right from wrong, AUROC is not defined");
}

void warn_with(std::initializer_list<std::string> lines) {
  for (const std::string& line : lines) {
    if (!line.empty()) log_warning(line);
  }
}

}  // namespace vqalign

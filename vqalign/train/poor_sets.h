#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace vqalign {

// What a model or a set of questions is too poor to tell, for those who are shown its figures: one
// line each, empty where there is nothing to say.

/// Of fewer questions no temperature is fitted, and their figures are warned of.
inline constexpr int64_t kFewestQuestions = 10;

/// Of `data` with fewer than kFewestQuestions, but with some.
std::string few_questions_line(const std::string& data, int64_t questions);

/// Of a model that knows so many answers, where it is one; with passes none counts as certain.
std::string one_answer_line(int64_t answers, int64_t passes);

/// Where none of the answers to the questions of `data` is right, or all are (auroc() of
/// core/calibration.h is not defined); accuracies in 0 to 1. `outside_answer_list` is the share of
/// questions none of whose answers the model knows: where it is all, it is the reason.
std::string undivided_line(const std::string& data, std::span<const double> accuracies,
                           double outside_answer_list);

/// Warns with each that is not empty.
void warn_with(std::initializer_list<std::string> lines);

}  // namespace vqalign

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vqalign {

/// What a model made of every question of a split, parallel lists in the dataset's order.
struct QuestionVerdicts {
  std::vector<int64_t> question_ids;
  std::vector<double> accuracies;  ///< of the answer without dropout, 0..1 (exact matches as 0, 1)
  // Of repeated passes with dropout; all three are empty where there were none.
  std::vector<double> confidences;      ///< mean probability of the answer with the highest one
  std::vector<double> pass_accuracies;  ///< that answer's official accuracy
  std::vector<double> p_values;         ///< of Welch's test against the second answer
  std::string model_sha256 = {};        ///< of the model file, 64 hex digits; empty: not told
};

/// As a NumPy .npz: question_id int64, accuracy, confidence, pass_accuracy, p_value float64, [N]
/// each, the last three only where there are some; model_sha256 <U64 [1]
/// where it is told. Nothing is rounded. Atomic.
void write_verdicts(const std::filesystem::path& path, const QuestionVerdicts& verdicts);

/// Reads it. Error naming the file where it is unreadable, lacks an array, or has arrays of
/// different lengths or with values that are no numbers of 0..1.
QuestionVerdicts read_verdicts(const std::filesystem::path& path);

}  // namespace vqalign

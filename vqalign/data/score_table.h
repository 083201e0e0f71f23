#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/data/accuracy.h"

namespace vqalign {

/// Everything that scoring a results file involves; predictions and accuracies are parallel to the
/// annotations.
struct ScoredFiles {
  std::vector<Annotation> annotations;
  std::vector<std::string> predictions;
  Score score;
};

/// Reads the three files (in parallel) and scores the results. Error naming the file and the place
/// when one is unreadable or their ids do not match: results and annotations exactly, annotations
/// and questions as match_annotations() says. `threads` as in score_results().
ScoredFiles score_files(const std::filesystem::path& questions,
                        const std::filesystem::path& annotations,
                        const std::filesystem::path& results, Metric metric, int threads = 0);

/// One row a question: question_id, question_type, answer_type, prediction, most_common_answer and
/// accuracy (in percent, two decimals), under a header of these names. CSV after RFC 4180, with
/// line feeds; written atomically. `predictions` and `score.accuracies` are parallel to
/// `annotations`.
void write_score_table(const std::filesystem::path& path,
                       const std::vector<Annotation>& annotations,
                       const std::vector<std::string>& predictions, const Score& score);

}  // namespace vqalign

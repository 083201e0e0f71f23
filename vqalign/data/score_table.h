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

/// One results file among those that are compared.
struct ScoredResults {
  std::filesystem::path file;
  std::vector<std::string> predictions;  ///< parallel to the annotations, as is the score
  Score score;
};

/// Two of the compared files, by their places in the list.
struct ScoredPair {
  std::size_t first = 0;
  std::size_t second = 0;
  int64_t same = 0;         ///< questions that both answer alike, once normalised
  int64_t only_first = 0;   ///< questions that the first alone has right
  int64_t only_second = 0;  ///< and the second alone
};

/// Several results files over the same questions; what is right says is_right().
struct ComparedFiles {
  std::vector<Annotation> annotations;
  std::vector<ScoredResults> results;  ///< in the order given
  std::vector<ScoredPair> pairs;       ///< every two of them
  std::vector<uint8_t> disagree;       ///< 1 where some files are right and others wrong

  int64_t disagreements() const;
};

/// The same of one or more results files. UsageError when one is named twice.
ComparedFiles compare_files(const std::filesystem::path& questions,
                            const std::filesystem::path& annotations,
                            const std::vector<std::filesystem::path>& results, Metric metric,
                            int threads = 0);

/// What people tell the files apart by: their names without the ending, or, where two have the same
/// one, the paths as they were given.
std::vector<std::string> result_labels(const std::vector<ScoredResults>& results);

/// One row a question: question_id, question_type, answer_type, prediction, most_common_answer and
/// accuracy (in percent, two decimals), and exact_match (0 or 1) where the score has it, under a
/// header of these names. CSV after RFC 4180, with line feeds; written atomically. `predictions`
/// and `score.accuracies` are parallel to `annotations`.
void write_score_table(const std::filesystem::path& path,
                       const std::vector<Annotation>& annotations,
                       const std::vector<std::string>& predictions, const Score& score);

/// The same of several: question_id, question_type, answer_type, most_common_answer, for each file
/// "prediction LABEL", "accuracy LABEL" and, where there is one, "exact_match LABEL", then disagree
/// (0 or 1).
void write_comparison_table(const std::filesystem::path& path, const ComparedFiles& compared);

}  // namespace vqalign

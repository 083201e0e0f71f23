#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/data/dataset.h"
#include "vqalign/gui/browser/text_pool.h"

namespace vqalign {

/// One question of a split with what is known of it. Texts are codes of the RecordSet's pools,
/// TextPool::kEmpty where there is none.
struct Record {
  int64_t question_id = 0;
  int64_t image_id = 0;
  TextPool::Code question = TextPool::kEmpty;       ///< of RecordSet::questions
  TextPool::Code truth = TextPool::kEmpty;          ///< the most frequent answer, of `answers`
  TextPool::Code answer = TextPool::kEmpty;         ///< the predicted one, of `answers`
  TextPool::Code answer_type = TextPool::kEmpty;    ///< of `types`
  TextPool::Code question_type = TextPool::kEmpty;  ///< of `types`
  double confidence = -1;                           ///< 0 to 1; -1: not known
  double accuracy = -1;                             ///< official, 0 to 1; -1: not known
};

/// What is to be told of one row: an answer, or why there is none.
struct RecordAnswer {
  std::size_t row = 0;
  std::string answer = {};
  double confidence = -1;
  double accuracy = -1;
  std::string problem = {};  ///< empty when it was answered
};

/// The questions of one split as a table, without any widget. Not copied: it may be large.
struct RecordSet {
  std::shared_ptr<const Dataset> dataset = std::make_shared<Dataset>();
  TextPool questions, answers, types;
  std::vector<Record> rows;                     ///< in the order of dataset->questions
  std::vector<std::string> answer_types;        ///< those that occur, sorted
  std::vector<std::string> question_types;      ///< those that occur, sorted
  std::map<std::size_t, std::string> problems;  ///< rows that could not be answered
  std::string notice;                           ///< what people should know of it; mostly empty

  void apply(const RecordAnswer& answer);
  void clear_answers();
  /// nullptr when the question's picture is missing.
  const std::filesystem::path* picture(std::size_t row) const;
  /// Every question about the picture of that row, in file order.
  std::vector<std::string> questions_about(std::size_t row) const;
};

/// The official accuracy of an answer to dataset.questions[row]; -1 without annotations.
double accuracy_of(const Dataset& dataset, std::size_t row, const std::string& answer);

/// Reads the answers of a results file ([{"question_id", "answer"}, ...]) to the questions of a
/// dataset. Questions without an answer are fine, of two answers the last counts; Error when the
/// file is malformed, holds no answer, or answers questions that the dataset does not have (naming
/// the file, one such question and how many there are).
std::vector<RecordAnswer> load_results(const Dataset& dataset, const std::filesystem::path& results,
                                       const CancelToken& cancel);

/// Reads one split with its annotations, where it has some, and the results, unless that path is
/// empty. A picture that is missing is no error here, but noted in `notice`. Error as
/// read_questions(), match_annotations() and load_results() say, when the split has no question,
/// and UsageError when the source names several splits.
RecordSet load_records(const DataSource& source, const std::filesystem::path& results,
                       const CancelToken& cancel);

}  // namespace vqalign

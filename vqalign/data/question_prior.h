#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "vqalign/data/accuracy.h"
#include "vqalign/data/dataset.h"

namespace vqalign {

/// What can be answered without looking at the picture: for each exact question text of a training
/// split the answer that scores best over its questions, by the sum of the soft targets, ties by
/// first appearance. A text that was never asked gets the best answer of its question type, a type
/// that was never seen the best of all. A model that does not beat it has learned nothing from
/// pictures.
class QuestionPrior {
 public:
  /// Annotations are found by question_id; questions without one are passed over.
  QuestionPrior(const std::vector<Question>& questions, const std::vector<Annotation>& annotations);

  /// Empty when nothing was learned from.
  const std::string& answer(const std::string& question, const std::string& question_type) const;
  /// The answers to all questions, whose annotations are parallel.
  std::vector<std::string> answers(const std::vector<Question>& questions,
                                   const std::vector<Annotation>& annotations) const;

  int64_t texts() const { return static_cast<int64_t>(by_text_.size()); }

 private:
  using Choices = std::unordered_map<std::string, std::string>;
  Choices by_text_;
  Choices by_type_;
  std::string overall_;
};

/// How far the prior of one split gets on another.
struct PriorScore {
  std::string split;  ///< what it was learned from
  Score score;
  int64_t texts = 0;  ///< distinct questions there; 0: nothing was learned
};

/// Learns from the files of `from` and answers the questions of `dataset`, which has annotations.
/// Error as of read_questions() and read_annotations(), and when `from` has no annotations.
PriorScore score_prior(const SplitPaths& from, const Dataset& dataset, int threads = 0);

}  // namespace vqalign

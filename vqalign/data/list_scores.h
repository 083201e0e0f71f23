#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/data/accuracy.h"
#include "vqalign/data/answers.h"
#include "vqalign/data/per_question.h"

namespace vqalign {

/// The official accuracies of a list's answers for many questions, in a fraction of the memory that
/// their annotations take. Where every question has a single answer, for which the official
/// accuracy is always 0, they are exact matches, as in Score::shown_accuracies().
class ListScores {
 public:
  ListScores() = default;
  ListScores(const std::vector<Annotation>& annotations, const AnswerList& list);

  std::size_t size() const { return above_zero_.size(); }
  /// Whether they are exact matches.
  bool only_exact() const { return only_exact_; }
  /// question_accuracy() of the list's answer of that index, or whether it matches exactly.
  double accuracy(std::size_t question, int64_t answer) const;
  /// The overall score of predictions that are all on the list.
  double overall(const std::vector<std::string>& predictions, const AnswerList& list) const;

 private:
  struct Entry {
    double accuracy = 0;
    int64_t answer = 0;
  };

  detail::PerQuestion<Entry> above_zero_;
  bool only_exact_ = false;
};

}  // namespace vqalign

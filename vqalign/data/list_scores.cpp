#include "vqalign/data/list_scores.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <unordered_map>

namespace vqalign {

ListScores::ListScores(const std::vector<Annotation>& annotations, const AnswerList& list) {
  std::unordered_map<std::string, std::vector<int64_t>> alike;
  for (std::size_t i = 0; i < list.size(); ++i) {
    alike[comparable_answer(list.answers()[i])].push_back(static_cast<int64_t>(i));
  }
  only_exact_ = !annotations.empty() &&
                std::all_of(annotations.begin(), annotations.end(),
                            [](const Annotation& truth) { return truth.answers.size() == 1; });
  above_zero_ = {annotations.size(), [&](std::size_t question, std::vector<Entry>& entries) {
                   const Annotation& truth = annotations[question];
                   std::set<int64_t> possible;
                   for (const AnswerRecord& record : truth.answers) {
                     const auto found = alike.find(comparable_answer(record.answer));
                     if (found == alike.end()) continue;
                     possible.insert(found->second.begin(), found->second.end());
                   }
                   for (const int64_t answer : possible) {
                     const std::string& text = list.answers()[static_cast<std::size_t>(answer)];
                     const double accuracy =
                         only_exact_ ? double(is_exact_match(text, truth))
                                     : question_accuracy(text, truth, Metric::kOfficial);
                     if (accuracy > 0) entries.push_back({accuracy, answer});
                   }
                 }};
}

double ListScores::accuracy(std::size_t question, int64_t answer) const {
  for (const Entry& entry : above_zero_[question]) {
    if (entry.answer == answer) return entry.accuracy;
  }
  return 0;
}

double ListScores::overall(const std::vector<std::string>& predictions,
                           const AnswerList& list) const {
  assert(predictions.size() == size());
  std::vector<double> accuracies;
  accuracies.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) {
    accuracies.push_back(accuracy(i, list.find(predictions[i])));
  }
  return mean_percent(accuracies);
}

}  // namespace vqalign

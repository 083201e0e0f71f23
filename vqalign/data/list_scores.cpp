#include "vqalign/data/list_scores.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <unordered_map>

#include "vqalign/data/parallel.h"

namespace vqalign {

ListScores::ListScores(const std::vector<Annotation>& annotations, const AnswerList& list)
    : ends_(annotations.size()) {
  std::unordered_map<std::string, std::vector<int64_t>> alike;
  for (std::size_t i = 0; i < list.size(); ++i) {
    alike[comparable_answer(list.answers()[i])].push_back(static_cast<int64_t>(i));
  }
  std::mutex mutex;
  std::map<std::size_t, std::vector<Entry>> parts;
  detail::parallel_ranges(annotations.size(), 0, [&](std::size_t begin, std::size_t end) {
    std::vector<Entry> part;
    for (std::size_t i = begin; i < end; ++i) {
      std::set<int64_t> possible;
      for (const AnswerRecord& record : annotations[i].answers) {
        const auto found = alike.find(comparable_answer(record.answer));
        if (found != alike.end()) possible.insert(found->second.begin(), found->second.end());
      }
      const std::size_t before = part.size();
      for (const int64_t answer : possible) {
        const std::string& text = list.answers()[static_cast<std::size_t>(answer)];
        const double accuracy = question_accuracy(text, annotations[i], Metric::kOfficial);
        if (accuracy > 0) part.push_back({accuracy, answer});
      }
      ends_[i] = part.size() - before;
    }
    const std::lock_guard lock(mutex);
    parts[begin] = std::move(part);
  });
  std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
  if (!ends_.empty()) entries_.reserve(ends_.back());
  for (const auto& [begin, part] : parts) entries_.insert(entries_.end(), part.begin(), part.end());
}

double ListScores::accuracy(std::size_t question, int64_t answer) const {
  const std::size_t begin = question == 0 ? 0 : ends_[question - 1];
  for (std::size_t i = begin; i < ends_[question]; ++i) {
    if (entries_[i].answer == answer) return entries_[i].accuracy;
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

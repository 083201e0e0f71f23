#include "vqalign/data/question_prior.h"

#include <algorithm>
#include <cassert>
#include <future>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

/// Numbers answers in the order of their first appearance; every spelling is normalised once.
class AnswerNumbers {
 public:
  std::size_t number(const std::string& answer) {
    const auto known = by_spelling_.find(answer);
    if (known != by_spelling_.end()) return known->second;
    std::string plain = normalise_answer(answer);
    const auto [place, fresh] = numbers_.emplace(plain, answers_.size());
    if (fresh) answers_.push_back(std::move(plain));
    return by_spelling_[answer] = place->second;
  }
  const std::string& answer(std::size_t number) const { return answers_[number]; }

 private:
  std::unordered_map<std::string, std::size_t> by_spelling_;
  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<std::string> answers_;
};

/// Sums of soft targets in millionths, so that no order of adding matters.
using Votes = std::unordered_map<std::size_t, int64_t>;

Votes votes_of(const Annotation& annotation, AnswerNumbers& numbers) {
  Votes votes;
  for (const AnswerRecord& record : annotation.answers) ++votes[numbers.number(record.answer)];
  const auto all = static_cast<int64_t>(annotation.answers.size());
  for (auto& [answer, count] : votes) count = std::min<int64_t>(1'000'000, 3'000'000 * count / all);
  return votes;
}

void add(Votes& to, const Votes& from) {
  for (const auto& [answer, score] : from) to[answer] += score;
}

std::string best_of(const Votes& votes, const AnswerNumbers& numbers) {
  const auto best = std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second < b.second : a.first > b.first;
  });
  return best == votes.end() ? std::string() : numbers.answer(best->first);
}

}  // namespace

QuestionPrior::QuestionPrior(const std::vector<Question>& questions,
                             const std::vector<Annotation>& annotations) {
  std::unordered_map<int64_t, const Annotation*> by_id;
  by_id.reserve(annotations.size());
  for (const Annotation& annotation : annotations) by_id[annotation.question_id] = &annotation;
  AnswerNumbers numbers;
  std::unordered_map<std::string, Votes> by_text, by_type;
  Votes all;
  for (const Question& question : questions) {
    const auto found = by_id.find(question.question_id);
    if (found == by_id.end()) continue;
    const Votes votes = votes_of(*found->second, numbers);
    add(by_text[question.question], votes);
    add(by_type[found->second->question_type], votes);
    add(all, votes);
  }
  for (const auto& [text, votes] : by_text) by_text_[text] = best_of(votes, numbers);
  for (const auto& [type, votes] : by_type) by_type_[type] = best_of(votes, numbers);
  overall_ = best_of(all, numbers);
}

const std::string& QuestionPrior::answer(const std::string& question,
                                         const std::string& question_type) const {
  const auto text = by_text_.find(question);
  if (text != by_text_.end()) return text->second;
  const auto type = by_type_.find(question_type);
  return type == by_type_.end() ? overall_ : type->second;
}

std::vector<std::string> QuestionPrior::answers(const std::vector<Question>& questions,
                                                const std::vector<Annotation>& annotations) const {
  assert(questions.size() == annotations.size());
  std::vector<std::string> result;
  result.reserve(questions.size());
  for (std::size_t i = 0; i < questions.size(); ++i) {
    result.push_back(answer(questions[i].question, annotations[i].question_type));
  }
  return result;
}

PriorScore score_prior(const SplitPaths& from, const Dataset& dataset, int threads) {
  if (from.annotations.empty()) {
    fail(from.questions.string(), ": has no annotations beside it to learn a prior from");
  }
  auto reading = std::async(std::launch::async, [&] { return read_annotations(from.annotations); });
  const std::vector<Question> questions = read_questions(from.questions);
  const QuestionPrior prior(questions, reading.get());
  return {from.subset,
          score_predictions(prior.answers(dataset.questions, dataset.annotations),
                            dataset.annotations, Metric::kOfficial, threads),
          prior.texts()};
}

}  // namespace vqalign

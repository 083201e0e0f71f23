#include "vqalign/data/accuracy.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <tuple>
#include <unordered_map>

#include "vqalign/core/error.h"
#include "vqalign/core/unicode.h"
#include "vqalign/data/id_index.h"
#include "vqalign/data/parallel.h"

namespace vqalign {
namespace {

/// Step 1 of the evaluator: line feeds and tabs become spaces, the ends are stripped.
std::string clean(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '\n', ' ');
  std::replace(spaced.begin(), spaced.end(), '\t', ' ');
  return std::string(strip(spaced));
}

/// The answers of one question, each spelling once: most people agree, and all the work is on text.
struct Spellings {
  std::vector<std::string> texts;
  std::vector<std::size_t> of_answer;  ///< which of them each answer is
};

Spellings spellings_of(const Annotation& truth) {
  // Of many only some are compared with, lest a question of very many answers take forever; what is
  // there twice does no harm.
  constexpr std::size_t kCompared = 16;
  Spellings found;
  found.of_answer.reserve(truth.answers.size());
  for (const AnswerRecord& record : truth.answers) {
    const auto end = found.texts.begin() + std::min(found.texts.size(), kCompared);
    const auto place = std::find(found.texts.begin(), end, record.answer);
    const bool fresh = place == end;
    found.of_answer.push_back(fresh ? found.texts.size() : place - found.texts.begin());
    if (fresh) found.texts.push_back(record.answer);
  }
  return found;
}

/// Which answers are, as the evaluator finally compares them, the predicted one.
std::vector<bool> matches_of(std::string_view given, const Annotation& truth, Metric metric) {
  const bool official = metric == Metric::kOfficial;
  Spellings answers = spellings_of(truth);
  std::string prediction = clean(given);
  if (official) {
    for (std::string& text : answers.texts) text = clean(text);
  }
  const bool differ =
      std::any_of(answers.texts.begin(), answers.texts.end(),
                  [&](const std::string& text) { return text != answers.texts.front(); });
  // Identical answers are left as they are, so that what people read off a picture stays exact.
  if (differ) {
    for (std::string& text : answers.texts) {
      text = official ? normalise_answer(text) : process_punctuation(text);
    }
  }
  if (differ || !official) prediction = normalise_answer(prediction);
  std::vector<bool> same;
  for (const std::string& text : answers.texts) same.push_back(text == prediction);
  std::vector<bool> matches;
  matches.reserve(answers.of_answer.size());
  for (const std::size_t spelling : answers.of_answer) matches.push_back(same[spelling]);
  return matches;
}

/// What, besides the answer, the evaluator compares when it sets a record apart from the others.
auto identity(const AnswerRecord* record) {
  return std::tie(record->answer_id, record->confidence);
}

struct ByIdentity {
  bool operator()(const AnswerRecord* a, const AnswerRecord* b) const {
    return identity(a) < identity(b);
  }
};

/// Python 3's round(value, 2): exact on the binary value, and so is to_chars.
double round_two(double value) {
  char buffer[64];
  const auto written =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed, 2);
  double rounded = 0;
  std::from_chars(buffer, written.ptr, rounded);
  return rounded;
}

/// A mean in percent, summed in the order of the questions as the evaluator does.
class Mean {
 public:
  void add(double accuracy) {
    sum_ += accuracy;
    ++count_;
  }
  double percent() const {
    return count_ == 0 ? 0 : round_two(100 * sum_ / static_cast<double>(count_));
  }

 private:
  double sum_ = 0;
  int64_t count_ = 0;
};

std::map<std::string, double> percents(const std::map<std::string, Mean>& means) {
  std::map<std::string, double> values;
  for (const auto& [type, mean] : means) values[type] = mean.percent();
  return values;
}

constexpr std::size_t kAnswersOfVqa = 10;

bool has_ten(const Annotation& annotation) {
  return annotation.answers.size() == kAnswersOfVqa;
}

void match_exactly(Score& score, const std::vector<std::string>& predictions,
                   const std::vector<Annotation>& annotations, int threads) {
  if (std::all_of(annotations.begin(), annotations.end(), has_ten)) return;
  score.exact.resize(annotations.size());
  detail::parallel_ranges(annotations.size(), threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      score.exact[i] = is_exact_match(predictions[i], annotations[i]) ? 1 : 0;
    }
  });
  Mean matched;
  std::map<std::string, Mean> answer_types, question_types;
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    matched.add(score.exact[i]);
    answer_types[annotations[i].answer_type].add(score.exact[i]);
    question_types[annotations[i].question_type].add(score.exact[i]);
    if (annotations[i].answers.size() == 1) ++score.single_answered;
  }
  score.exact_match = matched.percent();
  score.exact_per_answer_type = percents(answer_types);
  score.exact_per_question_type = percents(question_types);
}

Json to_object(const std::map<std::string, double>& values) {
  Json object = Json::object();
  for (const auto& [key, value] : values) object.set(key, value);
  return object;
}

}  // namespace

std::string comparable_answer(std::string_view answer) {
  return normalise_answer(clean(answer));
}

double mean_percent(const std::vector<double>& accuracies) {
  Mean mean;
  for (const double accuracy : accuracies) mean.add(accuracy);
  return mean.percent();
}

double question_accuracy(std::string_view prediction, const Annotation& truth, Metric metric) {
  const std::vector<bool> matches = matches_of(prediction, truth, metric);
  std::vector<const AnswerRecord*> matching;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    if (matches[i]) matching.push_back(&truth.answers[i]);
  }
  if (matching.empty()) return 0;
  std::sort(matching.begin(), matching.end(), ByIdentity());
  double sum = 0;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    // The others are the records unequal to this one as a whole: without ids, equal answers of
    // several people are one and the same.
    std::size_t others = matching.size();
    if (matches[i]) {
      const auto same =
          std::equal_range(matching.begin(), matching.end(), &truth.answers[i], ByIdentity());
      others -= static_cast<std::size_t>(same.second - same.first);
    }
    sum += std::min(1.0, static_cast<double>(others) / 3);
  }
  return sum / static_cast<double>(matches.size());
}

bool is_exact_match(std::string_view prediction, const Annotation& truth) {
  std::unordered_map<std::string, int64_t> counts;
  int64_t most = 0;
  for (const AnswerRecord& record : truth.answers) {
    most = std::max(most, ++counts[comparable_answer(record.answer)]);
  }
  const auto given = counts.find(comparable_answer(prediction));
  return given != counts.end() && given->second == most;
}

Score score_predictions(const std::vector<std::string>& predictions,
                        const std::vector<Annotation>& annotations, Metric metric, int threads) {
  assert(predictions.size() == annotations.size());
  Score score;
  score.questions = static_cast<int64_t>(annotations.size());
  score.accuracies.resize(annotations.size());
  detail::parallel_ranges(annotations.size(), threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      score.accuracies[i] = question_accuracy(predictions[i], annotations[i], metric);
    }
  });
  Mean overall;
  std::map<std::string, Mean> per_answer_type;
  std::map<std::string, Mean> per_question_type;
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    overall.add(score.accuracies[i]);
    per_answer_type[annotations[i].answer_type].add(score.accuracies[i]);
    per_question_type[annotations[i].question_type].add(score.accuracies[i]);
  }
  score.overall = overall.percent();
  score.per_answer_type = percents(per_answer_type);
  score.per_question_type = percents(per_question_type);
  match_exactly(score, predictions, annotations, threads);
  return score;
}

bool is_right(const Score& score, const Annotation& annotation, std::size_t question) {
  constexpr double kRight = 0.5;
  if (has_ten(annotation)) return score.accuracies[question] >= kRight;
  return score.exact[question] != 0;
}

std::vector<std::string> match_results(const std::vector<Result>& results,
                                       const std::vector<Annotation>& annotations,
                                       const std::string& results_name,
                                       const std::string& annotations_name) {
  if (annotations.empty()) fail(annotations_name, ": holds no annotations");
  detail::IdIndex index(annotations.size());
  for (std::size_t i = 0; i < annotations.size(); ++i) index.add(annotations[i].question_id, i);
  std::vector<const Result*> matched(annotations.size());
  const Result* foreign = nullptr;
  std::size_t foreign_count = 0;
  for (const Result& result : results) {
    const std::size_t place = index.find(result.question_id);
    if (place != detail::IdIndex::kNone) {
      matched[place] = &result;
    } else if (foreign_count++ == 0) {
      foreign = &result;
    }
  }
  if (foreign) {
    fail(results_name, ": question_id ", foreign->question_id, " is not in ", annotations_name,
         " (", foreign_count, " of ", results.size(), " results are not)");
  }
  const auto missing = std::find(matched.begin(), matched.end(), nullptr);
  if (missing != matched.end()) {
    fail(results_name, ": no answer to question ",
         annotations[static_cast<std::size_t>(missing - matched.begin())].question_id, " of ",
         annotations_name, " (", std::count(missing, matched.end(), nullptr), " of ",
         annotations.size(), " questions have none)");
  }
  std::vector<std::string> predictions;
  predictions.reserve(matched.size());
  for (const Result* result : matched) predictions.push_back(result->answer);
  return predictions;
}

Score score_results(const std::vector<Result>& results, const std::vector<Annotation>& annotations,
                    Metric metric, const std::string& results_name,
                    const std::string& annotations_name, int threads) {
  return score_predictions(match_results(results, annotations, results_name, annotations_name),
                           annotations, metric, threads);
}

Json Score::to_json() const {
  Json json = Json::object()
                  .set("overall", overall)
                  .set("perAnswerType", to_object(per_answer_type))
                  .set("perQuestionType", to_object(per_question_type))
                  .set("questions", questions);
  if (exact_match) json.set("exact_match", *exact_match);
  return json;
}

}  // namespace vqalign

// Results files scored side by side.
#include <algorithm>
#include <future>
#include <set>

#include "vqalign/core/error.h"
#include "vqalign/data/dataset.h"
#include "vqalign/data/score_table.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

void refuse_repeated(const std::vector<fs::path>& results) {
  std::set<fs::path> seen;
  for (const fs::path& file : results) {
    std::error_code ignored;
    if (seen.insert(fs::weakly_canonical(file, ignored)).second) continue;
    throw UsageError(concat(file.string(), " is named twice among the results"));
  }
}

ScoredPair compare_pair(const ComparedFiles& compared, std::size_t first, std::size_t second) {
  ScoredPair pair{first, second};
  const ScoredResults& a = compared.results[first];
  const ScoredResults& b = compared.results[second];
  for (std::size_t i = 0; i < compared.annotations.size(); ++i) {
    const bool right_a = is_right(a.score, compared.annotations[i], i);
    const bool right_b = is_right(b.score, compared.annotations[i], i);
    pair.only_first += right_a && !right_b ? 1 : 0;
    pair.only_second += right_b && !right_a ? 1 : 0;
    const bool same = a.predictions[i] == b.predictions[i] ||
                      normalise_answer(a.predictions[i]) == normalise_answer(b.predictions[i]);
    pair.same += same ? 1 : 0;
  }
  return pair;
}

void compare(ComparedFiles& compared) {
  compared.disagree.resize(compared.annotations.size());
  if (compared.results.size() < 2) return;
  for (std::size_t i = 0; i < compared.annotations.size(); ++i) {
    const auto right = std::count_if(
        compared.results.begin(), compared.results.end(),
        [&](const auto& result) { return is_right(result.score, compared.annotations[i], i); });
    const auto all = static_cast<std::ptrdiff_t>(compared.results.size());
    compared.disagree[i] = right > 0 && right < all ? 1 : 0;
  }
  for (std::size_t first = 0; first < compared.results.size(); ++first) {
    for (std::size_t second = first + 1; second < compared.results.size(); ++second) {
      compared.pairs.push_back(compare_pair(compared, first, second));
    }
  }
}

}  // namespace

int64_t ComparedFiles::disagreements() const {
  return std::count(disagree.begin(), disagree.end(), uint8_t{1});
}

ComparedFiles compare_files(const fs::path& questions, const fs::path& annotations,
                            const std::vector<fs::path>& results, Metric metric, int threads) {
  refuse_repeated(results);
  auto reading =
      std::async(std::launch::async, [&] { return read_annotations(annotations, threads); });
  const std::vector<Question> asked = read_questions(questions, threads);
  std::vector<Result> answered = read_results(results.front(), threads);
  ComparedFiles compared;
  compared.annotations = match_annotations(asked, reading.get(), questions, annotations);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i > 0) answered = read_results(results[i], threads);
    ScoredResults scored{results[i], {}, {}};
    scored.predictions = match_results(answered, compared.annotations, results[i].string(),
                                       annotations.filename().string());
    scored.score = score_predictions(scored.predictions, compared.annotations, metric, threads);
    compared.results.push_back(std::move(scored));
  }
  compare(compared);
  return compared;
}

std::vector<std::string> result_labels(const std::vector<ScoredResults>& results) {
  std::vector<std::string> names, paths;
  for (const ScoredResults& result : results) {
    names.push_back(result.file.stem().string());
    paths.push_back(result.file.string());
  }
  const std::set<std::string> different(names.begin(), names.end());
  return different.size() == names.size() ? names : paths;
}

}  // namespace vqalign

#include "vqalign/data/score_table.h"

#include <cassert>
#include <charconv>
#include <future>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/csv.h"
#include "vqalign/data/dataset.h"

namespace vqalign {
namespace {

std::string percent(double accuracy) {
  char buffer[64];
  const auto written =
      std::to_chars(buffer, buffer + sizeof(buffer), 100 * accuracy, std::chars_format::fixed, 2);
  return std::string(buffer, written.ptr);
}

}  // namespace

ScoredFiles score_files(const std::filesystem::path& questions,
                        const std::filesystem::path& annotations,
                        const std::filesystem::path& results, Metric metric, int threads) {
  auto reading = std::async(std::launch::async, [&] { return read_annotations(annotations); });
  const std::vector<Question> asked = read_questions(questions);
  const std::vector<Result> answered = read_results(results);
  ScoredFiles scored;
  scored.annotations = match_annotations(asked, reading.get(), questions, annotations);
  scored.predictions = match_results(answered, scored.annotations, results.string(),
                                     annotations.filename().string());
  scored.score = score_predictions(scored.predictions, scored.annotations, metric, threads);
  return scored;
}

void write_score_table(const std::filesystem::path& path,
                       const std::vector<Annotation>& annotations,
                       const std::vector<std::string>& predictions, const Score& score) {
  assert(predictions.size() == annotations.size());
  assert(score.accuracies.size() == annotations.size());
  AtomicFile file(path);
  file.write("question_id,question_type,answer_type,prediction,most_common_answer,accuracy\n");
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    const Annotation& annotation = annotations[i];
    std::string row = std::to_string(annotation.question_id);
    for (const std::string* text : {&annotation.question_type, &annotation.answer_type,
                                    &predictions[i], &annotation.multiple_choice_answer}) {
      row += ',' + csv_field(*text);
    }
    file.write(row + ',' + percent(score.accuracies[i]) + '\n');
  }
  file.commit();
}

}  // namespace vqalign

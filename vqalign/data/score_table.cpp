#include "vqalign/data/score_table.h"

#include <cassert>
#include <charconv>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/csv.h"

namespace vqalign {
namespace {

std::string percent(double accuracy) {
  char buffer[64];
  const auto written =
      std::to_chars(buffer, buffer + sizeof(buffer), 100 * accuracy, std::chars_format::fixed, 2);
  return std::string(buffer, written.ptr);
}

/// ",61.00" and, where exact matches are measured, ",1".
std::string accuracy_fields(const Score& score, std::size_t question) {
  std::string fields = ',' + percent(score.accuracies[question]);
  if (score.exact_match) fields += score.exact[question] ? ",1" : ",0";
  return fields;
}

std::string fields_of(std::initializer_list<const std::string*> texts) {
  std::string fields;
  for (const std::string* text : texts) fields += ',' + csv_field(*text);
  return fields;
}

}  // namespace

ScoredFiles score_files(const std::filesystem::path& questions,
                        const std::filesystem::path& annotations,
                        const std::filesystem::path& results, Metric metric, int threads) {
  ComparedFiles compared = compare_files(questions, annotations, {results}, metric, threads);
  ScoredResults& scored = compared.results.front();
  return {std::move(compared.annotations), std::move(scored.predictions), std::move(scored.score)};
}

void write_score_table(const std::filesystem::path& path,
                       const std::vector<Annotation>& annotations,
                       const std::vector<std::string>& predictions, const Score& score) {
  assert(predictions.size() == annotations.size());
  assert(score.accuracies.size() == annotations.size());
  AtomicFile file(path);
  file.write("question_id,question_type,answer_type,prediction,most_common_answer,accuracy");
  file.write(score.exact_match ? ",exact_match\n" : "\n");
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    const Annotation& annotation = annotations[i];
    file.write(std::to_string(annotation.question_id) +
               fields_of({&annotation.question_type, &annotation.answer_type, &predictions[i],
                          &annotation.multiple_choice_answer}) +
               accuracy_fields(score, i) + '\n');
  }
  file.commit();
}

void write_comparison_table(const std::filesystem::path& path, const ComparedFiles& compared) {
  AtomicFile file(path);
  std::string header = "question_id,question_type,answer_type,most_common_answer";
  const std::vector<std::string> labels = result_labels(compared.results);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    header += ',' + csv_field("prediction " + labels[i]) + ',' + csv_field("accuracy " + labels[i]);
    if (compared.results[i].score.exact_match)
      header += ',' + csv_field("exact_match " + labels[i]);
  }
  file.write(header + ",disagree\n");
  for (std::size_t i = 0; i < compared.annotations.size(); ++i) {
    const Annotation& annotation = compared.annotations[i];
    std::string row = std::to_string(annotation.question_id) +
                      fields_of({&annotation.question_type, &annotation.answer_type,
                                 &annotation.multiple_choice_answer});
    for (const ScoredResults& result : compared.results) {
      row += ',' + csv_field(result.predictions[i]) + accuracy_fields(result.score, i);
    }
    file.write(row + (compared.disagree[i] ? ",1\n" : ",0\n"));
  }
  file.commit();
}

}  // namespace vqalign

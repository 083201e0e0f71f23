#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/dataset.h"
#include "vqalign/data/question_prior.h"

namespace vqalign {

/// What repeated passes with dropout said: of each question's answer the mean probability, and what
/// it counts.
struct MeasuredPasses {
  int64_t count = 0;  ///< passes a question
  double pavpu = 0;   ///< percent
  std::vector<double> confidences;
  std::vector<double> accuracies;
};

/// What a report is made of. Everything pointed at must outlive the call; lists are parallel to the
/// dataset's questions, which have annotations.
struct EvaluationReport {
  std::string model;  ///< its name, for the title
  const Dataset* dataset = nullptr;
  const std::vector<std::string>* answers = nullptr;
  const std::vector<double>* confidences = nullptr;  ///< each answer's probability
  const Score* score = nullptr;
  const PriorScore* prior = nullptr;       ///< null: none
  const MeasuredPasses* passes = nullptr;  ///< null: none
  double loss = 0;
  double outside_answer_list = 0;  ///< share of questions, as of Predictions
};

/// Writes one HTML page that any browser opens, offline and without scripts: the figures; accuracy
/// by answer type and question type, worst first, beside the prior; confidence against accuracy
/// (15 bins) and risk against coverage, of the passes too; what is most often mistaken for what; up
/// to 200 wrong answers, the most confident first, with thumbnails where the dataset has pictures
/// (a picture that cannot be read is left out). Text of the data is escaped. The same input gives
/// the same bytes; written atomically.
void write_evaluation_report(const std::filesystem::path& path, const EvaluationReport& report,
                             Progress& progress, const CancelToken& cancel);

}  // namespace vqalign

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/core/json.h"
#include "vqalign/train/experiment/plan.h"
#include "vqalign/train/question_verdicts.h"

namespace vqalign {

/// A column of the tables.
struct Figure {
  const char* key;    ///< in CSV and JSON
  const char* title;  ///< in tables for people
  int decimals;
  /// Where its values per question come from, for the bootstrap: "accuracy", "pavpu", "ece"; empty:
  /// it is a figure of the run as a whole.
  const char* questions;
  bool noisy;
};

/// All columns in their order: accuracy, accuracy_noisy, pavpu, pavpu_noisy (percent), ece,
/// ece_noisy (0 to 1), parameters_training, parameters_model, seconds_per_step.
const std::vector<Figure>& experiment_figures();

/// How far a run is and what it gave.
struct RunRecord {
  RunPlan plan;
  bool finished = false;
  std::string failure;                    ///< why the last try ended early; empty: it did not
  std::map<std::string, double> figures;  ///< by key; those that were not measured are missing
  Json result;                            ///< result.json; null unless finished
  int64_t questions = 0;                  ///< of the reported part; 0 unless finished
  int64_t answers = 0;                    ///< that the model knows; 0: not known
  /// How many runs at once the call allowed that trained it; 0: not known.
  int64_t jobs = 0;
};

/// What a run's folder tells. Error when a file of it is damaged; the hint says how to go on.
RunRecord read_record(const RunPlan& plan);

/// What a finished run made of every question. Error as of read_record(), and where there are no
/// passes though its result tells of some.
QuestionVerdicts run_verdicts(const RunRecord& run, bool noisy);

/// Puts result.json together from what the commands of a finished run left (train.json, eval.json,
/// noisy.json, the model and its state) and removes the state, which nothing needs any more. Where
/// it was removed already, parameters_training is not known. `program` is the version that ran.
/// Errors as of read_record().
void finish_record(const RunPlan& plan, const std::string& program);

/// Keeps what a training printed, and how many runs at once were allowed, as the run's training.
void keep_training(const RunPlan& plan, const std::filesystem::path& printed, int64_t jobs);

/// Error when the model that a run trained cannot be read; the hint says how to go on.
void check_trained_model(const RunPlan& plan);

/// Keeps why a run ended early, in failed.json.
void fail_record(const RunPlan& plan, const std::string& command, int status,
                 const std::string& line);

/// Where a run's verdicts lie (question_verdicts.h).
std::filesystem::path questions_file(const RunPlan& plan, bool noisy);

/// Files of a run's folder.
namespace run_files {
inline constexpr const char* kModel = "model.safetensors";
inline constexpr const char* kTraining = "train.json";
inline constexpr const char* kEvaluation = "eval.json";
inline constexpr const char* kNoisy = "noisy.json";
inline constexpr const char* kQuestions = "questions.npz";
inline constexpr const char* kNoisyQuestions = "noisy-questions.npz";
inline constexpr const char* kOptions = "options.json";
inline constexpr const char* kDataOptions = "data-options.json";
inline constexpr const char* kLog = "log.txt";
inline constexpr const char* kFailed = "failed.json";
inline constexpr const char* kResult = "result.json";
}  // namespace run_files

}  // namespace vqalign

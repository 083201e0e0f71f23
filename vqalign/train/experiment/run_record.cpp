#include "vqalign/train/experiment/run_record.h"

#include <algorithm>
#include <system_error>

#include "vqalign/core/digest.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/safetensors.h"
#include "vqalign/core/with_hint.h"
#include "vqalign/data/accuracy.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/run_options.h"
#include "vqalign/train/training_state.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// Numbers trained beside the model's: critic, navigator, discriminator.
int64_t regulariser_parameters(const fs::path& state) {
  int64_t count = 0;
  for (const auto& [name, tensor] : read_safetensors(state).tensors) {
    if (name.starts_with("align.")) count += tensor.numel();
  }
  return count;
}

/// Of the steps that the training timed; null where a resumed one had none left.
Json seconds_per_step(const RunPlan& plan, const Json& training, int64_t questions) {
  RunOptions options = load_recipe(plan.spec.at("recipe").as_string());
  options_from_json(options.options(), plan.options, "options");
  const double rate = training.at("samples_per_second").as_double();
  if (rate <= 0) return {};
  return double(std::min(options.train.batch_size, questions)) / rate;
}

void add_scores(Json& figures, const Json& evaluation, const QuestionVerdicts& verdicts,
                const std::string& ending) {
  figures.set("accuracy" + ending, mean_percent(verdicts.accuracies));
  const Json* uncertainty = evaluation.find("uncertainty");
  if (!uncertainty) return;
  for (const char* key : {"pavpu", "ece"}) figures.set(key + ending, uncertainty->at(key));
}

/// Figures in the columns' order.
Json in_order(const Json& figures) {
  Json ordered = Json::object();
  for (const Figure& figure : experiment_figures()) {
    if (const Json* value = figures.find(figure.key)) ordered.set(figure.key, *value);
  }
  return ordered;
}

/// How to go on without a file that is damaged.
std::string anew(const RunPlan& plan) {
  return concat("remove ", plan.folder.string(), ", and this run is made anew");
}

void read_result(const fs::path& file, RunRecord& record) {
  const std::string where = file.string();
  record.result = read_json(file);
  record.finished = true;
  for (const auto& [key, value] : record.result.at("figures", where).as_object(where)) {
    if (!value.is_null()) record.figures[key] = value.as_double(where + ": " + key);
  }
  const Json& model = record.result.at("model", where);
  model.at("sha256", where).as_string(where);
  const Json* answers = model.find("answers");
  if (answers != nullptr) record.answers = answers->as_int(where + ": model: answers");
  record.questions =
      record.result.at("evaluation", where).at("clean", where).at("questions", where).as_int(where);
  const Json* training = record.result.find("training");
  const Json* jobs = training == nullptr ? nullptr : training->find("jobs");
  if (jobs != nullptr) record.jobs = jobs->as_int(where + ": training: jobs");
}

/// result.json from what the commands of a run left.
Json result_of(const RunPlan& plan, const std::string& program) {
  const fs::path model = plan.folder / run_files::kModel;
  const Json training = read_json(plan.folder / run_files::kTraining);
  const ModelSummary summary = summarise_model(model);
  Json figures = Json::object();
  const fs::path state = state_path(model);
  if (fs::exists(state)) {
    figures.set("parameters_training", summary.parameters + regulariser_parameters(state));
  }
  figures.set("parameters_model", summary.parameters)
      .set("seconds_per_step",
           seconds_per_step(plan, training, summary.trained.at("questions").as_int()));
  Json evaluations = Json::object();
  for (const bool noisy : {false, true}) {
    const fs::path file = plan.folder / (noisy ? run_files::kNoisy : run_files::kEvaluation);
    if (!fs::exists(file)) continue;
    const Json evaluation = read_json(file);
    add_scores(figures, evaluation, read_verdicts(questions_file(plan, noisy)),
               noisy ? "_noisy" : "");
    evaluations.set(noisy ? "noisy" : "clean", evaluation);
  }
  return Json::object()
      .set("setting", plan.setting)
      .set("seed", plan.seed)
      .set("figures", in_order(figures))
      .set("model", Json::object()
                        .set("file", run_files::kModel)
                        .set("sha256", file_sha256(model))
                        .set("answers", std::ssize(summary.answers)))
      .set("training", training)
      .set("evaluation", std::move(evaluations))
      .set("trained", summary.trained)
      .set("program", program);
}

}  // namespace

fs::path questions_file(const RunPlan& plan, bool noisy) {
  return plan.folder / (noisy ? run_files::kNoisyQuestions : run_files::kQuestions);
}

const std::vector<Figure>& experiment_figures() {
  static const std::vector<Figure> figures = {
      {"accuracy", "accuracy %", 2, "accuracy", false},
      {"accuracy_noisy", "accuracy %, noisy", 2, "accuracy", true},
      {"pavpu", "PAvPU %", 2, "pavpu", false},
      {"pavpu_noisy", "PAvPU %, noisy", 2, "pavpu", true},
      {"ece", "ECE", 4, "ece", false},
      {"ece_noisy", "ECE, noisy", 4, "ece", true},
      {"parameters_training", "parameters in training", 0, "", false},
      {"parameters_model", "in the model file", 0, "", false},
      {"seconds_per_step", "s/step", 3, "", false}};
  return figures;
}

RunRecord read_record(const RunPlan& plan) {
  RunRecord record;
  record.plan = plan;
  const fs::path result = plan.folder / run_files::kResult;
  const fs::path failed = plan.folder / run_files::kFailed;
  return with_hint(anew(plan), [&] {
    if (fs::exists(result)) {
      read_result(result, record);
    } else if (fs::exists(failed)) {
      const Json told = read_json(failed);
      record.failure = told.at("line", failed.string()).as_string(failed.string());
    }
    return record;
  });
}

QuestionVerdicts run_verdicts(const RunRecord& run, bool noisy) {
  const fs::path file = questions_file(run.plan, noisy);
  return with_hint(anew(run.plan), [&] {
    QuestionVerdicts verdicts = read_verdicts(file);
    if (verdicts.confidences.empty() && run.figures.count(noisy ? "ece_noisy" : "ece") > 0) {
      fail(file.string(), ": has no array \"confidence\", though ", run_files::kResult,
           " tells of passes");
    }
    return verdicts;
  });
}

void check_trained_model(const RunPlan& plan) {
  with_hint(anew(plan), [&] { summarise_model(plan.folder / run_files::kModel); });
}

void keep_training(const RunPlan& plan, const fs::path& printed, int64_t jobs) {
  write_json(plan.folder / run_files::kTraining, read_json(printed).set("jobs", jobs));
  fs::remove(printed);
}

void finish_record(const RunPlan& plan, const std::string& program) {
  const Json result = with_hint(anew(plan), [&] { return result_of(plan, program); });
  write_json(plan.folder / run_files::kResult, result);
  std::error_code ignored;
  fs::remove(state_path(plan.folder / run_files::kModel), ignored);
  fs::remove(plan.folder / run_files::kFailed, ignored);
}

void fail_record(const RunPlan& plan, const std::string& command, int status,
                 const std::string& line) {
  write_json(plan.folder / run_files::kFailed,
             Json::object().set("command", command).set("status", status).set("line", line));
}

}  // namespace vqalign

#include "vqalign/cli/model_run.h"

#include <CLI/CLI.hpp>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/runtime.h"
#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/inspect/shipped_files.h"
#include "vqalign/train/precision.h"

namespace vqalign {

void add_model_run_options(CLI::App& app, ModelRunArguments& arguments) {
  add_model_option(app, arguments.model);
  add_data_options(app, arguments.source, "train, val, test-dev, test2015, train+val, ...");
  add_integer(app, "--batch-size", arguments.batch_size, 1, 65536,
              "questions at a time (default 64)");
}

void add_precision_option(CLI::App& app, ModelRunArguments& arguments) {
  app.add_option("--precision", arguments.precision,
                 "number type of the network: float32 (default), bfloat16, float16, or auto")
      ->check(CLI::IsMember({"float32", "bfloat16", "float16", "auto"}))
      ->type_name("TYPE");
}

void add_uncalibrated_option(CLI::App& app, ModelRunArguments& arguments) {
  app.add_flag("--uncalibrated", arguments.uncalibrated,
               "probabilities as the network gives them, whatever calibration the model has");
}

std::string model_run_options_help() {
  DataOptions options;
  return options_help({{"data", options.fields()}});
}

ModelRun begin_model_run(const ModelRunArguments& arguments, Context& context,
                         bool need_annotations) {
  return begin_model_run(arguments, context, need_annotations,
                         [&] { return load_model(model_or_shipped(arguments.model)); }, {});
}

ModelRun begin_model_run(const ModelRunArguments& arguments, Context& context,
                         bool need_annotations, const std::function<ModelBundle()>& load,
                         OptionTree more) {
  ModelRun run;
  more.push_back({"data", run.options.data.fields()});
  context.apply_options(more);
  run.options.batch_size = arguments.batch_size;
  run.options.seed = static_cast<uint64_t>(context.options().seed);
  run.options.device = prepare_torch(context);
  check_precision("--precision", arguments.precision, run.options.device);
  run.options.precision = arguments.precision;
  run.bundle = load();
  if (arguments.uncalibrated) run.bundle.calibration = {};
  context.cancel().check();
  run.dataset = load_dataset(arguments.source, need_annotations);
  if (need_annotations && run.dataset.questions.empty()) {
    fail(run.dataset.name, ": has no questions to score");
  }
  context.cancel().check();
  run.bundle.model->to(run.options.device);
  return run;
}

std::vector<std::filesystem::path> read_by(const ModelRunArguments& arguments) {
  std::vector<std::filesystem::path> files = files_of(arguments.source);
  files.push_back(model_or_shipped(arguments.model));
  return files;
}

void warn_about_questions(const Predictions& predictions) {
  const auto of_all = concat(" of ", predictions.answers.size(), " questions ");
  if (predictions.with_unknown_words > 0) {
    log_warning(
        concat(predictions.with_unknown_words, of_all, "have words that the model does not know"));
  }
  if (predictions.without_words > 0) {
    log_warning(concat(predictions.without_words, of_all,
                       "have no word; their answers say nothing of them"));
  }
}

std::vector<Result> results_of(const Dataset& dataset, const Predictions& predictions) {
  std::vector<Result> results;
  results.reserve(dataset.questions.size());
  for (std::size_t i = 0; i < dataset.questions.size(); ++i) {
    results.push_back({dataset.questions[i].question_id, predictions.answers[i]});
  }
  return results;
}

double questions_per_second(int64_t questions, double seconds) {
  return seconds > 0 ? static_cast<double>(questions) / seconds : 0.0;
}

}  // namespace vqalign

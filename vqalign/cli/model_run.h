#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "vqalign/cli/context.h"
#include "vqalign/data/dataset.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/evaluation.h"

namespace CLI {
class App;
}

namespace vqalign {

/// What the verbs that run a model over a split are told.
struct ModelRunArguments {
  std::filesystem::path model;
  DataSource source;
  int64_t batch_size = 64;
  bool uncalibrated = false;
  std::string precision = "float32";
};

/// A model and the split it is run over, loaded and on its device.
struct ModelRun {
  ModelBundle bundle;
  Dataset dataset;
  EvaluationOptions options;
};

/// Adds --model, the options that name data, and --batch-size.
void add_model_run_options(CLI::App& app, ModelRunArguments& arguments);

/// Adds --precision.
void add_precision_option(CLI::App& app, ModelRunArguments& arguments);

/// Adds --uncalibrated.
void add_uncalibrated_option(CLI::App& app, ModelRunArguments& arguments);

/// The options that --set reaches: group "data".
std::string model_run_options_help();

/// Loads both; Error as load_model() and load_dataset() say, and when the split has no questions
/// though annotations are needed.
ModelRun begin_model_run(const ModelRunArguments& arguments, Context& context,
                         bool need_annotations);
/// The same over what `load` gives in place of --model, with the options of `more` besides "data".
ModelRun begin_model_run(const ModelRunArguments& arguments, Context& context,
                         bool need_annotations, const std::function<ModelBundle()>& load,
                         OptionTree more);

/// The files that it will read.
std::vector<std::filesystem::path> read_by(const ModelRunArguments& arguments);

/// Warns of questions with unknown words and of questions without any.
void warn_about_questions(const Predictions& predictions);

/// The rows of a results file, in the order of the questions.
std::vector<Result> results_of(const Dataset& dataset, const Predictions& predictions);

double questions_per_second(int64_t questions, double seconds);

}  // namespace vqalign

#include <CLI/CLI.hpp>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/runtime.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/train/pretrained_encoder.h"
#include "vqalign/train/trainer.h"
#include "vqalign/train/training_state.h"
#include "vqalign/vision/feature_store.h"

namespace vqalign {
namespace {

constexpr const char* kDefaultRecipe = "scenes";

struct TrainArguments {
  TrainRequest request;
  std::string validation_split;
  std::optional<double> held_out;
  std::string align;
  std::optional<int64_t> batch_size;
};

/// Recipe, then --config and --set, then the verb's own options.
RunOptions run_options(const TrainArguments& arguments, const Context& context) {
  RunOptions options = load_recipe(arguments.request.recipe);
  const OptionTree tree = options.options();
  context.apply_options(tree);
  if (!arguments.align.empty()) set_option(tree, "align.kind=" + arguments.align);
  if (arguments.batch_size) set_option(tree, concat("train.batch_size=", *arguments.batch_size));
  return options;
}

/// Stored features take the place of the recipe's encoder of pictures.
void use_stored_features(TrainRequest& request) {
  VisionOptions& vision = request.options.config.vision;
  const std::filesystem::path& file = request.train.features;
  if (file.empty() || vision.encoder == "features") return;
  const int64_t width = stored_width(file);
  log_info(concat(file.string(), ": its regions, of width ", width,
                  ", take the place of those of encoder ", vision.encoder));
  vision.encoder = "features";
  vision.feature_width = width;
}

/// The split that is scored after every epoch, found before the training begins.
std::optional<DataSource> validation_source(const DataSource& train, const std::string& split) {
  if (split == "none") return std::nullopt;
  if (train.directory.empty()) {
    throw UsageError("no validation split: --val-split needs a dataset named with --data",
                     "--val-split none trains without scoring");
  }
  DataSource source;
  source.directory = train.directory;
  source.images = train.images;
  source.features = train.features;
  source.split = split.empty() ? "val" : split;
  try {
    resolve_splits(source);
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    if (!split.empty()) throw;
    throw Error(error.what(),
                "--val-split names another, --val-split none trains without, --held-out 0.2 scores "
                "a part of train");
  }
  return source;
}

/// The last pictures by id are scored after every epoch and not trained on.
void hold_out(TrainRequest& request, const TrainArguments& arguments) {
  if (!arguments.validation_split.empty()) {
    throw UsageError("--held-out and --val-split exclude each other");
  }
  request.train.held_out = *arguments.held_out;
  request.validation = request.train;
  request.validation->only_held_out = true;
}

std::string summary_text(const TrainSummary& summary, const std::filesystem::path& model) {
  std::string text = concat(model.string(), ": ", count_text(summary.epochs, "epoch"), ", ",
                            count_text(summary.steps, "step"), ", ", fixed_text(summary.seconds, 1),
                            " s, ", fixed_text(summary.samples_per_second, 1), " samples/s\n");
  if (summary.best_epoch) {
    text += concat("best accuracy ", fixed_text(summary.best_overall, 2), " % after epoch ",
                   *summary.best_epoch, "\n");
  }
  return text;
}

void train(const TrainArguments& arguments, Context& context) {
  TrainRequest request = arguments.request;
  request.options = run_options(arguments, context);
  if (request.train.questions.empty() && request.train.split.empty()) request.train.split = "train";
  // A wrong folder is to be told as that, not as a missing validation split.
  resolve_splits(request.train);
  use_stored_features(request);
  if (arguments.held_out) {
    hold_out(request, arguments);
  } else {
    request.validation = validation_source(request.train, arguments.validation_split);
  }
  request.seed = static_cast<uint64_t>(context.options().seed);
  std::vector<std::filesystem::path> inputs = files_of(request.train);
  for (const std::filesystem::path& read : request.options.config.vision.files()) {
    inputs.push_back(read);
  }
  const LanguageFiles language = language_files(request.options.config.language);
  for (const std::filesystem::path& read :
       {request.answers, language.weights, language.vocabulary,
        std::filesystem::path(request.options.config.language.vectors)}) {
    if (!read.empty()) inputs.push_back(read);
  }
  check_outputs({request.out, state_path(request.out)}, inputs);
  request.device = prepare_torch(context);
  const TrainSummary summary = train_model(request, context.progress(), context.cancel());
  context.print_result(summary.to_json(), summary_text(summary, request.out));
}

std::string recipe_options_help() {
  RunOptions options = load_recipe(kDefaultRecipe);
  return options_help(options.options());
}

std::string recipe_list() {
  std::string list;
  for (const std::string& name : recipe_names()) list += (list.empty() ? "" : ", ") + name;
  return list;
}

void add_schedule_options(CLI::App& app, TrainArguments& arguments) {
  TrainRequest& request = arguments.request;
  add_word(app, "--recipe", request.recipe,
           concat("options to start from: ", recipe_list(), " (default scenes)"));
  add_word(app, "--align", arguments.align, "alignment attention: none, ct, gan, ot or mmd",
           "KIND");
  add_integer(app, "--epochs", request.epochs, 1, 1'000'000, "how often to go through the data");
  add_number(app, "--minutes", request.minutes, 0.01, 1e6,
             "bound of the whole command; the schedule is fitted to it");
  add_integer(app, "--batch-size", arguments.batch_size, 1, 65536, "questions a step");
}

}  // namespace

VerbAction define_train(CLI::App& app) {
  const auto arguments = std::make_shared<TrainArguments>();
  TrainRequest& request = arguments->request;
  request.recipe = kDefaultRecipe;
  add_data_options(app, request.train, "what to train on (default train; train+val joins)");
  add_word(app, "--val-split", arguments->validation_split,
           "what to score after every epoch (default val), or none", "S");
  add_number(app, "--held-out", arguments->held_out, 0.01, 0.9,
             "in place of --val-split: score this share of the pictures, the last by id, and do "
             "not train on them");
  add_path(app, "--out", request.out, "model to write; MODEL.state beside it holds the state",
           "MODEL")
      ->required();
  add_schedule_options(app, *arguments);
  add_path(app, "--init", request.init, "model to start from", "MODEL");
  add_path(app, "--answers", request.answers, "fixed answer list, JSON", "F");
  app.add_flag(
      "--slim", request.slim,
      "leave the weights of pretrained encoders that are not tuned out of the model, which "
      "then names them by hash");
  app.add_flag("--resume", request.resume, "go on from MODEL.state");
  add_path(app, "--log", request.log, "write curves for TensorBoard there", "DIR");
  end_help(app,
           "vqalign scenes --out scenes --train 200 --val 50 --test 0\n"
           "vqalign train --data scenes --out model.safetensors --epochs 1 --align ct",
           recipe_options_help);
  return [arguments](Context& context) { train(*arguments, context); };
}

}  // namespace vqalign

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/data/health.h"
#include "vqalign/train/pretrained_encoder.h"
#include "vqalign/train/run_options.h"

namespace vqalign {
namespace {

struct CheckArguments {
  HealthOptions health;
  std::string recipe = "scenes";
  std::optional<int64_t> tokens;
  std::string pictures = "headers";
};

RunOptions run_options_of(const CheckArguments& arguments, const Context& context) {
  RunOptions run = load_recipe(arguments.recipe);
  context.apply_options(run.options());
  run.check();
  return run;
}

HealthOptions health_options(const CheckArguments& arguments, const RunOptions& run,
                             const Context& context) {
  HealthOptions options = arguments.health;
  options.answer_minimum = run.train.answer_minimum;
  options.answer_most = run.train.answer_most;
  options.max_tokens = arguments.tokens.value_or(run.config.language.max_tokens);
  options.pictures = arguments.pictures == "none"     ? PictureCheck::kNone
                     : arguments.pictures == "decode" ? PictureCheck::kDecode
                                                      : PictureCheck::kHeaders;
  options.threads = static_cast<int>(context.options().threads);
  return options;
}

std::string split_text(const SplitHealth& split, int64_t listed) {
  std::string text =
      concat(split.subset, "\n  ", count_text(split.questions, "question"), " about ",
             count_text(split.images, "picture"), ", ", count_text(split.answers, "answer"),
             "; the longest question has ", count_text(split.longest_question, "word"), "\n");
  std::string types;
  for (const auto& [type, count] : split.answer_types) {
    types += concat(types.empty() ? "  " : ", ", type_text(type), " ", count);
  }
  if (!types.empty()) text += types + "\n";
  if (split.covered_questions) {
    text += concat("  ", listed, " listed answers: ", fixed_text(*split.covered_questions, 2),
                   " % of questions have one, ", fixed_text(*split.covered_answers, 2),
                   " % of answers are\n");
  }
  return text;
}

std::string problem_text(const HealthProblem& problem) {
  std::string text = "  ";
  if (!problem.split.empty()) text += problem.split + ": ";
  if (problem.count > 1) text += concat(problem.count, " ");
  text += one_line(problem.what);
  const auto shown = std::min<std::size_t>(problem.examples.size(), 3);
  for (std::size_t i = 0; i < shown; ++i) {
    text += "\n      " + one_line(problem.examples[i]);
  }
  if (problem.count > static_cast<int64_t>(shown) && shown > 0) text += "\n      ...";
  return text + "\n";
}

std::string health_text(const DatasetHealth& health, const HealthOptions& options) {
  std::string text;
  for (const SplitHealth& split : health.splits) text += split_text(split, health.listed_answers);
  for (const bool errors : {true, false}) {
    std::string found;
    for (const HealthProblem& problem : health.problems) {
      if (problem.is_error == errors) found += problem_text(problem);
    }
    if (!found.empty()) text += (errors ? "errors\n" : "warnings\n") + found;
  }
  if (health.problems.empty()) text += "nothing is wrong\n";
  if (!health.trainable) return text;
  const bool unseen = options.pictures == PictureCheck::kNone && options.features.empty();
  return text + (unseen ? "ready to train on, if its pictures are\n" : "ready to train on\n");
}

void check(const CheckArguments& arguments, Context& context) {
  const RunOptions run = run_options_of(arguments, context);
  const HealthOptions options = health_options(arguments, run, context);
  const DatasetHealth health = check_dataset(options, context.progress(), context.cancel());
  context.print_result(health.to_json(), health_text(health, options));
  if (health.trainable) {
    if (options.features.empty()) require_pretrained_weights(run.config);
    return;
  }
  const auto errors = std::count_if(health.problems.begin(), health.problems.end(),
                                    [](const HealthProblem& found) { return found.is_error; });
  fail(options.directory.string(),
       ": cannot be trained on: ", count_text(static_cast<int64_t>(errors), "kind"),
       " of error, told above");
}

}  // namespace

VerbAction define_check(CLI::App& app) {
  const auto arguments = std::make_shared<CheckArguments>();
  HealthOptions& health = arguments->health;
  add_path(app, "DIR", health.directory, "dataset in VQA v2 layout", "")->required();
  add_word(app, "--split", health.split, "only that split (default: all of the folder)", "S");
  add_path(app, "--features", health.features, "stored region features in place of pictures", "F");
  add_path(app, "--answers", health.answers,
           "fixed answer list, JSON (default: what train would list)", "F");
  add_word(app, "--recipe", arguments->recipe,
           "whose options tell which answers are listed (default scenes)");
  add_integer(app, "--tokens", arguments->tokens, 1, 1000,
              "words of a question that are read (default the recipe's)");
  app.add_option("--pictures", arguments->pictures,
                 "how far to look at pictures: none, headers (default) or decode")
      ->check(CLI::IsMember({"none", "headers", "decode"}))
      ->type_name("HOW");
  end_help(app,
           "vqalign scenes --out scenes --train 200 --val 50 --test 0\n"
           "vqalign check scenes --pictures decode");
  return [arguments](Context& context) { check(*arguments, context); };
}

}  // namespace vqalign

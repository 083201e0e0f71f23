#include <CLI/CLI.hpp>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/model_run.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/npz.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {
namespace {

struct PredictArguments {
  ModelRunArguments run;
  std::filesystem::path out;
  std::filesystem::path probabilities;
};

void write_probabilities(const std::filesystem::path& path, const Dataset& dataset,
                         const ModelBundle& bundle, const torch::Tensor& probabilities) {
  std::vector<int64_t> ids;
  ids.reserve(dataset.questions.size());
  for (const Question& question : dataset.questions) ids.push_back(question.question_id);
  write_npz(path, {{"question_id", torch::tensor(ids, torch::kInt64), {}},
                   {"answers", {}, bundle.answers},
                   {"probabilities", probabilities, {}}});
}

void predict_split(const PredictArguments& arguments, Context& context) {
  check_outputs({arguments.out, arguments.probabilities}, read_by(arguments.run));
  ModelRun run = begin_model_run(arguments.run, context, /*need_annotations=*/false);
  run.options.keep_probabilities = !arguments.probabilities.empty();
  const Predictions predictions =
      predict(run.bundle, run.dataset, run.options, context.progress(), context.cancel());
  warn_about_questions(predictions);
  context.cancel().check();
  if (run.options.keep_probabilities) {
    write_probabilities(arguments.probabilities, run.dataset, run.bundle,
                        predictions.probabilities);
  }
  write_results(arguments.out, results_of(run.dataset, predictions));

  const auto questions = static_cast<int64_t>(run.dataset.questions.size());
  const double rate = questions_per_second(questions, predictions.seconds);
  context.print_result(
      Json::object()
          .set("out", valid_utf8(arguments.out.string()))
          .set("questions", questions)
          .set("seconds", rounded(predictions.seconds, 3))
          .set("questions_per_second", rounded(rate, 2)),
      concat(arguments.out.string(), ": ", count_text(questions, "answer"), ", ",
             fixed_text(predictions.seconds, 1), " s, ", fixed_text(rate, 1), " questions/s\n"));
}

}  // namespace

VerbAction define_predict(CLI::App& app) {
  const auto arguments = std::make_shared<PredictArguments>();
  add_model_run_options(app, arguments->run);
  add_path(app, "--out", arguments->out, "results file to write", "F.json")->required();
  add_path(app, "--probabilities", arguments->probabilities,
           "also write every answer's probability", "F.npz");
  add_precision_option(app, arguments->run);
  add_uncalibrated_option(app, arguments->run);
  end_help(app,
           "vqalign scenes --out scenes --train 0 --val 200 --test 0\n"
           "vqalign predict --data scenes --split val --out r.json",
           model_run_options_help);
  return [arguments](Context& context) { predict_split(*arguments, context); };
}

}  // namespace vqalign

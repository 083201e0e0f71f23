#include <CLI/CLI.hpp>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/score_output.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/data/score_table.h"

namespace vqalign {
namespace {

struct ScoreArguments {
  std::filesystem::path questions;
  std::filesystem::path annotations;
  std::vector<std::filesystem::path> results;
  std::filesystem::path table;
  std::string metric = "official";
};

std::vector<std::filesystem::path> score_inputs(const ScoreArguments& arguments) {
  std::vector<std::filesystem::path> inputs = arguments.results;
  inputs.push_back(arguments.questions);
  inputs.push_back(arguments.annotations);
  return inputs;
}

void score(const ScoreArguments& arguments, Context& context) {
  context.refuse_options();
  check_outputs({arguments.table}, score_inputs(arguments));
  const Metric metric = arguments.metric == "legacy" ? Metric::kLegacy : Metric::kOfficial;
  const ComparedFiles compared =
      compare_files(arguments.questions, arguments.annotations, arguments.results, metric,
                    static_cast<int>(context.options().threads));
  context.cancel().check();
  const ScoredResults& first = compared.results.front();
  warn_about_single_answers(first.score);
  const bool several = compared.results.size() > 1;
  if (!arguments.table.empty() && several) {
    write_comparison_table(arguments.table, compared);
  } else if (!arguments.table.empty()) {
    write_score_table(arguments.table, compared.annotations, first.predictions, first.score);
  }
  if (several) {
    context.print_result(comparison_json(compared), comparison_text(compared));
  } else {
    context.print_result(first.score.to_json(), score_text(first.score));
  }
}

}  // namespace

VerbAction define_score(CLI::App& app) {
  const auto arguments = std::make_shared<ScoreArguments>();
  add_path(app, "--questions", arguments->questions, "questions file")->required();
  add_path(app, "--annotations", arguments->annotations, "annotations file")->required();
  add_paths(app, "--results", arguments->results,
            "results file as EvalAI takes it; several are compared")
      ->required();
  app.add_option("--metric", arguments->metric,
                 "revision of the evaluator: official (default), or legacy, the copy in the public "
                 "MCAN code")
      ->check(CLI::IsMember({"official", "legacy"}))
      ->type_name("NAME");
  add_path(app, "--table", arguments->table, "also write each question's accuracy", "F.csv");
  end_help(app,
           "vqalign scenes --out scenes --train 200 --val 50 --test 0\n"
           "vqalign train --data scenes --out model.safetensors --epochs 1\n"
           "vqalign predict --model model.safetensors --data scenes --split val --out r.json\n"
           "vqalign score --results r.json "
           "--questions scenes/v2_OpenEnded_mscoco_val2014_questions.json "
           "--annotations scenes/v2_mscoco_val2014_annotations.json");
  return [arguments](Context& context) { score(*arguments, context); };
}

}  // namespace vqalign

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/model_run.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/data/object_labels.h"
#include "vqalign/inspect/evidence.h"
#include "vqalign/inspect/shipped_files.h"
#include "vqalign/train/attention_page.h"
#include "vqalign/train/attention_quality.h"
#include "vqalign/train/attention_tables.h"

namespace vqalign {
namespace {

struct AttentionArguments {
  ModelRunArguments run;
  std::filesystem::path against;
  int64_t sample = 500;
  int64_t occlusion = 100;
  std::filesystem::path out;
  std::filesystem::path table;
  std::filesystem::path report;
};

/// Heads can be compared where each model has as many in every family.
void check_alike(const ModelConfig& model, const ModelConfig& against) {
  for (const AttentionFamily family : kAllFamilies) {
    const FamilyShape ours = model.heads_of(family), theirs = against.heads_of(family);
    if (ours == theirs) continue;
    throw UsageError(concat("--against has ", theirs.layers, " layers of ", theirs.heads,
                            " heads of ", family_name(family), ", --model ", ours.layers, " of ",
                            ours.heads, ": their heads cannot be compared"));
  }
}

/// The two models' names: their files', with so many folders as it takes to tell them apart.
std::pair<std::string, std::string> names_of(const std::filesystem::path& model,
                                             const std::filesystem::path& against) {
  std::filesystem::path ours = model.filename(), theirs = against.filename();
  std::filesystem::path above = model.parent_path(), other_above = against.parent_path();
  while (ours == theirs && above.has_filename() && other_above.has_filename()) {
    ours = above.filename() / ours;
    theirs = other_above.filename() / theirs;
    above = above.parent_path();
    other_above = other_above.parent_path();
  }
  return {valid_utf8(ours.string()), valid_utf8(theirs.string())};
}

MeasuredModel measured(ModelBundle& bundle, const std::string& name, const Dataset& dataset,
                       const ObjectLabels& labels, const AttentionOptions& options,
                       Context& context) {
  MeasuredModel model;
  model.name = name;
  model.quality = measure_attention(bundle, dataset, labels, options, context.progress(),
                                    context.cancel(), "looking at " + name);
  model.means = attention_means(model.quality);
  return model;
}

std::string grids_text(const MeasuredModel& model) {
  std::string text;
  for (const HeadGrid& grid : head_grids()) {
    const std::vector<HeadRow> rows = head_rows(model.means, grid);
    if (rows.empty()) continue;
    text += concat(grid.title, "\n");
    for (const HeadRow& row : rows) {
      text += concat("  ", row.layer, ":");
      for (const auto& [subject, value] : row.heads) {
        text += concat(" ", fixed_text(value, grid.decimals));
      }
      text += "\n";
    }
  }
  return text;
}

std::string attention_text(const AttentionReport& report) {
  std::string text = table_text(attention_table(report.model)) + grids_text(report.model);
  if (report.against) {
    text += "\n" + table_text(attention_table(*report.against)) + grids_text(*report.against) +
            "\n" + table_text(attention_differences_table(report));
  }
  text += "\n";
  for (const std::string& note : attention_notes(report)) text += note + "\n";
  return text;
}

void measure_models(const AttentionArguments& arguments, Context& context) {
  std::vector<std::filesystem::path> inputs = read_by(arguments.run);
  if (!arguments.against.empty()) inputs.push_back(arguments.against);
  check_outputs({arguments.out, arguments.table, arguments.report}, inputs);
  ModelRun run = begin_model_run(arguments.run, context, /*need_annotations=*/false);
  if (run.dataset.questions.empty()) fail(run.dataset.name, ": has no questions to ask");
  std::optional<ModelBundle> against;
  if (!arguments.against.empty()) {
    against = load_model(arguments.against);
    check_alike(run.bundle.config, against->config);
    against->model->to(run.options.device);
  }
  const ObjectLabels labels = read_object_labels(resolve_splits(arguments.run.source));
  labels.check(run.dataset);
  const uint64_t seed = run.options.seed;
  const Dataset drawn = drawn_questions(run.dataset, arguments.sample, seed);
  const AttentionOptions options{.occlusion = arguments.occlusion,
                                 .batch_size = run.options.batch_size,
                                 .data = run.options.data,
                                 .device = run.options.device};
  const auto [name, other_name] =
      names_of(model_or_shipped(arguments.run.model), arguments.against);
  AttentionReport report;
  report.data = run.dataset.name;
  report.model = measured(run.bundle, name, drawn, labels, options, context);
  if (against) {
    report.against = measured(*against, other_name, drawn, labels, options, context);
    report.differences = attention_differences(
        report.model.quality, report.against->quality,
        {.seed = seed, .threads = static_cast<int>(context.options().threads), .check = [&context] {
           context.cancel().check();
         }});
  }
  context.cancel().check();
  const Json json = attention_json(report);
  if (!arguments.out.empty()) write_json(arguments.out, json);
  if (!arguments.table.empty()) write_file_atomic(arguments.table, attention_csv(report));
  if (!arguments.report.empty()) write_attention_page(arguments.report, report);
  context.print_result(json, attention_text(report));
}

}  // namespace

VerbAction define_attention(CLI::App& app) {
  const auto arguments = std::make_shared<AttentionArguments>();
  add_model_run_options(app, arguments->run);
  add_path(app, "--against", arguments->against, "another model, to compare with; as many heads");
  add_integer(app, "--sample", arguments->sample, 0, 1'000'000'000,
              "how many questions, drawn by --seed (default 500; 0: all)");
  add_integer(app, "--occlusion", arguments->occlusion, 0, 1'000'000'000,
              "of how many of them each region is taken away in turn (default 100)");
  add_path(app, "--out", arguments->out, "also write the result as JSON", "F.json");
  add_path(app, "--table", arguments->table, "also write each question's figures", "F.csv");
  add_path(app, "--report", arguments->report, "also write a page for the browser: tables, charts",
           "F.html");
  end_help(app,
           "vqalign scenes --out scenes --train 0 --val 200 --test 0\n"
           "vqalign attention --data scenes --split val --sample 50 --occlusion 10",
           model_run_options_help);
  return [arguments](Context& context) { measure_models(*arguments, context); };
}

}  // namespace vqalign

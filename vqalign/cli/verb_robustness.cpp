#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/model_run.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/uncertainty.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/inspect/answerer.h"
#include "vqalign/inspect/shipped_files.h"
#include "vqalign/train/poor_sets.h"
#include "vqalign/train/robustness/kinds.h"
#include "vqalign/train/robustness/robustness_page.h"
#include "vqalign/train/training_record.h"

namespace vqalign {
namespace {

constexpr int64_t kUsualPasses = 10;

struct RobustnessArguments {
  ModelRunArguments run;
  int64_t passes = kUsualPasses;
  int64_t sample = 0;
  std::string kinds;
  std::filesystem::path out;
  std::filesystem::path table;
  std::filesystem::path report;
};

/// The kinds that --kinds names; none where it is not given.
std::vector<std::string> named_kinds(const std::string& text) {
  std::vector<std::string> kinds;
  for (std::size_t begin = 0; !text.empty() && begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string kind = text.substr(begin, end - begin);
    check_harm_kind(kind, harm_kinds(), "--kinds");
    if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) {
      throw UsageError(concat("--kinds names ", kind, " twice"));
    }
    kinds.push_back(kind);
    begin = end + 1;
  }
  return kinds;
}

/// Those, or the usual ones. A model of stored features has no pictures to harm.
std::vector<std::string> kinds_for(const RobustnessArguments& arguments, const ModelRun& run) {
  std::vector<std::string> kinds = named_kinds(arguments.kinds);
  const bool pictures = run.bundle.config.vision.encoder != "features";
  if (kinds.empty()) {
    if (!pictures) log_warning("the model takes stored features: kinds of pictures are left out");
    return usual_harm_kinds(pictures);
  }
  for (const std::string& kind : kinds) {
    if (pictures || harmed_part(kind) != HarmedPart::kPictures) continue;
    throw UsageError(
        concat("--kinds ", kind, ": the model takes stored features, which have no pictures"));
  }
  return kinds;
}

std::string result_text(const RobustnessResult& result) {
  std::string text =
      concat(count_text(result.questions, "question"), ", severity 0 to ", kMostSeverity);
  text += result.passes > 0 ? concat(", PAvPU and ECE over ", result.passes, " passes\n") : "\n";
  for (const RobustnessFigure& figure : robustness_figures(result.passes)) {
    text += table_text(robustness_table(result, figure));
  }
  return text;
}

RobustnessResult measure(const RobustnessArguments& arguments, const RobustnessHead& head,
                         ModelRun& run, Context& context) {
  RobustnessRequest request;
  request.kinds = kinds_for(arguments, run);
  request.passes = arguments.passes;
  int64_t finished = 0;
  request.point_done = [&](const RobustnessResult& so_far) {
    ++finished;
    if (!arguments.out.empty()) write_json(arguments.out, robustness_json(head, so_far));
  };
  try {
    return measure_robustness(run.bundle, run.dataset, run.options, request, context.progress(),
                              context.cancel());
  } catch (const Cancelled&) {
    if (!arguments.out.empty() && finished > 0) {
      log_warning(concat(arguments.out.string(), ": has the ", count_text(finished, "point"),
                         " that were finished"));
    }
    throw;
  }
}

void robustness(const RobustnessArguments& arguments, Context& context) {
  named_kinds(arguments.kinds);
  if (arguments.passes == 1) {
    throw UsageError(
        concat("--passes is 1, allowed is 0 (none) or 2 to ", AskOptions::kMostPasses));
  }
  check_outputs({arguments.out, arguments.table, arguments.report}, read_by(arguments.run));
  ModelRun run = begin_model_run(arguments.run, context, /*need_annotations=*/true);
  const RobustnessHead head{model_or_shipped(arguments.run.model).filename().string(),
                            data_name(arguments.run.source, run.dataset), run.options.seed};
  warn_about_model(run.bundle, arguments.passes);
  keep_sample(run.dataset, arguments.sample, run.options.seed);
  warn_with({few_questions_line(run.dataset.name, std::ssize(run.dataset.questions))});
  const RobustnessResult result = measure(arguments, head, run, context);
  if (result.clean->overall == 0) {
    log_warning(run.dataset.name +
                ": no answer is right as it is: harm has no accuracy to take away");
  }
  if (!arguments.table.empty()) write_file_atomic(arguments.table, robustness_csv(result));
  if (!arguments.report.empty()) {
    write_file_atomic(arguments.report, robustness_page(head, result));
  }
  context.print_result(robustness_json(head, result), result_text(result));
}

std::string kinds_help() {
  std::string text;
  std::string part;
  for (const std::string& kind : harm_kinds()) {
    const std::string own = part_name(harmed_part(kind));
    text += own == part ? ", " + kind : concat(part.empty() ? "  " : "\n  ", padded(own, 12), kind);
    part = own;
  }
  return text + "\n\n" + model_run_options_help();
}

}  // namespace

VerbAction define_robustness(CLI::App& app) {
  const auto arguments = std::make_shared<RobustnessArguments>();
  add_model_run_options(app, arguments->run);
  add_word(app, "--kinds", arguments->kinds,
           "what is harmed and how, several by commas (default all but the greedy ones, and "
           "greedy_keyboard)",
           "A,B,..");
  add_integer(app, "--passes", arguments->passes, 0, AskOptions::kMostPasses,
              "passes with dropout for PAvPU and calibration error (default 10; 0: accuracy and "
              "the single pass's calibration error alone)");
  add_integer(app, "--sample", arguments->sample, 1, int64_t{1} << 40,
              "so many questions of the split, drawn by --seed (default all)");
  add_uncalibrated_option(app, arguments->run.uncalibrated);
  add_path(app, "--out", arguments->out, "also write the JSON, after every point anew", "F.json");
  add_path(app, "--table", arguments->table, "also write a row a point", "F.csv");
  add_path(app, "--report", arguments->report, "also write curves and tables for the browser",
           "F.html");
  end_help(app,
           "vqalign scenes --out scenes --train 0 --val 40 --test 0\n"
           "vqalign robustness --data scenes --split val --kinds blur,keyboard --passes 2",
           kinds_help, "Kinds, and options for --set and --config:\n");
  return [arguments](Context& context) { robustness(*arguments, context); };
}

}  // namespace vqalign

#include <CLI/CLI.hpp>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/train/experiment/experiment.h"

namespace vqalign {
namespace {

constexpr int64_t kMostJobs = 64;

struct ExperimentArguments {
  std::filesystem::path spec;
  std::filesystem::path out;
  std::filesystem::path data;
  std::filesystem::path features;
  int64_t jobs = 1;
};

constexpr const char* kSpecHelp =
    R"(  name        heading of the tables (default the file's name)
  data        {"scenes": {"train": N, "val": N, "report": N, "seed": 1, "options": {..}}}: drawn
              for it, N questions each, options as of vqalign scenes; or a folder in VQA v2 layout,
              {"directory": D, "features": F}, as seen from the spec; or left out: --data
  splits      of a folder: {"train": "train", "val": "val", "report": S, "held_out": SHARE}; the
              best epoch is the one that is best on val ("none": the last), the figures are of
              report (default val); held_out takes that share of train as val, by pictures
  recipe      what every run starts from (default scenes)
  init        a model that every run starts from, as seen from the spec
  common      options of every run, as in a file for --config: {"train": {"batch_size": 32}}
  settings    the rows: [{"name": "ct", "align": {"kind": "ct"}}, ..], options on top of common
  base        the name of the setting that the others are compared with
  seeds       [1, 2, 3]: each setting is trained with each
  epochs      or minutes: how long each run trains (default the recipe's epochs)
  passes      of uncertainty (default 20; 0: none)
  noise       deviation on the regions' features in the noisy columns (default 1; 0: none)
  replicates  of the bootstrap (default 10000)

DIR/results.csv, .json, .md, .html and plot-*.svg are written anew after each run;
DIR/runs/NAME-SEED holds a run's spec, log, model, results and verdicts on every question. Called
again it goes on where it was; failed runs are tried again; settings and seeds may be added to the
spec. --seed is the bootstrap's.
)";

ExperimentSpec spec_for(const ExperimentArguments& arguments) {
  ExperimentSpec spec = read_experiment_spec(arguments.spec);
  const bool given = !arguments.data.empty() || !arguments.features.empty();
  if (given && spec.scenes) {
    throw UsageError(concat(arguments.spec.string(), ": draws its own scenes; leave out ",
                            arguments.data.empty() ? "--features" : "--data"));
  }
  const auto whole = [](const std::filesystem::path& path) {
    return std::filesystem::absolute(path).lexically_normal();
  };
  if (!arguments.data.empty()) spec.directory = whole(arguments.data);
  if (!arguments.features.empty()) spec.features = whole(arguments.features);
  return spec;
}

void experiment(const ExperimentArguments& arguments, Context& context) {
  context.refuse_options();
  const GlobalOptions& globals = context.options();
  ExperimentRequest request;
  request.spec = spec_for(arguments);
  request.out = arguments.out;
  request.jobs = arguments.jobs;
  request.threads = globals.threads;
  request.device = globals.device;
  request.seed = static_cast<uint64_t>(globals.seed);
  request.program = "vqalign " VQALIGN_VERSION;
  const ExperimentOutcome outcome = run_experiment(request, context.progress(), context.cancel());
  context.print_result(results_json(outcome.head, outcome.summary),
                       results_markdown(outcome.head, outcome.summary));
  if (outcome.summary.failed() == 0) return;
  for (const RunRecord& run : outcome.summary.runs) {
    if (run.failure.empty()) continue;
    throw Error(concat(outcome.summary.failed(), " of ",
                       count_text(static_cast<int64_t>(outcome.summary.runs.size()), "run"),
                       " failed: ", run.plan.name(), ": ", run.failure),
                "called again, the failed ones are tried again");
  }
}

}  // namespace

VerbAction define_experiment(CLI::App& app) {
  const auto arguments = std::make_shared<ExperimentArguments>();
  add_path(app, "SPEC", arguments->spec, "what is compared, JSON; see below", "")->required();
  add_path(app, "--out", arguments->out, "folder of runs and results; gone on with if it is there",
           "DIR")
      ->required();
  add_integer(app, "--jobs", arguments->jobs, 1, kMostJobs,
              "runs at once, each with its share of the threads (default 1)");
  add_path(app, "--data", arguments->data, "dataset in VQA v2 layout, in place of the spec's",
           "DIR");
  add_path(app, "--features", arguments->features, "stored region features in place of the spec's",
           "F");
  end_help(
      app,
      "echo '{\"data\": {\"scenes\": {\"train\": 64, \"val\": 32}}, \"base\": \"base\",\n"
      "  \"settings\": [{\"name\": \"base\", \"align\": {\"kind\": \"none\"}},\n"
      "               {\"name\": \"ct\", \"align\": {\"kind\": \"ct\"}}],\n"
      "  \"seeds\": [1, 2], \"epochs\": 1, \"passes\": 2}' > spec.json\n"
      "vqalign experiment spec.json --out results",
      [] { return std::string(kSpecHelp); }, "The spec, a JSON file:\n");
  return [arguments](Context& context) { experiment(*arguments, context); };
}

}  // namespace vqalign

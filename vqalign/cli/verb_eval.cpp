#include <CLI/CLI.hpp>
#include <memory>

#include "vqalign/align/alignment_meter.h"
#include "vqalign/cli/arguments.h"
#include "vqalign/cli/asked_harm.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/eval_output.h"
#include "vqalign/cli/model_run.h"
#include "vqalign/cli/score_output.h"
#include "vqalign/cli/temperature.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/uncertainty.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/digest.h"
#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/data/score_table.h"
#include "vqalign/inspect/answerer.h"
#include "vqalign/inspect/shipped_files.h"
#include "vqalign/train/evaluation_report.h"
#include "vqalign/train/poor_sets.h"
#include "vqalign/train/question_verdicts.h"
#include "vqalign/train/training_record.h"

namespace vqalign {
namespace {

struct EvalArguments {
  ModelRunArguments run;
  std::optional<int64_t> passes;
  std::optional<double> noise;
  HarmArguments harm;
  bool alignment = false;
  bool calibrate = false;
  bool calibrate_anyway = false;
  std::filesystem::path out;
  std::filesystem::path table;
  std::filesystem::path report;
  std::filesystem::path verdicts;
  std::string prior_split;
};

Json alignment_json(const AlignmentReport& report) {
  Json heads = Json::array();
  for (const HeadMmd& head : report.heads) {
    heads.push(Json::object()
                   .set("family", head.family)
                   .set("layer", head.layer)
                   .set("head", head.head)
                   .set("value", head.value));
  }
  return Json::object().set("mmd_total", report.mmd_total).set("mmd", std::move(heads));
}

/// A line for each layer, a column for each head.
std::string alignment_text(const AlignmentReport& report) {
  std::string text =
      concat("query-key MMD   ", fixed_text(report.mmd_total, 4), " in all self-attention");
  std::string place;
  for (const HeadMmd& head : report.heads) {
    const std::string here = concat(head.family, " layer ", head.layer);
    if (here != place) text += "\n  " + here + ":";
    place = here;
    text += " " + fixed_text(head.value, 4);
  }
  return text + "\n";
}

std::string run_text(const Predictions& predictions, double rate) {
  return concat("loss            ", fixed_text(predictions.loss, 4), "\nspeed           ",
                fixed_text(rate, 1), " questions/s, ", fixed_text(predictions.seconds, 1),
                " s\noutside list    ", fixed_text(100 * predictions.outside_answer_list, 2),
                " % of questions have no answer in the model's list\n");
}

void write_files(const EvalArguments& arguments, const ModelRun& run,
                 const Predictions& predictions, const Score& score, const PriorScore* prior,
                 const MeasuredPasses* passes, Context& context) {
  if (!arguments.out.empty()) write_results(arguments.out, results_of(run.dataset, predictions));
  if (!arguments.table.empty()) {
    write_score_table(arguments.table, run.dataset.annotations, predictions.answers, score);
  }
  if (arguments.report.empty()) return;
  write_evaluation_report(arguments.report,
                          {.model = model_or_shipped(arguments.run.model).filename().string() +
                                    harm_title(arguments.harm),
                           .dataset = &run.dataset,
                           .answers = &predictions.answers,
                           .confidences = &predictions.confidences,
                           .score = &score,
                           .prior = prior,
                           .passes = passes,
                           .loss = predictions.loss,
                           .outside_answer_list = predictions.outside_answer_list},
                          context.progress(), context.cancel());
}

/// What `experiment` compares settings by, as the model tells it whose means over passes are scaled
/// by `temperature`.
void write_verdicts_file(const EvalArguments& arguments, const Dataset& dataset, const Score& score,
                         const std::optional<Uncertainty>& uncertainty, double temperature) {
  if (arguments.verdicts.empty()) return;
  QuestionVerdicts verdicts;
  verdicts.model_sha256 = file_sha256(model_or_shipped(arguments.run.model));
  for (const Question& question : dataset.questions) {
    verdicts.question_ids.push_back(question.question_id);
  }
  verdicts.accuracies = score.shown_accuracies();
  if (uncertainty) {
    for (const double confidence : uncertainty->measured.confidences) {
      verdicts.confidences.push_back(scaled_probability(confidence, temperature));
    }
    verdicts.pass_accuracies = uncertainty->measured.accuracies;
    verdicts.p_values = uncertainty->p_values;
  }
  write_verdicts(arguments.verdicts, verdicts);
}

/// What is wrong before anything is read.
void check_arguments(const EvalArguments& arguments) {
  check_outputs({arguments.out, arguments.table, arguments.report, arguments.verdicts},
                read_by(arguments.run));
  if (arguments.calibrate_anyway && !arguments.calibrate) {
    throw UsageError("--calibrate-anyway goes with --calibrate");
  }
  if (!arguments.calibrate) return;
  if (arguments.run.model.empty()) {
    throw UsageError("--calibrate writes into a model: name it with --model");
  }
  if (arguments.noise) throw UsageError("--calibrate and --noise exclude each other");
  if (arguments.run.uncalibrated) {
    throw UsageError("--calibrate and --uncalibrated exclude each other");
  }
  if (!arguments.harm.corrupt.empty() || !arguments.harm.attack.empty()) {
    throw UsageError(concat("--calibrate and --",
                            arguments.harm.corrupt.empty() ? "attack" : "corrupt",
                            " exclude each other"));
  }
  check_writable_model(arguments.run.model);
}

/// The result as it comes together.
struct EvalResult {
  Json json;
  std::string text;

  void add(const char* key, Json value, const std::string& told) {
    json.set(key, std::move(value));
    text += told;
  }
};

EvalResult begin_result(const ModelRun& run, const Predictions& predictions, const Score& score,
                        const PriorScore* prior) {
  const double rate = questions_per_second(score.questions, predictions.seconds);
  EvalResult result;
  result.json = score.to_json();
  result.json.set("loss", predictions.loss)
      .set("seconds", rounded(predictions.seconds, 3))
      .set("questions_per_second", rounded(rate, 2))
      .set("outside_answer_list", predictions.outside_answer_list);
  if (prior) result.json.set("prior", prior_json(*prior));
  result.text = eval_text(score, prior, run.dataset) + run_text(predictions, rate);
  const CalibrationFigures calibration =
      calibration_figures(predictions.confidences, score.shown_accuracies());
  result.add("calibration", calibration_json(calibration),
             concat("confidence      ", calibration_text(calibration),
                    run.bundle.calibration.fitted() ? ", calibrated\n" : "\n"));
  return result;
}

/// Writes temperatures into the model, unless they are no good there; tells whether it did.
bool write_fit(const EvalArguments& arguments, const TemperatureFit& fit) {
  const bool writes = arguments.calibrate_anyway || !fit.fits_no_others();
  const std::string worsened = fit.worsened_text();
  if (!worsened.empty()) {
    log_warning(concat("--calibrate: worse on the questions not fitted on (", worsened, "): ",
                       writes ? "more questions would tell more surely"
                              : "the model is left as it was; more questions fit more surely, "
                                "--calibrate-anyway writes it"));
  }
  if (writes) write_calibration(arguments.run.model, fit.calibration);
  return writes;
}

void evaluate(const EvalArguments& arguments, Context& context) {
  check_arguments(arguments);
  const AskedHarm asked = asked_harm(arguments.harm);
  ModelRun run = begin_model_run(arguments.run, context, /*need_annotations=*/true);
  if (arguments.calibrate) run.bundle.calibration = {};
  warn_about_model(run.bundle, arguments.passes.value_or(0));
  run.options.noise = arguments.noise.value_or(0.0);
  AlignmentMeter meter;
  if (arguments.alignment) {
    run.options.taps.queries_keys = true;
    run.options.observe = [&meter](const ModelOutput& output) { meter.add(output.taps); };
  }
  const auto threads = static_cast<int>(context.options().threads);
  const std::optional<PriorScore> found =
      find_prior(arguments.prior_split, arguments.run.source, run.dataset, threads);
  const PriorScore* prior = found ? &*found : nullptr;
  const Json harm = harm_dataset(asked, run, context);
  const Predictions predictions =
      predict(run.bundle, run.dataset, run.options, context.progress(), context.cancel());
  warn_about_questions(predictions);
  const Score score =
      score_predictions(predictions.answers, run.dataset.annotations, Metric::kOfficial, threads);
  warn_about_single_answers(score);
  const std::string undivided =
      undivided_line(run.dataset.name, score.shown_accuracies(), predictions.outside_answer_list);
  warn_with({few_questions_line(run.dataset.name, score.questions), undivided});
  EvalResult result = begin_result(run, predictions, score, prior);
  if (!harm.as_object().empty())
    result.add("harm", harm, object_text(Json::object().set("harm", harm)));
  if (arguments.alignment) {
    const AlignmentReport report = meter.report();
    result.add("alignment", alignment_json(report), alignment_text(report));
  }
  std::optional<Uncertainty> uncertainty;
  if (arguments.passes) {
    uncertainty = measure_uncertainty(run.bundle, run.dataset, run.options, *arguments.passes,
                                      context.progress(), context.cancel());
    if (undivided.empty()) {
      warn_with({undivided_line(concat(run.dataset.name, ", mean over passes"),
                                uncertainty->measured.accuracies, 0)});
    }
    result.add("uncertainty", uncertainty_json(*uncertainty), uncertainty_text(*uncertainty));
  }
  const MeasuredPasses* passes = uncertainty ? &uncertainty->measured : nullptr;
  context.cancel().check();
  double temperature = 1;
  if (arguments.calibrate) {
    TemperatureFit fit =
        fit_temperatures(run.dataset, predictions.confidences, score.shown_accuracies(), passes);
    fit.calibration.data = data_name(arguments.run.source, run.dataset);
    const bool written = write_fit(arguments, fit);
    if (written) temperature = fit.calibration.passes_temperature;
    result.add("calibrate", fit.to_json().set("written", written), fit.to_text());
  }
  // Behind the temperatures: verdicts name the model by its hash.
  write_verdicts_file(arguments, run.dataset, score, uncertainty, temperature);
  write_files(arguments, run, predictions, score, prior, passes, context);
  context.print_result(result.json, result.text);
}

}  // namespace

VerbAction define_eval(CLI::App& app) {
  const auto arguments = std::make_shared<EvalArguments>();
  add_model_run_options(app, arguments->run);
  add_integer(app, "--passes", arguments->passes, AskOptions::kFewestPasses,
              AskOptions::kMostPasses, "also the uncertainty over so many passes with dropout");
  add_number(app, "--noise", arguments->noise, 0, 1e6,
             "standard deviation of noise added to the regions' features");
  add_harm_options(app, arguments->harm);
  app.add_flag("--alignment", arguments->alignment,
               "also the distance between queries and keys of every layer and head");
  app.add_flag("--calibrate", arguments->calibrate,
               "fit a temperature on half of the pictures, tell what it does on the other half, "
               "write it into the model if that is no worse; with --passes another for their mean");
  app.add_flag("--calibrate-anyway", arguments->calibrate_anyway,
               "with --calibrate: write it also where the other half's NLL gets worse by it");
  add_precision_option(app, arguments->run);
  add_uncalibrated_option(app, arguments->run.uncalibrated);
  add_path(app, "--out", arguments->out, "also write a results file", "F.json");
  add_path(app, "--table", arguments->table, "also write each question's accuracy", "F.csv");
  add_path(app, "--report", arguments->report,
           "also write a report for the browser: charts, mistakes, pictures", "F.html");
  add_path(app, "--verdicts", arguments->verdicts,
           "also write each question's accuracy and, with --passes, its confidence and p-value",
           "F.npz");
  add_word(app, "--prior-split", arguments->prior_split,
           "what the answers that need no picture are learned from (default train), or none", "S");
  end_help(app,
           "vqalign scenes --out scenes --train 0 --val 200 --test 0\n"
           "vqalign eval --data scenes --split val",
           model_run_options_help);
  return [arguments](Context& context) { evaluate(*arguments, context); };
}

}  // namespace vqalign

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/question_arguments.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/digest.h"
#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/figure/draw_figure.h"
#include "vqalign/figure/figure_choice.h"
#include "vqalign/figure/offscreen.h"
#include "vqalign/figure/write_figure.h"
#include "vqalign/inspect/shipped_files.h"

namespace vqalign {
namespace {

constexpr int64_t kMostBars = 100;

struct FigureArguments {
  QuestionArguments question;
  std::filesystem::path out;
};

void check_arguments(const FigureArguments& arguments, const FigureOptions& options) {
  check_question(arguments.question);
  check_figure_options(options);
  figure_format(arguments.out);
  std::error_code missing;
  if (std::filesystem::equivalent(arguments.out, arguments.question.image, missing)) {
    throw UsageError(concat("--out ", arguments.out.string(), " would replace the picture itself"));
  }
  check_output(arguments.out);
}

/// The answer with all that the figure tells; warnings go to stderr.
FigureSubject inspect(Answerer& answerer, const FigureArguments& arguments,
                      const FigureOptions& options, Context& context) {
  const QuestionArguments& asked = arguments.question;
  AskOptions ask = asked.ask;
  ask.seed = static_cast<uint64_t>(context.options().seed);
  ask.cancel = &context.cancel();
  const Edits edits = figure_edits(options);
  FigureSubject subject;
  subject.inspection = answerer.inspect(asked.image, asked.question, edits, ask);
  for (const std::string& warning : subject.inspection.evidence.warnings) log_warning(warning);
  const WeightChoice weights = weight_choice(options, subject.inspection);
  if (weights.source == WeightSource::kRelevance) {
    context.cancel().check();
    subject.relevance = answerer.relevance(asked.image, asked.question, edits, weights.answer);
  }
  if (ask.passes > 0 && weights.source != WeightSource::kPooling) {
    subject.over_passes =
        answerer.weights_over_passes(asked.image, asked.question, edits, weights, ask);
  }
  subject.model_hash = file_sha256(model_or_shipped(asked.model));
  return subject;
}

/// What was asked for and shows nowhere.
void warn_unused(const FigureOptions& options) {
  const bool attention = options.weights == "attention";
  const bool subject = !options.word.empty() || options.region >= 0;
  if (subject && !attention) {
    log_warning("figure.word and figure.region count with figure.weights=attention alone");
  }
  if (!options.answer.empty() && options.weights != "relevance") {
    log_warning("figure.answer counts with figure.weights=relevance alone");
  }
}

void write(const FigureArguments& arguments, FigureSubject& subject, const FigureOptions& options) {
  const FigureFormat format = figure_format(arguments.out);
  if (format == FigureFormat::kJson || format == FigureFormat::kCsv) {
    return write_figure(arguments.out, subject, options);
  }
  const OffscreenGui gui;
  subject.picture = picture_image(read_picture(arguments.question.image));
  write_figure(arguments.out, subject, options);
}

void draw(const FigureArguments& arguments, Context& context) {
  FigureOptions options;
  context.apply_options({{"figure", options.fields()}});
  check_arguments(arguments, options);
  warn_unused(options);
  Answerer answerer = load_answerer(arguments.question, context);
  FigureSubject subject = inspect(answerer, arguments, options, context);
  context.cancel().check();
  write(arguments, subject, options);
  const AnswerEvidence& evidence = subject.inspection.evidence;
  const RankedAnswer& best = evidence.answers.front();
  context.print_result(Json::object()
                           .set("out", valid_utf8(arguments.out.string()))
                           .set("question", evidence.question)
                           .set("answer", best.text)
                           .set("probability", rounded(best.probability, 6)),
                       concat(arguments.out.string(), ": ", best.text, ", ",
                              fixed_text(best.probability * 100, 1), " %\n"));
}

std::string figure_options_help() {
  FigureOptions options;
  return options_help({{"figure", options.fields()}});
}

constexpr const char* kExamples =
    "vqalign scenes --out scenes --train 0 --val 50 --test 0\n"
    "picture=$(ls scenes/val2014/*.png | head -1)\n"
    "vqalign figure $picture \"Is there a circle?\" --out summary.svg\n"
    "vqalign figure $picture \"Is there a circle?\" --out word.svg --set figure.weights=attention "
    "--set figure.word=circle\n"
    "vqalign figure $picture \"Is there a circle?\" --out heads.png --set figure.view=heads "
    "--set figure.sorted=true\n"
    "vqalign figure $picture \"Is there a circle?\" --out map.csv --set figure.view=matrix "
    "--set figure.family=guided --set figure.layer=0 --set figure.head=1\n"
    "vqalign figure $picture \"Is there a circle?\" --out paper.svg --set figure.view=paper "
    "--set figure.weights=relevance --set figure.silence=guided:0:1";

}  // namespace

VerbAction define_figure(CLI::App& app) {
  const auto arguments = std::make_shared<FigureArguments>();
  add_question_options(app, arguments->question, kMostBars);
  add_path(app, "--out", arguments->out, "figure to write", "F.(svg|png|json|csv)")->required();
  end_help(app, kExamples, figure_options_help);
  return [arguments](Context& context) { draw(*arguments, context); };
}

}  // namespace vqalign

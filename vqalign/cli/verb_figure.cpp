#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/question_arguments.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/figure/draw_figure.h"
#include "vqalign/figure/offscreen.h"
#include "vqalign/figure/write_figure.h"

namespace vqalign {
namespace {

constexpr int64_t kMostBars = 100;

struct FigureArguments {
  QuestionArguments question;
  std::filesystem::path out;
};

void check_arguments(const FigureArguments& arguments) {
  check_question(arguments.question);
  figure_format(arguments.out);
  std::error_code missing;
  if (std::filesystem::equivalent(arguments.out, arguments.question.image, missing)) {
    throw UsageError(concat("--out ", arguments.out.string(), " would replace the picture itself"));
  }
  check_output(arguments.out);
}

void write(const FigureArguments& arguments, const AnswerEvidence& evidence,
           const FigureOptions& options) {
  const FigureFormat format = figure_format(arguments.out);
  if (format == FigureFormat::kJson || format == FigureFormat::kCsv) {
    return write_figure(arguments.out, evidence, {}, options);
  }
  const OffscreenGui gui;
  const QImage picture = picture_image(read_picture(arguments.question.image));
  write_figure(arguments.out, evidence, picture, options);
}

void draw(const FigureArguments& arguments, Context& context) {
  FigureOptions options;
  context.apply_options({{"figure", options.fields()}});
  check_arguments(arguments);
  Answerer answerer = load_answerer(arguments.question, context);
  const AnswerEvidence evidence = ask_and_warn(answerer, arguments.question, context);
  context.cancel().check();
  write(arguments, evidence, options);
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

}  // namespace

VerbAction define_figure(CLI::App& app) {
  const auto arguments = std::make_shared<FigureArguments>();
  add_question_options(app, arguments->question, kMostBars);
  add_path(app, "--out", arguments->out, "figure to write", "F.(svg|png|json|csv)")->required();
  end_help(app,
           "vqalign scenes --out scenes --train 0 --val 50 --test 0\n"
           "vqalign figure \"$(ls scenes/val2014/*.png | head -1)\" \"Is there a circle?\" --out "
           "figure.svg",
           figure_options_help);
  return [arguments](Context& context) { draw(*arguments, context); };
}

}  // namespace vqalign

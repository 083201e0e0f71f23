#include "vqalign/cli/question_arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/runtime.h"
#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/inspect/shipped_files.h"

namespace vqalign {
void add_question_options(CLI::App& app, QuestionArguments& arguments, int64_t most_answers) {
  add_path(app, "IMAGE", arguments.image, "the picture: JPEG, PNG, BMP, TIFF or WebP", "");
  app.add_option("QUESTION", arguments.question, "the question, in quotes")->type_name("");
  add_model_option(app, arguments.model);
  add_integer(app, "--top", arguments.ask.top, 1, most_answers,
              "how many answers are shown (default 5)");
  add_integer(app, "--passes", arguments.ask.passes, AskOptions::kFewestPasses,
              AskOptions::kMostPasses,
              "so many passes with dropout, to tell how certain the answer is");
  add_uncalibrated_option(app, arguments.ask.uncalibrated);
}

void check_question(const QuestionArguments& arguments) {
  if (arguments.image.empty()) throw UsageError("IMAGE is missing: the picture to ask about");
  if (arguments.question.empty()) {
    throw UsageError("QUESTION is missing or empty", "put it in quotes after the picture");
  }
}

Answerer load_answerer(const QuestionArguments& arguments, Context& context) {
  const torch::Device device = prepare_torch(context);
  Answerer answerer(model_or_shipped(arguments.model), device.str());
  context.cancel().check();
  return answerer;
}

AnswerEvidence ask_and_warn(Answerer& answerer, const QuestionArguments& arguments,
                            Context& context) {
  AskOptions options = arguments.ask;
  options.seed = static_cast<uint64_t>(context.options().seed);
  options.cancel = &context.cancel();
  AnswerEvidence evidence = answerer.ask(arguments.image, arguments.question, options);
  for (const std::string& warning : evidence.warnings) log_warning(warning);
  return evidence;
}

}  // namespace vqalign

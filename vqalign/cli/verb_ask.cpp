#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/failure.h"
#include "vqalign/cli/line_reader.h"
#include "vqalign/cli/question_arguments.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr int64_t kMostAnswers = 1'000'000;
constexpr std::size_t kRegions = 3;
constexpr std::size_t kWidestAnswer = 40;
constexpr int kBarCells = 30;

struct AskArguments {
  QuestionArguments question;
  bool standard_input = false;
};

std::string percent(double share, int decimals) {
  return fixed_text(share * 100, decimals) + " %";
}

/// A bar of block characters, an eighth of a cell fine.
std::string bar(double share) {
  static const char* const kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<int>(std::clamp(share, 0.0, 1.0) * kBarCells * 8 + 0.5);
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  return text + kEighths[eighths % 8];
}

/// The same with the spread over passes on it: what lies within one standard deviation of its end
/// is drawn lighter, on either side of it. A spread narrower than half a cell cannot be drawn.
std::string bar_with_spread(double share, double spread) {
  if (spread * kBarCells < 0.5) return bar(share);
  std::string text;
  for (int i = 0; i < kBarCells; ++i) {
    const double cell = (i + 0.5) / kBarCells;
    if (cell > share + spread) break;
    text += cell <= share - spread ? "█" : cell <= share ? "▓" : "░";
  }
  return text;
}

std::string answers_text(const AnswerEvidence& evidence) {
  std::size_t widest = 0;
  for (const RankedAnswer& answer : evidence.answers) {
    widest = std::max(widest, std::min(answer.text.size(), kWidestAnswer));
  }
  std::string text;
  for (const RankedAnswer& answer : evidence.answers) {
    text += "  " + padded(one_line(answer.text), widest + 2) +
            right_aligned(percent(answer.probability, 1), 7);
    if (evidence.passes > 0) {
      text += " ± " + right_aligned(fixed_text(answer.spread * 100, 1), 4);
    }
    const std::string drawn = bar_with_spread(answer.probability, answer.spread);
    text += (drawn.empty() ? "" : "  " + drawn) + "\n";
  }
  return text;
}

std::string words_text(const AnswerEvidence& evidence) {
  std::string text = "words  ";
  for (const QuestionWord& word : evidence.words) {
    if (word.cut) break;
    text +=
        "  " + one_line(word.text) + (word.known ? " " : " (unknown) ") + percent(word.weight, 0);
  }
  return text + "\n";
}

std::string regions_text(const AnswerEvidence& evidence) {
  std::string text;
  for (const std::size_t index : top_regions(evidence, kRegions)) {
    const PictureRegion& region = evidence.regions[index];
    const auto span = [](double from, double to) {
      return fixed_text(from, 0) + " to " + fixed_text(to, 0);
    };
    const std::string label = one_line(label_text(region));
    const std::string spread =
        evidence.over_passes
            ? concat(" ± ", fixed_text(evidence.over_passes->spread.regions[index] * 100, 0))
            : "";
    text += concat(text.empty() ? "regions  " : "         ", percent(region.weight, 0), spread,
                   label.empty() ? "" : " " + label, " at x ", span(region.x1, region.x2), ", y ",
                   span(region.y1, region.y2), "\n");
  }
  return text;
}

std::string answer_text(const AnswerEvidence& evidence) {
  std::string text = answers_text(evidence);
  if (evidence.certainty) text += one_line(certainty_text(evidence)) + "\n";
  if (evidence.calibrated) text += "calibrated: the model's probabilities are scaled, see info\n";
  return text + words_text(evidence) + regions_text(evidence);
}

Json answer_json(const AnswerEvidence& evidence) {
  return evidence_json(evidence, kRegions)
      .set("milliseconds", rounded(evidence.encode_milliseconds + evidence.answer_milliseconds, 3));
}

/// Answers one line; what goes wrong with it becomes its result.
Json answer_line(const std::string& line, std::size_t number, const AskArguments& arguments,
                 Answerer& answerer, Context& context) {
  try {
    const std::string where = concat("standard input: line ", number);
    const Json asked = Json::parse(line, where);
    if (!asked.is_object()) fail(where, ": expected an object, found ", asked.type_name());
    QuestionArguments question = arguments.question;
    question.image = asked.at("image", where).as_string(where + ": image");
    question.question = asked.at("question", where).as_string(where + ": question");
    return answer_json(ask_and_warn(answerer, question, context));
  } catch (...) {
    const Failure failure = describe_current_exception();
    if (failure.status == kCancelledStatus) throw;
    return Json::object().set("error", valid_utf8(failure.line)).set("line", number);
  }
}

/// One JSON line out for every one in, at once, so that two programs can converse.
void answer_standard_input(const AskArguments& arguments, Context& context) {
  Answerer answerer = load_answerer(arguments.question, context);
  LineReader reader(STDIN_FILENO, context.cancel());
  std::size_t asked = 0, failed = 0;
  while (const std::optional<std::string> line = reader.next()) {
    if (line->find_first_not_of(" \t") == std::string::npos) continue;
    const Json answer = answer_line(*line, reader.line_number(), arguments, answerer, context);
    print(answer.dump() + "\n");
    ++asked;
    if (answer.find("error")) ++failed;
  }
  if (failed > 0) {
    fail("standard input: ", failed, " of ", count_text(static_cast<int64_t>(asked), "question"),
         " could not be answered, their lines of output say why");
  }
}

void ask(const AskArguments& arguments, Context& context) {
  context.refuse_options();
  const QuestionArguments& question = arguments.question;
  if (arguments.standard_input) {
    if (!question.image.empty() || !question.question.empty()) {
      throw UsageError("--stdin reads pictures and questions, none can be named beside it");
    }
    return answer_standard_input(arguments, context);
  }
  check_question(question);
  Answerer answerer = load_answerer(question, context);
  const AnswerEvidence evidence = ask_and_warn(answerer, question, context);
  context.print_result(answer_json(evidence), answer_text(evidence));
}

}  // namespace

VerbAction define_ask(CLI::App& app) {
  const auto arguments = std::make_shared<AskArguments>();
  add_question_options(app, arguments->question, kMostAnswers);
  app.add_flag("--stdin", arguments->standard_input,
               "answer JSON lines {\"image\": \"..\", \"question\": \"..\"}, one line each; a line "
               "that fails gives {\"error\": \"..\", \"line\": N} and status 1 at the end");
  end_help(app,
           "vqalign scenes --out scenes --train 0 --val 50 --test 0\n"
           "vqalign ask \"$(ls scenes/val2014/*.png | head -1)\" \"What colour is the circle?\"");
  return [arguments](Context& context) { ask(*arguments, context); };
}

}  // namespace vqalign

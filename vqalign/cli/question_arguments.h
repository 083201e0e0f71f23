#pragma once

#include <filesystem>
#include <string>

#include "vqalign/inspect/answerer.h"

namespace CLI {
class App;
}

namespace vqalign {

class Context;

/// What the verbs that ask one question are told.
struct QuestionArguments {
  std::filesystem::path image;
  std::string question;
  std::filesystem::path model;
  AskOptions ask;
};

/// Adds IMAGE, QUESTION (neither required), --model, --top up to `most_answers`, --passes
/// and --uncalibrated.
void add_question_options(CLI::App& app, QuestionArguments& arguments, int64_t most_answers);

/// UsageError when IMAGE or QUESTION is missing.
void check_question(const QuestionArguments& arguments);

/// Loads the named model, or the shipped one, on the device that --device names.
Answerer load_answerer(const QuestionArguments& arguments, Context& context);

/// The answer, its warnings told on stderr. Takes seed and stop from `context`.
AnswerEvidence ask_and_warn(Answerer& answerer, const QuestionArguments& arguments,
                            Context& context);

}  // namespace vqalign

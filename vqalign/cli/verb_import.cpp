#include <CLI/CLI.hpp>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/data/answers.h"
#include "vqalign/fusion/mcan_checkpoint.h"
#include "vqalign/inspect/evidence.h"
#include "vqalign/language/token_file.h"

namespace vqalign {
namespace {

constexpr const char* kFourFiles =
    "the public code makes its dictionary from the questions of train, val, test and Visual "
    "Genome, "
    "in this order and from all four: --questions once for each, or its token_to_ix as --tokens";

struct ImportArguments {
  std::filesystem::path checkpoint;
  std::filesystem::path tokens;
  std::vector<std::filesystem::path> questions;
  std::filesystem::path answers;
  std::filesystem::path out;
  int64_t heads = 8;
};

std::vector<std::filesystem::path> files_read(const ImportArguments& arguments) {
  std::vector<std::filesystem::path> files = arguments.questions;
  files.insert(files.end(), {arguments.checkpoint, arguments.answers});
  if (!arguments.tokens.empty()) files.push_back(arguments.tokens);
  return files;
}

/// Words in order of first appearance, over all files.
TokenList words_of_questions(const std::vector<std::filesystem::path>& files, Context& context) {
  std::vector<std::string> texts;
  context.progress().begin("questions", static_cast<int64_t>(files.size()), "files");
  for (std::size_t i = 0; i < files.size(); ++i) {
    context.cancel().check();
    for (Question& question : read_questions(files[i])) {
      texts.push_back(std::move(question.question));
    }
    context.progress().update(static_cast<int64_t>(i) + 1);
  }
  context.progress().end();
  const Vocabulary vocabulary = Vocabulary::from_questions(texts);
  return {vocabulary.own_words(), false};
}

Vocabulary vocabulary_for(const McanCheckpoint& checkpoint, TokenList list,
                          const std::string& source) {
  const bool names_class = !list.words.empty() && list.words.front() == kClassWord;
  if (checkpoint.layout == "openvqa" && !list.has_special && !names_class) {
    list.words.insert(list.words.begin(), kClassWord);
  }
  Vocabulary vocabulary(list.words);
  if (static_cast<int64_t>(vocabulary.size()) != checkpoint.config.words) {
    throw Error(concat(source, ": gives ", vocabulary.size(), " entries with padding and unknown, ",
                       checkpoint.path, " has ", checkpoint.config.words,
                       " (the rows of embedding.weight)"),
                kFourFiles);
  }
  return vocabulary;
}

Vocabulary read_vocabulary(const ImportArguments& arguments, const McanCheckpoint& checkpoint,
                           Context& context) {
  if (!arguments.tokens.empty()) {
    return vocabulary_for(checkpoint, read_token_list(arguments.tokens), arguments.tokens.string());
  }
  return vocabulary_for(
      checkpoint, words_of_questions(arguments.questions, context),
      count_text(static_cast<int64_t>(arguments.questions.size()), "questions file"));
}

std::vector<std::string> read_answers(const ImportArguments& arguments,
                                      const McanCheckpoint& checkpoint) {
  std::vector<std::string> answers = AnswerList::from_file(arguments.answers).answers();
  if (static_cast<int64_t>(answers.size()) != checkpoint.config.answers) {
    fail(arguments.answers.string(), ": has ", answers.size(), " answers, ", checkpoint.path,
         " has ", checkpoint.config.answers, " (the rows of proj.weight)");
  }
  return answers;
}

void check_arguments(const ImportArguments& arguments) {
  if (arguments.tokens.empty() == arguments.questions.empty()) {
    throw UsageError(
        "the words of the checkpoint come from --tokens or from --questions, one of both is "
        "needed");
  }
  check_outputs({arguments.out}, files_read(arguments));
}

void import_checkpoint(const ImportArguments& arguments, Context& context) {
  context.refuse_options();
  check_arguments(arguments);
  const McanCheckpoint checkpoint = read_mcan_checkpoint(arguments.checkpoint);
  if (checkpoint.config.model.hidden % arguments.heads != 0) {
    throw UsageError(concat("--heads is ", arguments.heads, ", which does not divide the ",
                            checkpoint.config.model.hidden, " of ", checkpoint.path));
  }
  std::vector<std::string> answers = read_answers(arguments, checkpoint);
  Vocabulary vocabulary = read_vocabulary(arguments, checkpoint, context);
  ModelBundle bundle =
      import_mcan(checkpoint, std::move(vocabulary), std::move(answers), arguments.heads);
  bundle.trained.set("checkpoint", valid_utf8(arguments.checkpoint.filename().string()));
  context.cancel().check();
  save_model(arguments.out, bundle);

  const ModelOptions& model = bundle.config.model;
  int64_t parameters = 0;
  for (const auto& [name, tensor] : checkpoint.tensors) parameters += tensor.numel();
  const Json told = Json::object()
                        .set("out", valid_utf8(arguments.out.string()))
                        .set("format", checkpoint.format)
                        .set("layout", checkpoint.layout)
                        .set("tensors", checkpoint.tensors.size())
                        .set("parameters", parameters)
                        .set("layers", model.layers)
                        .set("heads", model.heads)
                        .set("hidden", model.hidden)
                        .set("words", bundle.vocabulary.own_words().size())
                        .set("answers", bundle.answers.size());
  context.print_result(told, object_text(told));
}

}  // namespace

VerbAction define_import(CLI::App& app) {
  const auto arguments = std::make_shared<ImportArguments>();
  add_path(app, "--checkpoint", arguments->checkpoint,
           "checkpoint of mcan-vqa or OpenVQA's MCAN, as torch.save writes it", "F.pkl")
      ->required();
  add_path(app, "--tokens", arguments->tokens,
           "its words: the code's token_to_ix as JSON, or one word a line", "F");
  add_paths(app, "--questions", arguments->questions,
            "in place of --tokens: a questions file; repeatable, in the code's order (train, val, "
            "test, Visual Genome)");
  add_path(app, "--answers", arguments->answers, "its answers: answer_dict.json, or a JSON list",
           "F.json")
      ->required();
  add_path(app, "--out", arguments->out, "model file to write", "MODEL")->required();
  add_integer(app, "--heads", arguments->heads, 1, 256,
              "attention heads, which no checkpoint tells (default 8)");
  end_help(app,
           "vqalign import --checkpoint examples/mcan/epoch13.pkl --tokens "
           "examples/mcan/tokens.json --answers examples/mcan/answers.json --heads 2 --out "
           "mcan.safetensors");
  return [arguments](Context& context) { import_checkpoint(*arguments, context); };
}

}  // namespace vqalign

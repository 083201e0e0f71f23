#include "vqalign/cli/asked_harm.h"

#include <CLI/CLI.hpp>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/core/error.h"
#include "vqalign/train/robustness/attacked_questions.h"
#include "vqalign/train/robustness/kinds.h"
#include "vqalign/vision/corruption.h"

namespace vqalign {

void add_harm_options(CLI::App& app, HarmArguments& arguments) {
  add_word(app, "--corrupt", arguments.corrupt,
           "harm the pictures: blur:3 and its like; see vqalign robustness", "KIND:SEVERITY");
  add_word(app, "--attack", arguments.attack,
           "harm the questions: keyboard:2 and its like; see vqalign robustness", "KIND:SEVERITY");
}

std::string harm_title(const HarmArguments& arguments) {
  std::string title;
  for (const std::string* harm : {&arguments.corrupt, &arguments.attack}) {
    if (!harm->empty()) title += (title.empty() ? ", after " : " and ") + *harm;
  }
  return title;
}

AskedHarm asked_harm(const HarmArguments& arguments) {
  AskedHarm asked;
  if (!arguments.corrupt.empty()) {
    asked.pictures = parse_harm(arguments.corrupt, corruption_names(), "--corrupt");
  }
  if (!arguments.attack.empty()) {
    asked.questions = parse_harm(arguments.attack, question_attack_kinds(), "--attack");
  }
  return asked;
}

Json harm_dataset(const AskedHarm& asked, ModelRun& run, Context& context) {
  Json told = Json::object();
  Dataset& dataset = run.dataset;
  const uint64_t seed = run.options.seed;
  if (asked.pictures.any()) {
    if (!dataset.features.empty()) {
      throw UsageError("--corrupt: stored features have no pictures");
    }
    dataset.corruption = asked.pictures;
    dataset.corruption_seed = seed;
    told.set("corrupt", dataset.corruption.text());
  }
  const Harm& attack = asked.questions;
  if (!attack.any()) return told;
  WordOrders orders;
  if (is_greedy(attack.kind)) {
    orders =
        words_by_importance(run.bundle, dataset, run.options, context.progress(), context.cancel());
  }
  std::vector<Question> attacked = attacked_questions(dataset.questions, attack, seed, orders);
  told.set("attack", attack.text()).set("changed", changed_share(dataset.questions, attacked));
  dataset.questions = std::move(attacked);
  return told;
}

}  // namespace vqalign

#include "vqalign/train/run_options.h"

#include <algorithm>

#include "vqalign/core/error.h"
#include "vqalign/train/recipe_texts.h"

namespace vqalign {
namespace {

void check_alignment(const RunOptions& options) {
  options.align.sites(options.config.model.layers, options.pretrained_heads().layers);
  const std::vector<std::string>& families = options.align.families;
  const char* of_questions = family_name(AttentionFamily::kQuestionPretrained);
  const bool named = std::find(families.begin(), families.end(), of_questions) != families.end();
  if (options.align.kind != "none" && named && !options.config.language.tune) {
    throw UsageError(concat("align.families names ", of_questions,
                            ", which training leaves as it is while language.tune is false"));
  }
}

}  // namespace

OptionTree RunOptions::options() {
  OptionTree tree = config.options();
  tree.push_back({"align", align.fields()});
  tree.push_back({"data", data.fields()});
  tree.push_back({"train", train.fields()});
  return tree;
}

void RunOptions::check() const {
  config.check();
  VisionOptions vision = config.vision;
  vision.complete();
  train.decay_epoch_numbers();
  check_alignment(*this);
}

Alignment::Heads RunOptions::pretrained_heads() const {
  const LanguageOptions& language = config.language;
  if (!language.pretrained()) return {};
  return {language.width / language.heads, language.layers};
}

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const RecipeText& recipe : recipe_texts()) names.emplace_back(recipe.name);
  return names;
}

RunOptions load_recipe(const std::string& name) {
  for (const RecipeText& recipe : recipe_texts()) {
    if (recipe.name != name) continue;
    RunOptions options;
    const std::string where = "recipe " + name;
    options_from_json(options.options(), Json::parse(recipe.text, where), where);
    return options;
  }
  throw UsageError(concat("unknown recipe \"", name, "\""),
                   concat("did you mean ", nearest_name(name, recipe_names()), "?"));
}

}  // namespace vqalign

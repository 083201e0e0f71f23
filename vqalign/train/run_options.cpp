#include "vqalign/train/run_options.h"

#include "vqalign/core/error.h"
#include "vqalign/train/recipe_texts.h"

namespace vqalign {

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

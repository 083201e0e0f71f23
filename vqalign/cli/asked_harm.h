#pragma once

#include <string>

#include "vqalign/cli/model_run.h"
#include "vqalign/core/harm.h"

namespace vqalign {

class Context;

/// --corrupt and --attack as they were given; empty: not.
struct HarmArguments {
  std::string corrupt;
  std::string attack;
};
void add_harm_options(CLI::App& app, HarmArguments& arguments);

/// Behind a model's name: ", after blur:3 and swap:2"; empty where nothing is harmed.
std::string harm_title(const HarmArguments& arguments);

/// What they ask for.
struct AskedHarm {
  Harm pictures, questions;
};
/// UsageError as parse_harm() says.
AskedHarm asked_harm(const HarmArguments& arguments);

/// Harms the dataset's pictures and questions as asked: {"corrupt": "blur:3", "attack": "swap:2",
/// "changed": share of the questions that the attack changed}, what was not asked for missing.
/// UsageError where pictures are to be harmed and stored features take their place.
Json harm_dataset(const AskedHarm& asked, ModelRun& run, Context& context);

}  // namespace vqalign

#include "vqalign/cli/verbs.h"

namespace vqalign {

std::span<const Verb> verbs() {
  static constexpr Verb kVerbs[] = {
      {"scenes", "Draws a dataset of pictures and questions in VQA v2 layout.", define_scenes},
      {"train", "Trains a model and keeps the best in a model file.", define_train},
      {"eval", "Scores a model: official VQA accuracy by kind of answer and question.",
       define_eval},
      {"robustness",
       "Harms pictures, features and questions, and tells what a model still reaches.",
       define_robustness},
      {"experiment", "Trains several settings with several seeds and compares them in one table.",
       define_experiment},
      {"predict", "Answers a split's questions into a results file as EvalAI takes it.",
       define_predict},
      {"score", "Scores a results file against annotations; no model needed.", define_score},
      {"ask", "Answers a question about a picture and tells what the model looked at.", define_ask},
#ifdef VQALIGN_HAS_FIGURES
      {"figure", "Draws the answer and what the model looked at, as SVG, PNG, JSON or CSV.",
       define_figure},
#endif
      {"attention", "Measures whether attention points at what questions speak of, and its heads.",
       define_attention},
      {"import", "Makes a model of a checkpoint of the public Python MCAN code.", define_import},
      {"export", "Writes a model as a checkpoint for the public Python MCAN code.", define_export},
      {"info", "Tells what a model, dataset folder, feature or results file holds.", define_info},
      {"check", "Reports what is wrong with a dataset folder before it is trained on.",
       define_check},
      {"extract", "Makes region features of a split's pictures, into one packed store.",
       define_extract},
      {"pack", "Packs region features of any format into one store that is quick to read.",
       define_pack},
  };
  return kVerbs;
}

}  // namespace vqalign

#include <CLI/CLI.hpp>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/text_output.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/core/shipped_folders.h"
#include "vqalign/data/answers.h"
#include "vqalign/fusion/mcan_export.h"
#include "vqalign/inspect/evidence.h"
#include "vqalign/inspect/shipped_files.h"
#include "vqalign/language/token_file.h"

namespace vqalign {
namespace {

struct ExportArguments {
  std::string to;
  std::filesystem::path out;
  std::filesystem::path model;
  std::filesystem::path tokens;
  std::filesystem::path answers;
};

/// What scripts/setup --pretrained fetched; a model tells no folder that is opened.
std::filesystem::path usual_weights(const EncoderPart& part) {
  return pretrained_weights(part.encoder, part.usual_file);
}

std::string settings_text(const Json& settings) {
  std::string text;
  for (const auto& [name, value] : settings.as_object()) {
    text += concat("  ", name, ": ", value.dump(), "\n");
  }
  return text;
}

/// A model file that leaves out the weights of its pretrained encoders, or that has them again.
void export_model(const ExportArguments& arguments, const std::filesystem::path& model,
                  Context& context) {
  if (!arguments.tokens.empty() || !arguments.answers.empty()) {
    throw UsageError(concat("--tokens and --answers are for other code, --to ", arguments.to,
                            " writes a model of this program"));
  }
  const ModelBundle bundle = load_model(model);
  context.cancel().check();
  std::vector<LeftOut> left_out;
  if (arguments.to == "slim") {
    left_out = weights_to_leave_out(bundle.config, state_of(*bundle.model), usual_weights);
    if (left_out.empty()) {
      fail(model.string(), ": has no weights of a pretrained encoder that could be left out");
    }
  }
  save_model(arguments.out, bundle, bundle.half, left_out);
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(arguments.out));
  Json told = Json::object();
  told.set("out", valid_utf8(arguments.out.string()))
      .set("layout", arguments.to)
      .set("bytes", bytes);
  if (!left_out.empty()) told.set("needs", left_out_json(left_out));
  context.print_result(told, object_text(told));
}

void export_checkpoint(const ExportArguments& arguments, Context& context) {
  context.refuse_options();
  const std::filesystem::path model = model_or_shipped(arguments.model);
  check_outputs({arguments.out, arguments.tokens, arguments.answers}, {model});
  if (arguments.to == "slim" || arguments.to == "whole") {
    return export_model(arguments, model, context);
  }
  const ModelBundle bundle = load_model(model);
  const std::string layout = arguments.to == "mcan" ? "mcan-vqa" : "openvqa";
  context.cancel().check();
  export_mcan(arguments.out, bundle, layout, model.string());
  if (!arguments.tokens.empty()) write_token_dictionary(arguments.tokens, bundle.vocabulary);
  if (!arguments.answers.empty()) {
    AnswerList(bundle.answers, {}).write_dictionary(arguments.answers);
  }
  const Json settings = mcan_settings(bundle.config);
  context.print_result(Json::object()
                           .set("out", valid_utf8(arguments.out.string()))
                           .set("layout", layout)
                           .set("words", bundle.vocabulary.own_words().size())
                           .set("answers", bundle.answers.size())
                           .set("settings", settings),
                       concat(arguments.out.string(), ": written for ", layout,
                              ", whose settings must be\n", settings_text(settings)));
}

}  // namespace

VerbAction define_export(CLI::App& app) {
  const auto arguments = std::make_shared<ExportArguments>();
  app.add_option("--to", arguments->to,
                 "the code that will read it: mcan (mcan-vqa) or openvqa; or slim, whole: a "
                 "model without, with the weights of its pretrained encoders")
      ->check(CLI::IsMember({"mcan", "openvqa", "slim", "whole"}))
      ->type_name("NAME")
      ->required();
  add_path(app, "FILE", arguments->out,
           "file to write: a checkpoint for Python's torch.load, or a model (slim, whole)", "")
      ->required();
  add_model_option(app, arguments->model);
  add_path(app, "--tokens", arguments->tokens, "also write its words as the code's token_to_ix",
           "F.json");
  add_path(app, "--answers", arguments->answers, "also write its answers as answer_dict.json",
           "F.json");
  end_help(app,
           "vqalign import --checkpoint examples/mcan/epoch13.pkl --tokens "
           "examples/mcan/tokens.json --answers examples/mcan/answers.json --heads 2 --out "
           "mcan.safetensors\n"
           "vqalign export --to mcan back.pkl --model mcan.safetensors --tokens tokens.json "
           "--answers answers.json");
  return [arguments](Context& context) { export_checkpoint(*arguments, context); };
}

}  // namespace vqalign

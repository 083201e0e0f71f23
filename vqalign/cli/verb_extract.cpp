#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/model_run.h"
#include "vqalign/cli/packed_report.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/train/extraction.h"
#include "vqalign/train/pretrained_encoder.h"
#include "vqalign/vision/encoder_names.h"

namespace vqalign {
namespace {

struct ExtractArguments {
  ModelRunArguments run;
  std::string encoder;
  std::filesystem::path out;
  bool half = false;
};

/// A network as it was published, in place of a model's.
ModelRun begin_with_published(const ExtractArguments& arguments, Context& context) {
  VisionOptions vision;
  vision.encoder = arguments.encoder;
  return begin_model_run(arguments.run, context, /*need_annotations=*/false,
                         [&] {
                           if (vision.encoder != arguments.encoder) {
                             throw UsageError(concat("--encoder is ", arguments.encoder,
                                                     ", vision.encoder is ", vision.encoder));
                           }
                           check_outputs({arguments.out}, vision.files());
                           return pretrained_encoder(vision);
                         },
                         {{"vision", vision.fields()}});
}

std::string extract_options_help() {
  DataOptions data;
  VisionOptions vision;
  return options_help({{"data", data.fields()}, {"vision", vision.fields()}});
}

ModelRun begin_with_model(const ExtractArguments& arguments, Context& context) {
  const std::string& encoder = arguments.encoder;
  ModelRun run = begin_model_run(arguments.run, context, /*need_annotations=*/false);
  const std::string& own = run.bundle.config.vision.encoder;
  if (encoder != "grid" && encoder != own) {
    throw UsageError(concat("--encoder is ", encoder, ", the encoder of ",
                            arguments.run.model.string(), " is ", own),
                     "without --model the published network is taken");
  }
  return run;
}

void extract(const ExtractArguments& arguments, Context& context) {
  const std::vector<std::string> known = picture_encoder_names();
  if (std::find(known.begin(), known.end(), arguments.encoder) == known.end()) {
    std::string names;
    for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
    throw UsageError(concat("--encoder is \"", arguments.encoder, "\", there is: ", names));
  }
  if (!arguments.run.source.features.empty()) {
    throw UsageError("--features are regions already; they are made of pictures here",
                     "vqalign pack --from F --out G packs stored features");
  }
  const bool published = arguments.encoder != "grid" && arguments.run.model.empty();
  check_outputs({arguments.out},
                published ? files_of(arguments.run.source) : read_by(arguments.run));
  ModelRun run =
      published ? begin_with_published(arguments, context) : begin_with_model(arguments, context);
  const auto begun = std::chrono::steady_clock::now();
  const PackedSummary summary =
      extract_features(run.bundle, run.dataset, run.options.data, run.options.device,
                       {arguments.out, arguments.half}, context.progress(), context.cancel());
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  print_packed(arguments.out, summary, taken.count(), context);
}

}  // namespace

VerbAction define_extract(CLI::App& app) {
  const auto arguments = std::make_shared<ExtractArguments>();
  add_model_run_options(app, arguments->run);
  add_word(
      app, "--encoder", arguments->encoder,
      "what makes regions of pictures: grid, the model's own; without a model efficientnet-lite0, "
      "-lite1, -lite2, resnet50, resnet101, trained on ImageNet, or detector, what vision.detector "
      "finds")
      ->required();
  add_path(app, "--out", arguments->out, "packed store to write", "F")->required();
  app.add_flag("--half", arguments->half, "round to float16, which halves the file");
  end_help(app,
           "vqalign scenes --out scenes --train 20 --val 0 --test 0\n"
           "vqalign extract --data scenes --split train --encoder grid --out f.vqf\n"
           "vqalign info f.vqf",
           extract_options_help);
  return [arguments](Context& context) { extract(*arguments, context); };
}

}  // namespace vqalign

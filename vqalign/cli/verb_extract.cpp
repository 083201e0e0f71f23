#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "vqalign/cli/arguments.h"
#include "vqalign/cli/context.h"
#include "vqalign/cli/model_run.h"
#include "vqalign/cli/packed_report.h"
#include "vqalign/cli/verbs.h"
#include "vqalign/core/error.h"
#include "vqalign/train/extraction.h"

namespace vqalign {
namespace {

struct ExtractArguments {
  ModelRunArguments run;
  std::string encoder;
  std::filesystem::path out;
  bool half = false;
};

void extract(const ExtractArguments& arguments, Context& context) {
  if (arguments.encoder != "grid") {
    throw UsageError(concat("--encoder is \"", arguments.encoder, "\", there is: grid"));
  }
  if (!arguments.run.source.features.empty()) {
    throw UsageError("--features are regions already; they are made of pictures here",
                     "vqalign pack --from F --out G packs stored features");
  }
  check_outputs({arguments.out}, read_by(arguments.run));
  ModelRun run = begin_model_run(arguments.run, context, /*need_annotations=*/false);
  const auto begun = std::chrono::steady_clock::now();
  const PackedSummary summary =
      extract_features(run.bundle, run.dataset, run.options, {arguments.out, arguments.half},
                       context.progress(), context.cancel());
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  print_packed(arguments.out, summary, taken.count(), context);
}

}  // namespace

VerbAction define_extract(CLI::App& app) {
  const auto arguments = std::make_shared<ExtractArguments>();
  add_model_run_options(app, arguments->run);
  add_word(app, "--encoder", arguments->encoder,
           "what makes regions of pictures: grid, the CNN of the model")
      ->required();
  add_path(app, "--out", arguments->out, "packed store to write", "F")->required();
  app.add_flag("--half", arguments->half, "round to float16, which halves the file");
  end_help(app,
           "vqalign scenes --out scenes --train 20 --val 0 --test 0\n"
           "vqalign extract --data scenes --split train --encoder grid --out f.vqf\n"
           "vqalign info f.vqf",
           model_run_options_help);
  return [arguments](Context& context) { extract(*arguments, context); };
}

}  // namespace vqalign

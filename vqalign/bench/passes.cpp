#include <torch/types.h>
#include <torch/utils.h>

#include <CLI/App.hpp>
#include <memory>

#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/temporary_folder.h"
#include "vqalign/bench/timing.h"
#include "vqalign/data/scenes.h"
#include "vqalign/fusion/stochastic_passes.h"
#include "vqalign/inspect/shipped_files.h"
#include "vqalign/train/evaluation.h"
#include "vqalign/train/run_options.h"

namespace vqalign {
namespace {

constexpr int64_t kAskedQuestions = 8;  ///< of the shipped model
// A question of VQA v2 has six to seven words; words and answers as in the public MCAN code.
constexpr int64_t kAskedWords = 7, kAskedRegions = 100, kMcanWords = 20572, kMcanAnswers = 3129;

struct PassesArguments {
  int64_t passes = 20;
  int64_t together = 0;
};

/// A model and questions about pictures that are encoded already, as `ask` has them.
struct PassesCase {
  std::string name;
  VqaModel model = nullptr;
  std::vector<ModelInput> questions;
};

/// The shipped model and drawn scenes.
PassesCase shipped_case(const CancelToken& cancel) {
  const TemporaryFolder folder;
  SilentProgress silent;
  write_scenes(folder.path(), 0, kAskedQuestions, 0, SceneOptions{}, /*seed=*/1, silent, cancel);
  DataSource from;
  from.directory = folder.path();
  from.split = "val";
  const Dataset dataset = load_dataset(from, /*need_annotations=*/false);
  const ModelBundle bundle = load_model(shipped_model());
  const DatasetInputs source = dataset_inputs(bundle.config, dataset, bundle.vocabulary, nullptr);
  PassesCase made{"shipped model", bundle.model, {}};
  for (int64_t row = 0; row < kAskedQuestions; ++row) {
    ModelInput input = model_input(make_batch(source.inputs, {row}, nullptr), torch::kCPU);
    input.regions = made.model->encode_pictures(input);
    input.pictures.reset();
    made.questions.push_back(question_alone(input, 0));
  }
  return made;
}

/// Random weights of mcan-small's size and made-up regions.
PassesCase mcan_case() {
  RunOptions options = load_recipe("mcan-small");
  options.config.words = kMcanWords;
  options.config.answers = kMcanAnswers;
  PassesCase made{"mcan-small, 100 regions", VqaModel(options.config), {}};
  made.model->eval();
  ModelInput input;
  input.tokens = torch::randint(2, kMcanWords, {1, kAskedWords}, torch::kInt64);
  const torch::Tensor corners = torch::rand({1, kAskedRegions, 2}) * 300;
  input.regions =
      RegionBatch{torch::rand({1, kAskedRegions, options.config.vision.feature_width}),
                  torch::cat({corners, corners + 100}, 2),
                  torch::zeros({1, kAskedRegions}, torch::kBool), torch::full({1, 2}, 400.0)};
  made.questions.push_back(input);
  return made;
}

/// Each pass by itself, all of the network over encoded pictures.
torch::Tensor separate_passes(PassesCase& on, const ModelInput& input, int64_t passes) {
  std::vector<torch::Tensor> probabilities;
  for (int64_t pass = 0; pass < passes; ++pass) {
    DropoutStreams streams = DropoutStreams::of_passes(1, pass, 1);
    probabilities.push_back(on.model(input, PassOptions{&streams, {}}).logits.sigmoid());
  }
  return torch::cat(probabilities);
}

torch::Tensor batched_passes(PassesCase& on, const ModelInput& input,
                             const PassesArguments& arguments) {
  return stochastic_passes(on.model, input,
                           {.passes = arguments.passes, .seed = 1, .together = arguments.together});
}

void add_rows(Report& report, PassesCase& on, const PassesArguments& arguments,
              BenchContext& context) {
  const Contender contenders[] = {
      {"one by one",
       [&] {
         for (const ModelInput& input : on.questions) separate_passes(on, input, arguments.passes);
       }},
      {"batched",
       [&] {
         for (const ModelInput& input : on.questions) batched_passes(on, input, arguments);
       }},
  };
  const auto timings = time_side_by_side(contenders, context.repetitions(10), on.name,
                                         context.progress, context.cancel);
  const ModelInput& first = on.questions.front();
  const double apart =
      (separate_passes(on, first, arguments.passes) - batched_passes(on, first, arguments))
          .abs()
          .max()
          .item<double>();
  for (std::size_t i = 0; i < timings.size(); ++i) {
    report.add({on.name, contenders[i].name,
                timings[i].seconds * 1e3 / static_cast<double>(on.questions.size()),
                timings[i].ratio, timings[i].ratio_low, timings[i].ratio_high, timings[i].cpu_ratio,
                i == 0 ? Json() : Json(apart * 1e6)});
  }
}

Report measure(const PassesArguments& arguments, BenchContext& context) {
  const int64_t threads = prepare_torch(context.options);
  const torch::InferenceMode no_gradients;
  Report report("passes",
                Json::object()
                    .set("passes", arguments.passes)
                    .set("threads", threads)
                    .set("repetitions", context.repetitions(10)),
                {{"model", "model"},
                 {"how", "passes"},
                 {"milliseconds", "ms a question", 2},
                 {"ratio", "ratio", 3},
                 {"ratio_low", "from", 3},
                 {"ratio_high", "to", 3},
                 {"cpu_ratio", "CPU ratio", 3},
                 {"apart", "apart, 1e-6", 2}});
  PassesCase shipped = shipped_case(context.cancel);
  add_rows(report, shipped, arguments, context);
  PassesCase mcan = mcan_case();
  add_rows(report, mcan, arguments, context);
  return report;
}

}  // namespace

BenchAction define_passes(CLI::App& app) {
  const auto arguments = std::make_shared<PassesArguments>();
  add_count(app, "--passes", arguments->passes, 1, 10'000, "passes with dropout");
  add_count(app, "--together", arguments->together, 0, 10'000,
            "passes that share a batch, 0: as many as suit the caches");
  app.footer("example:\n  vqalign-bench passes --repetitions 5");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign

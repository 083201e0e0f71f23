#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "vqalign/bench/apart.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/timing.h"
#include "vqalign/bench/training_case.h"
#include "vqalign/train/device.h"

namespace vqalign {
namespace {

struct StepArguments {
  std::vector<std::string> recipes = {"mcan-small", "scenes"};
  std::vector<std::string> kinds = {"gan", "ot", "ct", "mmd"};
  TrainingCase::How how;
  std::string device = "cpu";
};

void measure_recipe(const std::string& recipe, const std::vector<std::string>& kinds,
                    const StepArguments& arguments, BenchContext& context, Report& report) {
  TrainingCase training(recipe, kinds, arguments.how);
  const torch::Device device = arguments.how.device;
  std::vector<Contender> contenders;
  for (const std::string& kind : kinds) {
    contenders.push_back({kind, [&training, kind] { training.step(kind); }});
  }
  const auto timings = time_side_by_side(contenders, context.repetitions(5), "steps of " + recipe,
                                         context.progress, context.cancel);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    report.add(
        {recipe, kinds[i], timings[i].seconds, timings[i].ratio, timings[i].ratio_low,
         timings[i].ratio_high, timings[i].cpu_ratio, training.training_parameters(kinds[i]),
         training.model_parameters(),
         (device.is_cpu() ? own_peak_bytes() : double(device_bytes(device).peak)) / kMegabyte});
  }
}

Report measure(StepArguments& arguments, BenchContext& context) {
  const int64_t threads = prepare_torch(context.options);
  check_device(arguments.device);
  arguments.how.device = prepare_device(arguments.device);
  std::vector<std::string> kinds = {"none"};
  for (const std::string& kind : arguments.kinds) {
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }
  Report report("step",
                Json::object()
                    .set("batch", arguments.how.batch)
                    .set("device", device_title(arguments.how.device))
                    .set("precision", arguments.how.precision)
                    .set("threads", threads)
                    .set("repetitions", context.repetitions(5)),
                {{"recipe", "recipe"},
                 {"align", "align"},
                 {"seconds_per_step", "s/step", 4},
                 {"ratio", "ratio", 3},
                 {"ratio_low", "from", 3},
                 {"ratio_high", "to", 3},
                 {"cpu_ratio", "CPU ratio", 3},
                 {"parameters_in_training", "in training"},
                 {"parameters_in_model_file", "in model file"},
                 {"peak_megabytes", "peak MB so far", 0}});
  for (const std::string& recipe : arguments.recipes) {
    measure_recipe(recipe, kinds, arguments, context, report);
  }
  return report;
}

}  // namespace

BenchAction define_step(CLI::App& app) {
  const auto arguments = std::make_shared<StepArguments>();
  app.add_option("--recipe", arguments->recipes,
                 "recipes to train (default: mcan-small and scenes)")
      ->check(CLI::IsMember(recipe_names()))
      ->type_name("NAME");
  app.add_option("--align", arguments->kinds,
                 "distances to compare with none (default: gan, ot, ct and mmd)")
      ->check(CLI::IsMember({"none", "gan", "ot", "ct", "mmd"}))
      ->type_name("KIND");
  add_count(app, "--batch", arguments->how.batch, 1, 4096, "questions in a batch");
  app.add_option("--device", arguments->device, "cpu, cuda or cuda:N (default cpu)")
      ->type_name("D");
  app.add_option("--precision", arguments->how.precision,
                 "number type of the network (default float32)")
      ->check(CLI::IsMember({"float32", "bfloat16", "auto"}))
      ->type_name("TYPE");
  app.footer("example:\n  vqalign-bench step --recipe scenes --batch 16 --repetitions 3");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign

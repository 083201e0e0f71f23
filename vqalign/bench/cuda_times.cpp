#include <torch/types.h>

#include <CLI/CLI.hpp>
#include <iterator>
#include <map>
#include <memory>
#include <numeric>

#include "vqalign/bench/apart.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/layer_forms.h"
#include "vqalign/bench/timing.h"
#include "vqalign/core/error.h"
#include "vqalign/train/device.h"

namespace vqalign {
namespace {

struct TimesArguments {
  LayerHeads layer;
  std::string device = "cuda";
  std::string precision = "float32";
  std::vector<std::string> kinds{std::begin(kLayerKinds), std::end(kLayerKinds)};
  std::vector<int64_t> batches = {64};
};

/// Calls in a run: one by one they would be too short to tell from waiting for the device.
constexpr int64_t kCalls = 10;

const std::map<std::string, torch::ScalarType> kTypes = {
    {"float32", torch::kFloat}, {"bfloat16", torch::kBFloat16}, {"float16", torch::kHalf}};

std::function<void()> repeated(const std::function<void()>& call, torch::Device device) {
  return [=] {
    for (int64_t i = 0; i < kCalls; ++i) call();
    finish_work(device);
  };
}

/// Megabytes that a call takes above what is there before it; null on the CPU.
Json megabytes_of(const std::function<void()>& call, torch::Device device) {
  if (device.is_cpu()) return {};
  restart_peak(device);
  const int64_t before = device_bytes(device).allocated;
  call();
  return static_cast<double>(device_bytes(device).peak - before) / kMegabyte;
}

/// Microseconds that the kernels' work takes on an H100 at least; it is counted in float32.
double least_of(const LayerHeads& layer, const std::string& kind, int64_t batch) {
  const auto launches = kernel_work(layer, kind, batch);
  return std::accumulate(
      launches.begin(), launches.end(), 0.0, [](double sum, const cuda::LaunchCounts& launch) {
        return sum + least_time({launch.launches, launch.bytes, launch.operations}, kH100);
      });
}

/// One kind, timed; what cannot be (for lack of memory, say) is null and has a problem.
void add_row(const TimesArguments& arguments, const std::string& kind, int64_t batch,
             torch::Device device, BenchContext& context, Report& report) {
  const std::string precision = is_distance(kind) ? "float32" : arguments.precision;
  LayerForms forms;
  std::vector<Outcome> outcomes(2);
  outcomes[0].problem = problem_of(
      [&] { forms = layer_forms(arguments.layer, kind, batch, device, kTypes.at(precision)); });
  if (outcomes[0].problem.empty()) {
    const Contender contenders[] = {{"kernels", repeated(forms.kernels, device)},
                                    {"composed", repeated(forms.composed, device)}};
    outcomes =
        time_those_that_run(contenders, context.repetitions(11), concat(kind, ", batch of ", batch),
                            context.progress, context.cancel);
  }
  const Outcome &kernels = outcomes[0], &composed = outcomes[1];
  const bool both = kernels.timing && composed.timing, counted = precision == "float32";
  const auto microseconds = [](const Outcome& of) {
    return of.timing ? Json(1e6 * of.timing->seconds / kCalls) : Json();
  };
  const auto ratio = [&](double Timing::*of) {
    return both ? Json((*composed.timing).*of) : Json();
  };
  const auto megabytes = [&](const Outcome& of, const std::function<void()>& call) {
    return of.timing ? megabytes_of(call, device) : Json();
  };
  const double least = least_of(arguments.layer, kind, batch);
  const std::string problem = kernels.problem.empty() && !composed.problem.empty()
                                  ? "composed: " + composed.problem
                                  : kernels.problem;
  report.add({kind, batch, precision, microseconds(kernels), microseconds(composed),
              ratio(&Timing::ratio), ratio(&Timing::ratio_low), ratio(&Timing::ratio_high),
              megabytes(kernels, forms.kernels), megabytes(composed, forms.composed),
              counted ? Json(least) : Json(),
              counted && kernels.timing ? Json(microseconds(kernels).as_double() / least) : Json(),
              problem.empty() ? Json() : Json(problem)});
}

Report measure(const TimesArguments& arguments, BenchContext& context) {
  prepare_torch(context.options);
  check_device(arguments.device);
  const torch::Device device = prepare_device(arguments.device);
  Report report("cuda-times",
                Json::object()
                    .set("device", device_title(device))
                    .set("heads", arguments.layer.heads)
                    .set("points", arguments.layer.points)
                    .set("width", arguments.layer.width)
                    .set("hidden", arguments.layer.hidden)
                    .set("repetitions", context.repetitions(11)),
                {{"align", "align or layer"},
                 {"batch", "batch"},
                 {"precision", "numbers"},
                 {"microseconds", "kernels us", 0},
                 {"composed_microseconds", "composed us", 0},
                 {"ratio", "ratio", 2},
                 {"ratio_low", "from", 2},
                 {"ratio_high", "to", 2},
                 {"megabytes", "MB", 0},
                 {"composed_megabytes", "composed MB", 0},
                 {"h100_microseconds", "H100 at least us", 0},
                 {"times_least", "times that", 2},
                 {"problem", "problem"}});
  for (const std::string& kind : arguments.kinds) {
    for (const int64_t batch : arguments.batches) {
      add_row(arguments, kind, batch, device, context, report);
    }
  }
  return report;
}

}  // namespace

BenchAction define_cuda_times(CLI::App& app) {
  const auto arguments = std::make_shared<TimesArguments>();
  add_layer_options(app, arguments->layer);
  app.add_option("--device", arguments->device, "cpu, cuda or cuda:N (default cuda)")
      ->type_name("D");
  app.add_option("--kind,--align", arguments->kinds,
                 "distances and layers to time (default: all that cuda-counts counts)")
      ->check(
          CLI::IsMember(std::vector<std::string>{std::begin(kLayerKinds), std::end(kLayerKinds)}))
      ->type_name("KIND");
  app.add_option("--batch", arguments->batches, "samples in a batch (default: 64)")
      ->check(CLI::Range(1, 65536))
      ->type_name("N");
  app.add_option("--precision", arguments->precision,
                 "number type of attention's layers (default float32)")
      ->check(CLI::IsMember({"float32", "bfloat16", "float16"}))
      ->type_name("TYPE");
  app.footer("example:\n  vqalign-bench cuda-times --device cuda --kind ct norm");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign

#include <torch/types.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "vqalign/align/composite.h"
#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/mmd.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/align/standardise.h"
#include "vqalign/bench/apart.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/layer_work.h"
#include "vqalign/bench/timing.h"
#include "vqalign/train/device.h"

namespace vqalign {
namespace {

struct TimesArguments {
  LayerHeads layer;
  std::string device = "cuda";
  std::vector<std::string> kinds = {"ct", "mmd", "ot"};
  std::vector<int64_t> batches = {64, 512};
};

/// Calls in a run: one by one they would be too short to tell from waiting for the device.
constexpr int64_t kCalls = 10;

/// One batch's heads and what a distance of them takes.
class DistanceCase {
 public:
  DistanceCase(const LayerHeads& layer, std::string kind, int64_t batch, torch::Device device)
      : kind_(std::move(kind)),
        device_(device),
        critic_(layer.width, layer.hidden),
        navigator_(layer.width, layer.hidden),
        upstream_(torch::ones({batch, layer.heads}, device)) {
    critic_->to(device);
    navigator_->to(device);
    for (torch::Tensor* points : {&sets_.queries, &sets_.keys}) {
      *points = torch::randn({batch, layer.heads, layer.points, layer.width}).to(device);
      points->requires_grad_();
    }
  }

  /// Forward and backward, kCalls times: by the kernels, or composed of LibTorch's operators.
  void run(bool composed) {
    for (int64_t i = 0; i < kCalls; ++i) {
      (composed ? composed_value() : value()).backward(upstream_);
      for (const torch::Tensor& points : {sets_.queries, sets_.keys}) {
        points.mutable_grad().reset();
      }
    }
    finish_work(device_);
  }

  /// Megabytes that a call takes above what is there before it; null on the CPU.
  Json megabytes(bool composed) {
    if (device_.is_cpu()) return {};
    restart_peak(device_);
    const int64_t before = device_bytes(device_).allocated;
    run(composed);
    return static_cast<double>(device_bytes(device_).peak - before) / kMegabyte;
  }

 private:
  torch::Tensor value() {
    if (kind_ == "mmd") return mmd(sets_);
    if (kind_ == "ot") return optimal_transport(sets_);
    return conditional_transport(sets_, critic_, navigator_, kRho, /*block=*/0,
                                 /*standardise=*/true);
  }

  torch::Tensor composed_value() {
    if (kind_ == "mmd") return composite::mmd(sets_);
    if (kind_ == "ot") return composite::optimal_transport(sets_, {});
    const HeadSets points = standardised(sets_);
    const auto& [queries, keys, query_mask, key_mask] = points;
    const auto network = [](const torch::Tensor& of, const PointNetworkWeights& weights) {
      return composite::point_network(of, {}, weights);
    };
    const PointNetworkWeights critic = critic_->weights(), navigator = navigator_->weights();
    return composite::conditional_transport(
        {network(queries, critic), network(keys, critic), query_mask, key_mask},
        network(queries, navigator), network(keys, navigator), kRho);
  }

  static constexpr double kRho = 0.5;
  std::string kind_;
  torch::Device device_;
  Critic critic_;
  Navigator navigator_;
  torch::Tensor upstream_;
  HeadSets sets_;
};

void add_row(const TimesArguments& arguments, const std::string& kind, int64_t batch,
             torch::Device device, BenchContext& context, Report& report) {
  DistanceCase distance(arguments.layer, kind, batch, device);
  const Contender contenders[] = {{"kernels", [&] { distance.run(false); }},
                                  {"composed", [&] { distance.run(true); }}};
  const auto timings =
      time_side_by_side(contenders, context.repetitions(11), concat(kind, ", batch of ", batch),
                        context.progress, context.cancel);
  double least = 0;
  for (const cuda::LaunchCounts& launch : kernel_work(arguments.layer, kind, batch)) {
    least += least_time({launch.launches, launch.bytes, launch.operations}, kH100);
  }
  const auto microseconds = [&](std::size_t i) { return 1e6 * timings[i].seconds / kCalls; };
  report.add({kind, batch, microseconds(0), microseconds(1), timings[1].ratio, timings[1].ratio_low,
              timings[1].ratio_high, distance.megabytes(false), distance.megabytes(true), least,
              microseconds(0) / least});
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
                {{"align", "align"},
                 {"batch", "batch"},
                 {"microseconds", "kernels us", 0},
                 {"composed_microseconds", "composed us", 0},
                 {"ratio", "ratio", 2},
                 {"ratio_low", "from", 2},
                 {"ratio_high", "to", 2},
                 {"megabytes", "MB", 0},
                 {"composed_megabytes", "composed MB", 0},
                 {"h100_microseconds", "H100 at least us", 0},
                 {"times_least", "times that", 2}});
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
  app.add_option("--align", arguments->kinds, "distances to time (default: ct, mmd and ot)")
      ->check(CLI::IsMember({"ct", "mmd", "ot"}))
      ->type_name("KIND");
  app.add_option("--batch", arguments->batches, "samples in a batch (default: 64 and 512)")
      ->check(CLI::Range(1, 65536))
      ->type_name("N");
  app.footer("example:\n  vqalign-bench cuda-times --device cuda --align ct");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign

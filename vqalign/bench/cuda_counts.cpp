#include <torch/types.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <memory>

#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/cuda/fused_transport.h"
#include "vqalign/align/cuda/transport_counts.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/operator_counts.h"

namespace vqalign {
namespace {

struct CountArguments {
  int64_t heads = 8;
  int64_t points = 100;  ///< queries, and as many keys
  int64_t width = 64;
  int64_t hidden = 10;
};

/// What its maker publishes of a device (SXM, 80 GB): memory, and float32 without tensor cores.
struct PublishedDevice {
  double bytes_per_second, operations_per_second;
};
constexpr PublishedDevice kH100{3.35e12, 67e12};
constexpr PublishedDevice kA100{2.039e12, 19.5e12};

/// Microseconds that no order of the work can undercut.
double least_time(const WorkCounts& work, const PublishedDevice& device) {
  return 1e6 * std::max(static_cast<double>(work.bytes) / device.bytes_per_second,
                        static_cast<double>(work.operations) / device.operations_per_second);
}

/// Forward and backward of conditional transport as LibTorch's operators compose it.
WorkCounts composed_transport(const CountArguments& arguments, int64_t batch) {
  const auto options = torch::TensorOptions(torch::kMeta).dtype(torch::kFloat32);
  const auto points = [&] {
    return torch::empty({batch, arguments.heads, arguments.points, arguments.width}, options)
        .requires_grad_();
  };
  Critic critic(arguments.width, arguments.hidden);
  Navigator navigator(arguments.width, arguments.hidden);
  critic->to(torch::kMeta);
  navigator->to(torch::kMeta);
  const HeadSets sets{points(), points()};
  const torch::Tensor upstream = torch::empty({batch, arguments.heads}, options);
  return count_operators(
      [&] { conditional_transport(sets, critic, navigator, 0.5, true).backward(upstream); });
}

Report count(const CountArguments& on, BenchContext&) {
  Report report("cuda-counts",
                Json::object()
                    .set("heads", on.heads)
                    .set("points", on.points)
                    .set("width", on.width)
                    .set("hidden", on.hidden)
                    .set("times", "computed, not measured"),
                {{"work", "conditional transport, forward and backward"},
                 {"batch", "batch"},
                 {"launches", "launches"},
                 {"megabytes", "MB", 1},
                 {"gigaflops", "GFLOP", 2},
                 {"h100_microseconds", "H100 at least us", 0},
                 {"a100_microseconds", "A100 at least us", 0},
                 {"bytes_ratio", "bytes to kernels", 2}});
  for (const int64_t batch : {64, 512}) {
    cuda::LaunchCounts launches[cuda::kTransportLaunches];
    cuda::count_transport({batch, on.heads, on.points, on.points, on.width, on.hidden, on.hidden},
                          std::min(batch * on.heads, cuda::kTransportBlocks), launches);
    WorkCounts kernels;
    double h100 = 0.0, a100 = 0.0;
    const auto add = [&](const std::string& name, const WorkCounts& work, double on_h100,
                         double on_a100, const Json& ratio) {
      report.add({name, batch, work.launches, static_cast<double>(work.bytes) / 1e6,
                  static_cast<double>(work.operations) / 1e9, on_h100, on_a100, ratio});
    };
    for (const cuda::LaunchCounts& launch : launches) {
      const WorkCounts work{1, launch.bytes, launch.operations};
      add(std::string("kernel: ") + launch.name, work, least_time(work, kH100),
          least_time(work, kA100), nullptr);
      kernels += work;
      h100 += least_time(work, kH100);
      a100 += least_time(work, kA100);
    }
    add("all kernels", kernels, h100, a100, 1.0);
    const WorkCounts operators = composed_transport(on, batch);
    add("LibTorch's operators", operators, least_time(operators, kH100),
        least_time(operators, kA100),
        static_cast<double>(operators.bytes) / static_cast<double>(kernels.bytes));
  }
  return report;
}

}  // namespace

BenchAction define_cuda_counts(CLI::App& app) {
  const auto arguments = std::make_shared<CountArguments>();
  add_count(app, "--heads", arguments->heads, 1, 64, "heads of a layer");
  add_count(app, "--points", arguments->points, 1, 1000, "queries of a head, and keys");
  add_count(app, "--width", arguments->width, 1, 256, "of a head");
  add_count(app, "--hidden", arguments->hidden, 1, 64, "of critic and navigator");
  app.footer("example:\n  vqalign-bench cuda-counts --points 36");
  return [arguments](BenchContext& context) { return count(*arguments, context); };
}

}  // namespace vqalign

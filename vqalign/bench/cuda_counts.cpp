#include <torch/types.h>

#include <CLI/App.hpp>
<<<<<<< HEAD
#include <algorithm>
#include <functional>
=======
>>>>>>> 83ff47fd2f6dd4dcd9260875d8e2488614503f76
#include <memory>

#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/mmd.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/attention/attention_weights.h"
#include "vqalign/attention/layer_norm.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/layer_work.h"
#include "vqalign/bench/operator_counts.h"

namespace vqalign {
namespace {

<<<<<<< HEAD
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

/// Microseconds that no order of the work can undercut, computed.
double least_time(const WorkCounts& work, const PublishedDevice& device) {
  return 1e6 * std::max(static_cast<double>(work.bytes) / device.bytes_per_second,
                        static_cast<double>(work.operations) / device.operations_per_second);
}

constexpr double kDropoutRate = 0.1;

/// Rows as wide as the layers of attention have them.
struct RowSizes {
  int64_t rows, width;
};

/// mcan-small's layer `kind` on a batch of sets of points.
RowSizes rows_of(const CountArguments& on, const std::string& kind, int64_t batch) {
  const int64_t rows = batch * on.points, width = on.heads * on.width;
  if (kind == "weights") return {rows * on.heads, on.points};
  return {rows, kind == "bias-relu" ? 4 * width : width};
}

/// One of attention's layers as LibTorch's operators compose it, forward and backward.
std::function<void()> composed_layer(const CountArguments& on, const std::string& kind,
                                     int64_t samples) {
  const RowSizes sizes = rows_of(on, kind, samples);
  const auto leaf = [](at::IntArrayRef shape) {
    return torch::randn(shape, torch::kFloat64).requires_grad_();
  };
  // torch::dropout() as it is on a device.
  const auto drop = [](const torch::Tensor& x) {
    return std::get<0>(at::native_dropout(x, kDropoutRate, true));
  };
  const torch::Tensor x = leaf({sizes.rows, sizes.width}), update = leaf(x.sizes());
  const torch::Tensor a = leaf({sizes.width}), b = leaf({sizes.width});
  const torch::Tensor upstream = torch::ones_like(x);
  return [=] {
    torch::Tensor y;
    if (kind == "dropout") {
      y = drop(x);
    } else if (kind == "bias-relu") {
      y = drop(torch::relu(x + b));
    } else if (kind == "norm") {
      y = reference_layer_norm(x + drop(update), a, b);
    } else {
      const torch::Tensor scores = x.view({samples, on.heads, on.points, on.points});
      y = drop(softmax_dropout(scores, {}, 0.125, 0.0, nullptr)).view(x.sizes());
    }
    y.backward(upstream);
  };
}

bool is_distance(const std::string& kind) {
  return kind == "ct" || kind == "mmd" || kind == "ot";
}

/// Forward and backward as LibTorch's operators compose it, counted for one sample and for two: all
/// that grows, grows with the batch.
WorkCounts composed_work(const CountArguments& arguments, const std::string& kind, int64_t batch) {
=======
/// Forward and backward of a distance as LibTorch's operators compose it, counted for one sample
/// and for two: all that grows, grows with the batch.
WorkCounts composed_work(const LayerHeads& arguments, const std::string& kind, int64_t batch) {
>>>>>>> 83ff47fd2f6dd4dcd9260875d8e2488614503f76
  const auto count = [&](int64_t samples) {
    if (!is_distance(kind)) {
      return count_operators(composed_layer(arguments, kind, samples));
    }
    const auto points = [&] {
      return torch::randn({samples, arguments.heads, arguments.points, arguments.width},
                          torch::kFloat64)
          .requires_grad_();
    };
    Critic critic(arguments.width, arguments.hidden);
    Navigator navigator(arguments.width, arguments.hidden);
    critic->to(torch::kFloat64);
    navigator->to(torch::kFloat64);
    const HeadSets sets{points(), points()};
    const torch::Tensor upstream = torch::ones({samples, arguments.heads}, torch::kFloat64);
    return count_operators([&] {
      const torch::Tensor values = kind == "ct"
                                       ? conditional_transport(sets, critic, navigator, 0.5,
                                                               /*block=*/0, /*standardise=*/true)
                                   : kind == "mmd" ? mmd(sets)
                                                   : optimal_transport(sets);
      values.backward(upstream);
    });
  };
  const WorkCounts one = count(1), two = count(2);
  return {two.launches, one.bytes + (batch - 1) * (two.bytes - one.bytes),
          one.operations + (batch - 1) * (two.operations - one.operations)};
}

<<<<<<< HEAD
std::vector<cuda::LaunchCounts> kernel_work(const CountArguments& on, const std::string& kind,
                                            int64_t batch) {
  const cuda::BatchSizes sizes{batch, on.heads, on.points, on.points, on.width};
  const RowSizes rows = rows_of(on, kind, batch);
  if (kind == "dropout") return cuda::count_dropout(rows.rows, rows.width);
  if (kind == "norm") return cuda::count_residual_norm(rows.rows, rows.width);
  if (kind == "bias-relu") return cuda::count_bias_relu(rows.rows, rows.width);
  if (kind == "weights") return cuda::count_attention_weights(rows.rows, rows.width);
  if (kind == "mmd") return cuda::count_mmd(sizes);
  if (kind == "ot") return cuda::count_sinkhorn(sizes, SinkhornOptions{}.iterations);
  return cuda::count_transport(sizes, on.hidden,
                               std::min(sizes.all_heads(), cuda::kTransportBlocks));
}

/// The rows of one distance or layer and batch.
void add_rows(Report& report, const CountArguments& on, const std::string& kind, int64_t batch) {
=======
/// The rows of one distance and batch.
void add_rows(Report& report, const LayerHeads& on, const std::string& kind, int64_t batch) {
>>>>>>> 83ff47fd2f6dd4dcd9260875d8e2488614503f76
  const WorkCounts operators = composed_work(on, kind, batch);
  const auto add = [&](const std::string& name, const WorkCounts& work, double h100, double a100) {
    report.add({kind, batch, name, work.launches, static_cast<double>(work.bytes) / 1e6,
                static_cast<double>(work.operations) / 1e9, h100, a100,
                static_cast<double>(operators.bytes) / static_cast<double>(work.bytes)});
  };
  WorkCounts kernels;
  double h100 = 0.0, a100 = 0.0;
  for (const cuda::LaunchCounts& launch : kernel_work(on, kind, batch)) {
    const WorkCounts work{launch.launches, launch.bytes, launch.operations};
    kernels += work;
    h100 += least_time(work, kH100);
    a100 += least_time(work, kA100);
  }
  add("kernels", kernels, h100, a100);
  add("composed operators", operators, least_time(operators, kH100), least_time(operators, kA100));
}

Report count(const LayerHeads& on, BenchContext& context) {
  prepare_torch(context.options);
  Report report("cuda-counts",
                Json::object()
                    .set("heads", on.heads)
                    .set("points", on.points)
                    .set("width", on.width)
                    .set("hidden", on.hidden)
                    .set("times", "computed, not measured"),
                {{"align", "align or layer"},
                 {"batch", "batch"},
                 {"work", "forward and backward"},
                 {"launches", "launches"},
                 {"megabytes", "MB", 0},
                 {"gigaflops", "GFLOP", 1},
                 {"h100_microseconds", "H100 us", 0},
                 {"a100_microseconds", "A100 us", 0},
                 {"times_fewer_bytes", "times fewer bytes", 1}});
  for (const char* kind : {"ct", "mmd", "ot", "dropout", "norm", "bias-relu", "weights"}) {
    for (const int64_t batch : {64, 512}) add_rows(report, on, kind, batch);
  }
  return report;
}

}  // namespace

BenchAction define_cuda_counts(CLI::App& app) {
  const auto arguments = std::make_shared<LayerHeads>();
  add_layer_options(app, *arguments);
  app.footer("example:\n  vqalign-bench cuda-counts --points 36");
  return [arguments](BenchContext& context) { return count(*arguments, context); };
}

}  // namespace vqalign

#include <torch/types.h>

#include <CLI/App.hpp>
#include <memory>

#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/layer_forms.h"
#include "vqalign/bench/operator_counts.h"

namespace vqalign {
namespace {

/// Forward and backward as LibTorch's operators compose it, counted for one sample and for two: all
/// that grows, grows with the batch.
WorkCounts composed_work(const LayerHeads& on, const std::string& kind, int64_t batch) {
  const auto count = [&](int64_t samples) {
    return count_operators(layer_forms(on, kind, samples, torch::kCPU, torch::kFloat64).composed);
  };
  const WorkCounts one = count(1), two = count(2);
  return {two.launches, one.bytes + (batch - 1) * (two.bytes - one.bytes),
          one.operations + (batch - 1) * (two.operations - one.operations)};
}

/// The rows of one distance or layer and batch.
void add_rows(Report& report, const LayerHeads& on, const std::string& kind, int64_t batch) {
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
  for (const char* kind : kLayerKinds) {
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

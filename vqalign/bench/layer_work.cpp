#include "vqalign/bench/layer_work.h"

#include <CLI/App.hpp>
#include <algorithm>

#include "vqalign/align/cuda/fused_transport.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/attention/cuda/launch_counts.h"
#include "vqalign/bench/benchmark.h"

namespace vqalign {

void add_layer_options(CLI::App& app, LayerHeads& layer) {
  add_count(app, "--heads", layer.heads, 1, 64, "heads of a layer");
  add_count(app, "--points", layer.points, 1, 1000, "queries of a head, and keys");
  add_count(app, "--width", layer.width, 1, 256, "of a head");
  add_count(app, "--hidden", layer.hidden, 1, 64, "of critic and navigator");
}

double least_time(const WorkCounts& work, const PublishedDevice& device) {
  return 1e6 * std::max(static_cast<double>(work.bytes) / device.bytes_per_second,
                        static_cast<double>(work.operations) / device.operations_per_second);
}

RowSizes layer_rows(const LayerHeads& on, const std::string& kind, int64_t batch) {
  const int64_t rows = batch * on.points, width = on.heads * on.width;
  if (kind == "weights") return {rows * on.heads, on.points};
  return {rows, kind == "bias-relu" ? 4 * width : width};
}

bool is_distance(const std::string& kind) {
  return kind == "ct" || kind == "mmd" || kind == "ot";
}

std::vector<cuda::LaunchCounts> kernel_work(const LayerHeads& on, const std::string& kind,
                                            int64_t batch) {
  const cuda::BatchSizes sizes{batch, on.heads, on.points, on.points, on.width};
  const auto [rows, width] = layer_rows(on, kind, batch);
  if (kind == "dropout") return cuda::count_dropout(rows, width);
  if (kind == "norm") return cuda::count_residual_norm(rows, width);
  if (kind == "bias-relu") return cuda::count_bias_relu(rows, width);
  if (kind == "weights") return cuda::count_attention_weights(rows, width);
  if (kind == "mmd") return cuda::count_mmd(sizes);
  if (kind == "ot") return cuda::count_sinkhorn(sizes, SinkhornOptions{}.iterations);
  return cuda::count_transport(sizes, on.hidden,
                               std::min(sizes.all_heads(), cuda::kTransportBlocks));
}

}  // namespace vqalign

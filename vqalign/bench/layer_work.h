#pragma once

#include <string>
#include <vector>

#include "vqalign/align/cuda/launch_counts.h"
#include "vqalign/bench/operator_counts.h"

namespace CLI {
class App;
}  // namespace CLI

namespace vqalign {

/// The heads of a layer whose distance is counted or timed; mcan-small's by default.
struct LayerHeads {
  int64_t heads = 8;
  int64_t points = 100;  ///< queries, and as many keys
  int64_t width = 64;
  int64_t hidden = 10;  ///< of critic and navigator
};

void add_layer_options(CLI::App& app, LayerHeads& layer);

/// What its maker publishes of a device (SXM, 80 GB): memory, and float32 without tensor cores.
struct PublishedDevice {
  double bytes_per_second, operations_per_second;
};
inline constexpr PublishedDevice kH100{3.35e12, 67e12};
inline constexpr PublishedDevice kA100{2.039e12, 19.5e12};

/// Microseconds that no order of the work can undercut, computed.
double least_time(const WorkCounts& work, const PublishedDevice& device);

/// Rows of numbers.
struct RowSizes {
  int64_t rows, width;
};

/// What attention does between its matrix products works on, by kind: "dropout", "norm" (after a
/// residual), "bias-relu" (the hidden layer, four times as wide as the model) or "weights".
RowSizes layer_rows(const LayerHeads& on, const std::string& kind, int64_t batch);

/// Whether a kind is a distance: "ct", "mmd" or "ot".
bool is_distance(const std::string& kind);

/// The distances and layers that are counted and timed.
inline constexpr const char* kLayerKinds[] = {"ct",   "mmd",       "ot",     "dropout",
                                              "norm", "bias-relu", "weights"};

/// The CUDA kernels' launches for one of these, forward and backward.
std::vector<cuda::LaunchCounts> kernel_work(const LayerHeads& on, const std::string& kind,
                                            int64_t batch);

}  // namespace vqalign

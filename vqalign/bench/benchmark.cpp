#include "vqalign/bench/benchmark.h"

#include <ATen/Parallel.h>
#include <torch/utils.h>

#include <CLI/CLI.hpp>
#include <vector>

#include "vqalign/core/error.h"

namespace vqalign {

std::span<const Benchmark> benchmarks() {
  static const std::vector<Benchmark> all = {
      {"step", "a training step with each alignment distance, side by side with none", define_step},
      {"distances", "distances in one piece and in blocks: time and memory", define_distances},
      {"dropout", "dropout side by side with LibTorch's and with a copy", define_dropout},
      {"norm", "the end of a sub-layer side by side with composed operators", define_norm},
      {"score", "reading and scoring a results file of VQA v2's size", define_score},
      {"answer", "loading a model and answering a question", define_answer},
      {"passes", "passes with dropout, batched and one by one", define_passes},
      {"features", "loading stored region features of every format", define_features},
      {"full-size", "a dataset of VQA v2's size: first training step, memory, scoring",
       define_full_size},
      {"reference", "mcan-small side by side with the reference in PyTorch", define_reference},
      {"encoder", "EfficientNet-Lite side by side with the same in PyTorch", define_encoder},
      {"cuda-counts", "bytes, operations and launches of the CUDA kernels, computed",
       define_cuda_counts},
      {"cuda-times", "distances and layers on a device, kernels beside LibTorch's operators",
       define_cuda_times},
#ifdef VQALIGN_HAS_APP
      {"app", "the desktop app: start, answers, hovering, heads switched off", define_app},
      {"browser", "the app's batch browser at VQA v2's size", define_browser},
#endif
  };
  return all;
}

void add_count(CLI::App& app, const std::string& name, int64_t& target, int64_t minimum,
               int64_t maximum, const std::string& help) {
  const auto check = [minimum, maximum](const std::string& text) -> std::string {
    int64_t value = 0;
    if (CLI::detail::lexical_cast(text, value) && value >= minimum && value <= maximum) return {};
    return concat("\"", text, "\" is no whole number of ", minimum, " to ", maximum);
  };
  app.add_option(name, target, concat(help, " (default ", target, ")"))
      ->check(CLI::Validator(check, "", ""))
      ->type_name("N");
}

int64_t prepare_torch(const BenchOptions& options) {
  if (options.threads > 0) at::set_num_threads(static_cast<int>(options.threads));
  torch::manual_seed(1);
  return at::get_num_threads();
}

}  // namespace vqalign

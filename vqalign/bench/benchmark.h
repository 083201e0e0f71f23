#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "vqalign/bench/report.h"
#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"

namespace CLI {
class App;
}  // namespace CLI

namespace vqalign {

/// The options that every benchmark takes.
struct BenchOptions {
  bool json = false;
  bool quiet = false;
  int64_t threads = 0;      ///< 0: all
  int64_t repetitions = 0;  ///< 0: the benchmark's own number
};

/// What a benchmark works with besides its own options.
struct BenchContext {
  const BenchOptions& options;
  Progress& progress;
  const CancelToken& cancel;

  int64_t repetitions(int64_t own) const {
    return options.repetitions > 0 ? options.repetitions : own;
  }
};

using BenchAction = std::function<Report(BenchContext&)>;

/// A subcommand: `define` adds its options and returns what runs it.
struct Benchmark {
  const char* name;
  const char* summary;
  BenchAction (*define)(CLI::App& app);
};

/// All of them, one source file each.
std::span<const Benchmark> benchmarks();

BenchAction define_step(CLI::App& app);
BenchAction define_distances(CLI::App& app);
BenchAction define_dropout(CLI::App& app);
BenchAction define_norm(CLI::App& app);
BenchAction define_score(CLI::App& app);
BenchAction define_answer(CLI::App& app);
BenchAction define_passes(CLI::App& app);
BenchAction define_features(CLI::App& app);
BenchAction define_full_size(CLI::App& app);
BenchAction define_reference(CLI::App& app);
BenchAction define_encoder(CLI::App& app);
BenchAction define_cuda_counts(CLI::App& app);
BenchAction define_cuda_times(CLI::App& app);
// With Qt.
BenchAction define_app(CLI::App& app);
BenchAction define_browser(CLI::App& app);

/// Adds an option that takes a number of a range, both ends allowed.
void add_count(CLI::App& app, const std::string& name, int64_t& target, int64_t minimum,
               int64_t maximum, const std::string& help);

/// Gives LibTorch as many threads as --threads says and seeds its generator; how many it has.
int64_t prepare_torch(const BenchOptions& options);

}  // namespace vqalign

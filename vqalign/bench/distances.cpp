#include <torch/types.h>
#include <torch/utils.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <memory>

#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/mmd.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/bench/apart.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/timing.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

struct DistancesArguments {
  std::vector<std::string> kinds = {"ct", "ot", "mmd"};
  std::vector<int64_t> points = {100, 300, 1000, 3000, 10'000};
  int64_t width = 64;
  int64_t block = 256;
  int64_t most_megabytes = 2000;
};

/// A block that holds every set.
constexpr int64_t kOnePiece = int64_t{1} << 40;

/// What one piece keeps of all pairs, in float32.
double megabytes_in_one_piece(const std::string& kind, int64_t points) {
  const double matrices = kind == "ct" ? 3 : kind == "ot" ? 2 : 4;
  return matrices * sizeof(float) * double(points) * double(points) / kMegabyte;
}

/// Value and gradient of one head's sets.
void differentiate(const std::string& kind, int64_t points, int64_t width, int64_t block) {
  constexpr int64_t kHidden = 10;
  const HeadSets sets{torch::randn({1, 1, points, width}).requires_grad_(),
                      (torch::randn({1, 1, points, width}) + 0.3).requires_grad_()};
  torch::Tensor value;
  if (kind == "ct") {
    Critic critic(width, kHidden);
    Navigator navigator(width, kHidden);
    value = conditional_transport(sets, critic, navigator, 0.5, block);
  } else if (kind == "ot") {
    SinkhornOptions options;
    options.block = block;
    value = optimal_transport(sets, options);
  } else {
    value = mmd(sets, block);
  }
  value.sum().backward();
}

struct Cost {
  double seconds = 0;
  double peak_bytes = 0;
};

/// In a process of its own; 0 points: what the program takes before any work.
Cost cost_of(const std::string& kind, int64_t points, const DistancesArguments& arguments,
             int64_t block, BenchContext& context) {
  constexpr int64_t kWarmUp = 16;
  const ApartResult result = run_apart([&] {
    differentiate(kind, kWarmUp, arguments.width, block);
    double least = points > 0 ? std::numeric_limits<double>::infinity() : 0;
    for (int64_t i = 0; points > 0 && i < context.repetitions(1); ++i) {
      least =
          std::min(least, seconds_of([&] { differentiate(kind, points, arguments.width, block); }));
    }
    return concat(least);
  });
  return {std::stod(result.said), result.peak_bytes};
}

Report measure(const DistancesArguments& arguments, BenchContext& context) {
  const int64_t threads = prepare_torch(context.options);
  Report report("distances",
                Json::object()
                    .set("width", arguments.width)
                    .set("block", arguments.block)
                    .set("threads", threads)
                    .set("repetitions", context.repetitions(1)),
                {{"align", "align"},
                 {"points", "points"},
                 {"milliseconds", "ms", 1},
                 {"megabytes", "MB", 0},
                 {"block_milliseconds", "blocks ms", 1},
                 {"block_megabytes", "blocks MB", 0}});
  const int64_t steps = static_cast<int64_t>(arguments.kinds.size() * arguments.points.size());
  context.progress.begin("distances", steps, "sizes");
  int64_t done = 0;
  for (const std::string& kind : arguments.kinds) {
    const double before = cost_of(kind, 0, arguments, kOnePiece, context).peak_bytes;
    const auto above = [&](const Cost& cost) {
      return std::max(0.0, cost.peak_bytes - before) / kMegabyte;
    };
    for (const int64_t points : arguments.points) {
      context.cancel.check();
      std::vector<Json> row = {kind, points, Json(), Json()};
      if (megabytes_in_one_piece(kind, points) <= double(arguments.most_megabytes)) {
        const Cost whole = cost_of(kind, points, arguments, kOnePiece, context);
        row[2] = whole.seconds * 1e3;
        row[3] = above(whole);
      }
      const Cost blocks = cost_of(kind, points, arguments, arguments.block, context);
      row.emplace_back(blocks.seconds * 1e3);
      row.emplace_back(above(blocks));
      report.add(row);
      context.progress.update(++done, concat(kind, " of ", points));
    }
  }
  return report;
}

}  // namespace

BenchAction define_distances(CLI::App& app) {
  const auto arguments = std::make_shared<DistancesArguments>();
  app.add_option("--align", arguments->kinds, "distances to measure (default: ct, ot and mmd)")
      ->check(CLI::IsMember({"ct", "ot", "mmd"}))
      ->type_name("KIND");
  app.add_option("--points", arguments->points,
                 "points of either set (default: 100, 300, 1000, 3000 and 10000)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  add_count(app, "--width", arguments->width, 1, 4096, "width of a point");
  add_count(app, "--block", arguments->block, 1, 1'000'000, "points compared at a time");
  add_count(app, "--most-megabytes", arguments->most_megabytes, 0, 1'000'000,
            "pair matrices larger than this are not made in one piece");
  app.footer("example:\n  vqalign-bench distances --align ct --points 1000 --threads 1");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign

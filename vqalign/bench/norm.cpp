#include <torch/types.h>
#include <torch/utils.h>

#include <CLI/App.hpp>
#include <memory>

#include "vqalign/attention/layer_norm.h"
#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/layer_forms.h"
#include "vqalign/bench/timing.h"

namespace vqalign {
namespace {

constexpr double kDropoutRate = 0.1;
constexpr double kEpsilon = 1e-6;

struct NormArguments {
  int64_t rows = 64 * 100;  ///< mcan-small's region states, batch 64
  int64_t width = 512;
};

/// What a sub-layer's end works on.
struct NormCase {
  torch::Tensor x;
  torch::Tensor update;
  torch::Tensor gradient;
  LayerNorm norm;
  DropoutStreams streams;

  explicit NormCase(const NormArguments& arguments)
      : x(torch::randn({arguments.rows, arguments.width}).set_requires_grad(true)),
        update(torch::randn({arguments.rows, arguments.width}).set_requires_grad(true)),
        gradient(torch::randn({arguments.rows, arguments.width})),
        norm(arguments.width) {}
};

/// The same function of LibTorch's operators.
torch::Tensor composed(NormCase& on, bool training) {
  return composed_norm(on.x + torch::dropout(on.update, kDropoutRate, training), on.norm->a_2,
                       on.norm->b_2);
}

torch::Tensor fused(NormCase& on, bool training) {
  return residual_norm(on.x, on.update, on.norm, kDropoutRate, training ? &on.streams : nullptr);
}

/// Not the same function (it divides by the root of the biased variance), but as near as LibTorch's
/// own fused one comes.
torch::Tensor with_layer_norm(NormCase& on, bool training) {
  return torch::layer_norm(on.x + torch::dropout(on.update, kDropoutRate, training),
                           {on.x.size(-1)}, on.norm->a_2, on.norm->b_2, kEpsilon);
}

using NormFunction = torch::Tensor (*)(NormCase&, bool training);

void pass(NormFunction function, NormCase& on, bool training) {
  const torch::AutoGradMode mode(training);
  const torch::Tensor output = function(on, training);
  if (!training) return;
  for (torch::Tensor* leaf : {&on.x, &on.update, &on.norm->a_2, &on.norm->b_2}) {
    leaf->mutable_grad().reset();
  }
  output.backward(on.gradient);
}

Report measure(const NormArguments& arguments, BenchContext& context) {
  const int64_t threads = prepare_torch(context.options);
  const int64_t repetitions = context.repetitions(20);
  NormCase on(arguments);
  const std::vector<std::pair<std::string, NormFunction>> functions = {
      {"composed operators", composed},
      {"residual_norm", fused},
      {"torch::layer_norm", with_layer_norm}};

  Report report("norm",
                Json::object()
                    .set("rows", arguments.rows)
                    .set("width", arguments.width)
                    .set("threads", threads)
                    .set("repetitions", repetitions),
                {{"pass", "pass"},
                 {"function", "function"},
                 {"milliseconds", "ms", 3},
                 {"ratio", "ratio", 3},
                 {"ratio_low", "from", 3},
                 {"ratio_high", "to", 3},
                 {"cpu_ratio", "CPU ratio", 3}});
  for (const bool training : {false, true}) {
    std::vector<Contender> contenders;
    for (const auto& [name, function] : functions) {
      contenders.push_back({name, [&on, function, training] { pass(function, on, training); }});
    }
    const std::string name = training ? "training step" : "evaluation";
    const auto timings =
        time_side_by_side(contenders, repetitions, name, context.progress, context.cancel);
    for (std::size_t i = 0; i < timings.size(); ++i) {
      report.add({name, contenders[i].name, timings[i].seconds * 1e3, timings[i].ratio,
                  timings[i].ratio_low, timings[i].ratio_high, timings[i].cpu_ratio});
    }
  }
  return report;
}

}  // namespace

BenchAction define_norm(CLI::App& app) {
  const auto arguments = std::make_shared<NormArguments>();
  add_count(app, "--rows", arguments->rows, 1, 10'000'000, "rows, each normalised by itself");
  add_count(app, "--width", arguments->width, 2, 65'536, "numbers in a row");
  app.footer("example:\n  vqalign-bench norm --rows 1000 --width 128");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign

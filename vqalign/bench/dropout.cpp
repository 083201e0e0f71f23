#include "vqalign/attention/dropout.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <CLI/App.hpp>
#include <memory>

#include "vqalign/bench/benchmark.h"
#include "vqalign/bench/timing.h"

namespace vqalign {
namespace {

constexpr double kRate = 0.1;

struct DropoutArguments {
  int64_t elements = int64_t{64} * 100 * 2048;  ///< mcan-small's widest layer, batch 64
};

using Function = std::function<torch::Tensor(const torch::Tensor&)>;

/// Both directions of a training step, or the forward one alone.
void pass(const Function& function, torch::Tensor& input, const torch::Tensor& gradient,
          bool backward) {
  const torch::AutoGradMode mode(backward);
  const torch::Tensor output = function(input);
  if (!backward) return;
  input.mutable_grad().reset();
  output.backward(gradient);
}

Report measure(const DropoutArguments& arguments, BenchContext& context) {
  const int64_t threads = prepare_torch(context.options);
  const int64_t repetitions = context.repetitions(20);
  torch::Tensor input = torch::randn({arguments.elements}).set_requires_grad(true);
  const torch::Tensor gradient = torch::randn({arguments.elements});
  DropoutStreams streams;
  const std::vector<std::pair<std::string, Function>> functions = {
      {"torch::dropout", [](const auto& x) { return torch::dropout(x, kRate, true); }},
      {"vqalign::dropout", [&](const auto& x) { return dropout(x, kRate, streams); }},
      {"copy", [](const auto& x) { return x.clone(); }}};

  Report report("dropout",
                Json::object()
                    .set("elements", arguments.elements)
                    .set("rate", kRate)
                    .set("threads", threads)
                    .set("repetitions", repetitions),
                {{"pass", "pass"},
                 {"function", "function"},
                 {"milliseconds", "ms", 3},
                 {"ratio", "ratio", 3},
                 {"ratio_low", "from", 3},
                 {"ratio_high", "to", 3},
                 {"cpu_ratio", "CPU ratio", 3}});
  for (const bool backward : {false, true}) {
    std::vector<Contender> contenders;
    for (const auto& [name, function] : functions) {
      contenders.push_back({name, [&, backward] { pass(function, input, gradient, backward); }});
    }
    const std::string name = backward ? "forward, backward" : "forward";
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

BenchAction define_dropout(CLI::App& app) {
  const auto arguments = std::make_shared<DropoutArguments>();
  add_count(app, "--elements", arguments->elements, 1, int64_t{1} << 31, "numbers to drop from");
  app.footer("example:\n  vqalign-bench dropout --elements 1000000");
  return [arguments](BenchContext& context) { return measure(*arguments, context); };
}

}  // namespace vqalign

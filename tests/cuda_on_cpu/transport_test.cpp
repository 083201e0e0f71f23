// The four launches of conditional transport, on threads of this machine, against brute force in
// double and its finite differences.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "cuda_on_cpu.h"
#include "launched.h"
#include "set_memory.h"
#include "transport_brute.h"
#include "vqalign/align/cuda/launch_counts.h"
#include "vqalign/align/cuda/transport.h"
#include "vqalign/core/philox.h"

namespace vqalign::cuda {
namespace {

// Fewer than there are heads in some cases: a block goes on to another head.
constexpr int64_t kBlocks = 2;

/// The problem in memory as a device has it.
class TransportRun {
 public:
  explicit TransportRun(const TransportProblem& problem) : problem_(problem), memory_(problem) {
    const TransportCase& shape = problem.shape;
    heads_ = shape.samples * shape.heads;
    static_cast<Sets&>(task_) = memory_.sets;
    task_.critic = arrays(problem.critic);
    task_.navigator = arrays(problem.navigator);
    task_.critic_hidden = task_.navigator_hidden = shape.hidden;
    task_.critic_outputs = shape.critic_outputs;
    task_.navigator_outputs = shape.navigator_outputs;
    task_.standardise = shape.standardise;
    task_.rho = static_cast<float>(problem.rho);
    centres_.assign(heads_ * (shape.width + 1), NAN);
    features_.assign(
        heads_ * (shape.queries + shape.keys) * (shape.critic_outputs + shape.navigator_outputs),
        NAN);
    feature_gradients_ = features_;
    task_.centres = centres_.data();
    task_.features = features_.data();
    values.assign(heads_, NAN);
  }

  void forward(bool with_gradients) {
    task_.feature_gradients = with_gradients ? feature_gradients_.data() : nullptr;
    ASSERT_TRUE(transport_fits(task_));
    ASSERT_STREQ(transport_features(task_, nullptr), nullptr);
    ASSERT_STREQ(transport_pairs(task_, values.data(), nullptr), nullptr);
  }

  void backward() {
    const Floats upstream(problem_.upstream.begin(), problem_.upstream.end());
    const int64_t parameters = transport_parameters(task_);
    const int64_t rows = std::min(heads_, kBlocks);
    Floats partial(rows * parameters, NAN);
    parameter_gradients.assign(parameters, NAN);
    ASSERT_STREQ(
        transport_points(task_, upstream.data(), memory_.to, partial.data(), rows, nullptr),
        nullptr);
    ASSERT_STREQ(transport_parameter_sums(partial.data(), rows, parameters,
                                          parameter_gradients.data(), nullptr),
                 nullptr);
  }

  const Floats& gradients(int set) const { return memory_.gradients[set]; }
  /// Of all arrays, after backward().
  int64_t floats() const {
    std::size_t count = centres_.size() + 2 * features_.size() + values.size() +
                        (2 + std::min(heads_, kBlocks)) * parameter_gradients.size();
    for (const Floats& gradients : memory_.gradients) count += 2 * gradients.size();
    return static_cast<int64_t>(count);
  }

  Floats values, parameter_gradients;

 private:
  NetworkParameters arrays(const Parameters& given) {
    std::vector<float*> at;
    if (given.size() == 4) at.assign(4, nullptr);
    for (const auto& numbers : given) {
      kept_.push_back(std::make_unique<Floats>(numbers.begin(), numbers.end()));
      at.push_back(kept_.back()->data());
    }
    return {at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]};
  }

  const TransportProblem& problem_;
  Transport task_{};
  int64_t heads_ = 0;
  SetMemory memory_;
  Floats centres_, features_, feature_gradients_;
  std::vector<std::unique_ptr<Floats>> kept_;
};

const TransportCase kTransportCases[] = {
    {"one_point", 1, 2, 1, 1, 3, 4, 2, 3},
    {"as_is", 1, 1, 5, 4, 8, 5, 5, 5, false, false},
    {"masked", 3, 1, 6, 5, 4, 3, 3, 2, true},
    {"tiles", 1, 1, 33, 70, 5, 4, 4, 4},
    {"masked_tiles", 2, 1, 65, 40, 7, 3, 2, 3, true},
    {"wide", 1, 1, 3, 2, 67, 10, 10, 10},
    {"weights_stay_global", 1, 1, 3, 2, 130, 3, 3, 3},
};

class TransportTest : public testing::TestWithParam<TransportCase> {};

TEST_P(TransportTest, ValueIsTheDefinition) {
  const TransportProblem problem(GetParam(), 5);
  TransportRun run(problem);
  run.forward(false);
  for (std::size_t i = 0; i < run.values.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    const double expected = problem.value(at / problem.shape.heads, at % problem.shape.heads);
    EXPECT_NEAR(run.values[i], expected, 1e-5 * (std::abs(expected) + 1e-3)) << "head " << i;
  }
}

/// Compares some of the slopes, relative to the largest of all; where all are small they are
/// differences of cosines, whose own rounding remains.
void expect_slopes(TransportProblem& problem, std::vector<double>& numbers, const float* actual,
                   const std::string& what) {
  constexpr std::size_t kMost = 12;
  Random random(numbers.size());
  float largest = 0.0F;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    ASSERT_TRUE(std::isfinite(actual[i])) << what << " " << i;
    largest = std::max(largest, std::abs(actual[i]));
    if (std::isnan(numbers[i])) {
      EXPECT_EQ(actual[i], 0.0F) << what << " " << i << " is padding";
    }
  }
  for (std::size_t chosen = 0; chosen < std::min(kMost, numbers.size()); ++chosen) {
    const std::size_t i =
        numbers.size() <= kMost ? chosen : random.below(static_cast<uint32_t>(numbers.size()));
    if (std::isnan(numbers[i])) continue;
    const double expected = problem.slope(numbers[i]);
    EXPECT_NEAR(actual[i], expected, 1e-5 * (largest + 1e-2)) << what << " " << i;
  }
}

TEST_P(TransportTest, GradientIsTheSlope) {
  TransportProblem problem(GetParam(), 6);
  TransportRun run(problem);
  const Launched launched;
  run.forward(true);
  run.backward();
  const TransportCase& on = problem.shape;
  if (on.standardise && !on.masked && on.critic_outputs == on.hidden &&
      on.navigator_outputs == on.hidden) {
    const BatchSizes sizes{on.samples, on.heads, on.queries, on.keys, on.width};
    launched.expect(count_transport(sizes, on.hidden, std::min(sizes.all_heads(), kBlocks)),
                    run.floats());
  }
  expect_slopes(problem, problem.points[0], run.gradients(0).data(), "queries");
  expect_slopes(problem, problem.points[1], run.gradients(1).data(), "keys");
  const float* at = run.parameter_gradients.data();
  for (Parameters* network : {&problem.critic, &problem.navigator}) {
    for (std::size_t i = 0; i < network->size(); ++i) {
      const std::string name = network == &problem.critic ? "critic" : "navigator";
      expect_slopes(problem, (*network)[i], at, name + " " + std::to_string(i));
      at += (*network)[i].size();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, TransportTest, testing::ValuesIn(kTransportCases),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace vqalign::cuda

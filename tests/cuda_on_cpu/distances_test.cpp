// MMD and Sinkhorn's iterations as kernels, on threads of this machine, against their definitions
// in double.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cuda_on_cpu.h"
#include "launched.h"
#include "set_memory.h"
#include "transport_brute.h"
#include "vqalign/align/cuda/distances.h"
#include "vqalign/align/cuda/launch_counts.h"

namespace vqalign::cuda {
namespace {

/// A distance of one head: its value and its gradients, point by point.
struct Expected {
  double value = 0.0;
  Vectors gradients[2];
};

double squared(const Vector& x, const Vector& y) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum;
}

/// to += factor (x - y)
void add_difference(Vector& to, double factor, const Vector& x, const Vector& y) {
  for (std::size_t i = 0; i < x.size(); ++i) to[i] += factor * (x[i] - y[i]);
}

double median_distance(const Vectors& points) {
  Vector distances;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      distances.push_back(std::sqrt(squared(points[i], points[j])));
    }
  }
  std::sort(distances.begin(), distances.end());
  const std::size_t pairs = distances.size();
  return (distances[(pairs - 1) / 2] + distances[pairs / 2]) / 2;
}

Expected expected_mmd(const Vectors sets[2]) {
  Vectors joint = sets[0];
  joint.insert(joint.end(), sets[1].begin(), sets[1].end());
  const double sigma = median_distance(joint);
  const auto weight = [&](int set) {
    return (set == 0 ? 1.0 : -1.0) / static_cast<double>(sets[set].size());
  };
  Expected expected;
  for (int set = 0; set < 2; ++set) {
    for (const Vector& x : sets[set]) {
      Vector gradient(x.size());
      for (int other = 0; other < 2; ++other) {
        for (const Vector& y : sets[other]) {
          const double kernel =
              weight(set) * weight(other) * std::exp(-squared(x, y) / (2 * sigma * sigma));
          expected.value += kernel;
          add_difference(gradient, -2 * kernel / (sigma * sigma), x, y);
        }
      }
      expected.gradients[set].push_back(gradient);
    }
  }
  return expected;
}

constexpr double kEpsilon = 0.05;
constexpr int64_t kIterations = 6;

/// -blur log mean_j exp((potential_j - cost_ij) / blur)
void update_potentials(Vector& own, const Vector& others, const Vectors& costs, double blur) {
  for (std::size_t i = 0; i < own.size(); ++i) {
    double sum = 0.0, largest = -INFINITY;
    for (std::size_t j = 0; j < others.size(); ++j) {
      largest = std::max(largest, others[j] - costs[i][j]);
    }
    for (std::size_t j = 0; j < others.size(); ++j) {
      sum += std::exp((others[j] - costs[i][j] - largest) / blur);
    }
    own[i] = -largest - blur * std::log(sum / static_cast<double>(others.size()));
  }
}

Expected expected_sinkhorn(const Vectors sets[2]) {
  const std::size_t n = sets[0].size(), m = sets[1].size();
  Vectors costs(n, Vector(m)), back(m, Vector(n));
  double mean = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      mean += squared(sets[0][i], sets[1][j]) / static_cast<double>(n * m);
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      costs[i][j] = back[j][i] = squared(sets[0][i], sets[1][j]) / mean;
    }
  }
  Vector f(n), g(m);
  double blur = 1.0;
  update_potentials(g, f, back, blur);
  for (int64_t t = 0; t < kIterations; ++t) {
    blur = std::max(kEpsilon, std::pow(0.5, static_cast<double>(t)));
    update_potentials(f, g, costs, blur);
    update_potentials(g, f, back, blur);
  }
  const auto width = static_cast<double>(sets[0][0].size());
  Expected expected;
  expected.gradients[0].assign(n, Vector(sets[0][0].size()));
  expected.gradients[1].assign(m, Vector(sets[0][0].size()));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      const double mass = std::exp((f[i] + g[j] - costs[i][j]) / blur) / static_cast<double>(n * m);
      expected.value += mass * squared(sets[0][i], sets[1][j]) / width;
      add_difference(expected.gradients[0][i], 2 * mass / width, sets[0][i], sets[1][j]);
      add_difference(expected.gradients[1][j], 2 * mass / width, sets[1][j], sets[0][i]);
    }
  }
  return expected;
}

/// Compares what a kernel left with the definition, head by head.
void expect_distance(const TransportProblem& problem, const SetMemory& memory, const Floats& values,
                     Expected (*definition)(const Vectors[2])) {
  const TransportCase& shape = problem.shape;
  for (int64_t index = 0; index < shape.samples * shape.heads; ++index) {
    const int64_t sample = index / shape.heads, head = index % shape.heads;
    const Vectors sets[2] = {problem.points_of(0, sample, head),
                             problem.points_of(1, sample, head)};
    const bool empty = sets[0].empty() || sets[1].empty();
    const Expected expected = empty ? Expected{} : definition(sets);
    EXPECT_NEAR(values[index], expected.value, 1e-5 * (std::abs(expected.value) + 1e-2));
    for (int set = 0; set < 2; ++set) {
      const int64_t rows = set == 0 ? shape.queries : shape.keys;
      double largest = 1e-2;
      for (const Vector& gradient : expected.gradients[set]) {
        for (const double number : gradient) largest = std::max(largest, std::abs(number));
      }
      std::size_t next = 0;
      for (int64_t row = 0; row < rows; ++row) {
        const float* actual = memory.gradients[set].data() + (index * rows + row) * shape.width;
        const bool padding =
            empty || (!problem.padding[set].empty() && problem.padding[set][sample * rows + row]);
        for (int64_t c = 0; c < shape.width; ++c) {
          const double number = padding ? 0.0 : expected.gradients[set][next][c];
          ASSERT_NEAR(actual[c], number, padding ? 0.0 : 1e-5 * largest)
              << "head " << index << " set " << set << " row " << row;
        }
        if (!padding) ++next;
      }
    }
  }
}

const TransportCase kDistanceCases[] = {
    {"one_point", 1, 2, 1, 1, 3, 1, 1, 1},
    {"masked", 3, 1, 6, 5, 4, 1, 1, 1, true},
    {"tiles", 1, 1, 33, 70, 5, 1, 1, 1},
    {"masked_tiles", 2, 1, 65, 40, 7, 1, 1, 1, true},
    {"points_in_tiles", 1, 1, 70, 65, 256, 1, 1, 1},
    {"costs_in_tiles", 1, 1, 230, 190, 3, 1, 1, 1},
};

class DistanceTest : public testing::TestWithParam<TransportCase> {
 protected:
  static BatchSizes sizes() {
    const TransportCase& on = GetParam();
    return {on.samples, on.heads, on.queries, on.keys, on.width};
  }
  /// Expects of one launch what is counted, before the product with the loss's gradients.
  static void expect_counted(const Launched& launched, const std::vector<LaunchCounts>& counts) {
    launched.expect({counts.front()}, 2 * sizes().floats() + sizes().all_heads());
  }
};

TEST_P(DistanceTest, MmdIsTheDefinition) {
  const TransportProblem problem(GetParam(), 7);
  SetMemory memory(problem);
  Floats values(problem.shape.samples * problem.shape.heads, NAN);
  const Mmd task{memory.sets};
  ASSERT_TRUE(mmd_fits(task));
  const Launched launched;
  ASSERT_STREQ(mmd(task, values.data(), memory.to, nullptr), nullptr);
  expect_counted(launched, count_mmd(sizes()));
  expect_distance(problem, memory, values, expected_mmd);
}

TEST_P(DistanceTest, SinkhornFollowsTheSchedule) {
  const TransportProblem problem(GetParam(), 8);
  SetMemory memory(problem);
  Floats values(problem.shape.samples * problem.shape.heads, NAN);
  const Sinkhorn task{memory.sets, static_cast<float>(kEpsilon), kIterations};
  ASSERT_TRUE(sinkhorn_fits(task));
  const Launched launched;
  ASSERT_STREQ(sinkhorn(task, values.data(), memory.to, nullptr), nullptr);
  expect_counted(launched, count_sinkhorn(sizes(), kIterations));
  expect_distance(problem, memory, values, expected_sinkhorn);
}

INSTANTIATE_TEST_SUITE_P(Shapes, DistanceTest, testing::ValuesIn(kDistanceCases),
                         [](const auto& info) { return info.param.name; });

TEST(Distances, OfMorePointsThanAreCountedIn32BitsAreNotTaken) {
  const auto fits = [](int64_t queries, int64_t keys) {
    return mmd_fits({{1, 1, {queries, keys}, 2, {}, {}}});
  };
  EXPECT_TRUE(fits(65535, 1));
  EXPECT_FALSE(fits(65535, 2));
  EXPECT_FALSE(fits(1, int64_t{1} << 40));
}

TEST(Distances, OfCoincidingPointsAreZero) {
  TransportProblem problem({"", 1, 1, 3, 4, 2, 1, 1, 1}, 9);
  for (Vector& numbers : problem.points) std::fill(numbers.begin(), numbers.end(), 0.5);
  SetMemory memory(problem);
  float value = NAN;
  ASSERT_STREQ(mmd({memory.sets}, &value, memory.to, nullptr), nullptr);
  EXPECT_NEAR(value, 0.0F, 1e-6F);
  ASSERT_STREQ(sinkhorn({memory.sets, 0.01F, 3}, &value, memory.to, nullptr), nullptr);
  EXPECT_EQ(value, 0.0F);
  for (const Floats& gradients : memory.gradients) {
    for (const float number : gradients) EXPECT_EQ(number, 0.0F);
  }
}

}  // namespace
}  // namespace vqalign::cuda

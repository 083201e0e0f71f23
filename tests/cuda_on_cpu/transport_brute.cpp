#include "transport_brute.h"

#include <algorithm>
#include <cmath>

#include "vqalign/core/philox.h"

namespace vqalign::cuda {

namespace {

double inner(const Vector& x, const Vector& y) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

Vector affine(const Vector& weight, const Vector& bias, const Vector& x) {
  Vector result = bias;
  for (std::size_t row = 0; row < bias.size(); ++row) {
    for (std::size_t i = 0; i < x.size(); ++i) result[row] += weight[row * x.size() + i] * x[i];
  }
  return result;
}

Vector network(const Parameters& parameters, Vector x) {
  std::size_t next = 0;
  if (parameters.size() == 8) {
    const Vector logits = affine(parameters[0], parameters[1], x);
    const Vector candidates = affine(parameters[2], parameters[3], x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double gate = 1 / (1 + std::exp(-logits[i]));
      x[i] = gate * std::max(candidates[i], 0.0) + (1 - gate) * x[i];
    }
    next = 4;
  }
  Vector hidden = affine(parameters[next], parameters[next + 1], x);
  for (double& unit : hidden) unit = std::max(unit, 0.0);
  return affine(parameters[next + 2], parameters[next + 3], hidden);
}

void standardise(Vectors sets[2], std::size_t width) {
  Vector centre(width);
  double square = 1e-4;
  for (int set = 0; set < 2; ++set) {
    for (const Vector& x : sets[set]) {
      for (std::size_t i = 0; i < width; ++i) {
        centre[i] += 0.5 / static_cast<double>(sets[set].size()) * x[i];
      }
    }
  }
  for (int set = 0; set < 2; ++set) {
    for (const Vector& x : sets[set]) {
      for (std::size_t i = 0; i < width; ++i) {
        square +=
            0.5 / static_cast<double>(sets[set].size() * width) * std::pow(x[i] - centre[i], 2);
      }
    }
  }
  for (int set = 0; set < 2; ++set) {
    for (Vector& x : sets[set]) {
      for (std::size_t i = 0; i < width; ++i) x[i] = (x[i] - centre[i]) / std::sqrt(square);
    }
  }
}

double cost(const Vector& x, const Vector& y) {
  return 1 - inner(x, y) / std::sqrt((inner(x, x) + 1e-8) * (inner(y, y) + 1e-8));
}

/// Mean over the first set of the cost expected under the softmax over the second.
double one_way(const Vectors& critic_from, const Vectors& critic_to, const Vectors& from,
               const Vectors& to) {
  double sum = 0.0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    double largest = -INFINITY, mass = 0.0, paid = 0.0;
    for (const Vector& y : to) largest = std::max(largest, inner(from[i], y));
    for (std::size_t j = 0; j < to.size(); ++j) {
      const double share = std::exp(inner(from[i], to[j]) - largest);
      mass += share;
      paid += share * cost(critic_from[i], critic_to[j]);
    }
    sum += paid / mass;
  }
  return sum / static_cast<double>(from.size());
}

}  // namespace

TransportProblem::TransportProblem(const TransportCase& given, uint64_t seed) : shape(given) {
  Random random(seed);
  const auto drawn = [&](int64_t count, double spread) {
    Vector numbers(count);
    for (double& number : numbers) {
      // What the kernels get is float32: rounded, so that both compute from the same.
      number = static_cast<float>(random.uniform(-spread, spread));
    }
    return numbers;
  };
  const int64_t rows[2] = {shape.queries, shape.keys};
  for (int set = 0; set < 2; ++set) {
    points[set] = drawn(shape.samples * shape.heads * rows[set] * shape.width, 1.5 + set);
    if (!shape.masked) continue;
    padding[set].resize(shape.samples * rows[set]);
    for (int64_t sample = 0; sample < shape.samples; ++sample) {
      for (int64_t row = 0; row < rows[set]; ++row) {
        // Holes and a tail in sample 0, one point in sample 1, no query in the last.
        const bool hole = row % 3 == 1 || row > rows[set] * 3 / 4;
        const bool empty = sample == shape.samples - 1 && set == 0;
        padding[set][sample * rows[set] + row] =
            sample == 0 ? hole : empty || (sample == 1 && row != rows[set] - 1);
        if (!padding[set][sample * rows[set] + row]) continue;
        for (int64_t i = 0; i < shape.heads * shape.width; ++i) {
          const int64_t head = i / shape.width, column = i % shape.width;
          points[set][((sample * shape.heads + head) * rows[set] + row) * shape.width + column] =
              NAN;
        }
      }
    }
  }
  const double spread = 1.5 / std::sqrt(static_cast<double>(shape.width));
  const int64_t d = shape.width, h = shape.hidden;
  critic = {drawn(d * d, spread), drawn(d, 0.5), drawn(d * d, spread), drawn(d, 0.5)};
  const auto layers = [&](Parameters& to, int64_t outputs) {
    for (const auto& numbers :
         {drawn(h * d, spread), drawn(h, 0.5), drawn(outputs * h, 1.0), drawn(outputs, 0.5)}) {
      to.push_back(numbers);
    }
  };
  layers(critic, shape.critic_outputs);
  layers(navigator, shape.navigator_outputs);
  upstream = drawn(shape.samples * shape.heads, 1.0);
}

Vectors TransportProblem::points_of(int set, int64_t sample, int64_t head) const {
  Vectors found;
  const int64_t rows = set == 0 ? shape.queries : shape.keys;
  for (int64_t row = 0; row < rows; ++row) {
    if (!padding[set].empty() && padding[set][sample * rows + row]) continue;
    const double* x =
        points[set].data() + ((sample * shape.heads + head) * rows + row) * shape.width;
    found.emplace_back(x, x + shape.width);
  }
  return found;
}

double TransportProblem::value(int64_t sample, int64_t head) const {
  Vectors sets[2] = {points_of(0, sample, head), points_of(1, sample, head)};
  Vectors critics[2], navigators[2];
  if (sets[0].empty() || sets[1].empty()) return 0.0;
  if (shape.standardise) standardise(sets, shape.width);
  for (int set = 0; set < 2; ++set) {
    for (const Vector& x : sets[set]) {
      critics[set].push_back(network(critic, x));
      navigators[set].push_back(network(navigator, x));
    }
  }
  return rho * one_way(critics[0], critics[1], navigators[0], navigators[1]) +
         (1 - rho) * one_way(critics[1], critics[0], navigators[1], navigators[0]);
}

double TransportProblem::objective() const {
  double sum = 0.0;
  for (int64_t i = 0; i < shape.samples * shape.heads; ++i) {
    sum += upstream[i] * value(i / shape.heads, i % shape.heads);
  }
  return sum;
}

double TransportProblem::slope(double& number) {
  constexpr double kStep = 1e-5;
  const double kept = number;
  number = kept + kStep;
  const double above = objective();
  number = kept - kStep;
  const double below = objective();
  number = kept;
  return (above - below) / (2 * kStep);
}

}  // namespace vqalign::cuda

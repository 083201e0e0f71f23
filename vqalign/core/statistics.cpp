#include "vqalign/core/statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace vqalign {
namespace {

struct Moments {
  double mean = 0;
  double variance_of_mean = 0;
};

Moments moments(std::span<const double> sample) {
  const auto count = static_cast<double>(sample.size());
  Moments result;
  for (const double value : sample) result.mean += value / count;
  double squares = 0;
  for (const double value : sample) squares += (value - result.mean) * (value - result.mean);
  result.variance_of_mean = squares / (count - 1) / count;
  return result;
}

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8) by
/// Lentz's method; converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr int kMostTerms = 10000;
  const auto away_from_zero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= kMostTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double step = 1;
    for (const double coefficient : {even, odd}) {
      d = 1 / away_from_zero(1 + coefficient * d);
      c = away_from_zero(1 + coefficient / c);
      step = c * d;
      fraction *= step;
    }
    if (std::abs(step - 1) < std::numeric_limits<double>::epsilon()) break;
  }
  return fraction;
}

/// Ranks from 1; those of equal values are the mean of the places that they take.
std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double mean = 0.5 * static_cast<double>(first + 1 + end);
    for (; first < end; ++first) ranks[order[first]] = mean;
  }
  return ranks;
}

}  // namespace

double incomplete_beta(double a, double b, double x) {
  assert(a > 0 && b > 0 && x >= 0 && x <= 1);
  if (x == 0 || x == 1) return x;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(b, a, 1 - x);
  const double log_front =
      std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x);
  return std::exp(log_front) * beta_fraction(a, b, x) / a;
}

WelchTest welch_t_test(std::span<const double> a, std::span<const double> b) {
  assert(a.size() >= 2 && b.size() >= 2);
  const Moments first = moments(a), second = moments(b);
  const double variance = first.variance_of_mean + second.variance_of_mean;
  const double difference = first.mean - second.mean;
  WelchTest test;
  if (variance == 0) {
    test.degrees_of_freedom = static_cast<double>(a.size() + b.size() - 2);
    test.p_value = difference == 0 ? 1 : 0;
    if (difference != 0)
      test.t = std::copysign(std::numeric_limits<double>::infinity(), difference);
    return test;
  }
  const auto share = [variance](const Moments& sample, std::size_t count) {
    const double part = sample.variance_of_mean / variance;
    return part * part / static_cast<double>(count - 1);
  };
  test.t = difference / std::sqrt(variance);
  test.degrees_of_freedom = 1 / (share(first, a.size()) + share(second, b.size()));
  const double freedom = test.degrees_of_freedom;
  test.p_value = incomplete_beta(freedom / 2, 0.5, freedom / (freedom + test.t * test.t));
  return test;
}

double quantile_of_sorted(std::span<const double> sorted, double share) {
  assert(!sorted.empty());
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

std::optional<double> spearman(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  const std::vector<double> of_a = ranks(a), of_b = ranks(b);
  const double mean = 0.5 * static_cast<double>(a.size() + 1);
  double together = 0, first = 0, second = 0;
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    together += (of_a[i] - mean) * (of_b[i] - mean);
    first += (of_a[i] - mean) * (of_a[i] - mean);
    second += (of_b[i] - mean) * (of_b[i] - mean);
  }
  if (first == 0 || second == 0) return std::nullopt;
  return std::clamp(together / std::sqrt(first * second), -1.0, 1.0);
}

}  // namespace vqalign

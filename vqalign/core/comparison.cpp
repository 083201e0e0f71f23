#include "vqalign/core/comparison.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <future>
#include <numeric>
#include <thread>

#include "vqalign/core/philox.h"
#include "vqalign/core/statistics.h"

namespace vqalign {
namespace {

constexpr std::size_t kMostBins = 256;

/// P(T <= t) for t >= 0.
double student_probability(double t, double freedom) {
  return 1 - 0.5 * incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

double folded(const std::array<double, kMostBins>& sums, std::size_t count) {
  double total = 0;
  for (const double sum : sums) total += std::abs(sum);
  return total / static_cast<double>(count);
}

/// The figure where each question counts `weights` times.
double weighted_figure(const QuestionScores& scores, const std::vector<double>& weights) {
  const std::size_t count = scores.values.size();
  if (scores.bins.empty()) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += weights[i] * scores.values[i];
    return sum / static_cast<double>(count);
  }
  std::array<double, kMostBins> sums{};
  for (std::size_t i = 0; i < count; ++i) sums[scores.bins[i]] += weights[i] * scores.values[i];
  return folded(sums, count);
}

/// One figure of all seeds, made ready for many replicates.
class Replicated {
 public:
  explicit Replicated(const PairedRuns& runs) : runs_(runs) {
    assert(runs.base.size() == runs.other.size() && !runs.base.empty());
    linear_ = runs.base.front().bins.empty();
    if (!linear_) return;
    // A difference of means is the mean of differences: half the work.
    for (std::size_t seed = 0; seed < runs.base.size(); ++seed) {
      QuestionScores& scores = differences_.emplace_back(runs.other[seed]);
      for (std::size_t i = 0; i < scores.values.size(); ++i) {
        scores.values[i] -= runs.base[seed].values[i];
      }
    }
  }

  double difference(std::size_t seed, const std::vector<double>& weights) const {
    if (linear_) return weighted_figure(differences_[seed], weights);
    return weighted_figure(runs_.other[seed], weights) - weighted_figure(runs_.base[seed], weights);
  }

 private:
  const PairedRuns& runs_;
  bool linear_ = true;
  std::vector<QuestionScores> differences_;
};

/// Differences [figure][replicate].
using Replicates = std::vector<std::vector<double>>;

void replicate(const std::vector<Replicated>& figures, std::size_t seeds, std::size_t questions,
               uint64_t random_seed, std::size_t number, Replicates& results) {
  Random random(random_seed, number);
  std::vector<double> times(seeds, 0.0), weights(questions, 0.0);
  for (std::size_t i = 0; i < seeds; ++i) ++times[random.below(static_cast<uint32_t>(seeds))];
  for (std::size_t i = 0; i < questions; ++i) {
    ++weights[random.below(static_cast<uint32_t>(questions))];
  }
  for (std::size_t figure = 0; figure < figures.size(); ++figure) {
    double sum = 0;
    for (std::size_t seed = 0; seed < seeds; ++seed) {
      if (times[seed] > 0) sum += times[seed] * figures[figure].difference(seed, weights);
    }
    results[figure][number] = sum / static_cast<double>(seeds);
  }
}

PairedDifference judged(double difference, std::vector<double> replicates) {
  std::sort(replicates.begin(), replicates.end());
  const auto not_above =
      std::upper_bound(replicates.begin(), replicates.end(), 0.0) - replicates.begin();
  const auto not_below =
      replicates.end() - std::lower_bound(replicates.begin(), replicates.end(), 0.0);
  PairedDifference result;
  result.difference = difference;
  result.low = quantile_of_sorted(replicates, 0.025);
  result.high = quantile_of_sorted(replicates, 0.975);
  result.p_value = std::min(1.0, 2 * static_cast<double>(1 + std::min(not_above, not_below)) /
                                     static_cast<double>(replicates.size() + 1));
  return result;
}

}  // namespace

double student_quantile(double probability, double freedom) {
  assert(probability > 0 && probability < 1 && freedom > 0);
  if (probability < 0.5) return -student_quantile(1 - probability, freedom);
  double low = 0, high = 1;
  while (student_probability(high, freedom) < probability && high < 1e300) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-14 * high; ++i) {
    const double middle = (low + high) / 2;
    (student_probability(middle, freedom) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

MeanInterval mean_interval(std::span<const double> values) {
  MeanInterval interval;
  interval.count = values.size();
  if (values.empty()) return interval;
  const auto count = static_cast<double>(values.size());
  interval.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  if (values.size() < 2) return interval;
  double squares = 0;
  for (const double value : values) squares += (value - interval.mean) * (value - interval.mean);
  interval.half_width =
      student_quantile(0.975, count - 1) * std::sqrt(squares / (count - 1) / count);
  return interval;
}

double paired_t_p(std::span<const double> differences) {
  assert(differences.size() >= 2);
  const auto count = static_cast<double>(differences.size());
  const double mean = std::accumulate(differences.begin(), differences.end(), 0.0) / count;
  double squares = 0;
  for (const double value : differences) squares += (value - mean) * (value - mean);
  if (squares == 0) return mean == 0 ? 1 : 0;
  const double freedom = count - 1;
  const double t_squared = mean * mean * count * freedom / squares;
  return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t_squared));
}

Json interval_json(const MeanInterval& interval, const char* counted) {
  Json half;
  if (interval.half_width) half = *interval.half_width;
  return Json::object()
      .set("mean", interval.mean)
      .set("half_width", std::move(half))
      .set(counted, interval.count);
}

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, static_cast<double>(order.size() - i) * p_values[order[i]]);
    adjusted[order[i]] = std::min(1.0, largest);
  }
  return adjusted;
}

double QuestionScores::figure() const {
  return weighted_figure(*this, std::vector<double>(values.size(), 1.0));
}

std::vector<PairedDifference> paired_bootstrap(std::span<const PairedRuns> figures,
                                               const BootstrapOptions& options) {
  if (figures.empty()) return {};
  const std::size_t seeds = figures.front().base.size();
  const std::size_t questions = figures.front().base.front().values.size();
  const std::vector<Replicated> ready(figures.begin(), figures.end());
  const auto count = static_cast<std::size_t>(options.replicates);
  Replicates results(figures.size(), std::vector<double>(count));
  const std::size_t threads = options.threads > 0
                                  ? static_cast<std::size_t>(options.threads)
                                  : std::max(1u, std::thread::hardware_concurrency());
  const auto work = [&](std::size_t first) {
    for (std::size_t number = first; number < count; number += threads) {
      if (options.check) options.check();
      replicate(ready, seeds, questions, options.seed, number, results);
    }
  };
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < threads; ++i) {
    others.push_back(std::async(std::launch::async, work, i));
  }
  work(0);
  for (std::future<void>& other : others) other.get();
  std::vector<PairedDifference> judgements;
  const std::vector<double> once(questions, 1.0);
  for (std::size_t figure = 0; figure < figures.size(); ++figure) {
    double sum = 0;
    for (std::size_t seed = 0; seed < seeds; ++seed) sum += ready[figure].difference(seed, once);
    judgements.push_back(judged(sum / static_cast<double>(seeds), std::move(results[figure])));
  }
  return judgements;
}

}  // namespace vqalign

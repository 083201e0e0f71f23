#include "vqalign/bench/timing.h"

#include <time.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <numeric>

#include "vqalign/core/philox.h"
#include "vqalign/core/statistics.h"

namespace vqalign {
namespace {

/// Processor time of all threads of this process so far.
double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

}  // namespace

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return quantile_of_sorted(values, share);
}

std::vector<Timing> summarise(const std::vector<std::vector<RunCost>>& rounds) {
  assert(!rounds.empty());
  std::vector<Timing> timings(rounds.front().size());
  for (std::size_t c = 0; c < timings.size(); ++c) {
    std::vector<double> seconds, ratios, cpu_ratios;
    for (const std::vector<RunCost>& round : rounds) {
      seconds.push_back(round[c].seconds);
      ratios.push_back(round[c].seconds / round[0].seconds);
      cpu_ratios.push_back(round[c].cpu_seconds / round[0].cpu_seconds);
    }
    timings[c] = {quantile(seconds, 0.5), quantile(ratios, 0.5), quantile(ratios, 0.25),
                  quantile(ratios, 0.75), quantile(cpu_ratios, 0.5)};
  }
  return timings;
}

std::vector<Timing> time_side_by_side(std::span<const Contender> contenders, int64_t rounds,
                                      const std::string& stage, Progress& progress,
                                      const CancelToken& cancel) {
  const auto count = static_cast<int64_t>(contenders.size());
  progress.begin(stage, (rounds + 1) * count, "runs");
  std::vector<std::size_t> order(contenders.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::vector<RunCost>> measured;
  Random random(1);
  int64_t done = 0;
  for (int64_t round = 0; round <= rounds; ++round) {
    std::vector<RunCost> costs(contenders.size());
    for (const std::size_t c : order) {
      cancel.check();
      const double cpu_before = cpu_seconds();
      costs[c].seconds = seconds_of(contenders[c].run);
      costs[c].cpu_seconds = cpu_seconds() - cpu_before;
      progress.update(++done, contenders[c].name);
    }
    if (round > 0) measured.push_back(std::move(costs));
    random.shuffle(order);
  }
  progress.end();
  return summarise(measured);
}

std::vector<Outcome> time_those_that_run(std::span<const Contender> contenders, int64_t rounds,
                                         const std::string& stage, Progress& progress,
                                         const CancelToken& cancel) {
  std::vector<Outcome> outcomes(contenders.size());
  std::vector<Contender> running;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    cancel.check();
    outcomes[i].problem = problem_of(contenders[i].run);
    if (outcomes[i].problem.empty()) running.push_back(contenders[i]);
  }
  if (running.empty()) return outcomes;
  const auto timings = time_side_by_side(running, rounds, stage, progress, cancel);
  std::size_t next = 0;
  for (Outcome& outcome : outcomes) {
    if (outcome.problem.empty()) outcome.timing = timings[next++];
  }
  return outcomes;
}

std::string problem_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Cancelled&) {
    throw;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return text.empty() ? "failed" : text.substr(0, text.find('\n'));
  }
  return {};
}

double seconds_of(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

}  // namespace vqalign

#pragma once

#include <algorithm>
#include <cstddef>
#include <future>
#include <thread>
#include <vector>

namespace vqalign::detail {

/// Calls work(begin, end) on consecutive ranges that cover 0 .. count-1, on up to `threads` threads
/// (0: one a core). What `work` throws is thrown here.
template <typename Work>
void parallel_ranges(std::size_t count, int threads, Work work) {
  constexpr std::size_t kWorthAThread = 1000;
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t wanted = threads > 0 ? std::min<std::size_t>(threads, 2 * cores) : cores;
  const std::size_t parts = std::clamp<std::size_t>(count / kWorthAThread, 1, wanted);
  std::vector<std::future<void>> others;
  for (std::size_t part = 1; part < parts; ++part) {
    others.push_back(
        std::async(std::launch::async, work, count * part / parts, count * (part + 1) / parts));
  }
  work(std::size_t{0}, count / parts);
  for (std::future<void>& other : others) other.get();
}

}  // namespace vqalign::detail

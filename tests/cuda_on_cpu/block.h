#pragma once

#include <atomic>
#include <barrier>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <source_location>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

/// The part of cuda_on_cpu.h that a kernel does not see: a block's threads, their barriers and
/// their shared memory.

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};

inline thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace cuda_on_cpu {

constexpr unsigned kWarp = 32;
constexpr unsigned kAllLanes = 0xFFFFFFFF;

/// What ends a thread of a launch that has failed elsewhere.
struct Abandoned {};

class Block;

/// A barrier for a fixed number of threads that notices who cannot come.
class Meeting {
 public:
  Meeting(Block& block, const char* members, unsigned count)
      : block_(block), members_(members), count_(count) {}

  void wait(const std::source_location& where);
  /// A thread has come to the end of the kernel.
  void leave();
  /// Before another block of the grid.
  void reset() { arrived_ = left_ = 0; }
  /// Lets go who waits: the launch has failed.
  void release() {
    round_.fetch_add(1);
    round_.notify_all();
  }

 private:
  std::string missing(const std::source_location& where) const;

  Block& block_;
  const char* members_;
  const unsigned count_;
  std::mutex mutex_;
  unsigned arrived_ = 0, left_ = 0;
  std::source_location first_;
  std::atomic<unsigned> round_{0};
};

/// The slots through which the lanes of a warp exchange values.
struct Warp {
  explicit Warp(Block& block) : meeting(block, "warp", kWarp) {}
  Meeting meeting;
  uint64_t slots[kWarp] = {};
};

/// What the threads of a block share.
class Block {
 public:
  Block(unsigned threads, std::size_t shared_bytes)
      : shared_bytes_(shared_bytes), meeting_(*this, "block", threads) {
    for (unsigned i = 0; i < threads / kWarp; ++i) warps_.push_back(std::make_unique<Warp>(*this));
  }

  /// Readies it for the next block of the grid.
  void begin() {
    shared_ = std::make_unique<unsigned char[]>(shared_bytes_);
    std::memset(shared_.get(), 0xFF, shared_bytes_);
    meeting_.reset();
    for (const auto& warp : warps_) warp->meeting.reset();
  }

  void leave() {
    meeting_.leave();
    warp().meeting.leave();
  }

  /// Keeps the first message, and ends all threads.
  void fail(const std::string& message) {
    {
      const std::lock_guard lock(mutex_);
      if (failed_.exchange(true)) return;
      message_ = message;
    }
    meeting_.release();
    for (const auto& warp : warps_) warp->meeting.release();
  }

  bool failed() const { return failed_; }
  const std::string& message() const { return message_; }
  Meeting& meeting() { return meeting_; }
  Warp& warp() { return *warps_[threadIdx.x / kWarp]; }
  unsigned char* shared() { return shared_.get(); }

 private:
  const std::size_t shared_bytes_;
  std::unique_ptr<unsigned char[]> shared_;
  Meeting meeting_;
  std::vector<std::unique_ptr<Warp>> warps_;
  std::mutex mutex_;
  std::atomic<bool> failed_{false};
  std::string message_;
};

inline thread_local Block* block = nullptr;

inline std::string Meeting::missing(const std::source_location& where) const {
  std::ostringstream text;
  text << where.file_name() << ":" << where.line() << ": a barrier that not every thread of the "
       << members_ << " reaches (block " << blockIdx.x << ", thread " << threadIdx.x << ")";
  return text.str();
}

inline void Meeting::wait(const std::source_location& where) {
  unsigned round;
  std::string problem;
  {
    const std::lock_guard lock(mutex_);
    round = round_.load();
    if (arrived_ == 0) first_ = where;
    const bool elsewhere = first_.line() != where.line() || first_.column() != where.column() ||
                           std::strcmp(first_.file_name(), where.file_name()) != 0;
    if (left_ > 0 || elsewhere) problem = missing(where);
    if (problem.empty() && ++arrived_ == count_ && !block_.failed()) {
      arrived_ = 0;
      release();
      return;
    }
  }
  if (!problem.empty()) block_.fail(problem);
  while (!block_.failed() && round_.load() == round) round_.wait(round);
  if (block_.failed()) throw Abandoned();
}

inline void Meeting::leave() {
  std::string problem;
  {
    const std::lock_guard lock(mutex_);
    ++left_;
    if (arrived_ > 0) problem = missing(first_);
  }
  if (!problem.empty()) block_.fail(problem);
}

/// The value that lane `source` of the warp gave.
template <typename T>
T exchange(unsigned lanes, T value, unsigned source, const std::source_location& where) {
  static_assert(sizeof(T) <= sizeof(uint64_t) && std::is_trivially_copyable_v<T>);
  if (lanes != kAllLanes) {
    block->fail("a warp function is called for some lanes only");
    throw Abandoned();
  }
  Warp& warp = block->warp();
  std::memcpy(&warp.slots[threadIdx.x % kWarp], &value, sizeof value);
  warp.meeting.wait(where);
  T result;
  std::memcpy(&result, &warp.slots[source % kWarp], sizeof result);
  warp.meeting.wait(where);
  return result;
}

/// Dynamic shared memory of the block.
inline float* dynamic_shared() {
  return reinterpret_cast<float*>(block->shared());
}

/// AddressSanitizer reports whoever touches these bytes of dynamic shared memory.
inline void forbid([[maybe_unused]] const void* begin, [[maybe_unused]] std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  __asan_poison_memory_region(begin, bytes);
#endif
}

/// Launches so far.
inline std::atomic<int64_t> launches{0};

/// Runs kernel() on every thread of every block.
template <typename Kernel>
void run(unsigned grid, unsigned threads, std::size_t shared_bytes, const Kernel& kernel) {
  if (threads == 0 || threads > 1024 || threads % kWarp != 0) {
    throw std::runtime_error("a block of " + std::to_string(threads) + " threads");
  }
  ++launches;
  Block shared(threads, shared_bytes);
  shared.begin();
  bool over = false;
  std::barrier end(threads, [&]() noexcept {
    shared.begin();
    over = shared.failed();
  });
  const auto work = [&](unsigned index) {
    block = &shared;
    threadIdx.x = index;
    blockDim.x = threads;
    gridDim.x = grid;
    for (blockIdx.x = 0; blockIdx.x < grid && !over; ++blockIdx.x) {
      try {
        kernel();
        shared.leave();
      } catch (const Abandoned&) {
      }
      end.arrive_and_wait();
    }
  };
  std::vector<std::thread> members;
  for (unsigned i = 0; i < threads; ++i) members.emplace_back(work, i);
  for (std::thread& member : members) member.join();
  if (shared.failed()) throw std::runtime_error(shared.message());
}

}  // namespace cuda_on_cpu

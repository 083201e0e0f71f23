#include "vqalign/data/batch_loader.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

namespace vqalign {

BatchLoader::BatchLoader(BatchInputs inputs, const DataOptions& options, const CancelToken* cancel,
                         torch::Device device)
    : inputs_(inputs),
      cancel_(cancel),
      cache_(options.cache_mb * (int64_t{1} << 20)),
      ahead_(static_cast<std::size_t>(options.workers) + 1) {
  assert(inputs_.dataset != nullptr && inputs_.vocabulary != nullptr);
  if (!device.is_cpu()) beside_ = DeviceCopy::stream(device);
  for (int64_t i = 0; i < options.workers; ++i) threads_.emplace_back([this] { work(); });
}

BatchLoader::~BatchLoader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BatchLoader::start(std::vector<std::vector<int64_t>> batches, std::size_t first) {
  {
    const std::lock_guard lock(mutex_);
    batches_ = std::move(batches);
    results_.clear();
    to_make_ = first;
    to_return_ = first;
    ++round_;
  }
  wanted_.notify_all();
}

std::optional<Batch> BatchLoader::next() {
  check_cancelled();
  std::unique_lock lock(mutex_);
  if (to_return_ >= batches_.size()) return std::nullopt;
  if (threads_.empty()) {
    Batch batch = make(batches_[to_return_]);
    ++to_return_;
    return batch;
  }
  // A stop may be asked for from a signal handler, which cannot wake us.
  while (!made_.wait_for(lock, std::chrono::milliseconds(100),
                         [this] { return results_.contains(to_return_); })) {
    check_cancelled();
  }
  // A failed batch stays, so that asking again tells the same.
  if (const Result& found = results_.at(to_return_); found.error) {
    std::rethrow_exception(found.error);
  }
  Result result = std::move(results_.extract(to_return_).mapped());
  ++to_return_;
  lock.unlock();
  wanted_.notify_one();
  return std::move(result.batch);
}

Batch BatchLoader::make(const std::vector<int64_t>& rows) {
  Batch batch = make_batch(inputs_, rows, &cache_, cancel_);
  if (beside_) batch.copy = std::make_shared<const DeviceCopy>(batch, *beside_);
  return batch;
}

void BatchLoader::check_cancelled() const {
  if (cancel_ != nullptr) cancel_->check();
}

bool BatchLoader::may_make() const {
  return to_make_ < batches_.size() && to_make_ < to_return_ + ahead_;
}

void BatchLoader::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wanted_.wait(lock, [this] { return stopping_ || may_make(); });
    if (stopping_) return;
    const std::size_t number = to_make_++;
    const uint64_t round = round_;
    const std::vector<int64_t> rows = batches_[number];
    lock.unlock();
    Result result;
    try {
      result.batch = make(rows);
    } catch (...) {
      result.error = std::current_exception();
    }
    lock.lock();
    if (round == round_) {
      results_.emplace(number, std::move(result));
      made_.notify_all();
    }
  }
}

}  // namespace vqalign

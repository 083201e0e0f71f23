#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/data/batch.h"
#include "vqalign/data/data_options.h"
#include "vqalign/data/device_copy.h"
#include "vqalign/data/picture_cache.h"

namespace vqalign {

/// Makes batches ahead of their use on worker threads, which decode pictures and, for a device
/// other than the CPU, copy there what they made (Batch::copy). They come in the given order and
/// are the same for any number of workers. An exception while a batch is made is rethrown by the
/// next() that would have returned it.
class BatchLoader {
 public:
  /// `cancel` may be null. Takes workers and cache_mb from `options`.
  BatchLoader(BatchInputs inputs, const DataOptions& options, const CancelToken* cancel = nullptr,
              torch::Device device = torch::kCPU);
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// Starts over with these batches, from number `first` on; what was made ahead is thrown away,
  /// decoded pictures are kept.
  void start(std::vector<std::vector<int64_t>> batches, std::size_t first = 0);

  /// The next batch, or nothing after the last one. Throws Cancelled when a stop was asked for.
  std::optional<Batch> next();

  /// Bytes of decoded pictures kept.
  int64_t cached_bytes() const { return cache_.bytes(); }

 private:
  struct Result {
    Batch batch;
    std::exception_ptr error;
  };

  void work();
  Batch make(const std::vector<int64_t>& rows);
  void check_cancelled() const;
  bool may_make() const;

  BatchInputs inputs_;
  const CancelToken* cancel_;
  PictureCache cache_;
  std::size_t ahead_;
  std::optional<c10::Stream> beside_;  ///< where batches are copied to a device

  std::mutex mutex_;
  std::condition_variable made_;    // a result was added
  std::condition_variable wanted_;  // there may be work to do
  std::vector<std::vector<int64_t>> batches_;
  std::map<std::size_t, Result> results_;
  std::size_t to_make_ = 0;
  std::size_t to_return_ = 0;
  uint64_t round_ = 0;  // counts start(), so that a batch of an earlier one is known
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace vqalign

#pragma once

#include <torch/types.h>

#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace vqalign {

/// Whether an exception says that memory ran out, the computer's or a GPU's.
bool is_memory_shortage(const std::exception& error);

/// The batch to advise where one of `size` did not fit: half of it, or less where the batches
/// before it took more than that of what there is. Both in bytes; `each` 0: unknown. 0 where `size`
/// is 1.
int64_t fitting_batch(int64_t size, double each, double available);

/// Runs work on batches, and tells of one that does not fit into memory which would.
class BatchMemory {
 public:
  /// `option`: how the size of a batch is told, up to the number ("--batch-size ").
  BatchMemory(torch::Device device, std::string option)
      : device_(device), option_(std::move(option)) {}

  /// work(), on a batch of `size`. Error naming both sizes where memory ran out.
  template <typename Work>
  auto with(int64_t size, const Work& work) {
    begin();
    try {
      if constexpr (std::is_void_v<decltype(work())>) {
        work();
        end(size);
        return;
      } else {
        auto result = work();
        end(size);
        return result;
      }
    } catch (const std::exception& error) {
      if (!is_memory_shortage(error)) throw;
    }
    // Here what the failed work held is free again.
    tell(size);
  }

 private:
  void begin();
  void end(int64_t size);
  [[noreturn]] void tell(int64_t size) const;

  torch::Device device_;
  std::string option_;
  double before_ = 0;  ///< bytes allocated on the device as the work began
  double each_ = 0;    ///< most bytes that a sample took
};

}  // namespace vqalign

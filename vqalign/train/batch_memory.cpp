#include "vqalign/train/batch_memory.h"

#include <ATen/DeviceAccelerator.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <new>

#include "vqalign/core/error.h"
#include "vqalign/train/device.h"
#include "vqalign/train/training_log.h"

namespace vqalign {
namespace {

/// Of what is free: the allocator's pieces do not fit one another wholly.
constexpr double kUsable = 0.9;
constexpr double kGibibyte = 1 << 30;

}  // namespace

bool is_memory_shortage(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  const auto* of_torch = dynamic_cast<const c10::Error*>(&error);
  if (of_torch == nullptr) return false;
  if (dynamic_cast<const c10::OutOfMemoryError*>(of_torch) != nullptr) return true;
  const std::string text = of_torch->what_without_backtrace();
  for (const char* sign :
       {"not enough memory", "can't allocate memory", "out of memory", "STATUS_ALLOC_FAILED"}) {
    if (text.find(sign) != std::string::npos) return true;
  }
  return false;
}

int64_t fitting_batch(int64_t size, double each, double available) {
  const int64_t half = size / 2;
  if (!(each > 0) || half == 0) return half;
  const double most = std::max(1.0, kUsable * available / each);
  return most < static_cast<double>(half) ? static_cast<int64_t>(most) : half;
}

void BatchMemory::begin() {
  if (device_.is_cpu()) return;
  before_ = static_cast<double>(device_bytes(device_).allocated);
  restart_peak(device_);
}

void BatchMemory::end(int64_t size) {
  if (device_.is_cpu() || size < 1) return;
  const auto peak = static_cast<double>(device_bytes(device_).peak);
  each_ = std::max(each_, (peak - before_) / static_cast<double>(size));
}

void BatchMemory::tell(int64_t size) const {
  std::string where = "there is";
  double available = 0;
  if (!device_.is_cpu()) {
    const auto [free, total] = at::accelerator::getMemoryInfo(device_.index());
    const double kept = static_cast<double>(device_bytes(device_).reserved) - before_;
    available = std::max(0.0, static_cast<double>(free) + kept);
    where = concat("the GPU has, ", fixed(static_cast<double>(total) / kGibibyte, 1), " GiB");
  }
  const int64_t fitting = fitting_batch(size, each_, available);
  throw Error(concat("a batch of ", size, " takes more memory than ", where),
              fitting > 0 ? concat(option_, fitting, " should fit")
                          : "it is the smallest batch: the model needs to be smaller");
}

}  // namespace vqalign

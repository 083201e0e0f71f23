#include "vqalign/train/precision.h"

#include "vqalign/core/error.h"

namespace vqalign {

Autocast::Autocast(const TrainOptions& options, c10::Device device)
    : active_(options.precision == "bfloat16"), type_(device.type()) {
  if (!active_) return;
  at::autocast::set_autocast_dtype(type_, at::kBFloat16);
  at::autocast::set_autocast_enabled(type_, true);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!active_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(type_, false);
}

void check_precision(const TrainOptions& options, c10::Device device) {
  if (options.precision != "bfloat16" || !device.is_cpu()) return;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bf16") || __builtin_cpu_supports("amx-bf16")) return;
#endif
  throw UsageError("train.precision is bfloat16, which this processor only emulates",
                   "float32 is several times faster here");
}

}  // namespace vqalign

#include "vqalign/train/precision.h"

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

bool native_bfloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") || __builtin_cpu_supports("amx-bf16");
#else
  return false;
#endif
}

bool wants_bfloat16(const TrainOptions& options, c10::Device device) {
  if (options.precision == "auto") return device.is_cpu() && native_bfloat16();
  return options.precision == "bfloat16";
}

}  // namespace

Autocast::Autocast(const TrainOptions& options, c10::Device device)
    : active_(wants_bfloat16(options, device)), type_(device.type()) {
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
  if (native_bfloat16()) return;
  throw UsageError("train.precision is bfloat16, which this processor only emulates",
                   "float32 is several times faster here");
}

}  // namespace vqalign

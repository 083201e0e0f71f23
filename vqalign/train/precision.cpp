#include "vqalign/train/precision.h"

#include <optional>

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

/// The type of matrix products under autocast; nothing without it.
std::optional<at::ScalarType> lower_type(const std::string& precision, c10::Device device) {
  if (precision == "float16") return at::kHalf;
  const bool native = !device.is_cpu() || native_bfloat16();
  if (precision == "bfloat16" || (precision == "auto" && native)) {
    return at::kBFloat16;
  }
  return std::nullopt;
}

}  // namespace

Autocast::Autocast(const std::string& precision, c10::Device device) : type_(device.type()) {
  const std::optional<at::ScalarType> lower = lower_type(precision, device);
  active_ = lower.has_value();
  if (!active_) return;
  at::autocast::set_autocast_dtype(type_, *lower);
  at::autocast::set_autocast_enabled(type_, true);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!active_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(type_, false);
}

void check_precision(const std::string& name, const std::string& precision, c10::Device device) {
  if (!device.is_cpu()) return;
  const bool emulated = precision == "bfloat16" && !native_bfloat16();
  if (!emulated && precision != "float16") return;
  throw UsageError(concat(name, " is ", precision, ", which this processor only emulates"),
                   "float32 is several times faster here");
}

}  // namespace vqalign

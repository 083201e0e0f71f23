#include "vqalign/align/kernels/dispatch.h"

namespace vqalign::kernels {

extern const Kernels kGenericKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

namespace {

std::vector<const Kernels*> find_kernels() {
  std::vector<const Kernels*> found;
#ifdef VQALIGN_X86_KERNELS
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    found.push_back(&kAvx512Kernels);
  }
  if (avx2) found.push_back(&kAvx2Kernels);
#endif
  found.push_back(&kGenericKernels);
  return found;
}

}  // namespace

const std::vector<const Kernels*>& available_kernels() {
  static const std::vector<const Kernels*> found = find_kernels();
  return found;
}

const Kernels& kernels() {
  static const Kernels& widest = *available_kernels().front();
  return widest;
}

}  // namespace vqalign::kernels

#include "vqalign/attention/kernels.h"

#include <initializer_list>

namespace vqalign::kernels {

extern const Table kBaselineTable;
#if defined(VQALIGN_X86_KERNELS)
extern const Table kAvx2Table;
extern const Table kAvx512Table;
#endif

const Table* table(InstructionSet set) {
  switch (set) {
    case InstructionSet::kBaseline:
      return &kBaselineTable;
#if defined(VQALIGN_X86_KERNELS)
    case InstructionSet::kAvx2:
      return __builtin_cpu_supports("avx2") ? &kAvx2Table : nullptr;
    case InstructionSet::kAvx512: {
      const bool supported =
          __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
      return supported ? &kAvx512Table : nullptr;
    }
#endif
    default:
      return nullptr;
  }
}

const Table& best() {
  static const Table* const chosen = [] {
    for (const InstructionSet set : {InstructionSet::kAvx512, InstructionSet::kAvx2}) {
      if (const Table* found = table(set)) return found;
    }
    return table(InstructionSet::kBaseline);
  }();
  return *chosen;
}

}  // namespace vqalign::kernels

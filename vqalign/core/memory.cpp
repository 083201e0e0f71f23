#include "vqalign/core/memory.h"

#include <malloc.h>

#include <atomic>

namespace vqalign {
namespace {

std::atomic<bool> keeps = false;

}  // namespace

void keep_freed_memory() {
#if defined(__GLIBC__)
  keeps = true;
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2000 << 20);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

ReturnFreedMemory::ReturnFreedMemory() {
#if defined(__GLIBC__)
  // malloc_trim() alone leaves the free ends of the memory that other threads took.
  if (!keeps) return;
  mallopt(M_TRIM_THRESHOLD, 128 << 10);
  mallopt(M_TOP_PAD, 0);
#endif
}

ReturnFreedMemory::~ReturnFreedMemory() {
#if defined(__GLIBC__)
  malloc_trim(0);
  if (keeps) keep_freed_memory();
#endif
}

}  // namespace vqalign

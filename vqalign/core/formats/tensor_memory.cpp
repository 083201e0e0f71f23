#include "vqalign/core/formats/tensor_memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/alignment.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <cstdlib>

namespace vqalign {
namespace {

/// The block's own start stands before the aligned bytes.
class PlainAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    if (bytes == 0) return {nullptr, nullptr, &release, c10::Device(c10::kCPU)};
    constexpr std::size_t kRoom = c10::gAlignment + sizeof(void*);
    void* const block = bytes > SIZE_MAX - kRoom ? nullptr : std::malloc(bytes + kRoom);
    TORCH_CHECK_WITH(OutOfMemoryError, block != nullptr,
                     "not enough memory: you tried to allocate ", bytes, " bytes.");
    const auto start = reinterpret_cast<uintptr_t>(block) + kRoom;
    void* const data = reinterpret_cast<void*>(start - start % c10::gAlignment);
    static_cast<void**>(data)[-1] = block;
    return {data, data, &release, c10::Device(c10::kCPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }

 private:
  static void release(void* data) {
    if (data) std::free(static_cast<void**>(data)[-1]);
  }
};

}  // namespace

void reuse_tensor_memory() {
  // Never destroyed: tensors outlive main.
  static c10::Allocator* const allocator = new PlainAllocator;
  c10::SetAllocator(c10::kCPU, allocator, /*priority=*/100);
}

}  // namespace vqalign

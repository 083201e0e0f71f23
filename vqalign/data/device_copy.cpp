#include "vqalign/data/device_copy.h"

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/types.h>

#include <cassert>
#include <cstring>

namespace vqalign {
namespace {

/// Every tensor of a batch.
template <typename BatchType, typename Work>
void for_tensors(BatchType& batch, const Work& work) {
  auto& [pixels, extents, sizes] = batch.pictures;
  auto& [features, boxes, mask, original_sizes] = batch.regions;
  for (auto* tensor : {&batch.tokens, &batch.targets, &batch.picture_index, &pixels, &extents,
                       &sizes, &features, &boxes, &mask, &original_sizes}) {
    if (tensor->defined()) work(*tensor);
  }
}

/// Copied by hand, as collate_regions does and for the same reason.
torch::Tensor pinned(const torch::Tensor& tensor) {
  assert(tensor.is_non_overlapping_and_dense());
  const torch::Tensor copy =
      torch::empty_strided(tensor.sizes(), tensor.strides(), tensor.options().pinned_memory(true));
  std::memcpy(copy.mutable_data_ptr(), tensor.const_data_ptr(), tensor.nbytes());
  return copy;
}

}  // namespace

c10::Stream DeviceCopy::stream(torch::Device device) {
  return c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device);
}

DeviceCopy::DeviceCopy(Batch& batch, const c10::Stream& beside) : copied_(beside.device_type()) {
  for_tensors(batch, [](torch::Tensor& tensor) { tensor = pinned(tensor); });
  const c10::StreamGuard copying(beside);
  tensors_ = batch;
  for_tensors(tensors_, [&beside](torch::Tensor& tensor) {
    tensor = tensor.to(beside.device(), /*non_blocking=*/true);
  });
  copied_.record(beside);
}

const Batch& DeviceCopy::wait() const {
  const torch::Device device = tensors_.tokens.device();
  const c10::Stream current = c10::impl::VirtualGuardImpl(device.type()).getStream(device);
  copied_.block(current);
  // Else their memory could serve the next copy while this stream still reads it.
  for_tensors(tensors_, [&current](const torch::Tensor& tensor) { tensor.record_stream(current); });
  return tensors_;
}

const Batch& placed(const Batch& batch) {
  return batch.copy ? batch.copy->wait() : batch;
}

}  // namespace vqalign

#pragma once

#include <c10/core/Event.h>
#include <torch/types.h>

#include "vqalign/data/batch.h"

namespace vqalign {

/// A batch's tensors on a device other than the CPU, copied on a stream beside the one that
/// computes, so that the copy costs the work under way nothing.
class DeviceCopy {
 public:
  /// A stream for copies to `device`, which all copies of a loader share: memory that was freed on
  /// one stream serves no other.
  static c10::Stream stream(torch::Device device);

  /// Moves the batch's tensors to pinned memory, from which the device copies by itself, and starts
  /// the copy on `beside`.
  DeviceCopy(Batch& batch, const c10::Stream& beside);

  /// The copies; what is put on the calling thread's current stream from now on waits for them.
  const Batch& wait() const;

 private:
  Batch tensors_;
  c10::Event copied_;
};

/// The tensors of a batch to compute with: its DeviceCopy's, where it has one, else its own.
const Batch& placed(const Batch& batch);

}  // namespace vqalign

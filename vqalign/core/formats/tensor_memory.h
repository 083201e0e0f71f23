#pragma once

namespace vqalign {

/// Takes memory for tensors on the CPU in a way that lets the C library use freed blocks again.
/// glibc (before 2.38) serves an aligned request from a block that is larger than it by the
/// alignment, so the hole that a tensor leaves is never enough for one of the same size, and a
/// training holds a third more than its tensors. Asked for plainly and aligned here, holes are
/// filled. Call once, first thing in main.
void reuse_tensor_memory();

}  // namespace vqalign

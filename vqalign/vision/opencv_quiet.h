#pragma once

namespace vqalign {

/// Silences OpenCV's own messages and keeps it to the calling thread: what is broken is told once,
/// by our Error, and pictures are worked on side by side rather than one on many threads. Does it
/// once a process.
void quieten_opencv();

}  // namespace vqalign

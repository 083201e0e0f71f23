#pragma once

namespace vqalign {

/// Tells the C library to keep freed memory instead of giving it back to the system at once. Every
/// training step frees and takes the same large blocks; without this each of them is mapped and
/// zeroed anew, which can cost more than the arithmetic. Call once, first thing in main.
void keep_freed_memory();

/// While one lives, freed memory goes back to the system all the same: for freeing what will not be
/// asked for again.
class ReturnFreedMemory {
 public:
  ReturnFreedMemory();
  ~ReturnFreedMemory();
  ReturnFreedMemory(const ReturnFreedMemory&) = delete;
  ReturnFreedMemory& operator=(const ReturnFreedMemory&) = delete;
};

}  // namespace vqalign

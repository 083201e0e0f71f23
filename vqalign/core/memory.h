#pragma once

namespace vqalign {

/// Tells the C library to keep freed memory instead of giving it back to the system at once. Every
/// training step frees and takes the same large blocks; without this each of them is mapped and
/// zeroed anew, which can cost more than the arithmetic. Call once, first thing in main.
void keep_freed_memory();

/// Gives all that is free now back to the system, for when much of it will not be asked for again.
void return_freed_memory();

}  // namespace vqalign

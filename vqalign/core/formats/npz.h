#pragma once

#include <torch/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace vqalign {

/// Arrays of a NumPy .npz file (a ZIP of .npy members, stored or deflated; ZIP64 fields tolerated).
struct NpzArray {
  std::string name;      ///< member name without ".npy"
  torch::Tensor tensor;  ///< numeric arrays (f2 f4 f8 i1 i2 i4 i8 u1 b1, either byte order, C or
                         ///< Fortran order, any rank); undefined for text
  std::vector<std::string> strings;  ///< <U arrays of rank 1, as UTF-8
};

/// Reads the numeric and text members; object members (pickles) are skipped, never executed. Sizes
/// are taken from the central directory and bounded before allocation (4 GiB a member). Error
/// naming file and member when it is cut short, not a ZIP, or its header is malformed.
std::vector<NpzArray> read_npz(const std::filesystem::path& path);

/// Writes stored members, readable by numpy.load; strings as <U, float32, int64 and the other types
/// above as they are. Atomic.
void write_npz(const std::filesystem::path& path, const std::vector<NpzArray>& arrays);

}  // namespace vqalign

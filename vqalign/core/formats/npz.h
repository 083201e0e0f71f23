#pragma once

#include <torch/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace vqalign {

/// An array of a NumPy .npz file (a ZIP of .npy members, stored or deflated; ZIP64 fields
/// tolerated).
struct NpzArray {
  std::string name;      ///< member name without ".npy"
  torch::Tensor tensor;  ///< numeric arrays (f2 f4 f8 i1 i2 i4 i8 u1 b1, either byte order, C or
                         ///< Fortran order, any rank), contiguous; undefined for text
  std::vector<std::string> strings;  ///< <U arrays of rank 0 (one string) or 1, as UTF-8
};

/// Reads the numeric and text members; object members (pickles) are skipped, never executed, and so
/// is what is no .npy member. Sizes are taken from the central directory and bounded before
/// allocation (16 GiB a member, text 256 MiB, and no more than the file can unpack to). Error
/// naming file and member when it is cut short, damaged (checksums are compared), not a ZIP, its
/// header is malformed, or it holds another type.
std::vector<NpzArray> read_npz(const std::filesystem::path& path);

/// Names and shapes of the same members' numeric arrays, from their headers alone.
std::vector<std::pair<std::string, std::vector<int64_t>>> read_npz_shapes(
    const std::filesystem::path& path);

/// Writes stored members, readable by numpy.load; strings as <U of rank 1, numbers of the types
/// above as they are. Strings must be UTF-8; other bytes are written as U+FFFD. Atomic; the same
/// arrays give the same bytes.
void write_npz(const std::filesystem::path& path, const std::vector<NpzArray>& arrays);

}  // namespace vqalign

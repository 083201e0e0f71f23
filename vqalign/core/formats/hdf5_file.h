#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vqalign {

/// An HDF5 file of plain numeric datasets in its root group, for reading through the HDF5 library,
/// which knows no threads: all members of all files wait for one another.
///
/// What a dataset claims is held against the file before it is read: only real numbers and integers
/// of up to eight bytes, stored in the file itself (no external files, links or virtual datasets
/// are followed), contiguous or in chunks, packed by gzip, shuffle and checksum filters at most, of
/// no more bytes than the file's can unpack to.
class Hdf5File {
 public:
  /// Error naming the file when it is missing or the library cannot open it.
  explicit Hdf5File(const std::filesystem::path& path);
  ~Hdf5File();
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  static bool is_hdf5(std::string_view start) { return start.starts_with("\x89HDF\r\n\x1a\n"); }

  /// Whether the root group has something of that name.
  bool has(const std::string& name) const;
  /// Error naming the dataset, here and below, when it is missing or none that is read.
  std::vector<int64_t> shape(const std::string& name) const;
  /// "float32", "int64" and the like.
  std::string type(const std::string& name) const;

  /// Fills `out` with the numbers of `count` rows from `first` on, a row being all of the first
  /// axis' other axes. The rows must lie inside of the shape.
  void read_rows(const std::string& name, int64_t first, int64_t count, float* out) const;
  /// A whole dataset; Error when it has other numbers than integers.
  std::vector<int64_t> read_integers(const std::string& name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vqalign

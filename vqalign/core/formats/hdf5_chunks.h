#pragma once

#include <hdf5.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace vqalign {

/// What the chunks of a dataset are held against before the library reads them: it copies a whole
/// chunk out of whatever a packed one unpacks to, and so reads beyond the end of one that is
/// damaged.
class Hdf5Chunks {
 public:
  /// Nothing to check: the dataset is in one piece, or its chunks are not packed.
  Hdf5Chunks() = default;
  /// Chunks of these sizes along each axis, `bytes` in all, packed by these filters: gzip, shuffle
  /// and fletcher32 at most, none where they are not packed.
  Hdf5Chunks(std::vector<hsize_t> sizes, std::vector<H5Z_filter_t> filters, std::size_t bytes);

  /// Unpacks the chunks with rows first .. first + count - 1 that were not unpacked before.
  /// Error("`where`: ..") naming a chunk that unpacks to another size than it should.
  void check_rows(hid_t dataset, const std::vector<int64_t>& shape, int64_t first, int64_t count,
                  uint64_t file_bytes, const std::string& where);

 private:
  void check_chunk(hid_t dataset, const std::vector<hsize_t>& offset, uint64_t file_bytes,
                   const std::string& where);

  std::vector<hsize_t> sizes_;         ///< of a chunk
  std::vector<H5Z_filter_t> filters_;  ///< empty: nothing to check
  std::size_t bytes_ = 0;              ///< of an unpacked chunk
  std::set<std::vector<hsize_t>> good_;
};

}  // namespace vqalign

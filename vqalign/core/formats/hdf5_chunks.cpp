#include "vqalign/core/formats/hdf5_chunks.h"

#include <zlib.h>

#include <array>
#include <optional>
#include <utility>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr std::size_t kChecksumBytes = 4;

/// How many bytes a zlib stream unpacks to, counted up to `most` + 1; nothing when it is damaged.
std::optional<std::size_t> inflated_size(const std::vector<Bytef>& packed, std::size_t size,
                                         std::size_t most) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return std::nullopt;
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(size);
  std::array<Bytef, 1 << 16> piece;
  int state = Z_OK;
  while (state == Z_OK && stream.total_out <= most) {
    stream.next_out = piece.data();
    stream.avail_out = static_cast<uInt>(piece.size());
    state = inflate(&stream, Z_NO_FLUSH);
  }
  const std::size_t made = stream.total_out;
  inflateEnd(&stream);
  if (state != Z_STREAM_END && made <= most) return std::nullopt;
  return made;
}

}  // namespace

Hdf5Chunks::Hdf5Chunks(std::vector<hsize_t> sizes, std::vector<H5Z_filter_t> filters,
                       std::size_t bytes)
    : sizes_(std::move(sizes)), filters_(std::move(filters)), bytes_(bytes) {}

void Hdf5Chunks::check_rows(hid_t dataset, const std::vector<int64_t>& shape, int64_t first,
                            int64_t count, uint64_t file_bytes, const std::string& where) {
  if (filters_.empty() || count == 0) return;
  const auto rows = static_cast<hsize_t>(first), end = static_cast<hsize_t>(first + count);
  std::vector<hsize_t> offset(sizes_.size(), 0);
  offset[0] = rows - rows % sizes_[0];
  for (;;) {
    if (good_.count(offset) == 0) {
      check_chunk(dataset, offset, file_bytes, where);
      good_.insert(offset);
    }
    std::size_t axis = sizes_.size();
    while (axis-- > 0) {
      offset[axis] += sizes_[axis];
      if (offset[axis] < (axis == 0 ? end : static_cast<hsize_t>(shape[axis]))) break;
      if (axis == 0) return;
      offset[axis] = 0;
    }
  }
}

void Hdf5Chunks::check_chunk(hid_t dataset, const std::vector<hsize_t>& offset, uint64_t file_bytes,
                             const std::string& where) {
  const auto refuse = [&] {
    fail(where, ": the chunk of row ", offset[0], " does not unpack to its ", bytes_,
         " bytes: the file is damaged");
  };
  hsize_t stored = 0;
  if (H5Dget_chunk_storage_size(dataset, offset.data(), &stored) < 0 || stored == 0) return;
  if (stored > file_bytes) refuse();
  std::vector<Bytef> packed(stored);
  uint32_t left_out = 0;
  if (H5Dread_chunk(dataset, H5P_DEFAULT, offset.data(), &left_out, packed.data()) < 0) refuse();
  std::size_t size = stored;
  bool unpacked = false;
  for (std::size_t i = filters_.size(); i-- > 0;) {
    if (left_out >> i & 1U) continue;
    if (filters_[i] == H5Z_FILTER_FLETCHER32) {
      if (size < kChecksumBytes) refuse();
      size -= kChecksumBytes;
    }
    if (filters_[i] != H5Z_FILTER_DEFLATE) continue;
    // Twice packed is nothing that anybody writes, and its size is not seen without unpacking.
    const auto made =
        unpacked ? std::nullopt : inflated_size(packed, size, bytes_ + kChecksumBytes);
    if (!made) refuse();
    size = *made;
    unpacked = true;
  }
  if (size != bytes_) refuse();
}

}  // namespace vqalign

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace vqalign {

// The packed feature store, version 1. All numbers lie as the writing machine has them in memory
// (little-endian on every machine there is a build for), which `byte_order` tells; everything
// begins at a multiple of 64 bytes, zeros between.
//
//     head      PackedHead
//     records   one a picture, in any order, without gaps: boxes float32 [regions, 4], then
//     features
//               float16 or float32 [regions, width]
//     index     PackedEntry a picture, in ascending order of image_id
//     tail      PackedTail, the last 64 bytes of the file: a file cut short has none
//
// Checksums are zlib's CRC-32: of a record with its zeros, of the index with its zeros, of head and
// tail up to their own. Every byte of the file is under one of them.

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kPackedAlignment = 64;
constexpr uint32_t kPackedByteOrder = 0x01020304;
constexpr uint32_t kPackedVersion = 1;
constexpr uint32_t kPackedWidest = 1 << 24;
// The line breaks show whether the file was carried as text.
constexpr char kPackedMagic[8] = {'\x89', 'V', 'Q', 'F', '\r', '\n', '\x1a', '\n'};
constexpr char kPackedEndMagic[8] = {'V', 'Q', 'F', 'E', 'N', 'D', '\r', '\n'};

struct PackedHead {
  char magic[8];
  uint32_t byte_order;
  uint32_t version;
  uint32_t type;  ///< bytes of a feature: 2 or 4
  uint32_t width;
  uint32_t zeros[9];
  uint32_t crc;
};

struct PackedTail {
  uint64_t count;
  uint64_t index_at;
  uint64_t file_bytes;
  uint32_t index_crc;
  uint32_t zeros[6];
  uint32_t crc;
  char magic[8];
};

static_assert(sizeof(PackedHead) == kPackedAlignment && sizeof(PackedTail) == kPackedAlignment);

constexpr uint64_t packed_aligned(uint64_t bytes) {
  return (bytes + kPackedAlignment - 1) / kPackedAlignment * kPackedAlignment;
}
constexpr uint64_t packed_boxes_bytes(uint64_t regions) {
  return packed_aligned(regions * 16);
}
/// No overflow: regions fits 32 bits, width kPackedWidest.
constexpr uint64_t packed_record_bytes(uint64_t regions, uint64_t width, uint64_t item_bytes) {
  return packed_boxes_bytes(regions) + packed_aligned(regions * width * item_bytes);
}

}  // namespace vqalign

#pragma once

#include <cstdint>
#include <string_view>

namespace vqalign {

/// Reads integers of a file's bytes in either byte order; what lies beyond the end reads as 0 and
/// sets `failed`, so that a parser checks once at its end.
class ByteView {
 public:
  ByteView(std::string_view bytes, bool little_endian)
      : bytes_(bytes), little_endian_(little_endian) {}

  bool has(uint64_t offset, uint64_t count) const {
    return offset <= bytes_.size() && count <= bytes_.size() - offset;
  }
  uint32_t u8(uint64_t offset) { return static_cast<uint32_t>(read(offset, 1)); }
  uint32_t u16(uint64_t offset) { return static_cast<uint32_t>(read(offset, 2)); }
  uint32_t u32(uint64_t offset) { return static_cast<uint32_t>(read(offset, 4)); }
  uint64_t size() const { return bytes_.size(); }
  bool failed() const { return failed_; }

 private:
  uint64_t read(uint64_t offset, int count) {
    if (!has(offset, static_cast<uint64_t>(count))) {
      failed_ = true;
      return 0;
    }
    uint64_t value = 0;
    for (int i = 0; i < count; ++i) {
      const int at = little_endian_ ? count - 1 - i : i;
      value = value << 8 | static_cast<uint8_t>(bytes_[offset + static_cast<uint64_t>(at)]);
    }
    return value;
  }

  std::string_view bytes_;
  bool little_endian_;
  bool failed_ = false;
};

}  // namespace vqalign

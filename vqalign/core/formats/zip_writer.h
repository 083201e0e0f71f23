#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/core/atomic_file.h"

namespace vqalign {

/// Writes a ZIP archive of stored (unpacked) members. The same members give the same bytes: all
/// carry the earliest date a ZIP can. ZIP64 fields appear only where a size or place needs them.
class ZipWriter {
 public:
  /// Sizes and places from `wide_from` on are written as ZIP64 fields; the default is what the
  /// format demands.
  explicit ZipWriter(AtomicFile& file, uint64_t wide_from = 0xFFFFFFFF)
      : file_(file), wide_from_(wide_from) {}

  /// Appends a member whose content is the parts one after the other. It starts at a multiple of
  /// `alignment` bytes of the file (at most 4096), padded as torch.save pads, by an extra field.
  void add(const std::string& name, const std::vector<std::string_view>& parts,
           std::size_t alignment = 1);
  /// Writes the directory; the file is then complete, but not yet committed.
  void finish();

 private:
  struct Member {
    std::string name;
    uint64_t size = 0;
    uint64_t start = 0;
    uint32_t crc = 0;
    std::string padding = {};  ///< an extra field of the local header
  };

  std::string header(const Member& member, bool central) const;
  void write(std::string_view bytes);

  AtomicFile& file_;
  uint64_t wide_from_;
  uint64_t written_ = 0;
  std::vector<Member> members_;
};

}  // namespace vqalign

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/core/formats/mapped_file.h"

namespace vqalign {

/// A ZIP archive for reading, by memory map (PKWARE's APPNOTE; stored and deflated members, ZIP64
/// fields). Sizes and places come from the central directory and are checked against the file when
/// it is opened: members lie inside it and do not overlap, and none claims to inflate to more than
/// deflate can (about 1032 to 1), so what a member claims is bounded by what the file holds.
class ZipArchive {
 public:
  struct Entry {
    std::string name;
    uint64_t size = 0;    ///< bytes when unpacked
    uint64_t packed = 0;  ///< bytes in the file
    uint32_t crc = 0;
    uint16_t method = 0;
    bool encrypted = false;
    std::size_t start = 0;  ///< of the packed bytes in the file
  };

  /// Error naming the file, the member and both values when it is no ZIP, cut short or
  /// inconsistent.
  explicit ZipArchive(const std::filesystem::path& path);

  /// In the order of the central directory.
  const std::vector<Entry>& entries() const { return entries_; }
  const std::string& path() const { return path_; }

  /// A stored member's bytes in the map, which file() keeps alive. Error when it is packed or
  /// encrypted, or its checksum is another than the directory's (0 there: none was computed, as
  /// torch.save leaves it when told to).
  std::string_view stored_bytes(const Entry& entry) const;
  const std::shared_ptr<MappedFile>& file() const { return file_; }

  /// "FILE: member "NAME"", for messages.
  std::string where(const Entry& entry) const;

 private:
  friend class ZipMember;

  struct Directory;
  Directory find_directory() const;
  Directory widened(Directory directory, std::size_t end_record) const;
  void read_entry(std::size_t& at, std::size_t directory_end);
  void apply_zip64(std::string_view extra, Entry& entry, uint64_t& header_start) const;
  void locate_data(Entry& entry, uint64_t header_start) const;
  void check_no_overlap() const;

  std::string path_;
  std::shared_ptr<MappedFile> file_;
  std::vector<Entry> entries_;
};

/// Unpacks one member from start to end.
class ZipMember {
 public:
  /// Error when the member is encrypted or packed by another method. `archive` must outlive this.
  ZipMember(const ZipArchive& archive, const ZipArchive::Entry& entry);
  ~ZipMember();
  ZipMember(const ZipMember&) = delete;
  ZipMember& operator=(const ZipMember&) = delete;

  /// Bytes not yet read.
  uint64_t remaining() const;
  /// Fills `out`, or throws Error: fewer bytes remain, the packed bytes are damaged, or, with the
  /// last byte, the checksum is another than the directory's.
  void read(void* out, std::size_t bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vqalign

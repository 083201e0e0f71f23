#pragma once

#include <torch/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/formats/mapped_file.h"

namespace vqalign {

/// A picture of a packed store, as its index has it.
struct PackedEntry {
  int64_t image_id = 0;
  uint64_t at = 0;  ///< byte of the file where its record starts
  uint32_t regions = 0;
  uint32_t image_width = 0;
  uint32_t image_height = 0;
  uint32_t crc = 0;
};

/// Our own store of region features: one file, read by memory map, so that loading a picture is a
/// copy, and several processes share what is in memory. packed_layout.h draws its layout.
class PackedStore {
 public:
  /// Reads the index alone. Error naming the file, the place and both values when it is no packed
  /// store, of another version or byte order, cut short or longer than it says, when head, index or
  /// tail are damaged (checksums), when ids are not ascending, or when records overlap, leave a gap
  /// or lie outside of the file.
  explicit PackedStore(const std::filesystem::path& path);

  static bool is_packed(std::string_view start);

  /// In ascending order of image_id.
  const std::vector<PackedEntry>& entries() const { return entries_; }
  /// nullptr when the store does not have the image.
  const PackedEntry* find(int64_t image_id) const;
  int64_t width() const { return width_; }
  /// Float16 or Float32.
  torch::ScalarType type() const { return type_; }
  uint64_t bytes() const { return file_->size(); }

  /// Views into the file of one of entries(), boxes float32 [n, 4] and features [n, width] in the
  /// store's type. They live as long as the store. A record's checksum is compared when the picture
  /// is first asked for; Error naming it when it differs. May be called from several threads.
  torch::Tensor boxes(const PackedEntry& entry) const;
  torch::Tensor features(const PackedEntry& entry) const;
  /// Compares the checksum, whether that was done before or not.
  void verify(const PackedEntry& entry) const;

 private:
  void read_head();
  void read_index();
  void check_records(uint64_t records_end) const;
  void verify_once(const PackedEntry& entry) const;
  std::string where(const PackedEntry& entry) const;

  std::string name_;
  std::shared_ptr<MappedFile> file_;
  std::vector<PackedEntry> entries_;
  mutable std::vector<std::atomic<bool>> verified_;
  mutable std::atomic<uint64_t> read_ = 0;  ///< bytes of features since pages were dropped
  int64_t width_ = 0;
  torch::ScalarType type_ = torch::kFloat;
};

/// Writes a packed store picture by picture, holding none but the index. The file appears with
/// finish(); destroyed before, it leaves nothing.
class PackedStoreWriter {
 public:
  /// `half`: features are rounded to float16, which halves the file. Error when the file cannot be
  /// written or the width is none of 1 to 2^24.
  PackedStoreWriter(const std::filesystem::path& path, int64_t width, bool half);

  /// `boxes` float32 [n, 4] and `features` float32 [n, width], both contiguous. Error naming the
  /// picture when a number does not fit float16 or the sizes do not fit the format.
  void add(int64_t image_id, int64_t image_width, int64_t image_height, const torch::Tensor& boxes,
           const torch::Tensor& features);

  /// Error when an image was added twice.
  void finish();

  /// So far.
  uint64_t bytes() const { return at_; }

 private:
  void write_padded(std::string_view bytes);
  std::string_view rounded(const torch::Tensor& features, int64_t image_id);

  std::string name_;
  AtomicFile file_;
  int64_t width_;
  bool half_;
  uint64_t at_ = 0;
  uint32_t crc_ = 0;  // of what write_padded() wrote since it was last set to 0
  std::vector<PackedEntry> entries_;
  std::vector<c10::Half> halves_;
};

}  // namespace vqalign

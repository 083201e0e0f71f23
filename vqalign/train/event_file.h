#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace vqalign {

/// A TensorBoard event file: scalars over training steps. Point TensorBoard at the folder. Each run
/// (and each resumption of it) appends a file of its own, events.out.tfevents.<time>.<host>, which
/// TensorBoard shows as one curve. Records are TFRecords of the protobuf messages Event and
/// Summary.
class EventFile {
 public:
  /// Creates `folder` where needed, and the file in it. Error naming the path and the system's
  /// reason when that fails.
  explicit EventFile(const std::filesystem::path& folder);
  /// Flushes; what cannot be written then is lost without a word.
  ~EventFile();
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  /// Adds one point to the curve `tag` ("loss/train"), stored as float32; NaN and infinity are
  /// allowed and shown as such. `wall_time` counts seconds since 1970. Error when the disk is full.
  void scalar(std::string_view tag, double value, int64_t step, double wall_time);
  /// The same, at this moment.
  void scalar(std::string_view tag, double value, int64_t step);

  /// Hands everything to the system, for readers that follow the file. Error when it cannot.
  void flush();

  const std::filesystem::path& path() const { return path_; }

 private:
  void append_record(std::string_view event);

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::string buffer_;
};

/// CRC-32C (Castagnoli), as TFRecord frames use it.
uint32_t crc32c(std::string_view bytes);

}  // namespace vqalign

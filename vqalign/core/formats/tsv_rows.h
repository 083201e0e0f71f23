#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vqalign {

/// A row of a bottom-up TSV: what its short fields say, and where its base64 fields lie.
struct TsvRow {
  int64_t image_id = 0;
  int64_t image_width = 0;
  int64_t image_height = 0;
  int64_t regions = 0;
  uint64_t boxes_at = 0;  ///< byte of the file (unpacked); the features follow behind one tab
  std::size_t boxes_length = 0;
  std::size_t features_length = 0;
  int64_t line = 0;  ///< from 1
};

/// Finds the rows of a bottom-up TSV in text that comes piece by piece and holds none of it. See
/// BottomUpTsv for the format and for what is refused.
class TsvRows {
 public:
  /// `width`: of the features; 0 takes the first row's.
  TsvRows(std::string name, int64_t width) : name_(std::move(name)), width_(width) {}

  /// The text's next piece. Base64 that lies in one piece is jumped over where its length is known
  /// from the number of regions, unread, so that the pages of a mapped file are not loaded.
  void feed(std::string_view piece);
  /// After the last piece.
  void finish();

  /// In the order of the file.
  const std::vector<TsvRow>& rows() const { return rows_; }
  std::vector<TsvRow> take_rows() { return std::move(rows_); }
  int64_t width() const { return width_; }

 private:
  static constexpr int kBoxes = 4;
  static constexpr int kFeatures = 5;
  static constexpr int kRest = 6;

  std::string where() const;
  std::size_t jump(std::string_view rest) const;
  std::size_t take_base64(std::string_view rest);
  std::size_t take_short(std::string_view rest);
  void end_field(char separator);
  void begin_boxes();
  void end_row();
  void check_features();
  int64_t number(int field, int64_t least, int64_t most) const;

  std::string name_;
  int64_t width_;
  std::vector<TsvRow> rows_;
  std::unordered_map<int64_t, int64_t> lines_;  // of the images so far
  TsvRow row_;
  std::string fields_[kBoxes];
  int field_ = 0;
  int64_t line_ = 1;
  uint64_t at_ = 0;
};

}  // namespace vqalign

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/formats/gzip_file.h"
#include "vqalign/core/formats/mapped_file.h"
#include "vqalign/core/formats/tsv_rows.h"

namespace vqalign {

/// Region features as bottom-up-attention released them, plain or as gzip: a picture a line, six
/// fields with tabs between: image_id, image_w, image_h, num_boxes, boxes and features. The last
/// two are base64 of little-endian float32, [num_boxes, 4] and [num_boxes, width]. Further columns,
/// a first line of names, empty lines and line breaks of two characters are tolerated.
///
/// Opening goes through the file once and keeps some sixty bytes a line; what base64 holds is read
/// when it is asked for. A plain file is mapped, and its base64 is jumped over. For .gz see
/// GzipFile: fine from start to end, slow to and fro.
class BottomUpTsv {
 public:
  /// `width`: of the features; 0 takes the first line's. Error naming the line when it has too few
  /// fields, a field that is no number, base64 of another length than its number of regions asks
  /// for, features of another width (both are told), or an image that another line has; and when
  /// nothing is left. `cancel` may be null.
  explicit BottomUpTsv(const std::filesystem::path& path, int64_t width = 0,
                       const CancelToken* cancel = nullptr);

  /// The width of a gzip file's first line with a region, for which no more than that is unpacked.
  /// Error as above.
  static int64_t packed_width(const std::filesystem::path& path);

  /// In the order of the file, in which reading is quickest.
  const std::vector<TsvRow>& rows() const { return rows_; }
  /// nullptr when the image has no row.
  const TsvRow* find(int64_t image_id) const;
  int64_t width() const { return width_; }
  bool packed() const { return gzip_ != nullptr; }

  /// Fills [regions, 4] and [regions, width]. Error naming the line when the text is no base64. May
  /// be called from several threads at once.
  void read(const TsvRow& row, float* boxes, float* features) const;

  /// "FILE: line N", for messages.
  std::string where(const TsvRow& row) const;

 private:
  std::string name_;
  std::shared_ptr<MappedFile> file_;  // one of both
  std::unique_ptr<GzipFile> gzip_;
  std::vector<TsvRow> rows_;
  std::unordered_map<int64_t, std::size_t> places_;
  int64_t width_ = 0;
};

}  // namespace vqalign

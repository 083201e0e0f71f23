#include "vqalign/core/formats/tsv_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/base64.h"

namespace vqalign {
namespace {

constexpr const char* kFieldNames[] = {"image_id", "image_w", "image_h", "num_boxes"};
constexpr std::size_t kLongestNumber = 32;
constexpr int64_t kMostRegions = 1'000'000;
constexpr int64_t kMostPixels = 1'000'000'000;
constexpr int64_t kBoxBytes = 16;
constexpr int64_t kNumberBytes = 4;
constexpr int64_t kWidest = int64_t{1} << 24;

bool ends_field(char c) {
  return c == '\t' || c == '\n' || c == '\r';
}

bool is_integer(const std::string& text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end;
}

}  // namespace

std::string TsvRows::where() const {
  return concat(name_, ": line ", line_);
}

void TsvRows::feed(std::string_view piece) {
  while (!piece.empty()) {
    const bool base64 = field_ == kBoxes || field_ == kFeatures;
    const std::size_t taken = base64 ? take_base64(piece) : take_short(piece);
    at_ += taken;
    piece.remove_prefix(taken);
    if (piece.empty()) return;
    const char separator = piece.front();
    ++at_;
    piece.remove_prefix(1);
    end_field(separator);
  }
}

std::size_t TsvRows::jump(std::string_view rest) const {
  const bool boxes = field_ == kBoxes;
  if (!boxes && width_ == 0) return 0;
  const int64_t bytes = boxes ? kBoxBytes : kNumberBytes * width_;
  const std::size_t whole = base64_length(static_cast<std::size_t>(row_.regions * bytes));
  const std::size_t done = boxes ? row_.boxes_length : row_.features_length;
  if (done > whole) return 0;
  const std::size_t left = whole - done;
  return left < rest.size() && ends_field(rest[left]) ? left : 0;
}

std::size_t TsvRows::take_base64(std::string_view rest) {
  std::size_t taken = jump(rest);
  while (taken < rest.size() && !ends_field(rest[taken])) ++taken;
  (field_ == kBoxes ? row_.boxes_length : row_.features_length) += taken;
  return taken;
}

std::size_t TsvRows::take_short(std::string_view rest) {
  if (field_ >= kRest) return std::min(rest.find('\n'), rest.size());
  const auto end = std::find_if(rest.begin(), rest.end(), ends_field);
  const auto taken = static_cast<std::size_t>(end - rest.begin());
  std::string& field = fields_[field_];
  if (field.size() + taken > kLongestNumber) {
    fail(where(), ": ", kFieldNames[field_], " is no number but a longer text; expected are rows ",
         "of image_id, image_w, image_h, num_boxes, boxes and features with tabs between");
  }
  field.append(rest.substr(0, taken));
  return taken;
}

void TsvRows::end_field(char separator) {
  if (separator == '\r') {
    // Half a line break, or part of a column that does not matter.
    if (field_ >= kFeatures) field_ = kRest;
    if (field_ > 0 && field_ < kBoxes) fail(where(), ": ends after ", kFieldNames[field_]);
    return;
  }
  if (separator == '\n') {
    end_row();
  } else if (field_ < kRest) {
    ++field_;
    if (field_ == kBoxes) begin_boxes();
  }
}

int64_t TsvRows::number(int field, int64_t least, int64_t most) const {
  const std::string& text = fields_[field];
  double value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end || !(value >= static_cast<double>(least)) ||
      !(value <= static_cast<double>(most)) || value != std::floor(value)) {
    fail(where(), ": ", kFieldNames[field], " is \"", text, "\", expected a whole number of ",
         least, " to ", most);
  }
  return static_cast<int64_t>(value);
}

void TsvRows::begin_boxes() {
  row_ = {};
  row_.line = line_;
  row_.boxes_at = at_;
  // A line of names at the start, which has text where an id belongs, is passed over.
  if (line_ == 1 && !is_integer(fields_[0])) {
    field_ = kRest;
    return;
  }
  const std::string& id = fields_[0];
  if (!is_integer(id)) fail(where(), ": image_id is \"", id, "\", expected a whole number");
  std::from_chars(id.data(), id.data() + id.size(), row_.image_id);
  row_.image_width = number(1, 1, kMostPixels);
  row_.image_height = number(2, 1, kMostPixels);
  row_.regions = number(3, 0, kMostRegions);
}

void TsvRows::check_features() {
  const auto found = static_cast<int64_t>(row_.features_length);
  const auto length = [&](int64_t width) {
    return static_cast<int64_t>(
        base64_length(static_cast<std::size_t>(row_.regions * width * kNumberBytes)));
  };
  // Of the numbers of bytes that fill so many characters at most one is one of whole regions.
  const int64_t row_bytes = row_.regions * kNumberBytes;
  const int64_t width = row_.regions == 0 ? width_ : found / 4 * 3 / row_bytes;
  if (length(width) != found || width > kWidest || (row_.regions > 0 && width == 0)) {
    fail(where(), ": image ", row_.image_id, " has ", found,
         " characters of features, which are no base64 of ", row_.regions, " regions");
  }
  if (row_.regions == 0) return;
  if (width_ == 0) width_ = width;
  if (width == width_) return;
  fail(where(), ": image ", row_.image_id, " has features of width ", width, ", expected ", width_);
}

void TsvRows::end_row() {
  const bool empty = field_ == 0 && fields_[0].empty();
  const bool heading = line_ == 1 && field_ >= kRest && !is_integer(fields_[0]);
  if (!empty && !heading) {
    if (field_ < kFeatures) {
      fail(where(), ": has ", field_ + 1, " fields, expected image_id, image_w, image_h, ",
           "num_boxes, boxes and features with tabs between");
    }
    const auto boxes = base64_length(static_cast<std::size_t>(row_.regions * kBoxBytes));
    if (row_.boxes_length != boxes) {
      fail(where(), ": image ", row_.image_id, " has ", row_.boxes_length,
           " characters of boxes, base64 of ", row_.regions, " boxes takes ", boxes);
    }
    check_features();
    const auto [known, added] = lines_.emplace(row_.image_id, line_);
    if (!added) {
      fail(where(), ": image ", row_.image_id, " is there already in line ", known->second);
    }
    rows_.push_back(row_);
  }
  for (std::string& field : fields_) field.clear();
  field_ = 0;
  ++line_;
}

void TsvRows::finish() {
  if (field_ != 0 || !fields_[0].empty()) end_row();
  if (rows_.empty()) fail(name_, ": holds no row of features");
  if (width_ == 0) fail(name_, ": no picture has a region, which leaves the width unknown");
}

}  // namespace vqalign

#include "vqalign/core/formats/bottom_up_tsv.h"

#include <algorithm>
#include <bit>
#include <string_view>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/base64.h"

namespace vqalign {
namespace {

// Decoded bytes become floats as they are.
static_assert(std::endian::native == std::endian::little);

void check_cancelled(const CancelToken* cancel) {
  if (cancel != nullptr) cancel->check();
}

}  // namespace

BottomUpTsv::BottomUpTsv(const std::filesystem::path& path, int64_t width,
                         const CancelToken* cancel)
    : name_(path.string()), file_(MappedFile::open(path)) {
  TsvRows found(name_, width);
  if (GzipFile::is_gzip(file_->text())) {
    file_.reset();
    gzip_ = std::make_unique<GzipFile>(path);
    gzip_->scan([&](std::string_view piece) {
      check_cancelled(cancel);
      found.feed(piece);
    });
  } else {
    // Lines are found by jumping where all of the text is one piece; so large a piece that nearly
    // every line is.
    constexpr std::size_t kPieceBytes = std::size_t{1} << 30;
    std::string_view text = file_->text();
    while (!text.empty()) {
      check_cancelled(cancel);
      found.feed(text.substr(0, kPieceBytes));
      text.remove_prefix(std::min(kPieceBytes, text.size()));
    }
  }
  found.finish();
  width_ = found.width();
  rows_ = found.take_rows();
  places_.reserve(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) places_.emplace(rows_[i].image_id, i);
}

int64_t BottomUpTsv::packed_width(const std::filesystem::path& path) {
  struct Enough {};
  TsvRows found(path.string(), 0);
  try {
    GzipFile(path).scan([&](std::string_view piece) {
      found.feed(piece);
      if (found.width() > 0) throw Enough();
    });
    found.finish();
  } catch (const Enough&) {
    // The rest of the file stays packed.
  }
  return found.width();
}

const TsvRow* BottomUpTsv::find(int64_t image_id) const {
  const auto found = places_.find(image_id);
  return found == places_.end() ? nullptr : &rows_[found->second];
}

std::string BottomUpTsv::where(const TsvRow& row) const {
  return concat(name_, ": line ", row.line);
}

void BottomUpTsv::read(const TsvRow& row, float* boxes, float* features) const {
  const std::size_t length = row.boxes_length + 1 + row.features_length;
  std::string unpacked;
  std::string_view text;
  if (gzip_) {
    unpacked.resize(length);
    gzip_->read(row.boxes_at, unpacked.data(), length);
    text = unpacked;
  } else {
    text = file_->text().substr(row.boxes_at, length);
  }
  const auto regions = static_cast<std::size_t>(row.regions);
  const auto decode = [&](std::string_view field, const char* name, float* out, int64_t columns) {
    const std::size_t bytes = regions * static_cast<std::size_t>(columns) * sizeof(float);
    if (!decode_base64(field, out, bytes)) {
      fail(where(row), ": ", name, " of image ", row.image_id, " are no base64");
    }
  };
  decode(text.substr(0, row.boxes_length), "the boxes", boxes, 4);
  decode(text.substr(row.boxes_length + 1), "the features", features, width_);
}

}  // namespace vqalign

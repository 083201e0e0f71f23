#include "vqalign/cli/info_picture.h"

#include "vqalign/core/atomic_file.h"
#include "vqalign/vision/picture_format.h"

namespace vqalign {
namespace {

const char* format_name(PictureHeader::Format format) {
  switch (format) {
    case PictureHeader::Format::kJpeg:
      return "JPEG";
    case PictureHeader::Format::kPng:
      return "PNG";
    case PictureHeader::Format::kBmp:
      return "BMP";
    case PictureHeader::Format::kTiff:
      return "TIFF";
    case PictureHeader::Format::kWebp:
      break;
  }
  return "WebP";
}

}  // namespace

Json describe_picture(const std::filesystem::path& path) {
  constexpr std::size_t kMarkBytes = 64;
  const PictureHeader::Format format = picture_format(read_start(path, kMarkBytes), path);
  const auto [width, height] = read_picture_size(path);
  check_picture_ends(path);
  return Json::object()
      .set("kind", "picture")
      .set("format", format_name(format))
      .set("width", width)
      .set("height", height);
}

}  // namespace vqalign

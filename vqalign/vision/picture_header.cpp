#include "vqalign/vision/picture_header.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/vision/byte_view.h"
#include "vqalign/vision/picture_format.h"
#include "vqalign/vision/png_chunks.h"
#include "vqalign/vision/tiff_directory.h"

namespace vqalign {
namespace {

using Format = PictureHeader::Format;

bool is_jpeg_frame(uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool is_bare_marker(uint32_t marker) {
  return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
}

// The byte after the entropy-coded data that starts at `at`: the next marker's 0xFF.
std::size_t skip_scan(std::string_view bytes, std::size_t at) {
  while (true) {
    at = bytes.find('\xFF', at);
    if (at == std::string_view::npos || at + 1 >= bytes.size()) return bytes.size();
    const auto next = static_cast<uint8_t>(bytes[at + 1]);
    if (next != 0 && next != 0xFF && !(next >= 0xD0 && next <= 0xD7)) return at;
    at += next == 0xFF ? 1 : 2;
  }
}

struct JpegWalk {
  PictureHeader header{Format::kJpeg, 0, 0, 1};
  bool complete = false;
};

// Walks the segments to the frame header, or with `to_end` to the end marker. Thumbnails lie inside
// segments and are stepped over with them.
JpegWalk walk_jpeg(std::string_view bytes, bool to_end) {
  ByteView view(bytes, false);
  JpegWalk walk;
  for (std::size_t at = 2; at + 1 < bytes.size();) {
    if (view.u8(at) != 0xFF) break;
    const uint32_t marker = view.u8(at + 1);
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    if (marker == 0xD9) {
      walk.complete = true;
      break;
    }
    at += 2;
    if (is_bare_marker(marker)) continue;
    const uint32_t length = view.u16(at);
    if (length < 2) break;
    if (is_jpeg_frame(marker)) {
      walk.header.height = view.u16(at + 3);
      walk.header.width = view.u16(at + 5);
      if (!to_end) break;
    }
    const std::string_view body = bytes.substr(std::min(at + 2, bytes.size()), length - 2);
    if (marker == 0xE1 && body.substr(0, 4) == "Exif") {
      walk.header.orientation = exif_orientation(body);
    }
    at += length;
    if (marker == 0xDA) at = skip_scan(bytes, at);
  }
  return walk;
}

struct ChunkWalk {
  PictureHeader header;
  bool complete = false;
};

ChunkWalk walk_png(std::string_view bytes) {
  ByteView view(bytes, false);
  ChunkWalk walk{{Format::kPng, view.u32(16), view.u32(20), 1}, false};
  for (const PngChunk& chunk : png_chunks(bytes)) {
    if (chunk.type == "eXIf") walk.header.orientation = exif_orientation(chunk.data);
    walk.complete = chunk.type == "IEND";
  }
  return walk;
}

// Where the first chunk with a wrong check sum starts. Found here, because libpng tells of it on
// stderr.
std::optional<uint64_t> damaged_png_chunk(std::string_view bytes) {
  for (const PngChunk& chunk : png_chunks(bytes)) {
    const std::string_view checked = chunk.whole.substr(4, chunk.data.size() + 4);
    const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(checked.data()), checked.size());
    if (sum != ByteView(chunk.whole, false).u32(chunk.data.size() + 8)) return chunk.at;
  }
  return std::nullopt;
}

ChunkWalk walk_webp(std::string_view bytes) {
  ByteView view(bytes, true);
  ChunkWalk walk{{Format::kWebp, 0, 0, 1}, view.has(8, view.u32(4))};
  for (uint64_t at = 12; view.has(at, 8);) {
    const std::string_view type = bytes.substr(at, 4);
    const uint64_t length = view.u32(at + 4);
    const uint64_t body = at + 8;
    if (type == "VP8X") {
      walk.header.width = 1 + int64_t{view.u16(body + 4) | view.u8(body + 6) << 16};
      walk.header.height = 1 + int64_t{view.u16(body + 7) | view.u8(body + 9) << 16};
    } else if (type == "VP8 " && walk.header.width == 0) {
      walk.header.width = view.u16(body + 6) & 0x3FFF;
      walk.header.height = view.u16(body + 8) & 0x3FFF;
    } else if (type == "VP8L" && walk.header.width == 0) {
      const uint32_t sizes = view.u32(body + 1);
      walk.header.width = 1 + int64_t{sizes & 0x3FFF};
      walk.header.height = 1 + int64_t{sizes >> 14 & 0x3FFF};
    } else if (type == "EXIF" && view.has(body, length)) {
      walk.header.orientation = exif_orientation(bytes.substr(body, length));
    }
    at = body + length + (length & 1);
  }
  return walk;
}

struct Bitmap {
  PictureHeader header{Format::kBmp, 0, 0, 1};
  bool complete = true;
};

Bitmap parse_bmp(std::string_view bytes) {
  ByteView view(bytes, true);
  Bitmap bitmap;
  const bool old_header = view.u32(14) == 12;
  bitmap.header.width = old_header ? view.u16(18) : static_cast<int32_t>(view.u32(18));
  // A negative height marks rows that run from the top.
  bitmap.header.height =
      std::abs(old_header ? int64_t{view.u16(20)} : int64_t{static_cast<int32_t>(view.u32(22))});
  const uint32_t bits = view.u16(old_header ? 24 : 28);
  const uint32_t compression = old_header ? 0 : view.u32(30);
  const bool run_length = compression == 1 || compression == 2;
  if (bitmap.header.width > 0 && bitmap.header.height <= kMaxPicturePixels && !run_length) {
    const uint64_t row = (static_cast<uint64_t>(bitmap.header.width) * bits + 31) / 32 * 4;
    bitmap.complete = view.has(view.u32(10), row * static_cast<uint64_t>(bitmap.header.height));
  }
  return bitmap;
}

PictureHeader header_of(std::string_view bytes, Format format) {
  switch (format) {
    case Format::kJpeg:
      return walk_jpeg(bytes, false).header;
    case Format::kPng:
      return walk_png(bytes).header;
    case Format::kBmp:
      return parse_bmp(bytes).header;
    case Format::kWebp:
      return walk_webp(bytes).header;
    case Format::kTiff:
      break;
  }
  const TiffDirectory directory = parse_tiff_directory(bytes).value_or(TiffDirectory{});
  return {Format::kTiff, directory.width, directory.height, directory.orientation};
}

bool is_complete(std::string_view bytes, Format format) {
  switch (format) {
    case Format::kJpeg:
      return walk_jpeg(bytes, true).complete;
    case Format::kPng:
      return walk_png(bytes).complete;
    case Format::kBmp:
      return parse_bmp(bytes).complete;
    case Format::kWebp:
      return walk_webp(bytes).complete;
    case Format::kTiff:
      break;
  }
  return parse_tiff_directory(bytes).value_or(TiffDirectory{0, 0, 1, false}).complete;
}

}  // namespace

PictureHeader parse_picture_header(std::string_view bytes, const std::filesystem::path& path) {
  if (bytes.empty()) fail(path.string(), ": the file is empty, expected a picture");
  const Format format = picture_format(bytes, path);
  const PictureHeader header = header_of(bytes, format);
  if (format == Format::kTiff && header.width == 0) {
    fail(path.string(), ": the picture is truncated or damaged: its directory of fields is not in ",
         "the file's ", bytes.size(), " bytes");
  }
  if (header.width <= 0 || header.height <= 0) {
    fail(path.string(), ": the picture's header gives the size ", header.width, " x ",
         header.height, ", expected at least 1 x 1");
  }
  if (header.width > kMaxPicturePixels / header.height) {
    fail(path.string(), ": the picture has ", header.width, " x ", header.height,
         " pixels, more than the ", kMaxPicturePixels / 1'000'000, " megapixels that are read");
  }
  return header;
}

void check_picture_complete(std::string_view bytes, const PictureHeader& header,
                            const std::filesystem::path& path) {
  if (!is_complete(bytes, header.format)) {
    fail(path.string(), ": the picture is truncated: the file ends after ", bytes.size(),
         " bytes, before the end of its pixels");
  }
  if (header.format != Format::kPng) return;
  if (const std::optional<uint64_t> at = damaged_png_chunk(bytes)) {
    fail(path.string(), ": the picture is damaged: the chunk at byte ", *at,
         " does not fit its check sum");
  }
}

void check_picture_ends(const std::filesystem::path& path) {
  constexpr std::string_view kJpegStart = "\xFF\xD8", kJpegEnd = "\xFF\xD9";
  constexpr std::string_view kPngEnd("\0\0\0\0IEND\xAE\x42\x60\x82", 12);
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path.string(), ": cannot be opened");
  std::string start(kJpegStart.size(), '\0'), end(kPngEnd.size(), '\0');
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  file.seekg(-static_cast<std::streamoff>(end.size()), std::ios::end);
  file.read(end.data(), static_cast<std::streamsize>(end.size()));
  if (end == kPngEnd || (start == kJpegStart && end.ends_with(kJpegEnd))) return;
  const std::string bytes = read_file(path, kMaxPictureBytes);
  check_picture_complete(bytes, parse_picture_header(bytes, path), path);
}

std::pair<int64_t, int64_t> read_picture_size(const std::filesystem::path& path) {
  // The first is enough for most pictures, the second for most JPEGs with an EXIF block or a colour
  // profile, which stand before the size.
  constexpr std::size_t kStarts[] = {std::size_t{1} << 12, std::size_t{1} << 16};
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path.string(), ": cannot be opened");
  std::string bytes;
  bool found = false, whole = false;
  for (const std::size_t start : kStarts) {
    if (found || whole) break;
    const std::size_t had = bytes.size();
    bytes.resize(start);
    file.read(bytes.data() + had, static_cast<std::streamsize>(start - had));
    bytes.resize(had + static_cast<std::size_t>(file.gcount()));
    whole = bytes.size() < start;
    found = !bytes.empty() && header_of(bytes, picture_format(bytes, path)).width > 0;
  }
  if (!found && !whole) bytes = read_file(path, kMaxPictureBytes);
  const PictureHeader header = parse_picture_header(bytes, path);
  if (header.orientation >= 5) return {header.height, header.width};
  return {header.width, header.height};
}

}  // namespace vqalign

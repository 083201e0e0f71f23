#include "vqalign/vision/picture_format.h"

#include <algorithm>
#include <array>
#include <optional>

#include "vqalign/core/error.h"
#include "vqalign/vision/png_chunks.h"

namespace vqalign {
namespace {

using Format = PictureHeader::Format;

/// Formats that people have pictures in and that are not read, by a mark in their first bytes.
struct Unread {
  std::size_t at;
  std::string_view mark;
  const char* name;
  const char* hint;
};
constexpr const char* kSave = "save it as JPEG or PNG";
constexpr const char* kSaveFrame = "save one of its frames as JPEG or PNG";
constexpr const char* kConvert =
    "save it as JPEG or PNG: `heif-convert FILE photo.jpg` does, and phones do when they share it";
constexpr std::array<Unread, 18> kUnread = {{
    {4, "ftypheic", "a HEIC", kConvert},
    {4, "ftypheix", "a HEIC", kConvert},
    {4, "ftypheim", "a HEIC", kConvert},
    {4, "ftypheis", "a HEIC", kConvert},
    {4, "ftyphevc", "a HEIC", kConvert},
    {4, "ftyphevx", "a HEIC", kConvert},
    {4, "ftypmif1", "a HEIF", kConvert},
    {4, "ftypmsf1", "a HEIF", kConvert},
    {4, "ftypavif", "an AVIF", kConvert},
    {4, "ftypavis", "an AVIF", kConvert},
    {0, "GIF8", "a GIF", kSaveFrame},
    {0, "\xFF\x0A", "a JPEG XL", kSave},
    {4, "JXL \r\n", "a JPEG XL", kSave},
    {4, "jP  \r\n", "a JPEG 2000", kSave},
    {0, "8BPS", "a Photoshop", kSave},
    {0, "<svg", "an SVG", kSave},
    {0, "<?xml", "an SVG", kSave},
    {0, "%PDF", "a PDF", kSave},
}};

/// The flag by which an extended WebP says that it is a sequence of pictures.
bool moves(std::string_view webp) {
  constexpr std::size_t kChunk = 12, kFlags = 20;
  constexpr unsigned char kAnimation = 0x02;
  return webp.substr(kChunk, 4) == "VP8X" && webp.size() > kFlags &&
         (static_cast<unsigned char>(webp[kFlags]) & kAnimation) != 0;
}

std::optional<Format> read_format(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8\xFF")) return Format::kJpeg;
  if (bytes.starts_with(kPngSignature)) return Format::kPng;
  if (bytes.starts_with("BM")) return Format::kBmp;
  if (bytes.starts_with(std::string_view("II*\0", 4))) return Format::kTiff;
  if (bytes.starts_with(std::string_view("MM\0*", 4))) return Format::kTiff;
  const bool webp = bytes.starts_with("RIFF") &&
                    bytes.substr(std::min<std::size_t>(8, bytes.size()), 4) == "WEBP";
  return webp ? std::optional(Format::kWebp) : std::nullopt;
}

/// nullptr where they begin none of these.
const Unread* unread_format(std::string_view bytes) {
  const auto found = std::find_if(kUnread.begin(), kUnread.end(), [bytes](const Unread& unread) {
    return bytes.size() >= unread.at && bytes.substr(unread.at).starts_with(unread.mark);
  });
  return found == kUnread.end() ? nullptr : &*found;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const char* name, const char* hint) {
  throw Error(concat(path.string(), ": ", name,
                     " picture, which is not read (JPEG, PNG, BMP, TIFF and WebP are)"),
              hint);
}

}  // namespace

Format picture_format(std::string_view bytes, const std::filesystem::path& path) {
  if (const std::optional<Format> format = read_format(bytes)) {
    if (format == Format::kWebp && moves(bytes)) refuse(path, "an animated WebP", kSaveFrame);
    return *format;
  }
  if (const Unread* unread = unread_format(bytes)) refuse(path, unread->name, unread->hint);
  fail(path.string(), ": no picture of a known format (JPEG, PNG, BMP, TIFF, WebP)");
}

bool looks_like_picture(std::string_view bytes) {
  return read_format(bytes) || unread_format(bytes) != nullptr;
}

}  // namespace vqalign

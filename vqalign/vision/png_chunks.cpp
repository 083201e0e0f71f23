#include "vqalign/vision/png_chunks.h"

#include <cstdint>

#include "vqalign/core/error.h"
#include "vqalign/vision/byte_view.h"

namespace vqalign {
namespace {

constexpr uint64_t kAroundData = 12;  // length, type, check sum
constexpr uint32_t kGrey = 0, kColour = 2, kPalette = 3;

bool is_critical(std::string_view type) {
  return type[0] >= 'A' && type[0] <= 'Z';
}

/// Whether a tRNS chunk of that length may stand in a picture of that kind.
bool transparency_fits(uint32_t colour_type, uint64_t length, uint64_t palette_entries) {
  if (colour_type == kGrey) return length == 2;
  if (colour_type == kColour) return length == 6;
  return colour_type == kPalette && length > 0 && length <= palette_entries;
}

}  // namespace

std::vector<PngChunk> png_chunks(std::string_view bytes) {
  ByteView view(bytes, false);
  std::vector<PngChunk> chunks;
  for (uint64_t at = kPngSignature.size(); view.has(at, kAroundData);) {
    const uint64_t length = view.u32(at);
    if (!view.has(at, length + kAroundData)) break;
    chunks.push_back({at, bytes.substr(at + 4, 4), bytes.substr(at + 8, length),
                      bytes.substr(at, length + kAroundData)});
    if (chunks.back().type == "IEND") break;
    at += length + kAroundData;
  }
  return chunks;
}

std::string essential_png(std::string_view bytes, const std::filesystem::path& path) {
  ByteView view(bytes, false);
  const uint32_t colour_type = view.u8(25);
  uint64_t palette_entries = 0;
  bool data = false;
  std::string kept(kPngSignature);
  for (const PngChunk& chunk : png_chunks(bytes)) {
    const std::string_view type = chunk.type;
    if (type == "PLTE") palette_entries = chunk.data.size() / 3;
    if (type == "IDAT") data = true;
    const bool transparency = type == "tRNS" && !data &&
                              transparency_fits(colour_type, chunk.data.size(), palette_entries);
    const bool known = type == "IHDR" || type == "PLTE" || type == "IDAT" || type == "IEND";
    if (is_critical(type) && !known) {
      fail(path.string(), ": the picture has a chunk of a kind that is needed but not known, at ",
           "byte ", chunk.at);
    }
    const bool unused = type == "PLTE" && (colour_type == kGrey || colour_type == 4);
    if ((known && !unused) || transparency) kept += chunk.whole;
  }
  if (colour_type == kPalette && palette_entries == 0) {
    fail(path.string(), ": the picture's colours are numbers of a palette, which is missing");
  }
  if (!data) fail(path.string(), ": the picture has no pixels: there is no IDAT chunk");
  return kept;
}

}  // namespace vqalign

#include "vqalign/vision/tiff_directory.h"

#include "vqalign/vision/byte_view.h"

namespace vqalign {
namespace {

uint32_t tag_value(ByteView& view, uint64_t entry) {
  constexpr uint32_t kShort = 3;
  return view.u16(entry + 2) == kShort ? view.u16(entry + 8) : view.u32(entry + 8);
}

// Element `index` of a tag whose values lie in the entry itself when they fit into four bytes.
uint32_t tag_element(ByteView& view, uint64_t entry, uint32_t count, uint32_t index) {
  const bool is_short = view.u16(entry + 2) == 3;
  const uint64_t width = is_short ? 2 : 4;
  const uint64_t start = count * width <= 4 ? entry + 8 : view.u32(entry + 8);
  return is_short ? view.u16(start + index * width) : view.u32(start + index * width);
}

bool chunks_inside(ByteView& view, uint64_t offsets, uint64_t lengths) {
  if (offsets == 0 || lengths == 0) return true;
  const uint32_t count = view.u32(offsets + 4);
  if (count != view.u32(lengths + 4) || count > view.size()) return false;
  for (uint32_t i = 0; i < count; ++i) {
    if (!view.has(tag_element(view, offsets, count, i), tag_element(view, lengths, count, i))) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<TiffDirectory> parse_tiff_directory(std::string_view bytes) {
  if (bytes.size() < 8) return std::nullopt;
  const bool little = bytes[0] == 'I';
  if (bytes.substr(0, 2) != (little ? "II" : "MM")) return std::nullopt;
  ByteView view(bytes, little);
  if (view.u16(2) != 42) return std::nullopt;
  const uint64_t start = view.u32(4);
  const uint32_t entries = view.u16(start);
  TiffDirectory directory;
  uint64_t offsets = 0;
  uint64_t lengths = 0;
  for (uint32_t i = 0; i < entries && !view.failed(); ++i) {
    const uint64_t entry = start + 2 + uint64_t{i} * 12;
    switch (view.u16(entry)) {
      case 256:
        directory.width = tag_value(view, entry);
        break;
      case 257:
        directory.height = tag_value(view, entry);
        break;
      case 273:
      case 324:
        offsets = entry;
        break;
      case 279:
      case 325:
        lengths = entry;
        break;
      case 274: {
        const uint32_t value = tag_value(view, entry);
        if (value >= 1 && value <= 8) directory.orientation = static_cast<int>(value);
        break;
      }
      default:
        break;
    }
  }
  directory.complete = !view.failed() && chunks_inside(view, offsets, lengths) && !view.failed();
  return directory;
}

int exif_orientation(std::string_view exif) {
  constexpr std::string_view kPrefix{"Exif\0\0", 6};
  if (exif.substr(0, kPrefix.size()) == kPrefix) exif.remove_prefix(kPrefix.size());
  const std::optional<TiffDirectory> directory = parse_tiff_directory(exif);
  return directory ? directory->orientation : 1;
}

}  // namespace vqalign

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>

#include "vqalign/core/error.h"
#include "vqalign/data/dataset.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

bool is_picture(const fs::path& path) {
  static constexpr std::array<std::string_view, 10> kEndings = {
      ".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".jp2"};
  std::string ending = path.extension().string();
  for (char& c : ending) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The last run of digits; none when there is none or it is no int64.
std::optional<int64_t> image_id_of(const std::string& stem) {
  const auto last = std::find_if(stem.rbegin(), stem.rend(), is_digit);
  const auto before = std::find_if_not(last, stem.rend(), is_digit);
  if (last == stem.rend()) return std::nullopt;
  const char* begin = stem.data() + (stem.rend() - before);
  const char* end = stem.data() + (stem.rend() - last);
  int64_t id = 0;
  const auto [stopped, error] = std::from_chars(begin, end, id);
  if (error != std::errc()) return std::nullopt;
  return id;
}

}  // namespace

void ImageIndex::add(const fs::path& folder) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(folder, error);
  if (std::find(folders_.begin(), folders_.end(), whole) != folders_.end()) return;
  fs::directory_iterator entries(folder, error);
  if (error) fail(folder.string(), ": cannot read the folder of pictures: ", error.message());
  folders_.push_back(whole);
  for (const fs::directory_entry& entry : entries) {
    const fs::path& path = entry.path();
    // Names that begin with a dot are leavings of other systems ("._COCO_...").
    if (!is_picture(path) || path.filename().string().front() == '.') continue;
    const std::optional<int64_t> id = image_id_of(path.stem().string());
    if (!id) continue;
    const auto [place, fresh] = paths_.emplace(*id, path);
    if (fresh) continue;
    fail(path.string(), ": has image_id ", *id, ", and so has ", place->second.string());
  }
}

const fs::path* ImageIndex::find(int64_t image_id) const {
  const auto place = paths_.find(image_id);
  return place == paths_.end() ? nullptr : &place->second;
}

}  // namespace vqalign

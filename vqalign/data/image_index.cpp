#include <algorithm>
#include <array>
#include <optional>
#include <system_error>

#include "vqalign/core/error.h"
#include "vqalign/core/image_id.h"
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

std::string ImageIndex::passed_over(int64_t image_id) const {
  for (const fs::path& folder : folders_) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      const fs::path& path = entry.path();
      if (is_picture(path) || image_id_of(path.stem().string()) != image_id) continue;
      return path.string() + " is of a kind that is not read: convert it to JPEG or PNG";
    }
  }
  return {};
}

const fs::path* ImageIndex::find(int64_t image_id) const {
  const auto place = paths_.find(image_id);
  return place == paths_.end() ? nullptr : &place->second;
}

}  // namespace vqalign

#include "vqalign/vision/feature_folder.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "vqalign/core/error.h"
#include "vqalign/core/image_id.h"
#include "vqalign/vision/npz_regions.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

}  // namespace

FeatureFolder::FeatureFolder(const fs::path& folder, int64_t width, int64_t max_regions)
    : folder_(folder), limits_{width, max_regions} {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    fail(folder.string(), ": is a file; region features are read from a folder of .npz files");
  }
  constexpr int kDeepest = 2;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::follow_directory_symlink,
                                         error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry.depth() >= kDeepest) entry.disable_recursion_pending();
    if (entry->path().extension() != ".npz") continue;
    if (const auto id = image_id_of(entry->path().stem().string())) add(*id, entry->path());
  }
  if (error) fail(folder.string(), ": cannot be read as a folder of features: ", error.message());
  if (files_.empty()) {
    fail(folder.string(), ": no .npz file with an image id in its name");
  }
  if (limits_.width == 0) {
    const auto first =
        std::min_element(files_.begin(), files_.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
    limits_.width = load(first->first).features.size(1);
  }
}

void FeatureFolder::add(int64_t image_id, const fs::path& file) {
  const auto [known, added] = files_.emplace(image_id, file);
  if (added) return;
  const auto& [first, second] = std::minmax(known->second, file);
  fail(folder_.string(), ": image ", image_id, " has two files, ",
       first.lexically_relative(folder_).string(), " and ",
       second.lexically_relative(folder_).string());
}

const fs::path& FeatureFolder::file_of(int64_t image_id) const {
  const auto found = files_.find(image_id);
  if (found == files_.end()) fail(folder_.string(), ": image ", image_id, " has no features");
  return found->second;
}

RegionFeatures FeatureFolder::load(int64_t image_id) const {
  const fs::path& file = file_of(image_id);
  return checked_regions(read_npz_regions(file, limits_.width), limits_, file.string());
}

std::optional<int64_t> FeatureFolder::regions(int64_t image_id) const {
  if (!has(image_id)) return std::nullopt;
  return std::min(count_npz_regions(file_of(image_id), limits_.width), limits_.max_regions);
}

std::vector<int64_t> FeatureFolder::image_ids() const {
  std::vector<int64_t> ids;
  ids.reserve(files_.size());
  for (const auto& [id, file] : files_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace vqalign

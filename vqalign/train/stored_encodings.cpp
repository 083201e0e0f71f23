#include "vqalign/train/stored_encodings.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/digest.h"
#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/train/encoder_digest.h"
#include "vqalign/train/shard_filling.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestPicture = std::size_t{1} << 30;
constexpr std::size_t kDigestDigits = 16;

/// Numbers of pictures in a cache, by image id.
using PictureNumbers = std::unordered_map<int64_t, int64_t>;

/// What a picture is called in a cache: the first 63 bits of the digest of its file and its view.
int64_t picture_number(const std::string& file_digest, const PictureCut& view) {
  Digest digest;
  digest.add(file_digest)
      .add(concat(" ", view.left, " ", view.top, " ", view.side, " ", view.mirrored));
  const auto bytes = digest.bytes();
  uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return static_cast<int64_t>(number >> 1);
}

PictureNumbers number_pictures(const Dataset& pictures, const CancelToken& cancel) {
  std::unordered_map<std::string, std::string> digests;  // by path: of all views' one file
  PictureNumbers numbers;
  for (const Question& question : pictures.questions) {
    const int64_t id = question.image_id;
    const fs::path* path = pictures.picture(id);
    if (!path) fail(pictures.name, ": image ", id, " has no picture");
    std::string& digest = digests[path->string()];
    if (digest.empty()) {
      cancel.check();
      digest = Digest().add(read_file(*path, kLargestPicture)).hex();
    }
    numbers[id] = picture_number(digest, pictures.view(id));
  }
  return numbers;
}

/// Regions in shards by the image ids of one dataset.
class Encodings : public FeatureSource {
 public:
  Encodings(std::unique_ptr<RegionShards> shards, PictureNumbers numbers)
      : shards_(std::move(shards)), numbers_(std::move(numbers)) {}

  RegionFeatures load(int64_t image_id) const override {
    return shards_->load(numbers_.at(image_id));
  }
  int64_t width() const override { return shards_->width(); }
  bool has(int64_t image_id) const override { return numbers_.contains(image_id); }
  std::optional<int64_t> regions(int64_t image_id) const override {
    const auto found = numbers_.find(image_id);
    if (found == numbers_.end()) return std::nullopt;
    return shards_->regions(found->second);
  }

 private:
  std::unique_ptr<RegionShards> shards_;
  PictureNumbers numbers_;
};

}  // namespace

fs::path encodings_folder(const DataOptions& options) {
  if (options.encodings == "none") return {};
  if (!options.encodings.empty()) return options.encodings;
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache == '/') {
    return fs::path(cache) / "vqalign";
  }
  if (const char* home = std::getenv("HOME"); home && *home == '/') {
    return fs::path(home) / ".cache" / "vqalign";
  }
  return {};
}

std::shared_ptr<const FeatureSource> stored_encodings(ModelBundle& bundle, const Dataset& dataset,
                                                      const fs::path& folder,
                                                      const DataOptions& options,
                                                      torch::Device device, Progress& progress,
                                                      const CancelToken& cancel) {
  const Dataset pictures = one_question_a_picture(dataset);
  PictureNumbers numbers = number_pictures(pictures, cancel);
  const fs::path own = folder / encoder_digest(bundle).substr(0, kDigestDigits);
  if (std::error_code failed; fs::create_directories(own, failed), failed) {
    throw Error(concat(own.string(), ": cannot be made: ", failed.message()),
                "regions of pictures are kept there; data.encodings=DIR keeps them elsewhere, "
                "data.encodings=none makes them anew for every training");
  }
  auto shards = std::make_unique<RegionShards>(own, bundle.model->vision()->width(), /*half=*/true);
  const auto name = [&](const Question& question) { return numbers.at(question.image_id); };
  const auto there = std::count_if(numbers.begin(), numbers.end(),
                                   [&](const auto& item) { return shards->has(item.second); });
  log_info(concat(dataset.name, ": regions of ", there, " of ", numbers.size(),
                  " pictures and views are kept in ", own.string()));
  fill_shards(*shards, bundle, pictures, name, {"encoding pictures", options, device}, progress,
              cancel);
  return std::make_shared<Encodings>(std::move(shards), std::move(numbers));
}

}  // namespace vqalign

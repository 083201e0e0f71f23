#include "vqalign/vision/feature_store.h"

#include <string>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/packed_store.h"
#include "vqalign/vision/feature_folder.h"
#include "vqalign/vision/hdf5_features.h"
#include "vqalign/vision/packed_features.h"
#include "vqalign/vision/tsv_features.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormats =
    "a folder of .npz, a bottom-up TSV (.tsv, .tsv.gz), HDF5, or a packed store of ours";
/// What tells the formats apart stands at the start.
constexpr std::size_t kMarkBytes = 256;

}  // namespace

bool looks_like_features(const fs::path& path, std::string_view start) {
  // A TSV has no mark of its own.
  const bool tsv = path.extension() == ".tsv" || start.find('\t') != std::string_view::npos;
  return PackedStore::is_packed(start) || Hdf5File::is_hdf5(start) || GzipFile::is_gzip(start) ||
         tsv;
}

std::unique_ptr<FeatureStore> open_features(const fs::path& path, int64_t width,
                                            int64_t max_regions, const CancelToken* cancel) {
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (!fs::exists(status)) {
    fail(path.string(), ": no such file or folder; features are read from ", kFormats);
  }
  if (fs::is_directory(status)) {
    return std::make_unique<FeatureFolder>(path, width, max_regions);
  }
  if (!fs::is_regular_file(status)) {
    fail(path.string(), ": is no regular file; features are read from ", kFormats);
  }
  const RegionLimits limits{width, max_regions};
  const std::string start = read_start(path, kMarkBytes);
  if (PackedStore::is_packed(start)) return std::make_unique<PackedFeatures>(path, limits);
  if (Hdf5File::is_hdf5(start)) return std::make_unique<Hdf5Features>(path, limits);
  if (start.empty() || !looks_like_features(path, start)) {
    fail(path.string(), start.empty() ? ": is empty" : ": is no file of features",
         "; they are read from ", kFormats);
  }
  return std::make_unique<TsvFeatures>(path, limits, cancel);
}

int64_t stored_width(const fs::path& path) {
  std::error_code failed;
  const bool packed_text =
      fs::is_regular_file(path, failed) && GzipFile::is_gzip(read_start(path, kMarkBytes));
  return packed_text ? BottomUpTsv::packed_width(path) : open_features(path, /*width=*/0)->width();
}

PackedSummary pack_features(const FeatureStore& from, const fs::path& to, bool half,
                            Progress& progress, const CancelToken& cancel) {
  PackedStoreWriter writer(to, from.width(), half);
  PackedSummary summary{.width = from.width(), .half = half};
  const std::vector<int64_t> ids = from.image_ids();
  progress.begin("packing", static_cast<int64_t>(ids.size()), "images");
  for (const int64_t id : ids) {
    cancel.check();
    const RegionFeatures picture = from.load(id);
    writer.add(id, picture.image_width, picture.image_height, picture.boxes, picture.features);
    summary.regions += picture.features.size(0);
    progress.update(++summary.images);
  }
  writer.finish();
  progress.end();
  summary.bytes = writer.bytes();
  return summary;
}

}  // namespace vqalign

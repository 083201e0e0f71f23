#include "vqalign/train/extraction.h"

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/packed_store.h"
#include "vqalign/core/log.h"
#include "vqalign/train/encoder_digest.h"
#include "vqalign/train/picture_encoding.h"
#include "vqalign/train/shard_filling.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEncoderFile = "encoder";
constexpr std::size_t kEncoderBytes = 4096;

/// The folder of an earlier call with the same encoder, or an empty one.
fs::path begin_parts(const fs::path& file, const std::string& encoder) {
  fs::path folder = file;
  folder += ".parts";
  const fs::path mark = folder / kEncoderFile;
  std::error_code failed;
  if (fs::exists(folder, failed)) {
    if (!fs::exists(mark, failed)) {
      fail(folder.string(), ": is in the way: parts of ", file.string(), " belong there");
    }
    if (read_file(mark, kEncoderBytes) == encoder) return folder;
    log_info(concat(folder.string(), ": parts made with another encoder, will be replaced"));
    fs::remove_all(folder, failed);
  }
  fs::create_directories(folder, failed);
  if (failed) fail(folder.string(), ": cannot be made: ", failed.message());
  write_file_atomic(mark, encoder);
  return folder;
}

PackedSummary gather(const RegionShards& parts, const Dataset& pictures,
                     const ExtractionTarget& target, const CancelToken& cancel) {
  PackedStoreWriter writer(target.file, parts.width(), target.half);
  PackedSummary summary{.width = parts.width(), .half = target.half};
  for (const Question& question : pictures.questions) {
    cancel.check();
    const int64_t id = question.image_id;
    const RegionFeatures picture = parts.load(id);
    writer.add(id, picture.image_width, picture.image_height, picture.boxes, picture.features);
    summary.regions += picture.features.size(0);
    ++summary.images;
  }
  writer.finish();
  summary.bytes = writer.bytes();
  return summary;
}

}  // namespace

PackedSummary extract_features(ModelBundle& bundle, Dataset dataset, const DataOptions& options,
                               torch::Device device, const ExtractionTarget& target,
                               Progress& progress, const CancelToken& cancel) {
  if (!bundle.model->vision()) {
    throw UsageError("the model has no encoder of pictures: it takes stored features");
  }
  dataset.augment(options.augmentation());
  const Dataset pictures = one_question_a_picture(dataset);
  if (pictures.questions.empty()) fail(dataset.name, ": has no pictures");
  const fs::path folder =
      begin_parts(target.file, encoder_digest(bundle) + (target.half ? " float16" : " float32"));
  RegionShards parts(folder, bundle.model->vision()->width(), target.half);
  const auto name = [](const Question& question) { return question.image_id; };
  fill_shards(parts, bundle, pictures, name, {"extracting", options, device}, progress, cancel);
  PackedSummary summary = gather(parts, pictures, target, cancel);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return summary;
}

}  // namespace vqalign

#include "vqalign/train/shard_filling.h"

#include <chrono>
#include <unordered_map>
#include <unordered_set>

namespace vqalign {
namespace {

/// A shard is written when it holds this many pictures, or after a while with fewer.
constexpr int64_t kShardPictures = 256;
constexpr std::chrono::seconds kShardAge{30};

}  // namespace

void fill_shards(RegionShards& shards, ModelBundle& bundle, const Dataset& pictures,
                 const std::function<int64_t(const Question&)>& name, const ShardFilling& how,
                 Progress& progress, const CancelToken& cancel) {
  std::unordered_map<int64_t, int64_t> names;  // of the image ids that are missing
  std::unordered_set<int64_t> named;
  for (const Question& question : pictures.questions) {
    const int64_t number = name(question);
    if (!shards.has(number) && named.insert(number).second) names[question.image_id] = number;
  }
  if (names.empty()) return;
  const Dataset missing =
      one_question_a_picture(pictures, [&](int64_t image_id) { return names.contains(image_id); });
  const auto total = static_cast<int64_t>(pictures.questions.size());
  int64_t done = total - static_cast<int64_t>(missing.questions.size());
  progress.begin(how.stage, total, "images", done);
  auto written = std::chrono::steady_clock::now();
  try {
    encode_pictures(bundle, missing, how.data, how.device, cancel,
                    [&](int64_t image_id, RegionFeatures regions) {
                      shards.add(names.at(image_id), std::move(regions));
                      progress.update(++done);
                      const auto now = std::chrono::steady_clock::now();
                      if (shards.waiting() < kShardPictures && now - written < kShardAge) return;
                      shards.flush();
                      written = now;
                    });
  } catch (...) {
    progress.end();
    shards.flush();
    throw;
  }
  progress.end();
  shards.flush();
}

}  // namespace vqalign

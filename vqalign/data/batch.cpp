#include "vqalign/data/batch.h"

#include <torch/types.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>

#include "vqalign/core/error.h"
#include "vqalign/vision/corruption.h"
#include "vqalign/vision/picture.h"

namespace vqalign {
namespace {

// Filled by hand, not by parallel tensor operations: see collate_regions.
torch::Tensor zeros(c10::IntArrayRef sizes, torch::Dtype dtype) {
  torch::Tensor tensor = torch::empty(sizes, dtype);
  std::memset(tensor.data_ptr(), 0, tensor.nbytes());
  return tensor;
}

torch::Tensor make_tokens(const BatchInputs& inputs, const std::vector<int64_t>& rows) {
  std::vector<std::vector<int64_t>> ids;
  std::size_t width = 1;
  for (const int64_t row : rows) {
    const Question& question = inputs.dataset->questions[static_cast<std::size_t>(row)];
    ids.push_back(inputs.vocabulary->encode(question.question, inputs.max_tokens));
    // Attention over nothing but padding is uniform over it: the answer to a question without words
    // depends on the width, which is therefore the longest there is, as in the reference.
    if (ids.back().empty()) width = static_cast<std::size_t>(inputs.max_tokens);
  }
  return padded_tokens(ids, width);
}

torch::Tensor make_targets(const BatchInputs& inputs, const std::vector<int64_t>& rows) {
  const auto answers = static_cast<int64_t>(inputs.answers->size());
  torch::Tensor targets = zeros({static_cast<int64_t>(rows.size()), answers}, torch::kFloat);
  auto* out = targets.data_ptr<float>();
  for (const int64_t row : rows) {
    const auto question = static_cast<std::size_t>(row);
    const auto fill = [out](const auto& target) {
      for (const auto& [answer, score] : target) out[answer] = score;
    };
    if (inputs.targets != nullptr) {
      fill((*inputs.targets)[question]);
    } else {
      fill(soft_target(inputs.dataset->annotations[question], *inputs.answers));
    }
    out += answers;
  }
  return targets;
}

const std::filesystem::path& picture_path(const Dataset& dataset, int64_t image_id) {
  const std::filesystem::path* path = dataset.picture(image_id);
  if (path == nullptr) fail(dataset.name, ": image ", image_id, " has no picture");
  return *path;
}

ScaledPicture load_picture(const BatchInputs& inputs, int64_t image_id, PictureCache* cache) {
  if (cache != nullptr) {
    if (std::optional<ScaledPicture> known = cache->find(image_id)) return *std::move(known);
  }
  Picture whole = read_picture(picture_path(*inputs.dataset, image_id));
  const Dataset& dataset = *inputs.dataset;
  const PictureCut view = dataset.view(image_id);
  if (!view.whole()) whole = cut_picture(whole, view);
  if (dataset.corruption.any()) {
    whole = corrupted_picture(whole, dataset.corruption, dataset.corruption_seed, image_id);
  }
  const ScaledPicture picture = scale_picture(whole, inputs.scale);
  if (cache != nullptr) cache->add(image_id, picture);
  return picture;
}

}  // namespace

torch::Tensor padded_tokens(const std::vector<std::vector<int64_t>>& rows, std::size_t width) {
  for (const std::vector<int64_t>& row : rows) width = std::max(width, row.size());
  torch::Tensor tokens =
      zeros({static_cast<int64_t>(rows.size()), static_cast<int64_t>(width)}, torch::kLong);
  auto* out = tokens.data_ptr<int64_t>();
  for (const std::vector<int64_t>& row : rows) {
    std::copy(row.begin(), row.end(), out);
    out += width;
  }
  return tokens;
}

Batch make_batch(const BatchInputs& inputs, const std::vector<int64_t>& rows, PictureCache* cache,
                 const CancelToken* cancel) {
  assert(!rows.empty());
  Batch batch;
  batch.rows = rows;
  batch.tokens = make_tokens(inputs, rows);
  const bool known = inputs.targets != nullptr || !inputs.dataset->annotations.empty();
  if (inputs.answers != nullptr && known) {
    batch.targets = make_targets(inputs, rows);
  }
  batch.picture_index = torch::empty({batch.size()}, torch::kLong);
  auto* index = batch.picture_index.data_ptr<int64_t>();
  std::unordered_map<int64_t, int64_t> place;
  std::vector<ScaledPicture> pictures;
  std::vector<RegionFeatures> regions;
  for (const int64_t row : rows) {
    const int64_t image_id = inputs.dataset->questions[static_cast<std::size_t>(row)].image_id;
    const auto [found, added] = place.try_emplace(image_id, static_cast<int64_t>(place.size()));
    *index++ = found->second;
    if (!added) continue;
    if (cancel != nullptr) cancel->check();
    if (inputs.features != nullptr) {
      regions.push_back(inputs.features->load(image_id));
    } else {
      pictures.push_back(load_picture(inputs, image_id, cache));
    }
  }
  if (inputs.features != nullptr) {
    batch.regions = collate_regions(regions);
  } else {
    batch.pictures = collate_pictures(pictures, inputs.scale.multiple);
  }
  return batch;
}

}  // namespace vqalign

#include "vqalign/inspect/region_reading.h"

#include <torch/types.h>

#include "vqalign/core/error.h"
#include "vqalign/inspect/tap_maps.h"

namespace vqalign {
namespace {

/// [1, n, G] weights of one question to n means over the glimpses.
std::vector<double> mean_over_glimpses(const torch::Tensor& weights) {
  const torch::Tensor mean =
      weights[0].detach().to(torch::kCPU, torch::kFloat64).mean(1).contiguous();
  return {mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel()};
}

/// Fills in every region of the picture, and seen_regions; returns the columns, int64 [n], of
/// `regions` that the model is to see, or nothing where that is all.
torch::Tensor place_regions(Inspection& inspection, const EncodedPicture& picture,
                            const std::vector<std::string>& names) {
  const RegionBatch& regions = picture.regions;
  AnswerEvidence& evidence = inspection.evidence;
  const torch::Tensor places = unpadded_places(regions.mask, regions.boxes.size(1));
  const torch::Tensor boxes =
      regions.boxes[0].to(torch::kCPU, torch::kFloat64).index_select(0, places).contiguous();
  for (int64_t i = 0; i < boxes.size(0); ++i) {
    const double* box = boxes.const_data_ptr<double>() + 4 * i;
    PictureRegion& region = evidence.regions.emplace_back();
    region = {box[0], box[1], box[2], box[3]};
    if (picture.labels.empty()) continue;
    const RegionLabel& label = picture.labels[static_cast<std::size_t>(places[i].item<int64_t>())];
    if (label.class_id < 0) continue;
    region.label = valid_utf8(names[static_cast<std::size_t>(label.class_id)]);
    region.score = label.score;
  }
  for (const std::size_t place : inspection.edits.dropped_regions) {
    if (place >= evidence.regions.size()) {
      throw UsageError(concat("region ", place,
                              " (counted from 0) is to be dropped, the picture has ",
                              evidence.regions.size()));
    }
    evidence.regions[place].dropped = true;
  }
  std::vector<int64_t> seen;
  for (std::size_t place = 0; place < evidence.regions.size(); ++place) {
    if (evidence.regions[place].dropped) continue;
    inspection.seen_regions.push_back(place);
    seen.push_back(places[static_cast<int64_t>(place)].item<int64_t>());
  }
  if (seen.empty()) throw UsageError("every region is dropped, one must be left");
  return inspection.edits.dropped_regions.empty() ? torch::Tensor() : torch::tensor(seen);
}

/// Columns of one picture's regions.
RegionBatch chosen(const RegionBatch& regions, const torch::Tensor& columns) {
  const torch::Tensor places = columns.to(regions.features.device());
  return {regions.features.index_select(1, places), regions.boxes.index_select(1, places),
          regions.mask.index_select(1, places), regions.sizes};
}

}  // namespace

RegionBatch seen_regions(Inspection& inspection, const EncodedPicture& picture,
                         const std::vector<std::string>& names) {
  const torch::Tensor columns = place_regions(inspection, picture, names);
  return columns.defined() ? chosen(picture.regions, columns) : picture.regions;
}

void share_pooling(Inspection& inspection, const ModelOutput& output) {
  const std::vector<double> words = mean_over_glimpses(output.word_weights);
  for (std::size_t i = 0; i < words.size(); ++i) {
    inspection.evidence.words[inspection.read_words[i]].weight = words[i];
  }
  const std::vector<double> regions = mean_over_glimpses(output.region_weights);
  const torch::Tensor places =
      unpadded_places(output.region_mask, output.region_weights.size(1)).contiguous();
  const int64_t* place = places.const_data_ptr<int64_t>();
  for (std::size_t i = 0; i < inspection.seen_regions.size(); ++i) {
    inspection.evidence.regions[inspection.seen_regions[i]].weight = regions[size_t(place[i])];
  }
}

}  // namespace vqalign

#pragma once

#include <unordered_map>
#include <vector>

#include "vqalign/core/formats/hdf5_file.h"
#include "vqalign/vision/feature_source.h"
#include "vqalign/vision/stored_regions.h"

namespace vqalign {

/// Region features as bottom-up-attention-vqa keeps them in HDF5: image_features [N, n, d],
/// image_bb [N, n, 4] and spatial_features [N, n, 6]; or, with a number of regions that differs
/// from picture to picture, pos_boxes [N, 2] (first row, row behind the last) and the others [rows,
/// ..]. float16 and wider; spatial_features may be missing.
///
/// Which picture is which is told by a dataset image_ids or image_id [N], or by a JSON file beside
/// it, NAME_imgid2idx.json of NAME.hdf5: {"image id": row, ..}, or a list of the ids in the order
/// of the rows. A picture's size is stored nowhere: spatial_features are its boxes in shares of
/// width and height, so the quotient tells; without them the boxes' own extent is taken.
class Hdf5Features : public FeatureStore {
 public:
  /// Error naming the file and the dataset: one is missing or of a shape that does not fit the
  /// others, the width is another (both are told), pos_boxes points outside of the rows, or ids are
  /// missing, doubled or not as many as pictures.
  Hdf5Features(const std::filesystem::path& path, const RegionLimits& limits);

  RegionFeatures load(int64_t image_id) const override;
  int64_t width() const override { return limits_.width; }
  bool has(int64_t image_id) const override { return pictures_.contains(image_id); }
  std::optional<int64_t> regions(int64_t image_id) const override;
  std::vector<int64_t> image_ids() const override { return ids_; }
  std::string format() const override { return "HDF5"; }
  std::string number_type() const override;

 private:
  /// Rows of a picture: of the first axis where regions are fixed, else of regions.
  struct Rows {
    int64_t first = 0;
    int64_t count = 0;
  };

  void check_shapes();
  void check_columns(const std::string& name, int64_t columns) const;
  void place_pictures(const std::vector<int64_t>& ids);
  Rows rows_of(int64_t image_id) const;
  torch::Tensor read(const std::string& name, const Rows& rows, int64_t columns) const;
  void find_size(StoredRegions& stored, const Rows& rows) const;

  std::string name_;
  Hdf5File file_;
  RegionLimits limits_;
  std::vector<int64_t> shape_;  // of image_features
  bool adaptive_ = false;
  bool spatial_ = false;
  std::vector<int64_t> positions_;  // pos_boxes, where adaptive
  std::vector<int64_t> ids_;        // by row of the file
  std::unordered_map<int64_t, int64_t> pictures_;
};

}  // namespace vqalign

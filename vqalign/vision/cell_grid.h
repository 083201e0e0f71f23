#pragma once

#include <torch/types.h>

#include "vqalign/vision/picture_batch.h"
#include "vqalign/vision/regions.h"

namespace vqalign {

/// Geometry that encoders of grids share. `extents` are int64 [P, 2], the height and width that
/// each picture fills of a padded batch, in pixels or in cells.

/// Extents after a convolution of stride 2 with padding: halves, rounded up.
torch::Tensor halved(const torch::Tensor& extents);

/// Extents in squares of `side`, rounded up.
torch::Tensor cell_extents(const torch::Tensor& extents, int64_t side);

/// bool [P, H, W], true inside each picture's extent; undefined when nothing is padded.
torch::Tensor valid_positions(const torch::Tensor& extents, int64_t height, int64_t width);

/// The same of a map x [P, C, H, W] as numbers of its type for multiplying: [P, 1, H, W], 0 =
/// padding; undefined, too, when `extents` are.
torch::Tensor valid_factor(const torch::Tensor& extents, const torch::Tensor& x);

/// Regions of a grid: x [P, C, H, W] to features [P, H * W, C] in row-major order, with the boxes
/// of squares of `side` scaled pixels in pixels of the original pictures, cut at the border.
/// `valid`: as valid_positions gives it for the cells; padded cells are masked.
RegionBatch grid_regions(const torch::Tensor& x, const torch::Tensor& valid,
                         const PictureBatch& pictures, int64_t side);

}  // namespace vqalign

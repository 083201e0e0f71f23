#pragma once

#include <torch/types.h>

namespace vqalign {

/// How finely a box is looked at: bins x bins parts, each the mean of samples x samples points.
struct RoiSampling {
  int64_t bins = 1;
  int64_t samples = 2;
};

/// Feature maps of a batch of pictures, and how boxes lie on them.
struct RoiMaps {
  torch::Tensor values;   ///< float [P, C, H, W]
  torch::Tensor extents;  ///< int64 [P, 2], rows and columns that belong to each picture
  torch::Tensor scales;   ///< float32 [P, 2], columns a pixel of x and rows a pixel of y
};

/// ROI align (He, Gkioxari, Dollar and Girshick, "Mask R-CNN", ICCV 2017) in its half-pixel variant
/// (Detectron2's and torchvision's `aligned=True`): the value of a map's cell (i, j) stands at
/// (i + 0.5, j + 0.5), a box is cut into bins, and a bin is the mean of the map at the centres of
/// samples x samples equal parts, interpolated bilinearly. Points beyond the outermost centres take
/// the border's value, points more than a cell outside of the picture's extent count as zero. The
/// number of points is fixed, whatever the size of the box; a box without width or height is a line
/// or a point, and so are its bins.
///
/// boxes: float32 [P, R, 4], x1 y1 x2 y2 in pixels. Returns [P, R, C, bins, bins], of the maps'
/// type, with gradients to `values` and none to the boxes. A box at a picture sees nothing of what
/// pads its map.
///
/// Bilinear weights of a grid of points are products of one weight a row and one a column, so that
/// all boxes of a picture are one product of matrices.
torch::Tensor roi_align(const RoiMaps& maps, const torch::Tensor& boxes,
                        const RoiSampling& sampling);

}  // namespace vqalign

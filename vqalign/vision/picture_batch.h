#pragma once

#include <torch/types.h>

#include <vector>

#include "vqalign/vision/picture.h"

namespace vqalign {

/// How pictures become network input; picture_scale() tells what an encoder asks for.
struct PictureScale {
  int64_t pixels = 0;    ///< a picture is scaled (aspect kept) to about this many pixels ...
  int64_t longest = 0;   ///< ... and to at most this many along its longer side
  int64_t multiple = 1;  ///< padded size is a multiple of this (the encoder's stride)
  bool enlarge = false;  ///< whether pictures smaller than `pixels` are scaled up
  bool whole = false;    ///< sides are rounded to multiples, so that nothing is padded; the aspect
                         ///< gives way by up to half a multiple
};

/// One picture scaled for the network, before padding.
struct ScaledPicture {
  torch::Tensor pixels;     ///< uint8 [h, w, 3], R G B
  int64_t image_width = 0;  ///< of the original picture
  int64_t image_height = 0;
};

/// Pictures of different shape in one tensor, padded at the right and the bottom.
struct PictureBatch {
  torch::Tensor pixels;   ///< uint8 [P, 3, H, W] in channels-last memory; 0 where padded
  torch::Tensor extents;  ///< int64 [P, 2], valid height and width in `pixels`
  torch::Tensor sizes;    ///< float32 [P, 2], width and height of the original pictures
};

/// The width and height to which a picture of that size is scaled (area interpolation down, linear
/// up).
std::pair<int64_t, int64_t> scaled_size(int64_t width, int64_t height, const PictureScale& scale);
ScaledPicture scale_picture(const Picture& picture, const PictureScale& scale);

/// Pads and stacks; `pictures` must not be empty.
PictureBatch collate_pictures(const std::vector<ScaledPicture>& pictures, int64_t multiple);

/// Picture `index` as a batch of its own, padded to a multiple as if collated alone.
PictureBatch picture_alone(const PictureBatch& pictures, int64_t index, int64_t multiple);

PictureBatch to_device(const PictureBatch& pictures, torch::Device device);

}  // namespace vqalign

#pragma once

#include "vqalign/vision/picture.h"

namespace vqalign {

/// Another look at a picture: a part of it, mirrored or not.
struct PictureCut {
  double left = 0, top = 0;  ///< of the part, as shares of the picture's width and height
  double side = 1;           ///< the part's width and height, as shares of the picture's
  bool mirrored = false;     ///< left and right exchanged

  bool whole() const { return side >= 1 && !mirrored; }
};

/// The part as a picture of its own, at least one pixel a side.
Picture cut_picture(const Picture& picture, const PictureCut& view);

/// What cut_picture() makes of a picture of that width and height.
std::pair<int64_t, int64_t> cut_size(int64_t width, int64_t height, const PictureCut& view);

}  // namespace vqalign

#pragma once

#include <array>

#include "vqalign/vision/picture.h"

namespace vqalign {

/// What a picture looks like at the level of pixels, whatever it shows: how much of it is flat, how
/// strong its edges are, how many colours it has, how its detail spreads over scales, how saturated
/// it is. Tells drawings from photographs and one kind of drawing from another. Of any picture,
/// also of a single pixel; always finite; nearly the same for a picture and its half-size copy.
inline constexpr int kPictureStatistics = 21;
using PictureStatistics = std::array<double, kPictureStatistics>;

PictureStatistics picture_statistics(const Picture& picture);

}  // namespace vqalign

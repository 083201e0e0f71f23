#pragma once

#include <opencv2/core.hpp>

#include "vqalign/data/scenes_objects.h"

namespace vqalign::scenes {

/// An object rasterised on a patch of its own, anti-aliased by drawing at four times the size.
struct Stamp {
  cv::Mat fill;     ///< CV_8UC1, coverage of the inside
  cv::Mat outline;  ///< CV_8UC1, coverage of the thin contrasting line around it
  cv::Mat solid;    ///< CV_8UC1, 1 where the object covers at least half of a pixel
  cv::Mat near;     ///< CV_8UC1, `solid` grown by two pixels: others stay off it without overlaps
  cv::Rect bounds;  ///< of the covered pixels within the patch
  int area = 0;     ///< number of solid pixels
};

/// Without the line when not `outlined`.
Stamp make_stamp(const SceneObject& object, bool outlined = true);

}  // namespace vqalign::scenes

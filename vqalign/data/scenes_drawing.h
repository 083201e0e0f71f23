#pragma once

#include <opencv2/core.hpp>

#include "vqalign/data/scenes_layout.h"

namespace vqalign::scenes {

/// The background: plain, or with `noise` also graded, noisy or textured, always in muted tones of
/// middle brightness that no object colour comes near. CV_8UC3, blue green red.
cv::Mat draw_background(int width, int height, bool noise, Random& random);

/// The whole picture; panels are plain and lighter than what is between them. CV_8UC3, blue green
/// red.
cv::Mat draw_scene(const Layout& layout, const SceneOptions& options, Random& random);

}  // namespace vqalign::scenes

#pragma once

#include <array>
#include <opencv2/core.hpp>

#include "vqalign/data/scenes_layout.h"

namespace vqalign::scenes {

/// Blue, green and red, 0 to 255.
using Colour = std::array<double, 3>;

/// What colour_names()[colour] looks like, before jitter.
const Colour& object_colour(int colour);

/// Of the line around an object: light around dark ones, dark around the others.
Colour outline_colour(const Colour& fill);

void fill_plain(cv::Mat& picture, const Colour& colour);

/// Lays the stamp over the picture, the corner of its patch at `origin`; what lies outside of the
/// picture is cut off.
void draw_object(cv::Mat& picture, const Stamp& stamp, cv::Point origin, const Colour& fill);

/// The background: plain, or with `noise` also graded, noisy or textured, always in muted tones of
/// middle brightness that no object colour comes near. CV_8UC3, blue green red.
cv::Mat draw_background(int width, int height, bool noise, Random& random);

/// The whole picture; panels are plain and lighter than what is between them. CV_8UC3, blue green
/// red.
cv::Mat draw_scene(const Layout& layout, const SceneOptions& options, Random& random);

}  // namespace vqalign::scenes

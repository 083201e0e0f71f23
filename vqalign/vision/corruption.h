#pragma once

#include <string>
#include <vector>

#include "vqalign/core/harm.h"
#include "vqalign/vision/picture.h"

namespace vqalign {

/// What can befall a picture, five severities of each: "blur", "noise", "jpeg", "brightness",
/// "occlusion", "rotation".
const std::vector<std::string>& corruption_names();

/// The parameter of a kind's severity, 1 to kMostSeverity, as corrupted_picture() says.
double corruption_amount(const Harm& harm);

/// A picture as encoders get it, upright and before scaling, after `harm` (a kind of
/// corruption_names(); asserted); the same picture where its severity is 0. Of the same size.
///
/// The first four are those of Hendrycks and Dietterich, "Benchmarking neural network robustness to
/// common corruptions and perturbations" (ICLR 2019), with the parameters of their ImageNet-C,
/// which is made of pictures of 224x224. What has an extent is scaled by u = sqrt(width height) /
/// 224, so that a drawing of 112x112 and a photograph of 12 megapixels are hurt alike by the time
/// an encoder has scaled them:
/// - blur: Gaussian, of deviation 1, 2, 3, 4, 6 times u pixels; edges are continued;
/// - noise: Gaussian on every channel, of deviation 0.08, 0.12, 0.18, 0.26, 0.38 of white, cut off
///   at black and white; where u > 1 in grains of u x u pixels, for an encoder would average finer
///   ones away;
/// - jpeg: what JPEG of quality 25, 18, 15, 10, 7 changes; where u > 1 what it changes in the
///   picture scaled down by u is added to the picture;
/// - brightness: 0.1, 0.2, 0.3, 0.4, 0.5 of white added to V of HSV, hue and saturation kept;
/// - occlusion: of the 8x8 parts that the picture is divided into (Singh and Lee, "Hide-and-Seek",
///   ICCV 2017) 10, 20, 30, 40, 50 % become grey (127), to the nearest number of parts;
/// - rotation: by 5, 10, 15, 20, 25 degrees around the middle, to the left or to the right;
///   bilinear, edges are continued into the corners.
///
/// Draws depend on `seed`, `image_id` and the kind alone: a higher severity has the same noise
/// scaled up, hides further parts, turns on in the same direction. Takes memory for another copy of
/// the picture.
Picture corrupted_picture(const Picture& picture, const Harm& harm, uint64_t seed,
                          int64_t image_id);

}  // namespace vqalign

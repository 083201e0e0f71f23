#include "vqalign/gui/sketch/sketch_samples.h"

#include <cmath>
#include <numbers>

#include "vqalign/data/scene_picture.h"

namespace vqalign {
namespace {

constexpr int kMostRandomShapes = 6;

enum SampleShape { kCircle, kSquare, kTriangle, kStar, kCross, kRing };
enum SampleColour { kRed, kGreen, kBlue, kYellow, kBlack, kPurple, kWhite };

Sketch sketch_of(std::vector<SketchShape> shapes) {
  Sketch sketch;
  sketch.shapes = std::move(shapes);
  return sketch;
}

}  // namespace

const std::vector<SketchSample>& sketch_samples() {
  static const std::vector<SketchSample> samples = {
      {"Two shapes",
       sketch_of({{1, kCircle, kRed, 42, 74, 44, 0}, {2, kSquare, kBlue, 104, 70, 44, 0}})},
      {"Five shapes", sketch_of({{1, kCircle, kRed, 32, 34, 27, 0},
                                 {2, kStar, kYellow, 106, 38, 44, 10},
                                 {3, kSquare, kBlue, 36, 106, 44, 20},
                                 {4, kTriangle, kGreen, 82, 88, 27, 0},
                                 {5, kCross, kPurple, 116, 114, 16, 30}})},
      {"One behind another",
       sketch_of({{1, kCircle, kRed, 58, 70, 44, 0}, {2, kSquare, kBlue, 84, 78, 44, 0}})}};
  return samples;
}

Sketch random_sketch(uint64_t seed) {
  Sketch sketch;
  for (const scenes::PlacedShape& placed : scenes::sample_picture(seed, kMostRandomShapes)) {
    const double degrees = std::fmod(placed.angle * 180 / std::numbers::pi, 360);
    sketch.shapes.push_back(
        {free_id(sketch), placed.shape, placed.colour, placed.x, placed.y, placed.extent, degrees});
  }
  return sketch;
}

}  // namespace vqalign

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/gui/sketch/sketch.h"

namespace vqalign {

struct SketchSample {
  std::string name;  ///< "Two shapes"
  Sketch sketch;
};

/// Ready sketches to start from.
const std::vector<SketchSample>& sketch_samples();

/// One to six shapes as the scene generator scatters them: a pure function of the seed.
Sketch random_sketch(uint64_t seed);

}  // namespace vqalign

#pragma once

namespace vqalign {

/// A rectangle in pixels of the original picture, corners (x1, y1) and (x2, y2), x2 > x1, y2 > y1.
struct Box {
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  float area() const { return (x2 - x1) * (y2 - y1); }
};

}  // namespace vqalign

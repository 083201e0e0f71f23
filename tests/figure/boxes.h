#pragma once

#include <gtest/gtest.h>

#include <QRectF>
#include <string>
#include <vector>

namespace vqalign::test {

/// That every box lies inside `area` and none over another.
inline void expect_apart(const std::vector<QRectF>& boxes, const QRectF& area,
                         const std::string& name) {
  const QRectF around = area.adjusted(-0.01, -0.01, 0.01, 0.01);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    ASSERT_TRUE(around.contains(boxes[i]))
        << name << ": box " << i << " from " << boxes[i].left() << ", " << boxes[i].top() << " to "
        << boxes[i].right() << ", " << boxes[i].bottom();
    for (std::size_t j = 0; j < i; ++j) {
      ASSERT_FALSE(boxes[i].adjusted(0.1, 0.1, -0.1, -0.1).intersects(boxes[j]))
          << name << ": boxes " << j << " and " << i;
    }
  }
}

}  // namespace vqalign::test

#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "transport_brute.h"
#include "vqalign/align/cuda/sets.h"

namespace vqalign::cuda {

using Floats = std::vector<float>;

/// The points of a problem in memory as a device has them, each array an allocation of its own, and
/// room for their gradients.
class SetMemory {
 public:
  explicit SetMemory(const TransportProblem& problem) {
    const TransportCase& shape = problem.shape;
    sets.samples = shape.samples;
    sets.heads = shape.heads;
    sets.width = shape.width;
    const int64_t rows[2] = {shape.queries, shape.keys};
    for (int set = 0; set < 2; ++set) {
      const auto strided = [&](Floats& numbers) -> Points {
        const int64_t of_head = rows[set] * shape.width;
        return {numbers.data(), shape.heads * of_head, of_head, shape.width};
      };
      points_[set] = Floats(problem.points[set].begin(), problem.points[set].end());
      gradients[set] = Floats(points_[set].size(), NAN);
      sets.rows[set] = rows[set];
      sets.points[set] = strided(points_[set]);
      to[set] = strided(gradients[set]);
      if (problem.padding[set].empty()) continue;
      padding_[set] = std::make_unique<bool[]>(problem.padding[set].size());
      std::copy(problem.padding[set].begin(), problem.padding[set].end(), padding_[set].get());
      sets.padding[set] = padding_[set].get();
    }
  }

  Sets sets{};
  Points to[2];
  Floats gradients[2];

 private:
  Floats points_[2];
  std::unique_ptr<bool[]> padding_[2];
};

}  // namespace vqalign::cuda

#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

/// Conditional transport from points to its value written down as the definitions read
/// (align/standardise.h, point_network.h, conditional_transport.h): loops over points in double.
namespace vqalign::cuda {

using Vector = std::vector<double>;
using Vectors = std::vector<Vector>;

/// The parameters of a network of one hidden layer, in the order of NetworkParameters; without the
/// first four there is no highway layer.
using Parameters = std::vector<Vector>;

struct TransportCase {
  std::string name;
  int64_t samples, heads, queries, keys, width, hidden, critic_outputs, navigator_outputs;
  bool masked = false;
  bool standardise = true;
};

inline void PrintTo(const TransportCase& shape, std::ostream* out) {
  *out << shape.name;
}

/// All that the value is made of.
struct TransportProblem {
  TransportProblem(const TransportCase& shape, uint64_t seed);

  /// The points of a head's queries (set 0) or keys.
  Vectors points_of(int set, int64_t sample, int64_t head) const;
  /// Of one head; 0 where a set is empty.
  double value(int64_t sample, int64_t head) const;
  /// Sum of the heads' values, each times its entry of `upstream`.
  double objective() const;
  /// (f(x + step) - f(x - step)) / 2 step of the objective in one of its numbers.
  double slope(double& number);

  TransportCase shape;
  Vector points[2];              ///< [B, H, n, d]; NaN where there is no point.
  std::vector<char> padding[2];  ///< [B, n]; empty where there is no mask.
  Parameters critic, navigator;
  Vector upstream;  ///< [B, H]
  double rho = 0.3;
};

}  // namespace vqalign::cuda

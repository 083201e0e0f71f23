// Vectors of VQALIGN_LANES floats in the compiler's own vector extension, for the kernels that are
// compiled once per instruction set. Everything here and in the other *_inline.h has internal
// linkage and uses no template of the standard library: a function shared between translation units
// compiled for different processors could be linked from the wrong one.

#pragma once

#include <cstdint>
#include <cstring>

namespace vqalign::kernels {
namespace {

constexpr int64_t kLanes = VQALIGN_LANES;

typedef float Vector __attribute__((vector_size(VQALIGN_LANES * 4), may_alias));
typedef int32_t Integers __attribute__((vector_size(VQALIGN_LANES * 4), may_alias));
typedef uint32_t Bits __attribute__((vector_size(VQALIGN_LANES * 4), may_alias));

inline Vector load(const float* from) {
  return *reinterpret_cast<const Vector*>(from);
}
inline void store(float* to, Vector value) {
  *reinterpret_cast<Vector*>(to) = value;
}
inline Vector all(float value) {
  return value - Vector{};
}
inline Vector larger(Vector x, Vector y) {
  return x > y ? x : y;
}

inline float sum_of(Vector x) {
  float sum = 0.0F;
  for (int64_t lane = 0; lane < kLanes; ++lane) sum += x[lane];
  return sum;
}

inline float largest_of(Vector x) {
  float largest = x[0];
  for (int64_t lane = 1; lane < kLanes; ++lane) largest = x[lane] > largest ? x[lane] : largest;
  return largest;
}

/// e^x to 2 units in the last place; 0 below the smallest normal result, largest finite power above
/// the range, NaN for NaN. x = k ln 2 + r with |r| <= ln 2 / 2, e^r by its Taylor polynomial, and
/// 2^k by adding k to the exponent's bits.
inline Vector exponential(Vector x) {
  constexpr float kSmallest = -87.3F;
  constexpr float kLargest = 88.0F;
  constexpr float kRound =
      12582912.0F;  // 1.5 * 2^23: adding it leaves the integer in the low bits.
  const Vector bounded = x > kLargest ? all(kLargest) : x;
  const Vector shifted = bounded * 1.44269504F + kRound;
  const Vector k = shifted - kRound;
  const Vector r = (bounded - k * 0.693359375F) - k * -2.12194440e-4F;
  Vector y = all(1.0F / 720);
  y = y * r + 1.0F / 120;
  y = y * r + 1.0F / 24;
  y = y * r + 1.0F / 6;
  y = y * r + 0.5F;
  y = y * r + 1.0F;
  y = y * r + 1.0F;
  Bits power, bits;  // Unsigned: what lies outside the range may wrap, it is replaced below.
  std::memcpy(&power, &shifted, sizeof power);
  std::memcpy(&bits, &y, sizeof bits);
  bits += power << 23;
  std::memcpy(&y, &bits, sizeof y);
  y = x < kSmallest ? Vector{} : y;
  return x == x ? y : x;
}

}  // namespace
}  // namespace vqalign::kernels

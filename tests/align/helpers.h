#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <functional>
#include <string>

#include "vqalign/align/head_sets.h"
#include "vqalign/attention/tap.h"

namespace vqalign {

/// Shapes that a distance must stand: sizes, widths and masks in all combinations that matter.
struct SetCase {
  std::string name;
  int64_t samples, heads, queries, keys, width;
  bool masked = false;
};

inline void PrintTo(const SetCase& shape, std::ostream* out) {
  *out << shape.name;
}

inline const SetCase kSetCases[] = {
    {"one_point", 2, 2, 1, 1, 3},    {"one_query", 1, 2, 1, 5, 4},
    {"one_key", 1, 2, 5, 1, 4},      {"square", 2, 2, 4, 4, 5},
    {"wide", 1, 1, 3, 7, 16},        {"vector_plus_one", 1, 1, 17, 33, 17},
    {"masked", 3, 2, 6, 5, 4, true}, {"masked_self", 3, 2, 7, 7, 8, true},
};

/// Deterministic points, in double: queries and keys of different spread and centre.
inline HeadSets random_sets(const SetCase& shape, uint64_t seed = 7) {
  torch::manual_seed(seed);
  const auto f64 = torch::kFloat64;
  HeadSets sets{
      torch::randn({shape.samples, shape.heads, shape.queries, shape.width}, f64),
      torch::randn({shape.samples, shape.heads, shape.keys, shape.width}, f64) * 1.3 + 0.4};
  if (shape.masked) {
    // Sample 0 has holes, sample 1 has one point a side, the last has no query at all.
    sets.query_mask = torch::zeros({shape.samples, shape.queries}, torch::kBool);
    sets.key_mask = torch::zeros({shape.samples, shape.keys}, torch::kBool);
    sets.query_mask[0][1] = true;
    sets.query_mask[0][shape.queries - 1] = true;
    sets.key_mask[0][0] = true;
    sets.query_mask[1].slice(0, 1).fill_(true);
    sets.key_mask[1].slice(0, 0, shape.keys - 1).fill_(true);
    sets.query_mask[shape.samples - 1].fill_(true);
  }
  return sets;
}

/// The same sets in another type, as leaves that ask for gradients, laid out as attention has them:
/// [B, n, H, d] in memory.
inline HeadSets leaves(const HeadSets& sets, torch::ScalarType type = torch::kFloat32) {
  const auto leaf = [&](const torch::Tensor& points) {
    return points.detach().to(type).transpose(1, 2).contiguous().transpose(1, 2).requires_grad_();
  };
  return {leaf(sets.queries), leaf(sets.keys), sets.query_mask, sets.key_mask};
}

/// What an attention hands out whose queries and keys are these sets.
inline AttentionTap tap_of(AttentionFamily family, int64_t layer, const HeadSets& sets) {
  return {family, layer, sets.queries, sets.keys, {}, sets.query_mask, sets.key_mask};
}

/// |actual - expected| <= tolerance * (largest |expected| + floor), entry by entry.
inline void expect_close(const torch::Tensor& actual, const torch::Tensor& expected,
                         double tolerance, const std::string& what) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  const torch::Tensor a = actual.detach().to(torch::kFloat64);
  const torch::Tensor e = expected.detach().to(torch::kFloat64);
  ASSERT_TRUE(torch::isfinite(a).all().item<bool>()) << what << " is not finite:\n" << a;
  const double scale = e.numel() > 0 ? e.abs().max().item<double>() + 1e-3 : 1.0;
  const double error = e.numel() > 0 ? (a - e).abs().max().item<double>() : 0.0;
  EXPECT_LE(error, tolerance * scale) << what << "\nactual " << a << "\nexpected " << e;
}

}  // namespace vqalign

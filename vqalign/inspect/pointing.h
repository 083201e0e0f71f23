#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "vqalign/inspect/inspection.h"

namespace vqalign {

/// Corners x1 y1 x2 y2, in pixels of the upright original.
using PixelBox = std::array<double, 4>;

/// The share of a region's area that lies within at least one of the boxes, 0 to 1; 0 of a region
/// without area.
double covered_share(const PictureRegion& region, std::span<const PixelBox> boxes);

/// How well weights of regions point at what they should, the truth being which share of each
/// region the sought boxes cover.
struct Pointing {
  /// The share of all weight that lies within the boxes, a region's being spread evenly over its
  /// area: sum_r w_r c_r / sum_r w_r with c_r the covered share ("energy-based pointing game", Wang
  /// et al., "Score-CAM", CVPR Workshops 2020). Shares of cells rather than whole cells, so that
  /// neither a cell which a box just touches nor a region that holds the whole picture counts as if
  /// it were the object.
  double mass = 0;
  /// 1 where the largest weight's region overlaps a box, else 0; of n equal ones, the share of
  /// them. The pointing game (Zhang et al., "Top-down Neural Attention by Excitation Backprop",
  /// ECCV 2016), whose point is the region's centre and whose tolerance is half of its size.
  double hit = 0;
  double mass_by_chance = 0;  ///< what equal weights would get: the mean of c_r
  double hit_by_chance = 0;   ///< the share of regions with c_r > 0
};

/// Weights (not negative, of any sum) and covered shares of as many regions; nothing where there is
/// no weight.
std::optional<Pointing> pointing(std::span<const double> weights, std::span<const double> covered);

/// How one head shares its attention among the regions, in the order of Inspection::seen_regions;
/// empty for the families among words. Of image self-attention the mean over its queries: what a
/// region receives of all that regions give. In guided attention regions are what looks, and each
/// gives all it has to words; what tells them apart is how much they give to the words that
/// matter: sum_t p_t A[r, t], divided by its sum over regions, p being question pooling.
std::vector<double> region_shares(const Inspection& inspection, const HeadSite& site);

/// Entropy of weights as shares, by ln of their number: 0 is one region, 1 all alike; 0 where there
/// are fewer than two. Nothing where there is no weight.
std::optional<double> share_entropy(std::span<const double> weights);

}  // namespace vqalign

#include "vqalign/inspect/pointing.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace vqalign {
namespace {

/// The part of a box within a region; without area where they do not meet.
PixelBox clipped(const PixelBox& box, const PictureRegion& region) {
  return {std::max(box[0], region.x1), std::max(box[1], region.y1), std::min(box[2], region.x2),
          std::min(box[3], region.y2)};
}

/// The length of the union of intervals.
double united_length(std::vector<std::pair<double, double>> intervals) {
  std::sort(intervals.begin(), intervals.end());
  double length = 0, reached = -INFINITY;
  for (const auto& [low, high] : intervals) {
    if (high <= reached) continue;
    length += high - std::max(low, reached);
    reached = high;
  }
  return length;
}

/// The area of the union of boxes, strip by strip between their upright edges.
double united_area(const std::vector<PixelBox>& boxes) {
  std::vector<double> edges;
  for (const PixelBox& box : boxes) edges.insert(edges.end(), {box[0], box[2]});
  std::sort(edges.begin(), edges.end());
  double area = 0;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    if (edges[i] == edges[i + 1]) continue;
    std::vector<std::pair<double, double>> intervals;
    for (const PixelBox& box : boxes) {
      if (box[0] <= edges[i] && box[2] >= edges[i + 1]) intervals.emplace_back(box[1], box[3]);
    }
    area += (edges[i + 1] - edges[i]) * united_length(std::move(intervals));
  }
  return area;
}

}  // namespace

double covered_share(const PictureRegion& region, std::span<const PixelBox> boxes) {
  const double area = (region.x2 - region.x1) * (region.y2 - region.y1);
  if (!(area > 0)) return 0;
  std::vector<PixelBox> within;
  for (const PixelBox& box : boxes) {
    const PixelBox part = clipped(box, region);
    if (part[0] < part[2] && part[1] < part[3]) within.push_back(part);
  }
  return std::min(1.0, united_area(within) / area);
}

std::optional<Pointing> pointing(std::span<const double> weights, std::span<const double> covered) {
  assert(weights.size() == covered.size());
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(total > 0)) return std::nullopt;
  const double most = *std::max_element(weights.begin(), weights.end());
  Pointing result;
  double largest = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const bool overlaps = covered[i] > 0;
    result.mass += weights[i] * covered[i] / total;
    result.mass_by_chance += covered[i];
    result.hit_by_chance += overlaps;
    if (weights[i] < most) continue;
    ++largest;
    result.hit += overlaps;
  }
  result.hit /= largest;
  result.mass_by_chance /= static_cast<double>(weights.size());
  result.hit_by_chance /= static_cast<double>(weights.size());
  return result;
}

std::vector<double> region_shares(const Inspection& inspection, const HeadSite& site) {
  if (site.family != AttentionFamily::kImageSelf && site.family != AttentionFamily::kGuided) {
    return {};
  }
  const AttentionMap& map = inspection.map(site);
  std::vector<double> shares(inspection.seen_regions.size(), 0.0);
  for (int64_t query = 0; query < map.queries; ++query) {
    for (int64_t key = 0; key < map.keys; ++key) {
      if (site.family == AttentionFamily::kImageSelf) {
        shares[static_cast<std::size_t>(key)] += map.at(query, key);
      } else {
        const std::size_t word = inspection.read_words[static_cast<std::size_t>(key)];
        shares[static_cast<std::size_t>(query)] +=
            inspection.evidence.words[word].weight * map.at(query, key);
      }
    }
  }
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (total > 0) {
    for (double& share : shares) share /= total;
  }
  return shares;
}

std::optional<double> share_entropy(std::span<const double> weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(total > 0)) return std::nullopt;
  if (weights.size() < 2) return 0;
  double entropy = 0;
  for (const double weight : weights) {
    if (weight > 0) entropy -= weight / total * std::log(weight / total);
  }
  return entropy / std::log(static_cast<double>(weights.size()));
}

}  // namespace vqalign

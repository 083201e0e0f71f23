#include "vqalign/inspect/attention_map.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace vqalign {

bool queries_are_words(AttentionFamily family) {
  return family == AttentionFamily::kQuestionSelf || family == AttentionFamily::kQuestionPretrained;
}

bool keys_are_words(AttentionFamily family) {
  return family != AttentionFamily::kImageSelf;
}

std::vector<double> given(const AttentionMap& map, int64_t query) {
  assert(query >= 0 && query < map.queries);
  const auto row = map.weights.begin() + query * map.keys;
  return {row, row + map.keys};
}

std::vector<double> received(const AttentionMap& map, int64_t key, double* total) {
  assert(key >= 0 && key < map.keys);
  std::vector<double> column;
  double sum = 0;
  for (int64_t query = 0; query < map.queries; ++query) {
    column.push_back(map.at(query, key));
    sum += column.back();
  }
  if (total) *total = sum;
  if (sum > 0) {
    for (double& share : column) share /= sum;
  }
  return column;
}

AttentionMap aggregate(const std::vector<const AttentionMap*>& maps, HeadAggregate kind) {
  assert(!maps.empty());
  AttentionMap all = *maps.front();
  all.site.head = AttentionMap::kAllHeads;
  all.rows_are_shares = all.rows_are_shares && (kind == HeadAggregate::kMean || maps.size() == 1);
  for (std::size_t i = 1; i < maps.size(); ++i) {
    assert(maps[i]->weights.size() == all.weights.size());
    for (std::size_t k = 0; k < all.weights.size(); ++k) {
      const float weight = maps[i]->weights[k];
      all.weights[k] =
          kind == HeadAggregate::kMax ? std::max(all.weights[k], weight) : all.weights[k] + weight;
    }
  }
  if (kind == HeadAggregate::kMean) {
    for (float& weight : all.weights) weight /= static_cast<float>(maps.size());
  }
  return all;
}

HeadStatistics map_statistics(const AttentionMap& map) {
  HeadStatistics statistics;
  if (map.queries == 0 || map.keys == 0) return statistics;
  for (int64_t query = 0; query < map.queries; ++query) {
    double entropy = 0, peak = 0;
    for (int64_t key = 0; key < map.keys; ++key) {
      const double weight = map.at(query, key);
      if (weight > 0) entropy -= weight * std::log(weight);
      peak = std::max(peak, weight);
    }
    statistics.entropy += entropy;
    statistics.peak += peak;
  }
  const auto rows = static_cast<double>(map.queries);
  const double most = std::log(static_cast<double>(map.keys));
  statistics.entropy = most > 0 ? statistics.entropy / (rows * most) : 0;
  statistics.peak /= rows;
  return statistics;
}

}  // namespace vqalign

#pragma once

#include <cstdint>
#include <vector>

#include "vqalign/attention/head_site.h"

namespace vqalign {

/// How one head, or all heads of a layer taken together, shared its attention when one question was
/// asked about one picture. Padding is cut.
struct AttentionMap {
  /// The head of a map that stands for all heads of its layer.
  static constexpr int64_t kAllHeads = -1;

  HeadSite site;
  int64_t queries = 0;         ///< rows: what looks
  int64_t keys = 0;            ///< columns: what is looked at
  std::vector<float> weights;  ///< [queries, keys], row-major
  /// Every row sums to 1; not so for the maximum over heads, nor inside a pretrained encoder of
  /// questions, whose sentence has tokens besides the question's.
  bool rows_are_shares = true;

  float at(int64_t query, int64_t key) const {
    return weights[static_cast<std::size_t>(query * keys + key)];
  }
};

/// Whether the queries (keys) of a family are words; they are regions otherwise.
bool queries_are_words(AttentionFamily family);
bool keys_are_words(AttentionFamily family);

/// What a query gives to each key: its row as it is.
std::vector<double> given(const AttentionMap& map, int64_t query);

/// What a key receives from each query: its column, divided by its sum so that it is a share too. A
/// column is no distribution by itself: `total`, when asked for, gets the sum that it was divided
/// by, 1 being what a key receives on average when there are as many queries as keys. All zero when
/// nothing looks there.
std::vector<double> received(const AttentionMap& map, int64_t key, double* total = nullptr);

enum class HeadAggregate { kMean, kMax };

/// Element by element over maps of one shape; site.head is kAllHeads. At least one map.
AttentionMap aggregate(const std::vector<const AttentionMap*>& maps, HeadAggregate kind);

/// What is worth knowing of a head before looking at its map.
struct HeadStatistics {
  /// Entropy of a row by the entropy of looking everywhere alike (ln keys), mean over rows: 0 looks
  /// at one thing, 1 everywhere alike; 0 where there is one key.
  double entropy = 0;
  /// Largest weight of a row, mean over rows.
  double peak = 0;
  /// Squared MMD between the head's queries and keys (align/mmd.h): what alignment attention makes
  /// small.
  double alignment = 0;
};

/// Entropy and peak of a map whose rows are shares.
HeadStatistics map_statistics(const AttentionMap& map);

}  // namespace vqalign

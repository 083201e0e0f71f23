#pragma once

#include <cstdint>

#include "graph.h"

namespace graph_attention {

/// A stochastic block model with words: nodes of a class are linked more often, and each class has
/// words of its own that its nodes have more often than others.
struct BlockModelOptions {
  int64_t nodes = 400;
  int64_t classes = 4;
  double edges_inside = 4;     ///< Mean number of a node's edges to its own class.
  double edges_outside = 1;    ///< To all others.
  int64_t words_a_class = 25;  ///< Columns of the features: this times the classes.
  double own_words = 0.12;     ///< Chance of each word of its own class in a node.
  double other_words = 0.06;   ///< Of each other word.
  int64_t train_a_class = 10;  ///< The rest is halved between validation and test.
};

/// Draws one; the same seed gives the same graph. Node i has class i mod classes.
RawGraph block_model(const BlockModelOptions& options, uint64_t seed);

}  // namespace graph_attention

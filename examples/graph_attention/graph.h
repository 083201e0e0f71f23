#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace graph_attention {

/// A sparse matrix by rows: row i has values[starts[i] .. starts[i + 1]) in these columns.
struct SparseRows {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<int64_t> starts;   ///< [rows + 1]
  std::vector<int64_t> indices;  ///< column of each value
  torch::Tensor values;          ///< float32 [starts.back()]
};

/// Who looks at whom. Edges are sorted by target; a node looks at the sources of its edges.
struct Edges {
  int64_t nodes = 0;
  torch::Tensor sources;        ///< int64 [E]
  torch::Tensor targets;        ///< int64 [E], ascending
  std::vector<int64_t> starts;  ///< [nodes + 1]: edges starts[i] .. starts[i + 1] end in node i
};

/// A graph as a file or a generator tells it.
struct RawGraph {
  std::string name;  ///< What messages call it: the file.
  SparseRows features;
  std::vector<std::pair<int64_t, int64_t>> edges;  ///< source, target
  std::vector<int64_t> labels;                     ///< a node each; -1: not known
  std::vector<int64_t> train, validation, test;    ///< nodes
};

/// A graph ready for training.
struct Graph {
  std::string name;
  int64_t classes = 0;
  SparseRows features;  ///< Each row divided by the sum of its magnitudes, zero rows left alone.
  Edges edges;          ///< Both directions of every edge once, and an edge of each node to itself.
  torch::Tensor labels;                   ///< int64 [nodes]
  torch::Tensor train, validation, test;  ///< int64, nodes
  int64_t isolated = 0;                   ///< Nodes without any edge: they see themselves alone.
};

/// Throws vqalign::Error, one line naming the graph, the place and both values: features that are
/// no finite numbers or lie outside of the matrix, another number of labels than of rows, edges to
/// nodes that do not exist, empty parts, nodes of a part that do not exist, occur twice or have no
/// label, labels that no node of the training part has.
Graph checked_graph(RawGraph raw);

}  // namespace graph_attention

#include "graph.h"

#include <algorithm>
#include <cmath>

#include "vqalign/core/error.h"

namespace graph_attention {

using vqalign::fail;

namespace {

torch::Tensor as_tensor(const std::vector<int64_t>& numbers) {
  return torch::tensor(numbers, torch::kInt64);
}

void check_features(const std::string& name, const SparseRows& features) {
  const float* values = features.values.const_data_ptr<float>();
  for (int64_t row = 0; row < features.rows; ++row) {
    for (int64_t at = features.starts[row]; at < features.starts[row + 1]; ++at) {
      const int64_t column = features.indices[at];
      if (column < 0 || column >= features.columns) {
        fail(name, ": features of node ", row, " name column ", column, ", there are ",
             features.columns, " columns");
      }
      if (!std::isfinite(values[at])) {
        fail(name, ": feature ", column, " of node ", row, " is ", values[at],
             ", expected a finite number");
      }
    }
  }
}

void normalise_rows(SparseRows& features) {
  float* values = features.values.mutable_data_ptr<float>();
  for (int64_t row = 0; row < features.rows; ++row) {
    double sum = 0;
    const int64_t begin = features.starts[row], end = features.starts[row + 1];
    for (int64_t at = begin; at < end; ++at) sum += std::abs(values[at]);
    if (sum == 0) continue;
    for (int64_t at = begin; at < end; ++at) values[at] = static_cast<float>(values[at] / sum);
  }
}

/// The nodes of a part, checked; `used` is what earlier parts have.
torch::Tensor checked_part(const RawGraph& raw, const char* part, const std::vector<int64_t>& nodes,
                           std::vector<bool>& used) {
  if (nodes.empty()) fail(raw.name, ": the ", part, " part is empty");
  const int64_t count = raw.features.rows;
  for (const int64_t node : nodes) {
    if (node < 0 || node >= count) {
      fail(raw.name, ": the ", part, " part names node ", node, ", there are ", count, " nodes");
    }
    if (used[node]) fail(raw.name, ": node ", node, " of the ", part, " part is in a part already");
    used[node] = true;
    if (raw.labels[node] == -1) {
      fail(raw.name, ": node ", node, " of the ", part, " part has no label");
    }
  }
  return as_tensor(nodes);
}

/// How many classes the training part has; every label must be one of them, or -1.
int64_t count_classes(const RawGraph& raw) {
  int64_t classes = 0;
  for (const int64_t node : raw.train) classes = std::max(classes, raw.labels[node] + 1);
  for (int64_t node = 0; node < raw.features.rows; ++node) {
    if (raw.labels[node] < -1 || raw.labels[node] >= classes) {
      fail(raw.name, ": node ", node, " has label ", raw.labels[node],
           ", those of the train part are 0 to ", classes - 1);
    }
  }
  return classes;
}

/// Both directions, each once, with self-loops, sorted by target.
Edges complete_edges(const RawGraph& raw, int64_t& isolated) {
  const int64_t nodes = raw.features.rows;
  std::vector<std::pair<int64_t, int64_t>> pairs;  // target, source
  std::vector<bool> connected(nodes, false);
  pairs.reserve(2 * raw.edges.size() + nodes);
  for (std::size_t i = 0; i < raw.edges.size(); ++i) {
    const auto [source, target] = raw.edges[i];
    for (const int64_t node : {source, target}) {
      if (node < 0 || node >= nodes) {
        fail(raw.name, ": edge ", i, " (", source, " to ", target, ") names node ", node,
             ", there are ", nodes, " nodes");
      }
      if (source != target) connected[node] = true;
    }
    pairs.emplace_back(target, source);
    pairs.emplace_back(source, target);
  }
  for (int64_t node = 0; node < nodes; ++node) pairs.emplace_back(node, node);
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());

  isolated = std::count(connected.begin(), connected.end(), false);
  Edges edges;
  edges.nodes = nodes;
  edges.starts.assign(nodes + 1, 0);
  std::vector<int64_t> sources, targets;
  for (const auto& [target, source] : pairs) {
    sources.push_back(source);
    targets.push_back(target);
    ++edges.starts[target + 1];
  }
  for (int64_t node = 0; node < nodes; ++node) edges.starts[node + 1] += edges.starts[node];
  edges.sources = as_tensor(sources);
  edges.targets = as_tensor(targets);
  return edges;
}

}  // namespace

Graph checked_graph(RawGraph raw) {
  const int64_t nodes = raw.features.rows;
  if (nodes == 0) fail(raw.name, ": there are no nodes");
  if (static_cast<int64_t>(raw.labels.size()) != nodes) {
    fail(raw.name, ": ", raw.labels.size(), " labels for ", nodes, " rows of features");
  }
  check_features(raw.name, raw.features);
  Graph graph;
  graph.name = raw.name;
  std::vector<bool> used(nodes, false);
  graph.train = checked_part(raw, "train", raw.train, used);
  graph.validation = checked_part(raw, "validation", raw.validation, used);
  graph.test = checked_part(raw, "test", raw.test, used);
  graph.classes = count_classes(raw);
  graph.edges = complete_edges(raw, graph.isolated);
  graph.labels = as_tensor(raw.labels);
  graph.features = std::move(raw.features);
  normalise_rows(graph.features);
  return graph;
}

}  // namespace graph_attention

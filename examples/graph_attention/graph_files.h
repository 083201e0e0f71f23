#pragma once

#include <filesystem>

#include "graph.h"

namespace graph_attention {

/// A graph from a file or a folder. What it holds is checked by checked_graph().
///
/// An .npz has features as compressed sparse rows, feature_indptr [N + 1], feature_indices,
/// feature_values and features_shape (N, columns), edges [2, E] (sources above targets), labels [N]
/// (-1: not known), and train, val and test, the nodes of each part.
///
/// A folder has two tables with a heading each. edges.csv: source,target. nodes.csv:
/// label,part and then a column a feature; row i is node i, the part train, val, test or empty, the
/// label empty where it is not known.
///
/// Throws vqalign::Error naming file and place: arrays that are missing or of other shapes, fields
/// that are missing or no numbers.
RawGraph read_graph(const std::filesystem::path& path);

}  // namespace graph_attention

#pragma once

#include <string>
#include <vector>

#include "vqalign/data/dataset.h"
#include "vqalign/data/health.h"

namespace vqalign::detail {

/// What is kept of a split to hold others against it.
struct SeenSplit {
  std::string subset;
  bool annotated = false;
  std::vector<int64_t> question_ids;
  std::vector<int64_t> image_ids;  ///< different ones
  ImageIndex images;               ///< empty where pictures are not looked at
};

/// Warns of question ids and pictures that the training split shares with others: scores on these
/// say little. The same id with another picture behind it, in a folder of its own, is no leak. Ids
/// shared by the parts of a joined split are an error.
void check_leaks(const std::vector<SeenSplit>& splits, const std::string& training,
                 const HealthOptions& options, std::vector<HealthProblem>& problems);

}  // namespace vqalign::detail

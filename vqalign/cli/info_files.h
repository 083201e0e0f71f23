#pragma once

#include <filesystem>

#include "vqalign/core/cancel.h"
#include "vqalign/core/json.h"
#include "vqalign/core/progress.h"

namespace vqalign {

/// What `info` tells about a file or folder: an object whose "kind" is model, weights, checkpoint,
/// dataset, features, results, questions, annotations, scenes, training state, arrays, picture,
/// detector or vocabulary. The kind is known by content, not by name (but of a detector, which has
/// no mark of its own). Error when the path holds none of these, naming what was expected, and
/// where a file of a known kind is damaged.
Json describe_path(const std::filesystem::path& path, Progress& progress,
                   const CancelToken& cancel);

}  // namespace vqalign

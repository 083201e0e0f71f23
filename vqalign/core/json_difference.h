#pragma once

#include <optional>
#include <string>

#include "vqalign/core/json.h"

namespace vqalign {

/// Where two values differ, for messages like "data.scenes.train is 200, was 100".
struct JsonDifference {
  std::string place;             ///< names of members from the outermost on, with dots between
  const Json* now = nullptr;     ///< null where it is no longer there
  const Json* before = nullptr;  ///< null where it was not there
};

/// The first place, in the order of `now`, where they differ; none where they are the same but for
/// the order of members. Objects are compared member by member, all else as a whole. The values
/// must outlive the result.
std::optional<JsonDifference> first_difference(const Json& now, const Json& before);

}  // namespace vqalign

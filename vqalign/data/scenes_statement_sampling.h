#pragma once

#include <optional>

#include "vqalign/core/philox.h"
#include "vqalign/data/scenes_statements.h"

namespace vqalign::scenes {

/// A statement that holds of one of the scenes, which have panels, and not of the other; nothing
/// when none was found among many tries.
std::optional<Statement> sample_statement(const Scene& first, const Scene& second, Random& random);

}  // namespace vqalign::scenes

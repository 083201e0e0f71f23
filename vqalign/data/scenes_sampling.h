#pragma once

#include <optional>

#include "vqalign/data/scenes_questions.h"

namespace vqalign::scenes {

/// The family a kind belongs to, an index into scene_families().
int family_of(Kind kind);

/// A question of that family that fits both scenes and has different answers there; nothing when
/// none was found among many tries.
std::optional<Query> sample_query(int family, const Scene& first, const Scene& second,
                                  Random& random);

}  // namespace vqalign::scenes

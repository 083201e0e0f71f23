#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/data/scenes_questions.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign::scenes {

struct AskedQuestion {
  std::string text;
  std::string family;
  std::string answer_type;
  Truth truth;
  std::vector<AnswerRecord> answers;  ///< ten
};

struct DrawnScene {
  Scene scene;
  std::vector<unsigned char> png;
  std::vector<AskedQuestion> questions;
};

/// Two pictures with the same question texts, every one with different answers: the complementary
/// pairs by which no text alone tells its answer.
using ScenePair = std::array<DrawnScene, 2>;

/// The families that `options` ask, as indices into scene_families(), repeated as there. UsageError
/// where one cannot be asked (relations among at most one object).
std::vector<int> asked_families(const SceneOptions& options);

/// The family of what is said of pictures of boxes; no part of scene_families().
inline const std::string kBoxFamily = "box";

/// Pair `index` of split `split` (0 train, 1 val, 2 test): a pure function of its arguments, so
/// that pairs can be drawn in any order. At most `questions` each, spread over the families; fewer,
/// even none, where the pair does not lend itself to more.
ScenePair make_pair(const SceneOptions& options, uint64_t seed, int split, int64_t index,
                    int questions);

}  // namespace vqalign::scenes

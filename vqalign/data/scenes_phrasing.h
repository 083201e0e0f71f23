#pragma once

#include <string>

#include "vqalign/data/scenes_questions.h"

namespace vqalign::scenes {

/// "circles", "crosses".
std::string plural_shape(int shape);

/// The question in English, one of at least four phrasings of its kind.
std::string phrase(const Query& query);

/// The longest of the generator's question types that the question begins with, as VQA v2 groups
/// its questions; "none of the above" when there is none.
std::string question_type(const std::string& question);

}  // namespace vqalign::scenes

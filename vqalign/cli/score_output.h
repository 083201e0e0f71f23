#pragma once

#include <string>

#include "vqalign/core/json.h"
#include "vqalign/data/score_table.h"

namespace vqalign {

/// A warning where questions have a single answer, for which the official accuracy is always 0.
void warn_about_single_answers(const Score& score);

/// Several results files side by side: {"results": [{"file": .., and the keys of a score}, ..],
/// "disagreements": N, "pairs": [{"first": .., "second": .., "same_answers": percent,
/// "only_first_right": N, "only_second_right": N}, ..]}.
Json comparison_json(const ComparedFiles& compared);

/// The same for people: a column for each file, then what each two of them have in common.
std::string comparison_text(const ComparedFiles& compared);

}  // namespace vqalign

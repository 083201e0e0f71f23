#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/inspect/inspection.h"
#include "vqalign/language/tokenizer.h"

namespace vqalign {

/// Fills in evidence.words from evidence.question, read_words, and the warnings about words;
/// returns the ids of the words that are read, at most `max_tokens`. Dropped words
/// (inspection.edits) do not count. UsageError when the question has no word, or edits name none of
/// them or leave none.
std::vector<int64_t> read_question(Inspection& inspection, const Vocabulary& vocabulary,
                                   int64_t max_tokens);

}  // namespace vqalign

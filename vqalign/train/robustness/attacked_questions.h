#pragma once

#include <cstdint>
#include <vector>

#include "vqalign/core/harm.h"
#include "vqalign/data/vqa_files.h"
#include "vqalign/train/robustness/word_importance.h"

namespace vqalign {

/// Questions after an attack of a kind of question_attack_kinds(); where that is greedy, `orders`
/// tells the words of each by importance. Ids stay.
std::vector<Question> attacked_questions(const std::vector<Question>& questions, const Harm& harm,
                                         uint64_t seed, const WordOrders& orders = {});

/// The share of questions whose text differs; both lists are parallel. 0 of none.
double changed_share(const std::vector<Question>& before, const std::vector<Question>& after);

}  // namespace vqalign

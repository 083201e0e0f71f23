#include "vqalign/train/robustness/attacked_questions.h"

#include <cassert>

#include "vqalign/language/question_attack.h"
#include "vqalign/train/robustness/kinds.h"

namespace vqalign {

std::vector<Question> attacked_questions(const std::vector<Question>& questions, const Harm& harm,
                                         uint64_t seed, const WordOrders& orders) {
  const bool greedy = is_greedy(harm.kind);
  assert(!greedy || orders.size() == questions.size());
  const Harm attack = plain_attack(harm);
  std::vector<Question> attacked = questions;
  for (std::size_t i = 0; i < attacked.size(); ++i) {
    Question& question = attacked[i];
    const auto order =
        greedy ? std::span<const std::size_t>(orders[i]) : std::span<const std::size_t>();
    question.question =
        attacked_question(question.question, attack, seed, question.question_id, order);
  }
  return attacked;
}

double changed_share(const std::vector<Question>& before, const std::vector<Question>& after) {
  assert(before.size() == after.size());
  std::size_t changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].question != after[i].question) ++changed;
  }
  return before.empty() ? 0 : static_cast<double>(changed) / static_cast<double>(before.size());
}

}  // namespace vqalign

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/core/harm.h"

namespace vqalign {

/// What people do to questions without meaning to: "keyboard" (a letter becomes its neighbour on a
/// QWERTY keyboard), "swap" (two letters side by side change places), "drop_letter", "drop_word",
/// "synonym" (synonyms.h). The first three are those of Belinkov and Bisk, "Synthetic and natural
/// noise both break neural machine translation" (ICLR 2018).
const std::vector<std::string>& question_attack_names();

/// The words that attacks may touch, in their order: what lies between white space, without the
/// punctuation around it, where that has two letters or more. Numbers and words of one letter are
/// left alone, for what would be left of them is another word. Bytes of other scripts, and those
/// that are no UTF-8, count as letters.
std::vector<std::string_view> attackable_words(std::string_view question);

/// The question with that one of its attackable_words() left out, and with it the white space
/// before it (behind it, of the first); punctuation stays.
std::string without_word(std::string_view question, std::size_t word);

/// A question, as it is written, after an attack of a kind of question_attack_names() (asserted):
/// the severity is how many different words get one edit each. It is as many as can take one where
/// there are fewer: "drop_word" leaves one attackable word, a word of equal letters has none to
/// swap, most words have no synonym. Nothing else of the text changes, and it is never empty unless
/// it was.
///
/// Which words are edited is drawn from `seed` and `question_id`, alike for all kinds, or they are
/// tried in the order of `order`, places in attackable_words(). How a word is edited is drawn for
/// it alone: a higher severity makes the edits of the lower ones and further ones.
std::string attacked_question(const std::string& question, const Harm& harm, uint64_t seed,
                              int64_t question_id, std::span<const std::size_t> order = {});

}  // namespace vqalign

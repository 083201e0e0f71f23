#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vqalign/core/harm.h"

namespace vqalign {

/// What a kind of harm is done to.
enum class HarmedPart { kPictures, kFeatures, kQuestions };

/// Every kind that robustness is measured by: those of pictures (corruption_names()); "features",
/// Gaussian noise on the regions' features of deviation 0.25, 0.5, 1, 1.5, 2 (1 is the noise of
/// Zhang et al., NeurIPS 2021); those of questions, question_attack_kinds().
const std::vector<std::string>& harm_kinds();

/// Those of question_attack_names(), and of each a greedy twin, "greedy_keyboard" and so on, which
/// edits the words in the order of words_by_importance() (word_importance.h).
const std::vector<std::string>& question_attack_kinds();

/// The kinds that are measured unless others are asked for: all but the greedy ones, of which
/// "greedy_keyboard" alone; without those of pictures where there are none.
std::vector<std::string> usual_harm_kinds(bool pictures);

/// Of a kind of harm_kinds().
HarmedPart harmed_part(const std::string& kind);
/// "pictures", "features", "questions"
const char* part_name(HarmedPart part);

/// The parameter of a kind's severity: corruption_amount(), the noise's deviation, the edited
/// words.
double harm_amount(const Harm& harm);

bool is_greedy(std::string_view kind);
/// The attack whose edits a kind of question_attack_kinds() makes: itself, or of a greedy one its
/// twin.
Harm plain_attack(const Harm& harm);

}  // namespace vqalign

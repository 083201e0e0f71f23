#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/core/json.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign {

/// Which revision of the evaluator: GT-Vision-Lab's present one, or the older copy inside the
/// public MCAN and OpenVQA code.
enum class Metric { kOfficial, kLegacy };

/// The official evaluator's string steps, quirks and all, as they run under Python 3. Text is
/// UTF-8. Punctuation: each of 21 marks becomes a space, or vanishes when it stands beside a space
/// anywhere in the text or the text holds digit-comma-digit; then up to 32 periods that no digit
/// follows go.
std::string process_punctuation(std::string_view text);
/// Lower case; none and zero to ten as digits; a, an, the dropped; contractions given their
/// apostrophe; words joined by single spaces.
std::string process_digit_article(std::string_view text);
/// Both steps: how answer lists and soft targets spell an answer.
std::string normalise_answer(std::string_view answer);

/// What answers have in common that the official metric may take for the same: normalised, with
/// line feeds and tabs as spaces and no space at the ends.
std::string comparable_answer(std::string_view answer);

/// The accuracy of one prediction in 0..1 against the annotation's records.
double question_accuracy(std::string_view prediction, const Annotation& truth, Metric metric);

/// Whether a prediction is the answer that most of the people gave (any of these where several were
/// given as often), all as normalise_answer() spells them. With a single answer that is plain
/// equality of what is left of both: the measure for datasets that have not ten answers a question,
/// where the official accuracy means little, and nothing for one: no other answer agrees with it.
bool is_exact_match(std::string_view prediction, const Annotation& truth);

/// Accuracies of a set of predictions, in percent rounded to two decimals (half to even on the
/// binary double, as Python 3's round).
struct Score {
  double overall = 0;
  std::map<std::string, double> per_answer_type;
  std::map<std::string, double> per_question_type;
  int64_t questions = 0;
  std::vector<double> accuracies;  ///< 0..1, one a question, in the annotations' order
  /// Percent of questions matched exactly; none where every question has ten answers.
  std::optional<double> exact_match;
  std::vector<uint8_t> exact;   ///< is_exact_match() of each question; empty without exact_match
  int64_t single_answered = 0;  ///< questions with one answer, whose official accuracy is always 0
  /// The exact matches by type; empty without exact_match.
  std::map<std::string, double> exact_per_answer_type;
  std::map<std::string, double> exact_per_question_type;

  /// Whether the exact match is what to show people: every question has a single answer.
  bool only_exact() const { return questions > 0 && single_answered == questions; }
  double shown_overall() const { return only_exact() ? *exact_match : overall; }
  const std::map<std::string, double>& shown_answer_types() const {
    return only_exact() ? exact_per_answer_type : per_answer_type;
  }
  const std::map<std::string, double>& shown_question_types() const {
    return only_exact() ? exact_per_question_type : per_question_type;
  }

  /// What each answer counts, 0 to 1: its official accuracy, or whether it matches exactly.
  std::vector<double> shown_accuracies() const {
    return only_exact() ? std::vector<double>(exact.begin(), exact.end()) : accuracies;
  }

  /// {"overall", "perAnswerType", "perQuestionType", "questions"}, and "exact_match" where there is
  /// one.
  Json to_json() const;
};

/// The mean of accuracies in percent, summed in their order and rounded as in a Score.
double mean_percent(const std::vector<double>& accuracies);

/// Whether a question counts as answered rightly: an official accuracy of at least 0.5; where there
/// are other than ten answers, an exact match.
bool is_right(const Score& score, const Annotation& annotation, std::size_t question);

/// The answers of a results file in the annotations' order, as official scoring wants them; see
/// score_results for what is refused.
std::vector<std::string> match_results(const std::vector<Result>& results,
                                       const std::vector<Annotation>& annotations,
                                       const std::string& results_name,
                                       const std::string& annotations_name);

/// Scores a whole results file. `results_name` and `annotations_name` are for messages. Error when
/// the sets of question ids differ (naming one id of the difference and how many there are); the
/// last of duplicate ids wins. Uses up to `threads` threads (0: all); the figures do not depend on
/// their number.
Score score_results(const std::vector<Result>& results, const std::vector<Annotation>& annotations,
                    Metric metric, const std::string& results_name,
                    const std::string& annotations_name, int threads = 0);

/// The same for predictions parallel to the annotations.
Score score_predictions(const std::vector<std::string>& predictions,
                        const std::vector<Annotation>& annotations, Metric metric, int threads = 0);

}  // namespace vqalign

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/core/json.h"

namespace vqalign {

/// An answer of the model's list.
struct RankedAnswer {
  std::string text;
  double probability = 0;  ///< its sigmoid, 0 to 1; with stochastic passes the mean over them;
                           ///< by the model's calibration where it has one
  double prior = 0;        ///< mean soft target in training, 0 when unknown
  double spread = 0;       ///< standard deviation over stochastic passes; 0 without
};

/// A word of the question, or a piece of one, as the tokenizer read it; pieces that go on inside a
/// word read "-s".
struct QuestionWord {
  std::string text;
  bool known = true;     ///< whether the model's word list has it
  bool cut = false;      ///< beyond the length that the model reads: it never reached the model
  double weight = 0;     ///< share of question pooling, mean over glimpses; 0 when not read
  bool dropped = false;  ///< taken away before the model was asked (inspection.h)
};

/// A region of the picture: corners (x1, y1) and (x2, y2) in pixels of the upright original.
struct PictureRegion {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  double weight = 0;       ///< share of region pooling, mean over glimpses; 0 when dropped
  bool dropped = false;    ///< taken away before the model was asked (inspection.h)
  std::string label = {};  ///< what a detector took it for; empty: it was found by none
  double score = 0;        ///< how sure it is of that, 0 to 1
};

/// Whether the two likeliest answers differ over stochastic passes (Welch's two-sided t-test).
struct Certainty {
  bool certain = false;  ///< p < 0.05
  double p_value = 1;
  std::string first = {};  ///< the likeliest
  /// The one behind it, also where answers has but one; nothing where the model knows no other.
  std::optional<std::string> second = {};
  /// Whether passes can tell: not those of a model without dropout, which are alike, nor those of a
  /// single answer, which is not certain, at a p-value of 1, as it differs from no other.
  bool told = true;
};

/// A word or a region, by its place in AnswerEvidence.
struct Token {
  bool is_word = true;
  std::size_t place = 0;

  bool operator==(const Token&) const = default;
};

/// A number for each word and region of the evidence, in its order; 0 where one was not read or
/// seen.
struct TokenScores {
  std::vector<double> words;
  std::vector<double> regions;
};

/// What weights of words and regions do over stochastic passes.
struct PassWeights {
  TokenScores mean;
  TokenScores spread;  ///< standard deviation (n - 1)
};

/// What the weights of words or of regions are, for legends.
struct WeightLegend {
  std::string of;      ///< goes on after "0 to 40 % of": "region pooling"; empty: there are none
  std::string detail;  ///< which layer and head, and what was done to it; empty: nothing to say
};

/// An answer and what speaks for it: plain values, for text, figures and windows alike. Padding is
/// in none of them. The weights are those of pooling, and those of the words that were read sum to
/// 1, so do those of the regions; weighed() (weighing.h) puts others in their place.
struct AnswerEvidence {
  std::string question;  ///< as asked; bytes that are no UTF-8 replaced by U+FFFD
  std::string picture;   ///< the file, likewise
  std::string model;     ///< the model file's name, without its folder
  int64_t picture_width = 0;
  int64_t picture_height = 0;
  std::vector<RankedAnswer> answers;  ///< the likeliest first; at most as many as were asked for
  std::vector<QuestionWord> words;    ///< in the question's order
  std::vector<PictureRegion> regions;
  WeightLegend word_legend = {"question pooling", ""};
  WeightLegend region_legend = {"region pooling", ""};
  std::optional<Token> subject;  ///< what the weights speak of, where it is one word or region
  bool calibrated = false;       ///< whether probabilities are scaled by the model's calibration
  int64_t passes = 0;            ///< stochastic passes; 0: one pass without dropout
  std::optional<Certainty> certainty;  ///< of passes
  /// The weights above over the passes; nothing without passes, or where it was not measured. The
  /// weights themselves are those of the one pass without dropout, as heads and maps are.
  std::optional<PassWeights> over_passes = {};
  /// Whether the picture is of the kind the model was trained on; nothing when the model does not
  /// say what that was.
  std::optional<bool> in_domain;
  std::vector<std::string> warnings;  ///< whole sentences for people
  double encode_milliseconds = 0;     ///< reading and encoding the picture; 0 when it was kept
  double answer_milliseconds = 0;
};

/// What the passes say, in plain words: "certain: over 20 passes "triangle" stays ahead of "star"
/// (p < 0.001)", "not certain: over 20 passes "two" and "three" are not told apart (p = 0.31)",
/// "certain or not: the model has no dropout, so its 20 passes are alike and cannot tell", "certain
/// or not: the model knows no answer but "yes", so its 20 passes have none to compare it with";
/// empty without certainty.
std::string certainty_text(const AnswerEvidence& evidence);

/// "bus 0.94", or nothing for a region without a label.
std::string label_text(const PictureRegion& region);

/// What a region is called where its number stands: "3 bus 0.94", or "3" without a label.
std::string region_name(const AnswerEvidence& evidence, std::size_t region);

/// Indices of the `count` regions with the largest weights, the largest first; of equals the first.
std::vector<std::size_t> top_regions(const AnswerEvidence& evidence, std::size_t count);

/// The JSON result of `ask` without its time: question, image, words, word_weights, unknown_words,
/// cut_words, answers, regions ({"region": its place from 0, "box": [x1, y1, x2, y2], "weight": w},
/// and of what a detector found "label" and "score" behind it; the `regions` largest),
/// picture size, in_domain (null: no statement), warnings; with passes each answer's spread,
/// certain, p_value and certainty (certainty_text()), and of each weight "mean" and "spread" over
/// them ("word_means", "word_spreads" of words); "calibrated": true where probabilities are.
/// Weights and probabilities have six decimals.
Json evidence_json(const AnswerEvidence& evidence, std::size_t regions);

/// `text` with every byte that belongs to no valid UTF-8 sequence replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace vqalign

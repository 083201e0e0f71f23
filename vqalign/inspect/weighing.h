#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "vqalign/inspect/inspection.h"

namespace vqalign {

/// Where weights of words and regions come from.
enum class WeightSource { kPooling, kAttention, kRollout, kRelevance };

/// "pooling", "attention", "rollout", "relevance"; and back, nothing where the name is none.
const char* source_name(WeightSource source);
std::optional<WeightSource> source_of(std::string_view name);

/// Which heads of a layer: one by its number, or all of them taken together.
struct MapChoice {
  static constexpr int64_t kLast = -1;
  static constexpr int64_t kMean = -1;
  static constexpr int64_t kMax = -2;

  int64_t layer = kLast;  ///< counted from 0, or kLast
  int64_t head = kMean;   ///< counted from 0, or kMean or kMax over the layer's heads

  bool operator==(const MapChoice&) const = default;
};

/// How attention around one word or region is read.
enum class Reading {
  kGiven,     ///< what each looks at: a row of a map, or how much of each row goes to the subject
  kReceived,  ///< what is looked at by whom: a column, divided by its sum so that it is a share
};

/// Which weights are told.
struct WeightChoice {
  WeightSource source = WeightSource::kPooling;
  MapChoice map = {};
  Reading reading = Reading::kReceived;
  /// The word or region that attention is told of; nothing: the word with the largest share of
  /// question pooling.
  std::optional<Token> subject = {};
  /// The answer that relevance speaks for.
  std::string answer = {};

  bool operator==(const WeightChoice&) const = default;
};

/// One map of a family: a head's, or the mean or maximum over the layer's heads. UsageError when
/// the family, layer or head is not there.
AttentionMap chosen_map(const Inspection& inspection, AttentionFamily family,
                        const MapChoice& choice);

/// "layer 2, head 1", "layer 2, mean over 4 heads".
std::string choice_text(const Inspection& inspection, AttentionFamily family,
                        const MapChoice& choice);

/// The word that attention is told of where nobody chose: the one with the largest pooling weight.
Token default_subject(const Inspection& inspection);

/// The evidence with the weights of `choice` in place of pooling's, its legends and its subject;
/// over_passes is kept for pooling alone.
///
/// Attention of a word: other words as question self-attention has them, and regions as guided
/// attention has them, where regions look (rows) and words are looked at. kReceived: what the word
/// receives, from whom, as shares of all it receives. kGiven: what the word gives to other words
/// (its row), and the share that each region gives to it, which do not sum to 1.
/// Attention of a region: the words it looks at (its guided row, in either reading), and other
/// regions as image self-attention has them: those that look at it (kReceived), or those it looks
/// at (kGiven).
///
/// `relevance` holds AnswerSource::relevance() for choice.answer and is needed for kRelevance only;
/// its weights and those of rollout are shares of all words and regions together.
///
/// UsageError when layer, head, subject or relevance is not there, or the subject was not read or
/// seen.
AnswerEvidence weighed(const Inspection& inspection, const WeightChoice& choice,
                       const TokenScores* relevance = nullptr);

/// Edits as text, for options and files: "guided:2:1,image_self:0:3" and "0,4". UsageError naming
/// `option` where a text is no list of such.
std::string sites_text(const std::vector<HeadSite>& sites);
std::vector<HeadSite> parse_sites(std::string_view text, std::string_view option);

}  // namespace vqalign

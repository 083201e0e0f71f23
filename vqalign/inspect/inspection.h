#pragma once

#include <cstdint>
#include <vector>

#include "vqalign/inspect/attention_map.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// What is taken away before a question is answered, to see what depends on it.
struct Edits {
  /// Heads whose output is zero; their maps are told as ever.
  std::vector<HeadSite> silenced = {};
  /// Words that are not read, by their place in AnswerEvidence::words: the question is asked as if
  /// they had not been in it.
  std::vector<std::size_t> dropped_words = {};
  /// Regions that are not looked at, by their place in AnswerEvidence::regions.
  std::vector<std::size_t> dropped_regions = {};

  bool empty() const {
    return silenced.empty() && dropped_words.empty() && dropped_regions.empty();
  }
  bool operator==(const Edits&) const = default;
};

/// An answer with every attention map behind it: plain values. Maps speak of tokens: row or column
/// t of words is evidence.words[read_words[t]], row or column r of regions is
/// evidence.regions[seen_regions[r]].
struct Inspection {
  AnswerEvidence evidence;
  Edits edits = {};
  std::vector<std::size_t> read_words = {};    ///< neither cut nor dropped
  std::vector<std::size_t> seen_regions = {};  ///< not dropped
  int64_t layers = 0;                          ///< of the co-attention
  int64_t heads = 0;                           ///< of a layer of it
  /// The heads of a pretrained encoder of questions. Their maps have the question's own tokens;
  /// what is left of a row went to the marks around the sentence, [CLS] and [SEP].
  FamilyShape pretrained = {};
  /// Guided attention of layer l looks at the words behind layer l, not behind the last one (MCAN's
  /// "stacking").
  bool stacking = false;
  /// Every head of every family: by family, layer, head.
  std::vector<AttentionMap> maps = {};
  std::vector<HeadStatistics> statistics = {};  ///< of maps[i]

  FamilyShape shape(AttentionFamily family) const;
  /// The families that the model has.
  std::vector<AttentionFamily> families() const;
  /// Where a head stands in `maps` and `statistics`.
  std::size_t index(const HeadSite& site) const;
  const AttentionMap& map(const HeadSite& site) const;
  const HeadStatistics& statistics_of(const HeadSite& site) const;
  /// All heads of a layer in one map.
  AttentionMap aggregated(AttentionFamily family, int64_t layer, HeadAggregate kind) const;
};

/// Every head of a model: by family, layer, head, as Inspection::index() counts them; those of a
/// pretrained encoder are the last.
std::vector<HeadSite> all_sites(int64_t layers, int64_t heads, FamilyShape pretrained = {});

/// Attention rollout (Abnar and Zuidema, "Quantifying Attention Flow in Transformers", ACL 2020):
/// each block passes on half of what it got and half of what it looked at, mean over heads; the
/// blocks are multiplied through to the words and regions that the poolings looked at. What flows
/// through guided attention ends at words. Question and picture count half each; all scores
/// together sum to 1.
TokenScores attention_rollout(const Inspection& inspection);

}  // namespace vqalign

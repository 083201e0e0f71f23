#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/attention/head_site.h"
#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/data_options.h"
#include "vqalign/data/object_labels.h"
#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// What is measured of a subject on each question. The first four: pointing() of inspect/pointing.h
/// at the boxes of the objects that the question speaks of, as the dataset tells them.
enum class AttentionFigure {
  kMass,
  kMassByChance,
  kHit,
  kHitByChance,
  /// Spearman's rank correlation over a picture's regions between the subject's weights and what
  /// the regions do for the answer (occlusion_effects() of inspect/probe.h), as Jain and Wallace
  /// ("Attention is not Explanation", NAACL 2019) hold attention against leaving words out, they by
  /// Kendall's tau. Effects keep their sign: a region that speaks against the answer should get the
  /// least. Missing where weights or effects do not vary.
  kAgreement,
  /// How widely weights are spread: of pooling, rollout and relevance share_entropy() of
  /// inspect/pointing.h, of a head the mean over its queries (HeadStatistics): 0 at one thing, 1
  /// everywhere alike.
  kEntropy,
  /// Squared MMD between a head's queries and keys (align/mmd.h), as eval --alignment has it.
  kMmd,
};
inline constexpr std::size_t kAttentionFigures = 7;

/// "mass", "mass_by_chance", "hit", "hit_by_chance", "agreement", "entropy", "mmd".
const char* figure_name(AttentionFigure figure);

/// What attention is measured of: the weights of the regions that an answer's evidence has (region
/// pooling; rollout and relevance, the regions' part as shares), and every head.
enum class RegionSource { kPooling, kRollout, kRelevance };
inline constexpr std::size_t kRegionSources = 3;

/// The figures of a model's attention on questions of a dataset.
struct AttentionQuality {
  /// One value a question, by figure; NaN where it is missing.
  using Values = std::array<std::vector<double>, kAttentionFigures>;

  std::vector<int64_t> questions;  ///< their ids
  int64_t occluded = 0;            ///< so many of them had their regions taken away
  int64_t without_labels = 0;      ///< the dataset does not say what they speak of
  int64_t about_nothing = 0;       ///< they speak of no object of the picture
  int64_t left_out = 0;            ///< they have no word, or their picture no region
  std::vector<HeadSite> sites;     ///< as all_sites() has them
  std::vector<Values> subjects;    ///< RegionSource in its order, then the heads

  std::size_t subject(std::size_t site) const { return kRegionSources + site; }
  /// "pooling", "rollout", "relevance", "guided:2:1".
  std::string subject_name(std::size_t subject) const;
  const std::vector<double>& values(std::size_t subject, AttentionFigure figure) const {
    return subjects[subject][static_cast<std::size_t>(figure)];
  }
  /// How many questions had objects to point at.
  int64_t pointed() const;
};

struct AttentionOptions {
  int64_t occlusion = 100;  ///< how many questions have their regions taken away, the first ones
  int64_t batch_size = 64;  ///< questions whose pictures are encoded together
  DataOptions data = {};
  torch::Device device = torch::kCPU;
};

/// So many questions of a dataset, drawn by `seed`, in the order drawn (0, or more than there are:
/// all). Annotations are left out.
Dataset drawn_questions(const Dataset& dataset, int64_t count, uint64_t seed);

/// Asks every question of `dataset` and measures. The model must be on `options.device`. Pictures
/// whose regions have no area have nothing to point with and count as without labels. The result
/// does not depend on the batch size but for rounding. `progress` gets a stage named `stage`.
AttentionQuality measure_attention(ModelBundle& bundle, const Dataset& dataset,
                                   const ObjectLabels& labels, const AttentionOptions& options,
                                   Progress& progress, const CancelToken& cancel,
                                   const std::string& stage);

}  // namespace vqalign

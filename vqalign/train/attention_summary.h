#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/core/comparison.h"
#include "vqalign/train/attention_quality.h"

namespace vqalign {

/// The mean of each figure over the questions that have it, by subject.
struct AttentionMeans {
  using Means = std::array<MeanInterval, kAttentionFigures>;  ///< over questions

  std::vector<HeadSite> sites;
  std::vector<std::string> names;  ///< of the subjects
  std::vector<Means> subjects;     ///< RegionSource in its order, then the heads
  /// As eval --alignment has it: the sum over layers and heads of both self-attention families.
  double mmd_total = 0;

  const MeanInterval& mean(std::size_t subject, AttentionFigure figure) const {
    return subjects[subject][static_cast<std::size_t>(figure)];
  }
  /// How many times as much weight lies where it should as chance would put there: the ratio of the
  /// two means. Nothing where there was nothing to point at.
  std::optional<double> pointing_ratio(std::size_t subject) const;
  /// The heads whose pointing ratio is largest, as subjects, the best first; of equals the first.
  std::vector<std::size_t> best_heads(std::size_t count) const;
};
AttentionMeans attention_means(const AttentionQuality& quality);

/// By subject and figure how far a model is above another, over the questions for which both have
/// the figure. The interval is of the paired bootstrap over questions (comparison.h, with the two
/// models as one run each): it tells whether other questions would show the same of these two
/// models, not whether another training would. Nothing of chance's figures and where no question
/// has the figure. The two measured the same questions and have the same heads.
using AttentionDifferences =
    std::vector<std::array<std::optional<PairedDifference>, kAttentionFigures>>;
AttentionDifferences attention_differences(const AttentionQuality& model,
                                           const AttentionQuality& against,
                                           const BootstrapOptions& options);

/// A model with what was measured of it.
struct MeasuredModel {
  std::string name;
  AttentionQuality quality;
  AttentionMeans means;
};

/// What `vqalign attention` tells.
struct AttentionReport {
  std::string data;  ///< the name of the split
  MeasuredModel model;
  std::optional<MeasuredModel> against;
  AttentionDifferences differences;  ///< of model from against; empty without
};

}  // namespace vqalign

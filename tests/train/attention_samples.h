#pragma once

#include <limits>

#include "vqalign/train/attention_summary.h"

namespace vqalign {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

/// Four questions, one of them about nothing and three without occlusion; a head of the words, two
/// of the regions of which the second points better, and a guided one that has no pointing here.
inline AttentionQuality sample_attention() {
  AttentionQuality quality;
  quality.questions = {11, 12, 13, 14};
  quality.occluded = 1;
  quality.about_nothing = 1;
  quality.sites = {{AttentionFamily::kQuestionSelf, 0, 0},
                   {AttentionFamily::kImageSelf, 0, 0},
                   {AttentionFamily::kImageSelf, 0, 1},
                   {AttentionFamily::kGuided, 0, 0}};
  AttentionQuality::Values values;
  values.fill(std::vector<double>(4, kNoValue));
  values[std::size_t(AttentionFigure::kEntropy)] = {0.5, 0.6, 0.7, 0.8};
  quality.subjects.assign(kRegionSources + 4, values);
  for (const std::size_t subject : {0, 1, 2, 4, 5}) {
    AttentionQuality::Values& own = quality.subjects[subject];
    const double better = subject == 5 ? 1.5 : 1;
    own[0] = {better * 0.25, better * 0.5, kNoValue, better * 0.75};
    own[1] = {0.25, 0.25, kNoValue, 0.25};
    own[2] = {1, 0, kNoValue, 1};
    own[3] = {0.5, 0.25, kNoValue, 0.5};
    own[4] = {0.75, kNoValue, kNoValue, kNoValue};
  }
  for (std::size_t head = kRegionSources; head < quality.subjects.size(); ++head) {
    quality.subjects[head][std::size_t(AttentionFigure::kMmd)] = {0.1, 0.1, 0.1, 0.1};
  }
  return quality;
}

/// A report of it, with another model where one is wanted.
inline AttentionReport sample_attention_report(bool two) {
  AttentionReport report;
  report.data = "val2014";
  report.model = {"ct<1>", sample_attention(), attention_means(sample_attention())};
  if (!two) return report;
  report.against = report.model;
  report.against->name = "base";
  report.differences =
      attention_differences(report.model.quality, report.against->quality, {.replicates = 100});
  return report;
}

}  // namespace vqalign

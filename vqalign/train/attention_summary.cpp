#include "vqalign/train/attention_summary.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>

namespace vqalign {
namespace {

constexpr std::array kComparedFigures = {AttentionFigure::kMass, AttentionFigure::kHit,
                                         AttentionFigure::kAgreement, AttentionFigure::kEntropy,
                                         AttentionFigure::kMmd};

/// Figures over the same questions, which share the bootstrap's draws.
struct ComparedGroup {
  std::vector<PairedRuns> runs;
  std::vector<std::pair<std::size_t, AttentionFigure>> places;
};

std::vector<double> chosen(const std::vector<double>& values, const std::vector<bool>& there) {
  std::vector<double> kept;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (there[i]) kept.push_back(values[i]);
  }
  return kept;
}

/// By the questions that both models have a figure for.
std::map<std::vector<bool>, ComparedGroup> groups_of(const AttentionQuality& model,
                                                     const AttentionQuality& against) {
  std::map<std::vector<bool>, ComparedGroup> groups;
  for (std::size_t subject = 0; subject < model.subjects.size(); ++subject) {
    for (const AttentionFigure figure : kComparedFigures) {
      const std::vector<double>& ours = model.values(subject, figure);
      const std::vector<double>& theirs = against.values(subject, figure);
      std::vector<bool> there(ours.size());
      for (std::size_t i = 0; i < ours.size(); ++i) {
        there[i] = !std::isnan(ours[i]) && !std::isnan(theirs[i]);
      }
      if (std::find(there.begin(), there.end(), true) == there.end()) continue;
      ComparedGroup& group = groups[there];
      group.runs.push_back({{{chosen(theirs, there), {}}}, {{chosen(ours, there), {}}}});
      group.places.emplace_back(subject, figure);
    }
  }
  return groups;
}

}  // namespace

std::optional<double> AttentionMeans::pointing_ratio(std::size_t subject) const {
  const double chance = mean(subject, AttentionFigure::kMassByChance).mean;
  if (!(chance > 0)) return std::nullopt;
  return mean(subject, AttentionFigure::kMass).mean / chance;
}

std::vector<std::size_t> AttentionMeans::best_heads(std::size_t count) const {
  std::vector<std::size_t> heads;
  for (std::size_t subject = kRegionSources; subject < subjects.size(); ++subject) {
    if (pointing_ratio(subject)) heads.push_back(subject);
  }
  std::stable_sort(heads.begin(), heads.end(), [this](std::size_t a, std::size_t b) {
    return *pointing_ratio(a) > *pointing_ratio(b);
  });
  heads.resize(std::min(count, heads.size()));
  return heads;
}

AttentionMeans attention_means(const AttentionQuality& quality) {
  AttentionMeans means;
  means.sites = quality.sites;
  means.subjects.resize(quality.subjects.size());
  for (std::size_t subject = 0; subject < quality.subjects.size(); ++subject) {
    means.names.push_back(quality.subject_name(subject));
    for (std::size_t figure = 0; figure < kAttentionFigures; ++figure) {
      std::vector<double> there = quality.subjects[subject][figure];
      std::erase_if(there, [](double value) { return std::isnan(value); });
      means.subjects[subject][figure] = mean_interval(there);
    }
  }
  for (std::size_t site = 0; site < means.sites.size(); ++site) {
    const AttentionFamily family = means.sites[site].family;
    if (family != AttentionFamily::kQuestionSelf && family != AttentionFamily::kImageSelf) continue;
    means.mmd_total += means.mean(quality.subject(site), AttentionFigure::kMmd).mean;
  }
  return means;
}

AttentionDifferences attention_differences(const AttentionQuality& model,
                                           const AttentionQuality& against,
                                           const BootstrapOptions& options) {
  assert(model.sites == against.sites && model.questions == against.questions);
  AttentionDifferences differences(model.subjects.size());
  for (const auto& [questions, group] : groups_of(model, against)) {
    const std::vector<PairedDifference> found = paired_bootstrap(group.runs, options);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto& [subject, figure] = group.places[i];
      differences[subject][static_cast<std::size_t>(figure)] = found[i];
    }
  }
  return differences;
}

}  // namespace vqalign

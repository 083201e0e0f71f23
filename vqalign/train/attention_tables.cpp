#include "vqalign/train/attention_tables.h"

#include <algorithm>
#include <iterator>

#include "vqalign/core/error.h"
#include "vqalign/train/report_parts.h"

namespace vqalign {
namespace {

using detail::html_count;
using detail::html_number;

constexpr std::size_t kBestHeads = 5;

/// How a figure is written: pointing in per cent, the rest as it is.
struct FigureText {
  AttentionFigure figure;
  const char* title;
  double scale;
  int decimals;
};

constexpr FigureText kMassText = {AttentionFigure::kMass, "mass %", 100, 1};
constexpr FigureText kMassChanceText = {AttentionFigure::kMassByChance, "by chance", 100, 1};
constexpr FigureText kHitText = {AttentionFigure::kHit, "hits %", 100, 1};
constexpr FigureText kHitChanceText = {AttentionFigure::kHitByChance, "by chance", 100, 1};
constexpr FigureText kAgreementText = {AttentionFigure::kAgreement, "occlusion", 1, 3};
constexpr FigureText kEntropyText = {AttentionFigure::kEntropy, "entropy", 1, 3};
constexpr FigureText kMmdText = {AttentionFigure::kMmd, "MMD", 1, 4};

std::string mean_text(const AttentionMeans& means, std::size_t subject, const FigureText& text) {
  const MeanInterval& mean = means.mean(subject, text.figure);
  return mean.count == 0 ? "-" : html_number(text.scale * mean.mean, text.decimals);
}

std::string agreement_text(const AttentionMeans& means, std::size_t subject) {
  const MeanInterval& mean = means.mean(subject, AttentionFigure::kAgreement);
  std::string text = mean_text(means, subject, kAgreementText);
  if (mean.half_width) text += " ± " + html_number(*mean.half_width, kAgreementText.decimals);
  return text;
}

std::string ratio_text(const AttentionMeans& means, std::size_t subject) {
  const std::optional<double> ratio = means.pointing_ratio(subject);
  return ratio ? html_number(*ratio, 2) : "-";
}

std::string signed_text(double value, const FigureText& text) {
  const std::string number = html_number(text.scale * value, text.decimals);
  return number.starts_with('-') ? number : "+" + number;
}

std::string difference_text(const std::optional<PairedDifference>& difference,
                            const FigureText& text) {
  if (!difference) return "-";
  return concat(signed_text(difference->difference, text), " (", signed_text(difference->low, text),
                " to ", signed_text(difference->high, text), ")");
}

std::string count_note(const AttentionReport& report) {
  const AttentionQuality& quality = report.model.quality;
  std::string note =
      concat(html_count(std::ssize(quality.questions)), " questions of ", report.data, "; ",
             html_count(quality.pointed()), " with objects to point at");
  if (quality.about_nothing > 0) {
    note += concat(", ", html_count(quality.about_nothing), " about none");
  }
  if (quality.without_labels > 0) {
    note += concat(", ", html_count(quality.without_labels), " without labels");
  }
  if (quality.left_out > 0) {
    note += concat(", ", html_count(quality.left_out), " without words or regions");
  }
  if (quality.occluded > 0) {
    note += concat("; regions taken away in ", html_count(quality.occluded));
  }
  return note + ".";
}

}  // namespace

std::vector<std::size_t> shown_subjects(const AttentionMeans& means) {
  std::vector<std::size_t> subjects(kRegionSources);
  for (std::size_t i = 0; i < kRegionSources; ++i) subjects[i] = i;
  const std::vector<std::size_t> best = means.best_heads(kBestHeads);
  subjects.insert(subjects.end(), best.begin(), best.end());
  return subjects;
}

TextTable attention_table(const MeasuredModel& model) {
  const AttentionMeans& means = model.means;
  const bool pointed = means.mean(0, AttentionFigure::kMass).count > 0;
  const bool occluded = means.mean(0, AttentionFigure::kAgreement).count > 0;
  TextTable table{{model.name}, {}};
  if (pointed) {
    for (const char* title :
         {kMassText.title, kMassChanceText.title, "ratio", kHitText.title, kHitChanceText.title}) {
      table.head.emplace_back(title);
    }
  }
  if (occluded) table.head.emplace_back(kAgreementText.title);
  table.head.emplace_back(kEntropyText.title);
  for (const std::size_t subject : shown_subjects(means)) {
    std::vector<std::string>& row = table.rows.emplace_back(1, means.names[subject]);
    if (pointed) {
      row.push_back(mean_text(means, subject, kMassText));
      row.push_back(mean_text(means, subject, kMassChanceText));
      row.push_back(ratio_text(means, subject));
      row.push_back(mean_text(means, subject, kHitText));
      row.push_back(mean_text(means, subject, kHitChanceText));
    }
    if (occluded) row.push_back(agreement_text(means, subject));
    row.push_back(mean_text(means, subject, kEntropyText));
  }
  return table;
}

TextTable attention_differences_table(const AttentionReport& report) {
  TextTable table;
  if (!report.against) return table;
  table.head = {"against " + report.against->name};
  std::vector<FigureText> columns;
  for (const FigureText& text : {kMassText, kHitText, kAgreementText, kEntropyText, kMmdText}) {
    const auto has = [&text](const auto& subject) {
      return subject[static_cast<std::size_t>(text.figure)].has_value();
    };
    if (!std::any_of(report.differences.begin(), report.differences.end(), has)) continue;
    columns.push_back(text);
    table.head.emplace_back(text.title);
  }
  for (const std::size_t subject : shown_subjects(report.model.means)) {
    std::vector<std::string>& row = table.rows.emplace_back(1, report.model.means.names[subject]);
    for (const FigureText& text : columns) {
      row.push_back(difference_text(
          report.differences[subject][static_cast<std::size_t>(text.figure)], text));
    }
  }
  return table;
}

std::span<const HeadGrid> head_grids() {
  static constexpr auto mean_of = [](const AttentionMeans& means, std::size_t subject,
                                     AttentionFigure figure) -> std::optional<double> {
    const MeanInterval& mean = means.mean(subject, figure);
    return mean.count > 0 ? std::optional(mean.mean) : std::nullopt;
  };
  static constexpr HeadGrid kGrids[] = {
      {"pointing, mass by chance = 1", 2,
       [](const AttentionMeans& means, std::size_t subject) {
         return means.pointing_ratio(subject);
       }},
      {"entropy, all alike = 1", 3,
       [](const AttentionMeans& means, std::size_t subject) {
         return mean_of(means, subject, AttentionFigure::kEntropy);
       }},
      {"MMD of queries and keys", 4,
       [](const AttentionMeans& means, std::size_t subject) {
         return mean_of(means, subject, AttentionFigure::kMmd);
       }},
  };
  return kGrids;
}

std::vector<HeadRow> head_rows(const AttentionMeans& means, const HeadGrid& grid) {
  std::vector<HeadRow> rows;
  for (std::size_t i = 0; i < means.sites.size(); ++i) {
    const std::size_t subject = kRegionSources + i;
    const std::optional<double> value = grid.value(means, subject);
    if (!value) continue;
    const HeadSite& site = means.sites[i];
    const std::string layer = concat(family_name(site.family), ", layer ", site.layer);
    if (rows.empty() || rows.back().layer != layer) rows.push_back({layer, {}});
    rows.back().heads.emplace_back(subject, *value);
  }
  return rows;
}

std::vector<std::string> attention_notes(const AttentionReport& report) {
  std::vector<std::string> notes = {count_note(report)};
  if (report.model.quality.pointed() > 0) {
    notes.emplace_back(
        "mass: the share of the weight that lies on the objects the question speaks of, and what "
        "equal weights would put there; hits: how often the largest weight touches one.");
  } else {
    notes.emplace_back(
        "Nothing tells which objects the questions speak of (scenes_<split>.json), so that "
        "pointing is left out.");
  }
  if (report.model.quality.occluded > 0) {
    notes.emplace_back(
        "occlusion: rank correlation over a picture's regions of the weights with what taking a "
        "region away does to the answer, ± half the 95 % interval.");
  }
  if (report.against) {
    notes.emplace_back(
        "Differences with 95 % intervals by the paired bootstrap over questions: other questions, "
        "not other trainings.");
  }
  return notes;
}

}  // namespace vqalign

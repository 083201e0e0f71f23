#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "vqalign/core/json.h"
#include "vqalign/train/attention_summary.h"
#include "vqalign/train/text_table.h"

namespace vqalign {

/// What tables and charts for people tell of: region pooling, rollout, relevance and the five heads
/// that point best.
std::vector<std::size_t> shown_subjects(const AttentionMeans& means);

/// A row for each of shown_subjects(): mass and hits beside chance
/// (left out where nothing was pointed at), agreement with occlusion (left out where nothing was
/// taken away) and entropy. Shares are per cent.
TextTable attention_table(const MeasuredModel& model);

/// The same subjects' differences with their intervals, "+1.20 (-0.31 to +2.74)".
TextTable attention_differences_table(const AttentionReport& report);

/// What is told of every head, a layer a row.
struct HeadGrid {
  const char* title;
  int decimals;
  /// Nothing where the head does not have it.
  std::optional<double> (*value)(const AttentionMeans& means, std::size_t subject);
};
/// The pointing ratio, entropy and MMD.
std::span<const HeadGrid> head_grids();

/// The heads of a layer that have the grid's value, and their values.
struct HeadRow {
  std::string layer;                                  ///< "guided, layer 2"
  std::vector<std::pair<std::size_t, double>> heads;  ///< subject, value
};
std::vector<HeadRow> head_rows(const AttentionMeans& means, const HeadGrid& grid);

/// Sentences for people: of how many questions, what was left out, what the words mean.
std::vector<std::string> attention_notes(const AttentionReport& report);

/// One row a question and model: question_id, model, and of pooling, rollout and relevance every
/// figure, empty where it is missing. RFC 4180, with line feeds.
std::string attention_csv(const AttentionReport& report);

/// {"split", "model": {"name", "questions", "pointed", "occluded", "without_labels",
/// "about_nothing", "left_out", "mmd_total", "subjects": [{"subject", figure: {"mean", "half_width"
/// or null, "questions"}, .., "ratio"}]}, "against": likewise, "differences": [{"subject", figure:
/// {"difference", "low", "high"}}]}; a figure that no question has is left out. Subjects are
/// "pooling", "rollout", "relevance" and the heads, which have "family", "layer" and "head" too.
Json attention_json(const AttentionReport& report);

}  // namespace vqalign

#include "vqalign/train/attention_page.h"

#include <algorithm>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"
#include "vqalign/train/attention_tables.h"
#include "vqalign/train/report_parts.h"
#include "vqalign/train/report_svg.h"

namespace vqalign {
namespace {

using detail::html_data;
using detail::html_number;

constexpr int kCell = 54;
constexpr int kCellRow = 26;
constexpr int kLayerNames = 190;
constexpr int kGridHead = 44;
/// Text must stay readable on the darkest cell.
constexpr double kDarkestCell = 0.6;

std::vector<const MeasuredModel*> models_of(const AttentionReport& report) {
  std::vector<const MeasuredModel*> models = {&report.model};
  if (report.against) models.push_back(&*report.against);
  return models;
}

std::string tinted_cell(double x, double y, double value, double share, const HeadGrid& grid,
                        const std::string& name) {
  const std::string number = html_number(value, grid.decimals);
  return concat("<g><title>", detail::html_text(name + ": " + number),
                "</title><rect class=\"bar\" fill-opacity=\"", html_number(kDarkestCell * share, 3),
                "\" x=\"", detail::svg_number(x + 1), "\" y=\"", detail::svg_number(y + 1),
                "\" width=\"", kCell - 2, "\" height=\"", kCellRow - 2, "\"/>",
                detail::label("", "middle", x + kCell / 2.0, y + kCellRow / 2.0 + 4, number),
                "</g>\n");
}

/// A layer a row, a head a cell, as dark as its value is large.
std::string heads_chart(const MeasuredModel& model, const std::vector<HeadRow>& rows,
                        const HeadGrid& grid, double largest) {
  std::size_t heads = 0;
  for (const HeadRow& row : rows) heads = std::max(heads, row.heads.size());
  const int width = kLayerNames + kCell * static_cast<int>(heads);
  const int height = kGridHead + kCellRow * static_cast<int>(rows.size()) + 4;
  std::string svg = detail::opening("heads", width, height, grid.title) +
                    detail::label("", "start", 0, 14, model.name);
  for (std::size_t head = 0; head < heads; ++head) {
    svg += detail::label("soft", "middle", kLayerNames + kCell * (static_cast<double>(head) + 0.5),
                         kGridHead - 8, concat("head ", head));
  }
  double y = kGridHead;
  for (const HeadRow& row : rows) {
    svg += detail::label("", "end", kLayerNames - 10, y + kCellRow / 2.0 + 4, row.layer);
    double x = kLayerNames;
    for (const auto& [subject, value] : row.heads) {
      const double share = largest > 0 ? std::clamp(value / largest, 0.0, 1.0) : 0;
      svg += tinted_cell(x, y, value, share, grid, model.means.names[subject]);
      x += kCell;
    }
    y += kCellRow;
  }
  return svg + "</svg>\n";
}

std::string grid_section(const AttentionReport& report, const HeadGrid& grid) {
  double largest = 0;
  std::vector<std::vector<HeadRow>> rows;
  for (const MeasuredModel* model : models_of(report)) {
    rows.push_back(head_rows(model->means, grid));
    for (const HeadRow& row : rows.back()) {
      for (const auto& [subject, value] : row.heads) largest = std::max(largest, value);
    }
  }
  if (rows.front().empty()) return {};
  std::string html = concat("<h2>Heads: ", grid.title, "</h2>\n<div class=\"pair\">\n");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    html += heads_chart(*models_of(report)[i], rows[i], grid, largest);
  }
  return html + "</div>\n";
}

/// Bars of one figure with chance as the mark.
std::string pointing_chart(const MeasuredModel& model, AttentionFigure figure,
                           AttentionFigure chance, const char* name) {
  const AttentionMeans& means = model.means;
  std::vector<detail::ReportBar> bars;
  for (const std::size_t subject : shown_subjects(means)) {
    const MeanInterval& mean = means.mean(subject, figure);
    if (mean.count == 0) continue;
    bars.push_back({means.names[subject], static_cast<int64_t>(mean.count), 100 * mean.mean,
                    100 * means.mean(subject, chance).mean});
  }
  return detail::bar_chart(bars, concat(model.name, ": ", name, " in percent"),
                           {.bar = name, .mark = "chance"});
}

std::string pointing_section(const AttentionReport& report) {
  if (report.model.quality.pointed() == 0) return {};
  std::string html =
      "<h2>Pointing</h2>\n<p>The share of the weight that lies on the objects the question speaks "
      "of, and how often the largest weight touches one. The upright mark is what equal weights "
      "would get. Of the heads those that point best are shown.</p>\n";
  for (const MeasuredModel* model : models_of(report)) {
    html += "<p>" + html_data(model->name) + "</p>\n" +
            pointing_chart(*model, AttentionFigure::kMass, AttentionFigure::kMassByChance, "mass") +
            pointing_chart(*model, AttentionFigure::kHit, AttentionFigure::kHitByChance, "hits");
  }
  return html;
}

}  // namespace

void write_attention_page(const std::filesystem::path& path, const AttentionReport& report) {
  const bool two = report.against.has_value();
  std::string html =
      detail::report_head("Attention of " + report.model.name +
                          (two ? " against " + report.against->name : "") + " on " + report.data);
  for (const MeasuredModel* model : models_of(report)) {
    html += detail::html_table(attention_table(*model));
  }
  for (const std::string& note : attention_notes(report)) {
    html += "<p>" + detail::html_text(note) + "</p>\n";
  }
  if (two) {
    html += "<h2>Differences</h2>\n" + detail::html_table(attention_differences_table(report));
  }
  html += pointing_section(report);
  for (const HeadGrid& grid : head_grids()) html += grid_section(report, grid);
  write_file_atomic(path, html + detail::report_foot());
}

}  // namespace vqalign

// results.html
#include "vqalign/core/error.h"
#include "vqalign/train/experiment/plots.h"
#include "vqalign/train/report_parts.h"

namespace vqalign {
namespace {

using detail::html_data;
using detail::html_text;

std::string comparison_section(const TableHead& head, const ExperimentSummary& summary) {
  const TextTable table = comparison_table(head, summary);
  if (table.rows.empty()) return {};
  return "<h2>Against " + html_data(head.spec->base) + "</h2>\n" + detail::html_table(table);
}

std::string runs_section(const ExperimentSummary& summary) {
  const TextTable table = runs_table(summary);
  std::string html =
      "<h2>Runs</h2>\n<p>Each folder holds the run's spec, its log with the commands, "
      "its model, and what it made of every question.</p>\n"
      "<div class=\"scroll\"><table><thead><tr><th>" +
      table.head[0] + "</th><th>" + table.head[1] + "</th><th class=\"number\">" + table.head[2] +
      "</th><th>" + table.head[3] + "</th></tr></thead><tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    const std::string folder = html_text(row[0]);
    html += concat("<tr><td><a href=\"", folder, "/\">", folder, "</a></td><td>", row[1],
                   "</td><td class=\"number\">", row[2], "</td><td>", html_data(row[3]),
                   "</td></tr>\n");
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace

std::string results_page(const TableHead& head, const ExperimentSummary& summary) {
  std::string html =
      detail::report_head(head.spec->name) + detail::html_table(figures_table(summary));
  for (const std::string& note : table_notes(head, summary)) {
    html += "<p>" + html_text(note) + "</p>\n";
  }
  html += comparison_section(head, summary) + "<h2>Plots</h2>\n";
  for (const Figure& figure : experiment_figures()) {
    if (!summary.has(figure)) continue;
    html += "<div class=\"scroll\">" + figure_plot(figure, summary) + "</div>\n";
  }
  return html + runs_section(summary) + detail::report_foot();
}

}  // namespace vqalign

// results.html
#include "vqalign/core/error.h"
#include "vqalign/train/experiment/plots.h"
#include "vqalign/train/report_parts.h"

namespace vqalign {
namespace {

using detail::html_data;
using detail::html_number;
using detail::html_text;

/// "<td class=..>" and its like; the first of a row is text, the others are numbers.
std::string page_row(const char* tag, const std::vector<std::string>& cells) {
  std::string row = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    row += concat("<", tag, i == 0 ? "" : " class=\"number\"", ">", html_text(cells[i]), "</", tag,
                  ">");
  }
  return row + "</tr>\n";
}

std::string page_table(const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows) {
  std::string html =
      "<div class=\"scroll\"><table><thead>" + page_row("th", head) + "</thead><tbody>\n";
  for (const auto& row : rows) html += page_row("td", row);
  return html + "</tbody></table></div>\n";
}

/// The columns of a table: those that were measured, of questions only or all.
std::vector<const Figure*> measured(const ExperimentSummary& summary, bool of_questions) {
  std::vector<const Figure*> columns;
  for (const Figure& figure : experiment_figures()) {
    if (summary.has(figure) && (!of_questions || *figure.questions)) columns.push_back(&figure);
  }
  return columns;
}

std::string figures_section(const ExperimentSummary& summary) {
  const std::vector<const Figure*> columns = measured(summary, false);
  std::vector<std::string> head = {"setting"};
  for (const Figure* figure : columns) head.emplace_back(figure->title);
  head.emplace_back("seeds");
  std::vector<std::vector<std::string>> rows;
  for (const SettingSummary& setting : summary.settings) {
    std::vector<std::string>& row = rows.emplace_back(1, setting.name);
    for (const Figure* figure : columns) {
      const auto found = setting.figures.find(figure->key);
      row.push_back(
          figure_text(*figure, found == setting.figures.end() ? nullptr : &found->second));
    }
    row.push_back(concat(setting.finished, " of ", setting.runs));
  }
  return page_table(head, rows);
}

std::string comparison_section(const TableHead& head, const ExperimentSummary& summary) {
  const std::vector<const Figure*> columns = measured(summary, true);
  std::vector<std::string> names = {"against " + head.spec->base};
  for (const Figure* figure : columns) names.emplace_back(figure->title);
  std::vector<std::vector<std::string>> rows;
  for (const SettingSummary& setting : summary.settings) {
    if (setting.against_base.empty()) continue;
    std::vector<std::string>& row = rows.emplace_back(1, setting.name);
    for (const Figure* figure : columns) {
      const auto found = setting.against_base.find(figure->key);
      row.push_back(
          comparison_text(*figure, found == setting.against_base.end() ? nullptr : &found->second));
    }
  }
  if (rows.empty()) return {};
  return "<h2>Against " + html_data(head.spec->base) + "</h2>\n" + page_table(names, rows);
}

std::string runs_section(const ExperimentSummary& summary) {
  std::string html =
      "<h2>Runs</h2>\n<p>Each folder holds the run's spec, its log with the commands, "
      "its model, and what it made of every question.</p>\n"
      "<div class=\"scroll\"><table><thead><tr><th>run</th><th>state</th>"
      "<th class=\"number\">accuracy %</th><th>model's SHA-256, or why it failed</th>"
      "</tr></thead><tbody>\n";
  for (const RunRecord& run : summary.runs) {
    const auto accuracy = run.figures.find("accuracy");
    const std::string folder = html_text("runs/" + run.plan.name());
    html += concat(
        "<tr><td><a href=\"", folder, "/\">", folder, "</a></td><td>", state_text(run),
        "</td><td class=\"number\">",
        accuracy == run.figures.end() ? "" : html_number(accuracy->second), "</td><td>",
        html_data(run.finished ? run.result.at("model").at("sha256").as_string() : run.failure),
        "</td></tr>\n");
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace

std::string results_page(const TableHead& head, const ExperimentSummary& summary) {
  std::string html = detail::report_head(head.spec->name) + figures_section(summary);
  for (const std::string& note : table_notes(head, summary)) {
    html += "<p>" + html_text(note) + "</p>\n";
  }
  html += comparison_section(head, summary) + "<h2>Plots</h2>\n";
  for (const Figure* figure : measured(summary, false)) {
    html += "<div class=\"scroll\">" + figure_plot(*figure, summary) + "</div>\n";
  }
  return html + runs_section(summary) + detail::report_foot();
}

}  // namespace vqalign

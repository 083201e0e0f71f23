#include "vqalign/bench/report.h"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>

namespace vqalign {
namespace {

std::string formatted(const char* format, int digits, double value) {
  char text[400];
  std::snprintf(text, sizeof text, format, digits, value);
  return text;
}

Json significant(const Json& value) {
  if (value.is_int() || !value.is_number()) return value;
  return std::strtod(formatted("%.*g", 6, value.as_double()).c_str(), nullptr);
}

std::string cell_text(const Json& value, int decimals) {
  if (value.is_null()) return "-";
  if (value.is_string()) return value.as_string();
  if (value.is_int()) return value.dump();
  return formatted("%.*f", decimals, value.as_double());
}

std::string aligned(const std::string& text, std::size_t width, bool right) {
  const std::string blanks(width - std::min(width, text.size()), ' ');
  return right ? blanks + text : text + blanks;
}

std::string line_of(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() ? "" : "  ") + cell;
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string setting_line(const std::string& benchmark, const Json& setting) {
  std::string line;
  if (!setting.is_null()) {
    for (const auto& [name, value] : setting.as_object()) {
      line += (line.empty() ? "" : ", ") + name + " " + cell_text(significant(value), 2);
    }
  }
  return benchmark + (line.empty() ? "" : ": " + line) + "\n";
}

}  // namespace

Report::Report(std::string benchmark, Json setting, std::vector<ReportColumn> columns)
    : benchmark_(std::move(benchmark)),
      setting_(std::move(setting)),
      columns_(std::move(columns)) {}

void Report::add(std::vector<Json> values) {
  assert(values.size() == columns_.size());
  rows_.push_back(std::move(values));
}

Json Report::to_json() const {
  Json document = Json::object().set("benchmark", benchmark_);
  if (!setting_.is_null()) {
    for (const auto& [name, value] : setting_.as_object()) document.set(name, significant(value));
  }
  Json rows = Json::array();
  for (const std::vector<Json>& values : rows_) {
    Json row = Json::object();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      row.set(columns_[c].key, significant(values[c]));
    }
    rows.push(std::move(row));
  }
  return document.set("rows", std::move(rows));
}

std::string Report::to_text() const {
  std::vector<std::vector<std::string>> lines(rows_.size() + 1);
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const ReportColumn& column = columns_[c];
    const bool numbers = std::any_of(rows_.begin(), rows_.end(),
                                     [&](const auto& row) { return row[c].is_number(); });
    std::size_t width = column.heading.size();
    for (const auto& row : rows_) {
      width = std::max(width, cell_text(row[c], column.decimals).size());
    }
    lines[0].push_back(aligned(column.heading, width, numbers));
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      lines[r + 1].push_back(aligned(cell_text(rows_[r][c], column.decimals), width, numbers));
    }
  }
  std::string text = setting_line(benchmark_, setting_);
  for (const auto& cells : lines) text += line_of(cells);
  return text;
}

}  // namespace vqalign

#include "vqalign/cli/text_output.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <vector>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr std::size_t kLineWidth = 98;
constexpr std::size_t kLongestList = 12;

/// Names and percentages, down the columns.
std::string columns_text(const std::map<std::string, double>& accuracies) {
  std::size_t widest = 12;
  std::vector<std::pair<std::string, double>> cells(accuracies.begin(), accuracies.end());
  for (auto& [name, value] : cells) {
    name = type_text(name);
    widest = std::max(widest, name.size());
  }
  const std::size_t cell = widest + 12;
  const std::size_t columns = std::max<std::size_t>(1, kLineWidth / cell);
  const std::size_t rows = (cells.size() + columns - 1) / columns;
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    std::string line;
    for (std::size_t i = row; i < cells.size(); i += rows) {
      line += "  " + padded(cells[i].first, widest) + "  " +
              right_aligned(fixed_text(cells[i].second, 2), 6) + "  ";
    }
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  return text;
}

std::string value_text(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_null()) return "-";
  if (value.is_array() && value.as_array().size() > kLongestList) {
    return concat("a list of ", value.as_array().size());
  }
  return value.dump();
}

void append_members(std::string& text, const Json& object, const std::string& indent) {
  std::size_t widest = 0;
  for (const auto& [name, value] : object.as_object()) {
    if (!value.is_object()) widest = std::max(widest, name.size());
  }
  for (const auto& [name, value] : object.as_object()) {
    if (value.is_object()) {
      text += indent + name + "\n";
      append_members(text, value, indent + "  ");
    } else {
      text += indent + padded(name, widest + 2) + value_text(value) + "\n";
    }
  }
}

/// Continuation bytes of UTF-8 take no place of their own.
std::size_t shown_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string padded(std::string text, std::size_t width) {
  const std::size_t shown = shown_width(text);
  if (shown < width) text.append(width - shown, ' ');
  return text;
}

std::string type_text(const std::string& name) {
  return name.empty() ? "(none)" : one_line(name);
}

std::string right_aligned(const std::string& text, std::size_t width) {
  const std::size_t shown = shown_width(text);
  return std::string(shown < width ? width - shown : 0, ' ') + text;
}

std::string table_text(const TextTable& table) {
  std::vector<std::vector<std::string>> rows = {table.head};
  rows.insert(rows.end(), table.rows.begin(), table.rows.end());
  std::vector<std::size_t> widths(table.head.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], shown_width(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    text += padded(row[0], widths[0]);
    for (std::size_t i = 1; i < row.size(); ++i) text += "  " + right_aligned(row[i], widths[i]);
    text += "\n";
  }
  return text;
}

std::string score_text(const Score& score) {
  std::string text = "overall         " + fixed_text(score.overall, 2) + " %  of " +
                     count_text(score.questions, "question") + "\n";
  if (score.exact_match) text += "exact match     " + fixed_text(*score.exact_match, 2) + " %\n";
  const std::string by = score.only_exact() ? ", exact match\n" : "\n";
  text += "answer type" + by + columns_text(score.shown_answer_types());
  text += "question type" + by + columns_text(score.shown_question_types());
  return text;
}

std::string object_text(const Json& object) {
  std::string text;
  append_members(text, object, "");
  return text;
}

double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

std::string fixed_text(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

std::string count_text(int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace vqalign

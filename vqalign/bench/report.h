#pragma once

#include <string>
#include <vector>

#include "vqalign/core/json.h"

namespace vqalign {

/// A column of a report: its member's name in JSON, its heading for people, and how many decimals
/// numbers have there.
struct ReportColumn {
  std::string key;
  std::string heading;
  int decimals = 0;
};

/// What a benchmark found out: the setting it ran in and a table.
class Report {
 public:
  /// `setting`: an object, or null.
  Report(std::string benchmark, Json setting, std::vector<ReportColumn> columns);

  /// One value a column: a string, a number, or null where there is nothing to say.
  void add(std::vector<Json> values);

  /// {"benchmark": NAME, the setting's members, "rows": [{column: value, ..}, ..]}; doubles keep
  /// six significant digits.
  Json to_json() const;

  /// A line with the setting, the headings, a line a row; texts flush left, numbers flush right.
  std::string to_text() const;

 private:
  std::string benchmark_;
  Json setting_;
  std::vector<ReportColumn> columns_;
  std::vector<std::vector<Json>> rows_;
};

}  // namespace vqalign

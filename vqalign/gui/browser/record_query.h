#pragma once

#include <Qt>
#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/gui/browser/record_table.h"

namespace vqalign {

/// The table's columns, in their order.
enum RecordColumn {
  kPictureColumn,
  kQuestionColumn,
  kAnswerColumn,
  kConfidenceColumn,
  kTruthColumn,
  kRightColumn,
  kAnswerTypeColumn,
  kQuestionTypeColumn,
  kQuestionIdColumn,
  kRecordColumns,  ///< how many there are
};

/// How good an answer is: accuracy 1, 0 or between.
enum class Rightness { kAny, kRight, kPartly, kWrong };

/// Which rows are shown; by default all. Rows of which a thing is not known pass only filters that
/// do not ask for it.
struct RecordFilter {
  std::string text = {};  ///< words, each of which is in the question, the answer or the truth
  Rightness rightness = Rightness::kAny;
  std::string answer_type = {};    ///< empty: any
  std::string question_type = {};  ///< empty: any
  int confidence_from = 0;         ///< percent, inclusive
  int confidence_to = 100;         ///< percent, inclusive

  bool operator==(const RecordFilter&) const = default;
};

/// The rows of `order` that pass, in its order.
std::vector<uint32_t> passing_rows(const RecordSet& set, const std::vector<uint32_t>& order,
                                   const RecordFilter& filter);

/// All rows sorted by a column, equals in file order; rows where it is not known come last either
/// way. A column that is none gives file order; pictures sort by image id.
std::vector<uint32_t> sorted_rows(const RecordSet& set, int column, Qt::SortOrder order);

}  // namespace vqalign

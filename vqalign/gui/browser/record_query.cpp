#include "vqalign/gui/browser/record_query.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>
#include <utility>

#include "vqalign/core/unicode.h"

namespace vqalign {
namespace {

constexpr uint64_t kSignBit = uint64_t{1} << 63;

using SortKey = std::optional<uint64_t>;

SortKey rank_key(const TextPool& pool, TextPool::Code code) {
  if (code == TextPool::kEmpty) return std::nullopt;
  return pool.ranks()[code];
}

/// Doubles from 0 on compare as their bits do.
SortKey share_key(double share) {
  if (share < 0) return std::nullopt;
  return std::bit_cast<uint64_t>(share);
}

SortKey id_key(int64_t id) {
  return static_cast<uint64_t>(id) ^ kSignBit;
}

SortKey sort_key(const RecordSet& set, const Record& row, int column) {
  switch (column) {
    case kPictureColumn:
      return id_key(row.image_id);
    case kQuestionColumn:
      return rank_key(set.questions, row.question);
    case kAnswerColumn:
      return rank_key(set.answers, row.answer);
    case kConfidenceColumn:
      return share_key(row.confidence);
    case kTruthColumn:
      return rank_key(set.answers, row.truth);
    case kRightColumn:
      return share_key(row.accuracy);
    case kAnswerTypeColumn:
      return rank_key(set.types, row.answer_type);
    case kQuestionTypeColumn:
      return rank_key(set.types, row.question_type);
    default:
      return id_key(row.question_id);
  }
}

bool has_rightness(double accuracy, Rightness wanted) {
  switch (wanted) {
    case Rightness::kAny:
      return true;
    case Rightness::kRight:
      return accuracy >= 1;
    case Rightness::kWrong:
      return accuracy == 0;
    case Rightness::kPartly:
      return accuracy > 0 && accuracy < 1;
  }
  return true;
}

}  // namespace

std::vector<uint32_t> passing_rows(const RecordSet& set, const std::vector<uint32_t>& order,
                                   const RecordFilter& filter) {
  const double from = filter.confidence_from / 100.0;
  const double to = filter.confidence_to / 100.0;
  const bool any_confidence = filter.confidence_from <= 0 && filter.confidence_to >= 100;
  std::vector<uint32_t> passing;
  passing.reserve(order.size());
  for (const uint32_t i : order) {
    const Record& row = set.rows[i];
    if (!has_rightness(row.accuracy, filter.rightness)) continue;
    if (!any_confidence && !(row.confidence >= from && row.confidence <= to)) continue;
    if (!filter.answer_type.empty() && set.types.text(row.answer_type) != filter.answer_type) {
      continue;
    }
    if (!filter.question_type.empty() &&
        set.types.text(row.question_type) != filter.question_type) {
      continue;
    }
    passing.push_back(i);
  }
  for_each_word(lower_case(filter.text), [&](std::string_view word) {
    const std::vector<char> questions = set.questions.holding(word);
    const std::vector<char> answers = set.answers.holding(word);
    std::erase_if(passing, [&](uint32_t i) {
      const Record& row = set.rows[i];
      return !questions[row.question] && !answers[row.answer] && !answers[row.truth];
    });
  });
  return passing;
}

std::vector<uint32_t> sorted_rows(const RecordSet& set, int column, Qt::SortOrder order) {
  std::vector<uint32_t> rows(set.rows.size());
  std::iota(rows.begin(), rows.end(), 0u);
  if (column < 0 || column >= kRecordColumns) return rows;
  // Keys stand beside the row numbers, so that sorting does not jump about in memory.
  std::vector<std::pair<uint64_t, uint32_t>> known;
  std::vector<uint32_t> unknown;
  known.reserve(rows.size());
  for (const uint32_t i : rows) {
    if (const SortKey key = sort_key(set, set.rows[i], column)) {
      known.emplace_back(order == Qt::AscendingOrder ? *key : ~*key, i);
    } else {
      unknown.push_back(i);
    }
  }
  std::sort(known.begin(), known.end());
  const auto take_row = [](const auto& keyed) { return keyed.second; };
  const auto end = std::transform(known.begin(), known.end(), rows.begin(), take_row);
  std::copy(unknown.begin(), unknown.end(), end);
  return rows;
}

}  // namespace vqalign

// Filters and sorts against brute force, in the words of the header.
#include <QElapsedTimer>
#include <algorithm>
#include <cstdio>
#include <random>
#include <sstream>

#include "tests/gui/browser_test_support.h"
#include "vqalign/gui/browser/filter_history.h"
#include "vqalign/gui/browser/record_model.h"

namespace vqalign::test {
namespace {

const std::vector<std::string> kVocabulary = {"what", "Is",    "the",   "COLOUR", "of", "Ball",
                                              "dog",  "Äpfel", "zebra", "how",    "2",  "many"};

std::string random_text(std::mt19937& random, int most_words) {
  std::string text;
  for (int words = static_cast<int>(random() % (most_words + 1)); words > 0; --words) {
    text += (text.empty() ? "" : " ") + kVocabulary[random() % kVocabulary.size()];
  }
  return text;
}

RecordSet random_records(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  RecordSet set;
  set.rows.resize(count);
  const auto share = [&] { return random() % 4 == 0 ? -1.0 : random() % 101 / 100.0; };
  for (Record& row : set.rows) {
    row.question_id = static_cast<int64_t>(random()) - (int64_t{1} << 31);
    row.image_id = static_cast<int64_t>(random() % (count / 3 + 1));
    row.question = set.questions.add(random_text(random, 9));
    row.truth = set.answers.add(random_text(random, 1));
    row.answer = set.answers.add(random_text(random, 2));
    row.answer_type = set.types.add(random() % 2 ? "yes/no" : "other");
    row.question_type = set.types.add(random() % 3 ? "what" : "how many");
    row.confidence = share();
    row.accuracy = random() % 3 ? share() : static_cast<double>(random() % 2);
  }
  return set;
}

std::string ascii_lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  // The one capital beyond ASCII that kVocabulary has.
  for (std::size_t at; (at = text.find("Ä")) != std::string::npos;) text.replace(at, 2, "ä");
  return text;
}

bool passes(const RecordSet& set, const Record& row, const RecordFilter& filter) {
  std::istringstream words(ascii_lower(filter.text));
  for (std::string word; words >> word;) {
    const std::string all = ascii_lower(set.questions.text(row.question)) + "\n" +
                            ascii_lower(set.answers.text(row.answer)) + "\n" +
                            ascii_lower(set.answers.text(row.truth));
    if (all.find(word) == std::string::npos) return false;
  }
  const double a = row.accuracy;
  if (filter.rightness == Rightness::kRight && a != 1) return false;
  if (filter.rightness == Rightness::kWrong && a != 0) return false;
  if (filter.rightness == Rightness::kPartly && (a <= 0 || a == 1)) return false;
  if (filter.answer_type != "" && set.types.text(row.answer_type) != filter.answer_type) {
    return false;
  }
  if (filter.question_type != "" && set.types.text(row.question_type) != filter.question_type) {
    return false;
  }
  if (filter.confidence_from == 0 && filter.confidence_to == 100) return true;
  if (row.confidence < 0) return false;
  const long percent = std::lround(100 * row.confidence);
  return percent >= filter.confidence_from && percent <= filter.confidence_to;
}

std::vector<uint32_t> brute_force(const RecordSet& set, const RecordFilter& filter) {
  std::vector<uint32_t> rows;
  for (uint32_t i = 0; i < set.rows.size(); ++i) {
    if (passes(set, set.rows[i], filter)) rows.push_back(i);
  }
  return rows;
}

std::vector<RecordFilter> some_filters() {
  std::vector<RecordFilter> filters = {
      {},
      {.text = "ball"},
      {.text = " IS  äpf "},
      {.text = "dog zebra how"},
      {.text = "nowhere"},
      {.rightness = Rightness::kRight},
      {.rightness = Rightness::kWrong, .answer_type = "yes/no"},
      {.rightness = Rightness::kPartly, .question_type = "how many"},
      {.confidence_from = 30, .confidence_to = 57},
      {.confidence_from = 100, .confidence_to = 100},
      {.confidence_to = 0},
      {.question_type = "no such type"},
      {.text = "2", .rightness = Rightness::kWrong, .answer_type = "other", .confidence_from = 50},
  };
  return filters;
}

/// Whether `b` may not stand before `a`; unknown values last either way.
template <typename Value>
bool in_order(const Value& a, const Value& b, const Value& unknown, bool ascending) {
  if (a == unknown || b == unknown) return b == unknown;
  return ascending ? a <= b : b <= a;
}

void expect_sorted(const RecordSet& set, const std::vector<uint32_t>& rows, int column,
                   bool ascending) {
  ASSERT_EQ(rows.size(), set.rows.size());
  std::vector<uint32_t> all = rows;
  std::sort(all.begin(), all.end());
  for (uint32_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], i);
  const auto text = [](const TextPool& pool, TextPool::Code code) {
    return ascii_lower(pool.text(code)) + (code ? "\n" + pool.text(code) : "");
  };
  const auto fits = [&](const Record& a, const Record& b) {
    const std::string none;
    switch (column) {
      case kPictureColumn:
        return in_order(a.image_id, b.image_id, int64_t{-1}, ascending);
      case kQuestionColumn:
        return in_order(text(set.questions, a.question), text(set.questions, b.question), none,
                        ascending);
      case kAnswerColumn:
        return in_order(text(set.answers, a.answer), text(set.answers, b.answer), none, ascending);
      case kConfidenceColumn:
        return in_order(a.confidence, b.confidence, -1.0, ascending);
      case kTruthColumn:
        return in_order(text(set.answers, a.truth), text(set.answers, b.truth), none, ascending);
      case kRightColumn:
        return in_order(a.accuracy, b.accuracy, -1.0, ascending);
      case kAnswerTypeColumn:
        return in_order(text(set.types, a.answer_type), text(set.types, b.answer_type), none,
                        ascending);
      case kQuestionTypeColumn:
        return in_order(text(set.types, a.question_type), text(set.types, b.question_type), none,
                        ascending);
      default:
        return in_order(a.question_id, b.question_id, std::numeric_limits<int64_t>::min(),
                        ascending);
    }
  };
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const Record& a = set.rows[rows[i - 1]];
    const Record& b = set.rows[rows[i]];
    ASSERT_TRUE(fits(a, b)) << "column " << column << ", row " << i;
    if (fits(b, a)) {
      ASSERT_LT(rows[i - 1], rows[i]) << "column " << column << ": equals in file order";
    }
  }
}

TEST(BrowserQuery, FiltersAsBruteForceDoes) {
  const RecordSet set = random_records(3000, 1);
  const std::vector<uint32_t> order = sorted_rows(set, -1, Qt::AscendingOrder);
  int found_some = 0;
  for (const RecordFilter& filter : some_filters()) {
    const std::vector<uint32_t> wanted = brute_force(set, filter);
    EXPECT_EQ(passing_rows(set, order, filter), wanted) << filter.text;
    found_some += !wanted.empty() && wanted.size() < set.rows.size();
  }
  EXPECT_GE(found_some, 8);
}

TEST(BrowserQuery, SortsEveryColumnBothWays) {
  for (const std::size_t count : {0, 1, 2, 2000}) {
    const RecordSet set = random_records(count, 2);
    for (int column = 0; column < kRecordColumns; ++column) {
      expect_sorted(set, sorted_rows(set, column, Qt::AscendingOrder), column, true);
      expect_sorted(set, sorted_rows(set, column, Qt::DescendingOrder), column, false);
    }
  }
}

TEST(BrowserQuery, FindsAnswersThatCameLater) {
  RecordModel model;
  model.set_records(random_records(50, 3));
  model.set_filter({.text = "unheard"});
  EXPECT_EQ(model.rowCount(), 0);
  model.replace_answers({{7, "Unheard of", 0.5, 0.25, ""}});
  EXPECT_EQ(model.shown(), std::vector<uint32_t>{7});
  EXPECT_EQ(model.summary().scored, 1u);
  EXPECT_EQ(model.summary().accuracy, 0.25);
  model.set_filter({});
  model.sort(kAnswerColumn);
  EXPECT_EQ(model.shown()[0], 7u);
  EXPECT_EQ(model.row_of(7), 0);
  EXPECT_EQ(model.row_of(50), -1);
}

TEST(BrowserQuery, TwoHundredThousandRows) {
  RecordModel model;
  QElapsedTimer clock;
  model.set_records(random_records(200'000, 4));
  model.records().questions.ranks();
  double slowest_filter = 0, slowest_sort = 0;
  const auto milliseconds = [&] { return static_cast<double>(clock.nsecsElapsed()) / 1e6; };
  for (const RecordFilter& filter : some_filters()) {
    clock.start();
    model.set_filter(filter);
    slowest_filter = std::max(slowest_filter, milliseconds());
    ASSERT_EQ(model.shown(), brute_force(model.records(), filter));
  }
  model.set_filter({});
  for (int column = 0; column < kRecordColumns; ++column) {
    clock.start();
    model.sort(column, Qt::DescendingOrder);
    slowest_sort = std::max(slowest_sort, milliseconds());
    expect_sorted(model.records(), model.shown(), column, false);
  }
  std::printf("200,000 rows, %zu different questions: slowest filter %.1f ms, sort %.1f ms\n",
              model.records().questions.size(), slowest_filter, slowest_sort);
}

TEST(BrowserHistory, GoesBackAndForward) {
  FilterHistory history;
  EXPECT_FALSE(history.undo());
  const RecordFilter wrong{.rightness = Rightness::kWrong};
  RecordFilter typed = wrong;
  history.push(wrong);
  for (const char* text : {"d", "do", "dog"}) {
    typed.text = text;
    history.push(typed);
  }
  RecordFilter typed_on = typed;
  typed_on.text = "dog ball";
  history.settle();
  history.push(typed_on);
  EXPECT_EQ(history.undo(), typed);
  EXPECT_EQ(history.undo(), wrong);
  EXPECT_EQ(history.undo(), RecordFilter());
  EXPECT_FALSE(history.undo());
  EXPECT_EQ(history.redo(), wrong);
  EXPECT_EQ(history.redo(), typed);
  history.undo();
  history.push({.answer_type = "other"});
  EXPECT_FALSE(history.redo());
  EXPECT_EQ(history.undo(), wrong);
}

}  // namespace
}  // namespace vqalign::test

#include <QString>

#include "tests/gui/browser_test_support.h"
#include "vqalign/data/accuracy.h"
#include "vqalign/gui/browser/record_csv.h"

namespace vqalign::test {
namespace {

const CancelToken kNeverCancelled;

TEST(BrowserRecords, HoldsWhatTheFilesHold) {
  const BrowserData data;
  const RecordSet set = load_records(data.source(), data.results_file(), kNeverCancelled);
  ASSERT_EQ(set.rows.size(), std::size_t{kBrowserRows});
  const std::vector<Result> results = data.results();
  double sum = 0;
  for (std::size_t i = 0; i < set.rows.size(); ++i) {
    const Record& row = set.rows[i];
    EXPECT_EQ(row.question_id, data.questions[i].question_id);
    EXPECT_EQ(row.image_id, data.questions[i].image_id);
    EXPECT_EQ(set.questions.text(row.question), data.questions[i].question);
    EXPECT_EQ(set.answers.text(row.answer), results[i].answer);
    EXPECT_EQ(set.answers.text(row.truth), data.annotations[i].multiple_choice_answer);
    EXPECT_EQ(set.types.text(row.answer_type), data.annotations[i].answer_type);
    EXPECT_EQ(row.confidence, -1);
    EXPECT_EQ(set.picture(i)->filename(),
              data.picture_name(static_cast<int>(data.questions[i].image_id)));
    sum += row.accuracy;
  }
  // By hand: "yes" of ten is 1; "red" of seven is 1; "dark red" of three has two others for the
  // three who said so, (3 * 2/3 + 7 * 1) / 10.
  EXPECT_DOUBLE_EQ(set.rows[0].accuracy, 1);
  EXPECT_DOUBLE_EQ(set.rows[1].accuracy, 1);
  EXPECT_DOUBLE_EQ(set.rows[2].accuracy, 0.9);
  const Score score =
      score_results(results, data.annotations, Metric::kOfficial, "results", "annotations");
  EXPECT_NEAR(100 * sum / kBrowserRows, score.overall, 0.005);
  EXPECT_EQ(set.answer_types, (std::vector<std::string>{"other", "yes/no"}));
  EXPECT_EQ(set.question_types, std::vector<std::string>{"what"});
  EXPECT_EQ(set.notice, "");
}

TEST(BrowserRecords, DoesWithoutAnnotations) {
  const BrowserData data;
  std::filesystem::remove(data.folder / "v2_mscoco_val2014_annotations.json");
  const RecordSet set = load_records(data.source(), data.results_file(), kNeverCancelled);
  ASSERT_EQ(set.rows.size(), std::size_t{kBrowserRows});
  EXPECT_EQ(set.answers.text(set.rows[1].answer), "red");
  EXPECT_EQ(set.rows[1].accuracy, -1);
  EXPECT_EQ(set.rows[1].truth, TextPool::kEmpty);
  EXPECT_TRUE(set.answer_types.empty());
}

TEST(BrowserRecords, TellsOfMissingPicturesButGoesOn) {
  const BrowserData data;
  std::filesystem::remove(data.folder / ("val2014/" + data.picture_name(3)));
  const RecordSet some = load_records(data.source(), {}, kNeverCancelled);
  EXPECT_EQ(some.notice,
            "3 of 60 questions of val2014 lack their picture, the first is question 103 (image 3)");
  EXPECT_EQ(some.picture(3), nullptr);
  EXPECT_NE(some.picture(4), nullptr);
  std::filesystem::remove_all(data.folder / "val2014");
  const RecordSet none = load_records(data.source(), {}, kNeverCancelled);
  EXPECT_EQ(none.rows.size(), std::size_t{kBrowserRows});
  EXPECT_EQ(none.notice.substr(0, 9), "60 of 60 ");
}

TEST(BrowserRecords, ResultsOfAnotherDataset) {
  const BrowserData data;
  const auto load = [&](const std::string& json) {
    const auto file = data.folder.write("other.json", json);
    return error_of([&] { load_records(data.source(), file, kNeverCancelled); }, file);
  };
  EXPECT_EQ(load(R"([{"question_id": 100, "answer": "a"}, {"question_id": 7, "answer": "b"},
                     {"question_id": 8, "answer": "c"}])"),
            ": question 7 is not in val2014 (2 of 3 answers are to other questions)");
  EXPECT_EQ(load("[]"), ": holds no answer");
  EXPECT_NE(load(R"([{"question_id": 100}])").find("\"answer\" is missing"), std::string::npos);
  EXPECT_NE(load(R"({"questions": []})").find("expected an array"), std::string::npos);
  EXPECT_NE(load("").size(), 0u);
  error_of([&] { load_records(data.source(), data.folder / "none.json", kNeverCancelled); },
           data.folder / "none.json");
}

TEST(BrowserRecords, SomeAnswersAndTwoToOneQuestion) {
  const BrowserData data;
  const auto file = data.folder.write("some.json", R"([{"question_id": 101, "answer": "blue"},
      {"question_id": 101, "answer": "red"}])");
  const RecordSet set = load_records(data.source(), file, kNeverCancelled);
  EXPECT_EQ(set.answers.text(set.rows[1].answer), "red");
  EXPECT_EQ(set.rows[1].accuracy, 1);
  EXPECT_EQ(set.rows[2].answer, TextPool::kEmpty);
  EXPECT_EQ(set.rows[2].accuracy, -1);
}

TEST(BrowserRecords, RefusesWhatIsNoSplit) {
  const BrowserData data;
  const auto questions = data.folder / "v2_OpenEnded_mscoco_val2014_questions.json";
  const auto load = [&] { load_records(data.source(), {}, kNeverCancelled); };
  write_questions(questions, {}, "val2014");
  EXPECT_EQ(error_of(load, questions), ": holds no question");
  data.folder.write(questions.filename().string(), "{\"questions\": [{\"question_id\": ");
  EXPECT_NE(error_of(load, questions), "");
  DataSource source = data.source();
  source.split = "train";
  EXPECT_NE(error_of([&] { load_records(source, {}, kNeverCancelled); }).find("no split \"train\""),
            std::string::npos);
}

TEST(BrowserRecords, StopsWhenCancelled) {
  const BrowserData data;
  CancelToken cancelled;
  cancelled.request();
  EXPECT_THROW(load_records(data.source(), {}, cancelled), Cancelled);
}

/// The fields of RFC 4180, read character by character.
std::vector<std::vector<std::string>> read_csv(const std::string& csv) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    std::string& field = rows.back().back();
    if (quoted && csv[i] == '"' && i + 1 < csv.size() && csv[i + 1] == '"') {
      field += csv[i++];
    } else if (csv[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && csv[i] == ',') {
      rows.back().push_back("");
    } else if (!quoted && csv.compare(i, 2, "\r\n") == 0) {
      rows.push_back({""});
      ++i;
    } else {
      field += csv[i];
    }
  }
  EXPECT_FALSE(quoted);
  rows.pop_back();
  return rows;
}

TEST(BrowserCsv, ComesBackAsItWas) {
  const BrowserData data;
  std::vector<Question> questions = data.questions;
  questions[1].question = "What \"colour\", if any,\r\nhas it?";
  write_questions(data.folder / "v2_OpenEnded_mscoco_val2014_questions.json", questions, "val2014");
  RecordModel model;
  model.set_records(load_records(data.source(), data.results_file(), kNeverCancelled));
  model.add_answers({{1, "a,\"b\"", 0.1234567890123, 0.3, ""}, {4, "", -1, -1, "no, not \"it\""}});
  model.set_filter({.answer_type = "other"});
  model.sort(kQuestionIdColumn, Qt::DescendingOrder);
  const auto rows = read_csv(records_csv(model));
  ASSERT_EQ(rows.size(), 41u);
  EXPECT_EQ(rows[0][0], "question_id");
  EXPECT_EQ(rows[1][0], "159");
  EXPECT_EQ(rows[40], (std::vector<std::string>{"101", "1", data.picture_name(1),
                                                questions[1].question, "what", "other", "a,\"b\"",
                                                "0.1234567890123", "red", "0.3", ""}));
  EXPECT_EQ(rows[39][9], "0.9");
  EXPECT_EQ(rows[38][0], "104");
  EXPECT_EQ(rows[38][6], "");
  EXPECT_EQ(rows[38][10], "no, not \"it\"");
  for (const auto& row : rows) EXPECT_EQ(row.size(), 11u);
}

TEST(BrowserCsv, OfNothingIsItsHeader) {
  EXPECT_EQ(read_csv(records_csv(RecordModel())).size(), 1u);
}

}  // namespace
}  // namespace vqalign::test

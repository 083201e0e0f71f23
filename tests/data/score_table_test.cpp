#include "vqalign/data/score_table.h"

#include "tests/data/data_test_support.h"
#include "vqalign/core/atomic_file.h"

namespace vqalign {
namespace {

std::vector<Annotation> two_annotations() {
  std::vector<AnswerRecord> teas;
  for (int64_t i = 1; i <= 10; ++i) teas.push_back({i, i <= 3 ? "tea, hot" : "x", "yes"});
  return {{11, 1, "what \"is\"", "other", "tea, hot", teas}, {12, 1, "how", "number", "2", teas}};
}

TEST(ScoreTable, QuotesWhatNeedsQuotes) {
  const TestFolder folder;
  const std::vector<Annotation> annotations = two_annotations();
  const std::vector<std::string> predictions = {"tea, hot", "a\nb"};
  const Score score = score_predictions(predictions, annotations, Metric::kOfficial);
  write_score_table(folder / "t.csv", annotations, predictions, score);
  EXPECT_EQ(read_file(folder / "t.csv", 1 << 20),
            "question_id,question_type,answer_type,prediction,most_common_answer,accuracy\n"
            "11,\"what \"\"is\"\"\",other,\"tea, hot\",\"tea, hot\",90.00\n"
            "12,how,number,\"a\nb\",2,0.00\n");
}

TEST(ScoreFiles, ScoresWhatThreeFilesSay) {
  const TestFolder folder;
  const std::vector<Annotation> annotations = two_annotations();
  // The questions' order is the one that counts.
  write_questions(folder / "q.json", {{12, 1, "How many?"}, {11, 1, "What is it?"}}, "val2014");
  write_annotations(folder / "a.json", annotations, "val2014");
  write_results(folder / "r.json", {{11, "tea, hot"}, {12, "5"}});
  const ScoredFiles scored =
      score_files(folder / "q.json", folder / "a.json", folder / "r.json", Metric::kOfficial);
  EXPECT_EQ(scored.score.overall, 45);
  EXPECT_EQ(scored.score.per_answer_type.at("other"), 90);
  EXPECT_EQ(scored.annotations[0].question_id, 12);
  EXPECT_EQ(scored.predictions, (std::vector<std::string>{"5", "tea, hot"}));
}

TEST(ScoreFiles, NamesTheFileAtFault) {
  const TestFolder folder;
  const auto questions = folder / "q.json";
  const auto annotations = folder / "a.json";
  const auto results = folder / "r.json";
  const auto score = [&] { score_files(questions, annotations, results, Metric::kOfficial); };
  write_annotations(annotations, two_annotations(), "val2014");
  EXPECT_EQ(error_of(score, questions), ": cannot open: No such file or directory");
  write_questions(questions, {{12, 1, "How many?"}, {11, 1, "What is it?"}}, "val2014");
  EXPECT_EQ(error_of(score, results), ": cannot open: No such file or directory");
  write_results(results, {{11, "tea, hot"}, {13, "5"}});
  EXPECT_EQ(error_of(score, results), ": question_id 13 is not in a.json (1 of 2 results are not)");
  write_annotations(annotations, {two_annotations()[0]}, "val2014");
  EXPECT_EQ(error_of(score, annotations),
            ": no annotation of question 12 of q.json (1 annotations, 2 questions)");
  folder.write("a.json", "{");
  EXPECT_NE(error_of(score, annotations).find(": byte 1: the file ends"), std::string::npos);
}

/// Three questions with ten answers and one with a single one, and three files that answer them.
class Comparison : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<Annotation> annotations = two_annotations();
    std::vector<AnswerRecord> reds;
    for (int64_t i = 1; i <= 10; ++i) reds.push_back({i, i == 1 ? "pink" : "red", "yes"});
    annotations.push_back({13, 1, "what color", "other", "red", reds});
    annotations.push_back({14, 1, "who", "other", "me", {{1, "me", "yes"}}});
    write_questions(questions_, {{11, 1, "a?"}, {12, 1, "b?"}, {13, 1, "c?"}, {14, 1, "d?"}}, "x");
    write_annotations(annotations_, annotations, "x");
    write_results(folder_ / "a.json", {{11, "tea, hot"}, {12, "x"}, {13, "Red"}, {14, "me"}});
    write_results(folder_ / "b.json", {{11, "tea hot"}, {12, "y"}, {13, "red."}, {14, "you"}});
    write_results(folder_ / "c.json", {{11, "no"}, {12, "y"}, {13, "blue"}, {14, "them"}});
  }

  ComparedFiles compare(const std::vector<std::string>& names) const {
    std::vector<std::filesystem::path> files;
    for (const std::string& name : names) files.push_back(folder_ / name);
    return compare_files(questions_, annotations_, files, Metric::kOfficial);
  }

  const TestFolder folder_;
  const std::filesystem::path questions_ = folder_ / "q.json";
  const std::filesystem::path annotations_ = folder_ / "v.json";
};

TEST_F(Comparison, CountsWhatFilesAgreeOn) {
  const ComparedFiles compared = compare({"a.json", "b.json", "c.json"});
  ASSERT_EQ(compared.results.size(), 3u);
  // Three of seven others and three of seven are right: 0.9; all of nine; one of none.
  EXPECT_EQ(compared.results[0].score.overall, 72.5);
  EXPECT_EQ(compared.results[0].score.exact_match, 75);
  ASSERT_EQ(compared.pairs.size(), 3u);
  EXPECT_EQ(compared.pairs[0].same, 2);  // "tea, hot" and "tea hot" are one answer
  EXPECT_EQ(compared.pairs[0].only_first, 2);
  EXPECT_EQ(compared.pairs[0].only_second, 0);
  EXPECT_EQ(compared.pairs[1].first, 0u);
  EXPECT_EQ(compared.pairs[1].second, 2u);
  EXPECT_EQ(compared.pairs[1].same, 0);
  EXPECT_EQ(compared.pairs[1].only_first, 4);
  EXPECT_EQ(compared.disagree, (std::vector<uint8_t>{1, 1, 1, 1}));
  EXPECT_EQ(compared.disagreements(), 4);
  EXPECT_EQ(compare({"b.json", "c.json"}).disagree, (std::vector<uint8_t>{1, 0, 1, 0}));
  EXPECT_EQ(compare({"a.json"}).disagreements(), 0);
}

TEST_F(Comparison, WritesAColumnForEachFile) {
  const ComparedFiles compared = compare({"b.json", "c.json"});
  write_comparison_table(folder_ / "t.csv", compared);
  EXPECT_EQ(read_file(folder_ / "t.csv", 1 << 20),
            "question_id,question_type,answer_type,most_common_answer,"
            "prediction b,accuracy b,exact_match b,prediction c,accuracy c,exact_match c,disagree\n"
            "11,\"what \"\"is\"\"\",other,\"tea, hot\",tea hot,90.00,0,no,0.00,0,1\n"
            "12,how,number,2,y,0.00,0,y,0.00,0,0\n"
            "13,what color,other,red,red.,100.00,1,blue,0.00,0,1\n"
            "14,who,other,me,you,0.00,0,them,0.00,0,0\n");
}

TEST_F(Comparison, TellsFilesOfOneNameApart) {
  std::filesystem::create_directories(folder_ / "run");
  std::filesystem::copy_file(folder_ / "a.json", folder_ / "run/a.json");
  EXPECT_EQ(result_labels(compare({"a.json", "run/a.json"}).results)[1],
            (folder_ / "run/a.json").string());
  EXPECT_THROW(compare({"a.json", "run/../a.json"}), UsageError);
  EXPECT_EQ(error_of(
                [&] {
                  compare({"a.json", "d.json"});
                },
                folder_ / "d.json"),
            ": cannot open: No such file or directory");
}

}  // namespace
}  // namespace vqalign

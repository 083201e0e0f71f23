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

}  // namespace
}  // namespace vqalign

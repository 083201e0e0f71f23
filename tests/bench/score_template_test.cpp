#include "vqalign/bench/score_template.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "vqalign/core/error.h"
#include "vqalign/data/score_table.h"

namespace vqalign {
namespace {

std::filesystem::path fresh_folder(const std::string& name) {
  const auto folder = std::filesystem::path(testing::TempDir()) /
                      ("vqalign_bench_" + std::to_string(::getpid()) + "_" + name);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

TEST(ScoreTemplate, MadeUpQuestionsHaveTenAnswersOfEveryType) {
  const ScoreTemplate made = made_up_template();
  ASSERT_EQ(made.questions.size(), made.annotations.size());
  std::set<std::string> types;
  for (const Annotation& annotation : made.annotations) {
    EXPECT_EQ(annotation.answers.size(), 10u);
    types.insert(annotation.answer_type);
  }
  EXPECT_EQ(types, (std::set<std::string>{"yes/no", "number", "other"}));
}

TEST(ScoreTemplate, WritesSoManyQuestionsOfTheirOwnIdsThatScore) {
  const ScoreInput files = ScoreInput::in(fresh_folder("written"));
  ScoreTemplate made = made_up_template();
  made.questions.resize(7);
  made.annotations.resize(7);
  write_score_input(made, 100, files);
  // Equal ids would be refused by the readers.
  const ScoredFiles scored =
      score_files(files.questions, files.annotations, files.results, Metric::kOfficial);
  EXPECT_EQ(scored.score.questions, 100);
  EXPECT_GT(scored.score.overall, 40);
  EXPECT_LT(scored.score.overall, 100);
  EXPECT_EQ(scored.annotations[3].answers[0].answer, scored.annotations[10].answers[0].answer);
}

TEST(ScoreTemplate, ADatasetsOwnQuestionsAreRepeated) {
  const auto folder = fresh_folder("dataset");
  const ScoreTemplate made = made_up_template();
  write_questions(folder / "v2_OpenEnded_mscoco_val2014_questions.json", made.questions, "val2014");
  EXPECT_THROW(dataset_template(folder, "val"), Error);
  write_annotations(folder / "v2_mscoco_val2014_annotations.json", made.annotations, "val2014");
  const ScoreTemplate read = dataset_template(folder, "val");
  ASSERT_EQ(read.questions.size(), made.questions.size());
  EXPECT_EQ(read.questions[5].question, made.questions[5].question);
  EXPECT_EQ(read.annotations[5].question_id, made.questions[5].question_id);
}

}  // namespace
}  // namespace vqalign

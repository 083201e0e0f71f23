// Which splits an experiment may train on, choose on and report.
#include "vqalign/train/experiment/experiment_data.h"

#include "experiment_fixture.h"
#include "vqalign/core/error.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign {
namespace {

class ExperimentDataTest : public ExperimentTest {
 protected:
  void SetUp() override {
    ExperimentTest::SetUp();
    for (const char* subset : {"train2014", "val2014", "test2015"}) write_split(subset, 2);
  }

  std::filesystem::path questions_of(const std::string& subset) const {
    return folder_ / ("v2_OpenEnded_mscoco_" + subset + "_questions.json");
  }

  void write_split(const std::string& subset, int64_t count) const {
    std::vector<Question> questions;
    std::vector<Annotation> annotations;
    for (int64_t id = 1; id <= count; ++id) {
      questions.push_back({id, id, "Is it red?"});
      annotations.push_back({id, id, "is it", "yes/no", "yes", {{1, "yes", "yes"}}});
    }
    write_questions(questions_of(subset), questions, subset);
    write_annotations(folder_ / ("v2_mscoco_" + subset + "_annotations.json"), annotations, subset);
  }

  /// A spec of the folder's data with these splits.
  ExperimentSpec of_splits(const std::string& splits) {
    return spec(R"({"data": {"directory": "."}, "base": "base", "settings": [{"name": "base"}],
                    "seeds": [1], "splits": )" +
                splits + "}");
  }

  /// What is said of the splits, as one line with its hint; nothing of good ones.
  template <typename Kind = UsageError>
  std::string refusal(const std::string& splits) {
    try {
      experiment_data(of_splits(splits), folder_ / "out");
    } catch (const Kind& error) {
      return error.hint().empty() ? error.what() : concat(error.what(), "; ", error.hint());
    }
    return {};
  }
};

TEST_F(ExperimentDataTest, WhatIsChosenOnIsNotReported) {
  const std::string place = (folder_ / "spec.json").string() + ": splits: report is ";
  const std::string hint = R"(; give "val": "none", another report, or no report)";
  EXPECT_EQ(refusal(R"({"report": "val"})"),
            place +
                R"("val", which shares val2014 with val, "val", on which the best epoch is )"
                "chosen" +
                hint);
  EXPECT_EQ(refusal(R"({"val": "val2014", "report": "test+VAL"})"),
            place +
                R"("test+VAL", which shares val2014 with val, "val2014", on which the best )"
                "epoch is chosen" +
                hint);
  EXPECT_EQ(refusal(R"({"val": "test", "report": "test2015"})"),
            place +
                R"("test2015", which shares test2015 with val, "test", on which the best )"
                "epoch is chosen" +
                hint);
}

TEST_F(ExperimentDataTest, WhatIsTrainedOnIsNotReported) {
  const std::string place = (folder_ / "spec.json").string() + ": splits: report is ";
  const std::string hint = "which is trained on; give another report, or no report";
  EXPECT_EQ(refusal(R"({"report": "train"})"),
            place + R"("train", which shares train2014 with train, "train", )" + hint);
  EXPECT_EQ(refusal(R"({"held_out": 0.2, "report": "train"})"),
            place + R"("train", which shares train2014 with train, "train", )" + hint);
  EXPECT_EQ(refusal(R"({"train": "train+test", "report": "test2015"})"),
            place + R"("test2015", which shares test2015 with train, "train+test", )" + hint);
  EXPECT_EQ(refusal(R"({"val": "none", "report": "test+train2014"})"),
            place + R"("test+train2014", which shares train2014 with train, "train", )" + hint);
}

TEST_F(ExperimentDataTest, SplitsApartAreTaken) {
  for (const char* splits :
       {"{}", R"({"val": "none", "report": "val"})", R"({"held_out": 0.2, "report": "val"})",
        R"({"held_out": 0.2})", R"({"report": "test"})", R"({"val": "test", "report": "val"})",
        R"({"train": "train+val", "val": "none", "report": "test"})", R"({"val": "train"})"}) {
    EXPECT_EQ(refusal<Error>(splits), "") << splits;
  }
  const ExperimentSpec apart = of_splits(R"({"report": "test"})");
  const std::string folder = apart.directory.string();
  const ExperimentData data = experiment_data(apart, folder_ / "out");
  EXPECT_EQ(data.training,
            (std::vector<std::string>{"--data", folder, "--split", "train", "--val-split", "val"}));
  EXPECT_EQ(data.reporting, (std::vector<std::string>{"--data", folder, "--split", "test"}));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
}

TEST_F(ExperimentDataTest, SplitsWithoutQuestionsAreNamedByTheirFiles) {
  write_split("train2014", 0);
  const std::string train = questions_of("train2014").string();
  EXPECT_EQ(refusal<Error>("{}"), train + ": has no questions to train on");
  EXPECT_EQ(refusal<Error>(R"({"held_out": 0.2})"), train + ": has no questions to train on");
  EXPECT_EQ(refusal<Error>(R"({"train": "train+val", "val": "test"})"), "") << "val has some";
  write_split("val2014", 0);
  const std::string val = questions_of("val2014").string();
  EXPECT_EQ(refusal<Error>(R"({"train": "train+val", "val": "test"})"),
            train + ", " + val + ": has no questions to train on");
  write_split("train2014", 1);
  EXPECT_EQ(refusal<Error>("{}"), val + ": has no questions to score");
  EXPECT_EQ(refusal<Error>(R"({"val": "test", "report": "val"})"),
            val + ": has no questions to score");
  EXPECT_EQ(refusal<Error>(R"({"report": "test"})"), "") << "the last state is the model then";
  std::filesystem::resize_file(questions_of("train2014"), 30);
  EXPECT_NE(refusal<Error>("{}").find(train), std::string::npos) << "cut off";
}

TEST_F(ExperimentDataTest, SplitsWithoutAnswersAreRefused) {
  std::filesystem::remove(folder_ / "v2_mscoco_test2015_annotations.json");
  EXPECT_NE(refusal<Error>(R"({"report": "test"})").find("split test2015 has no annotations"),
            std::string::npos);
  EXPECT_NE(refusal<Error>(R"({"report": "dev"})").find("has no split \"dev\""), std::string::npos);
}

}  // namespace
}  // namespace vqalign

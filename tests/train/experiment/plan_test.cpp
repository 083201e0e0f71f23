// Which runs there are, and when a folder of results may be gone on with.
#include "vqalign/train/experiment/plan.h"

#include "experiment_fixture.h"
#include "vqalign/core/error.h"
#include "vqalign/train/experiment/run_commands.h"

namespace vqalign {
namespace {

class PlanTest : public ExperimentTest {
 protected:
  std::string refusal(const ExperimentSpec& spec) {
    try {
      check_results_folder(spec, planned_runs(spec, folder_ / "out"), folder_ / "out");
    } catch (const UsageError& error) {
      return error.what();
    }
    return {};
  }
  void begin(const ExperimentSpec& spec) {
    begin_results_folder(spec, planned_runs(spec, folder_ / "out"), folder_ / "out");
  }
};

/// What check_settings() says of the second setting with these options; empty: nothing.
std::string refusal_of_options(ExperimentSpec& spec, const std::string& options) {
  spec.settings[1].options = Json::parse(options);
  try {
    check_settings(spec);
  } catch (const UsageError& error) {
    return error.what();
  }
  return {};
}

TEST_F(PlanTest, SeedAfterSeed) {
  const auto runs = planned_runs(three_settings(2), "out");
  std::vector<std::string> names;
  for (const RunPlan& run : runs) names.push_back(run.name());
  EXPECT_EQ(names, (std::vector<std::string>{"base-1", "a-1", "b-1", "base-2", "a-2", "b-2"}));
  EXPECT_EQ(runs[1].options.dump(), R"({"align":{"kind":"ct"}})");
  EXPECT_EQ(runs[1].folder, std::filesystem::path("out/runs/a-1"));
}

TEST_F(PlanTest, AFolderOfTheSameSpecIsGoneOnWith) {
  ExperimentSpec spec = three_settings(2);
  EXPECT_EQ(refusal(spec), "");
  begin(spec);
  EXPECT_EQ(refusal(spec), "");
  EXPECT_EQ(refusal(three_settings(3)), "") << "seeds may be added";
  spec.settings.push_back({"c", Json::object()});
  EXPECT_EQ(refusal(spec), "") << "settings may be added";
}

TEST_F(PlanTest, AFolderOfAnotherSpecIsRefused) {
  const ExperimentSpec spec = three_settings(2);
  begin(spec);
  ExperimentSpec other = spec;
  other.scenes->train = 9;
  EXPECT_NE(refusal(other).find("data.scenes.train is 9, was 8"), std::string::npos)
      << refusal(other);
  other = spec;
  other.epochs = 3;
  EXPECT_NE(refusal(other).find("epochs is 3, was null"), std::string::npos) << refusal(other);
  other = spec;
  other.settings[1].options = Json::parse(R"({"align": {"kind": "ot"}})");
  const std::string said = refusal(other);
  EXPECT_NE(said.find("a-1"), std::string::npos) << said;
  EXPECT_NE(said.find("options.align.kind is \"ot\", was \"ct\""), std::string::npos) << said;
}

TEST_F(PlanTest, OptionsThatDoNotGoTogetherAreRefusedBeforeAnythingIsTrained) {
  ExperimentSpec spec = three_settings(1);
  check_settings(spec);
  const auto refused = [&spec](const std::string& options) {
    return refusal_of_options(spec, options);
  };
  EXPECT_NE(refused(R"({"model": {"hidden": 127, "heads": 4}})").find("settings (a): model.hidden"),
            std::string::npos);
  EXPECT_NE(refused(R"({"vision": {"encoder": "resnet50", "keep": 0}})").find("vision.weights"),
            std::string::npos);
  EXPECT_NE(refused(R"({"vision": {"detector": "x.onnx"}})").find("vision.encoder is grid"),
            std::string::npos);
}

TEST_F(PlanTest, AlignmentOfWhatTheModelHasNotIsRefusedToo) {
  ExperimentSpec spec = three_settings(1);
  const auto refused = [&spec](const std::string& options) {
    return refusal_of_options(spec, options);
  };
  const std::string place = (folder_ / "spec.json").string() + ": settings (a): align.";
  const std::string pretrained = R"("families": ["question_pretrained"])";
  EXPECT_EQ(refused(R"({"align": {"kind": "ct", "layers": ["5"]}})"),
            place + R"(layers names "5", the model's layers are 0 to 2)");
  EXPECT_EQ(refused(R"({"align": {"kind": "gan", "families": []}})"),
            place + "families is empty although align.kind is gan");
  EXPECT_EQ(refused(R"({"align": {"kind": "ct", )" + pretrained + "}}"),
            place + "families names question_pretrained, which this model has not");
  const std::string minilm = R"({"language": {"encoder": "minilm"}, "align": {"kind": "ct", )";
  EXPECT_EQ(refused(minilm + pretrained + "}}"),
            place +
                "families names question_pretrained, which training leaves as it is while "
                "language.tune is false");
  EXPECT_EQ(refused(R"({"align": {"kind": "none", "layers": ["5"], )" + pretrained + "}}"), "");
  EXPECT_EQ(refused(R"({"model": {"layers": 6}, "align": {"kind": "ct", "layers": ["5"]}})"), "");
  // Options of all settings are seen together with those of one.
  spec.common = Json::parse(R"({"align": {"layers": ["2"]}})");
  EXPECT_EQ(refused(R"({"model": {"layers": 2}, "align": {"kind": "ct"}})"),
            place + R"(layers names "2", the model's layers are 0 to 1)");
}

TEST_F(PlanTest, AFolderOfSomethingElseIsRefused) {
  std::filesystem::create_directories(folder_ / "out");
  EXPECT_EQ(refusal(three_settings(1)), "") << "an empty one is fine";
  write("x", "out/holiday.txt");
  EXPECT_NE(refusal(three_settings(1)).find("something else"), std::string::npos);
}

TEST_F(PlanTest, CommandsAreThoseThatAreLeft) {
  ExperimentSpec spec = three_settings(1);
  spec.noise = 2;
  spec.epochs = 4;
  begin(spec);
  const RunPlan run = planned_runs(spec, folder_ / "out")[1];
  const ExperimentData data{{"--data", "d"}, {"--data", "r"}};
  auto commands = remaining_commands(spec, run, data, {2, "cpu"});
  ASSERT_EQ(commands.size(), 3u);
  const std::string train = shell_line(commands[0].arguments);
  EXPECT_TRUE(train.starts_with("vqalign train --data d --out ")) << train;
  for (const char* part : {" --epochs 4", " --seed 1", " --threads 2", " --recipe scenes"}) {
    EXPECT_NE(train.find(part), std::string::npos) << train;
  }
  EXPECT_EQ(train.find("--resume"), std::string::npos);
  EXPECT_EQ(train.find("--init"), std::string::npos);
  EXPECT_NE(shell_line(commands[2].arguments).find("--noise 2.0"), std::string::npos);
  write("{}", "out/runs/a-1/train.json");
  write("", "out/runs/a-1/model.safetensors");
  commands = remaining_commands(spec, run, data, {});
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(commands[0].arguments[0], "eval");
}

TEST_F(PlanTest, TrainingsAreResumedHoweverTheyEnded) {
  const ExperimentSpec spec = three_settings(1);
  begin(spec);
  const RunPlan run = planned_runs(spec, folder_ / "out")[0];
  const auto resumes = [&] {
    return shell_line(remaining_commands(spec, run, {}, {})[0].arguments).find("--resume") !=
           std::string::npos;
  };
  EXPECT_FALSE(resumes());
  write("", "out/runs/base-1/model.safetensors.state");
  EXPECT_TRUE(resumes());
  fail_record(run, "vqalign train", 137, "ended by signal 9");
  EXPECT_TRUE(resumes());
  fail_record(run, "vqalign train", 1, "cannot write: No space left on device");
  EXPECT_TRUE(resumes());
}

TEST_F(PlanTest, WhatWasMadeAndIsGoneIsMadeAgain) {
  const ExperimentSpec spec = three_settings(1);
  begin(spec);
  const RunPlan run = planned_runs(spec, folder_ / "out")[0];
  const std::string folder = "out/runs/base-1/";
  const auto first = [&]() -> std::string {
    const auto commands = remaining_commands(spec, run, {}, {});
    return commands.empty() ? "" : commands[0].arguments[0];
  };
  for (const char* file : {"train.json", "eval.json", "questions.npz", "model.safetensors"}) {
    write("{}", folder + file);
  }
  EXPECT_EQ(first(), "");
  std::filesystem::remove(folder_ / folder / "questions.npz");
  EXPECT_EQ(first(), "eval");
  std::filesystem::remove(folder_ / folder / "model.safetensors");
  EXPECT_EQ(first(), "train");
}

TEST_F(PlanTest, AnInitThatIsNoModelIsToldBeforehand) {
  write("no model", "words.txt");
  const ExperimentSpec spec = this->spec(
      R"({"data": {"scenes": {"train": 8, "val": 8}}, "base": "base", "init": "words.txt",
          "settings": [{"name": "base"}], "seeds": [1]})");
  try {
    check_settings(spec);
    FAIL();
  } catch (const UsageError& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("spec.json: init: "), std::string::npos) << what;
    EXPECT_NE(what.find("words.txt"), std::string::npos) << what;
  }
}

TEST(ShellLine, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell_line({"a", "b c", "it's", "", "x=1"}), "vqalign a 'b c' 'it'\\''s' '' x=1");
}

}  // namespace
}  // namespace vqalign

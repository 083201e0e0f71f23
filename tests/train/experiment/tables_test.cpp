#include "vqalign/train/experiment/tables.h"

#include "experiment_fixture.h"

namespace vqalign {
namespace {

class TablesTest : public ExperimentTest {
 protected:
  static QuestionVerdicts verdicts(bool right) {
    QuestionVerdicts made;
    for (int i = 0; i < 10; ++i) {
      made.question_ids.push_back(i);
      made.accuracies.push_back(right || i < 5 ? 1 : 0);
      made.pass_accuracies.push_back(made.accuracies.back());
      made.confidences.push_back(0.5);
      made.p_values.push_back(0.01);
    }
    return made;
  }

  ExperimentSummary made(const ExperimentSpec& spec) {
    const auto plans = planned_runs(spec, folder_ / "out");
    for (const RunPlan& plan : plans) {
      if (plan.setting == "b") {
        std::filesystem::create_directories(plan.folder);
        fail_record(plan, "vqalign train", 1, "a \"bad\" | line");
      } else {
        finish(plan, verdicts(plan.setting == "a"), plan.setting == "a" ? 100 : 50);
      }
    }
    return summarise_experiment(spec, plans, {.replicates = 100, .check = {}});
  }
};

TEST_F(TablesTest, Csv) {
  const ExperimentSpec spec = three_settings(1);
  EXPECT_EQ(results_csv(made(spec)),
            "setting,seed,state,accuracy,accuracy_noisy,pavpu,pavpu_noisy,ece,ece_noisy,"
            "parameters_training,parameters_model,seconds_per_step,steps,training_seconds,"
            "best_epoch,model_sha256,folder,failure\n"
            "base,1,finished,50.0,,50.0,,0.1,,,2368788,,16,1.5,2,beef,runs/base-1,\n"
            "a,1,finished,100.0,,50.0,,0.1,,,2368788,,16,1.5,2,beef,runs/a-1,\n"
            "b,1,failed,,,,,,,,,,,,,,runs/b-1,\"a \"\"bad\"\" | line\"\n");
}

TEST_F(TablesTest, MarkdownOfSeveralSeeds) {
  const ExperimentSpec spec = three_settings(2);
  const ExperimentSummary summary = made(spec);
  const TableHead head{&spec, {.replicates = 100, .check = {}}};
  const std::string text = results_markdown(head, summary);
  for (const char* part :
       {"# spec\n", "| setting | accuracy % | PAvPU % | ECE | in the model file | seeds |",
        "| base | 50.00 ± 0.00 |", "| a | 100.00 ± 0.00 |", "| 2,368,788 |", "| b | - |",
        "| 0 of 2 |", "| against base |", "+50.00 (+", "4 of 6 runs finished, 2 failed",
        "100 replicates", "; seeds alone 0.0000", "Up to 2 runs at once shared the machine",
        "a \"bad\" \\| line"}) {
    EXPECT_NE(text.find(part), std::string::npos) << "lacks " << part << "\n" << text;
  }
  EXPECT_EQ(text.find("noisy"), std::string::npos) << "noise is off";
}

TEST_F(TablesTest, OneSeedHasNoIntervals) {
  ExperimentSpec spec = three_settings(1);
  const std::string text = results_markdown({&spec, {}}, made(spec));
  EXPECT_NE(text.find("One seed: there are no intervals"), std::string::npos) << text;
  EXPECT_NE(text.find("| base | 50.00 |"), std::string::npos) << text;
  EXPECT_EQ(text.find("±"), std::string::npos) << text;
  EXPECT_EQ(text.find("against base"), std::string::npos) << text;
}

TEST_F(TablesTest, JsonHasWhatTheTablesHave) {
  const ExperimentSpec spec = three_settings(2);
  const ExperimentSummary summary = made(spec);
  const Json json = results_json({&spec, {.replicates = 100, .check = {}}}, summary);
  EXPECT_EQ(json.at("base").as_string(), "base");
  EXPECT_EQ(json.at("questions").as_int(), 10);
  const Json& a = json.at("settings").as_array()[1];
  EXPECT_EQ(a.at("figures").at("accuracy").at("mean").as_double(), 100);
  EXPECT_EQ(a.at("against_base").at("accuracy").at("difference").as_double(), 50);
  EXPECT_EQ(json.at("runs").as_array()[0].at("folder").as_string(), "runs/base-1");
  EXPECT_EQ(json.at("runs").as_array()[2].at("state").as_string(), "failed");
}

TEST_F(TablesTest, NumbersForPeople) {
  const Figure& ece = experiment_figures()[4];
  EXPECT_EQ(figure_text(ece, nullptr), "-");
  const MeanInterval interval{3, 0.04567, 0.001};
  EXPECT_EQ(figure_text(ece, &interval), "0.0457 ± 0.0010");
  const ComparedFigure compared{3, {-0.01, -0.02, 0.001, 0.03}, 0.06, 0.2};
  EXPECT_EQ(comparison_text(ece, &compared),
            "-0.0100 (-0.0200 to +0.0010), p 0.0600; seeds alone 0.2000");
}

}  // namespace
}  // namespace vqalign

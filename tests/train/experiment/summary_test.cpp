// Means, intervals and comparisons of runs whose verdicts are made up.
#include "vqalign/train/experiment/summary.h"

#include <cmath>
#include <fstream>
#include <functional>

#include "experiment_fixture.h"
#include "vqalign/core/calibration.h"
#include "vqalign/core/error.h"
#include "vqalign/core/statistics.h"

namespace vqalign {
namespace {

class SummaryTest : public ExperimentTest {
 protected:
  /// 40 questions, of which the first `right` are answered rightly.
  static QuestionVerdicts verdicts(int right) {
    QuestionVerdicts made;
    for (int i = 0; i < 40; ++i) {
      made.question_ids.push_back(100 + i);
      made.accuracies.push_back(i < right ? 1 : 0);
      made.pass_accuracies.push_back(i + 1 < right ? 1 : 0);  // the passes get one more wrong
      made.confidences.push_back(0.02 * i + 0.1);
      made.p_values.push_back(i % 2 ? 0.01 : 0.5);
    }
    return made;
  }

  void finish_with(const std::vector<RunPlan>& plans, const std::string& name, int right) {
    for (const RunPlan& plan : plans) {
      if (plan.name() == name) return finish(plan, verdicts(right), 2.5 * right);
    }
    FAIL() << name;
  }

  static BootstrapOptions quick() {
    return {.replicates = 400, .seed = 1, .threads = 1, .check = {}};
  }
};

TEST_F(SummaryTest, MeansOverWhatIsFinished) {
  const ExperimentSpec spec = three_settings(3);
  const auto plans = planned_runs(spec, folder_ / "out");
  finish_with(plans, "base-1", 20);
  finish_with(plans, "base-2", 22);
  finish_with(plans, "base-3", 24);
  finish_with(plans, "a-1", 30);
  std::filesystem::create_directories(plans[2].folder);
  fail_record(plans[2], "vqalign train", 1, "vqalign: no such file");
  const ExperimentSummary summary = summarise_experiment(spec, plans, quick());
  EXPECT_EQ(summary.finished(), 4u);
  EXPECT_EQ(summary.failed(), 1u);
  EXPECT_EQ(summary.questions, 40);
  const MeanInterval& base = summary.settings[0].figures.at("accuracy");
  EXPECT_DOUBLE_EQ(base.mean, 55);
  // s = 5, n = 3.
  EXPECT_NEAR(base.half_width.value(), 4.302652730 * 5 / std::sqrt(3.0), 1e-6);
  EXPECT_FALSE(summary.settings[1].figures.at("accuracy").half_width);
  EXPECT_TRUE(summary.settings[1].against_base.empty()) << "one common seed tells nothing";
  EXPECT_EQ(summary.settings[2].failed, 1u);
  EXPECT_EQ(summary.settings[2].finished, 0u);
  EXPECT_EQ(summary.settings[0].figures.count("seconds_per_step"), 0u) << "null is no figure";
}

TEST_F(SummaryTest, ComparesOverCommonSeedsAndCorrectsByHolm) {
  const ExperimentSpec spec = three_settings(3);
  const auto plans = planned_runs(spec, folder_ / "out");
  for (const char* name : {"base-1", "base-2", "base-3"}) finish_with(plans, name, 20);
  for (const char* name : {"a-1", "a-3"}) finish_with(plans, name, 40);
  for (const char* name : {"b-1", "b-2", "b-3"}) finish_with(plans, name, 20);
  const ExperimentSummary summary = summarise_experiment(spec, plans, quick());
  const ComparedFigure& a = summary.settings[1].against_base.at("accuracy");
  EXPECT_EQ(a.seeds, 2u);
  EXPECT_NEAR(a.paired.difference, 50, 1e-12);
  EXPECT_LT(a.paired.low, 50);
  EXPECT_GT(a.paired.low, 20);
  EXPECT_NEAR(a.paired.p_value, 2.0 / 401, 1e-12) << "no replicate is at or below zero";
  EXPECT_NEAR(a.holm_p, 2 * 2.0 / 401, 1e-12) << "two settings are compared";
  const ComparedFigure& b = summary.settings[2].against_base.at("accuracy");
  EXPECT_EQ(b.paired.difference, 0);
  EXPECT_EQ(b.paired.p_value, 1);
  EXPECT_EQ(b.holm_p, 1);
  EXPECT_EQ(summary.settings[0].against_base.size(), 0u);
}

TEST_F(SummaryTest, SeedsAloneAreTestedByStudentsT) {
  const ExperimentSpec spec = three_settings(3);
  const auto plans = planned_runs(spec, folder_ / "out");
  for (const char* name : {"base-1", "base-2", "base-3"}) finish_with(plans, name, 20);
  finish_with(plans, "a-1", 22);
  finish_with(plans, "a-2", 24);
  finish_with(plans, "a-3", 30);
  for (const char* name : {"b-1", "b-2", "b-3"}) finish_with(plans, name, 20);
  const ExperimentSummary summary = summarise_experiment(spec, plans, quick());
  // Differences of 2, 4 and 10 of 40; with two degrees of freedom p = 1 - |t| / sqrt(2 + t^2).
  const double t = 16.0 / 3 /
                   std::sqrt(((2 - 16.0 / 3) * (2 - 16.0 / 3) + (4 - 16.0 / 3) * (4 - 16.0 / 3) +
                              (10 - 16.0 / 3) * (10 - 16.0 / 3)) /
                             2 / 3);
  const double p = 1 - t / std::sqrt(2 + t * t);
  const ComparedFigure& a = summary.settings[1].against_base.at("accuracy");
  EXPECT_NEAR(a.seeds_p, 2 * p, 1e-12) << "two settings are compared";
  EXPECT_LT(a.holm_p, a.seeds_p / 2) << "three of one sign are enough for the bootstrap";
  EXPECT_EQ(summary.settings[2].against_base.at("accuracy").seeds_p, 1);
}

TEST_F(SummaryTest, FiguresOfQuestionsAreThoseOfTheWhole) {
  const QuestionVerdicts made = verdicts(17);
  EXPECT_NEAR(question_scores(made, "accuracy").figure(), 17.0 / 40, 1e-15);
  EXPECT_NEAR(question_scores(made, "pavpu").figure(),
              accuracy_versus_uncertainty(made.pass_accuracies, made.p_values), 1e-15);
  EXPECT_NEAR(question_scores(made, "ece").figure(),
              expected_calibration_error(made.confidences, made.pass_accuracies), 1e-15);
}

TEST_F(SummaryTest, RunsOnOtherQuestionsAreRefused) {
  const ExperimentSpec spec = three_settings(2);
  const auto plans = planned_runs(spec, folder_ / "out");
  for (const char* name : {"base-1", "base-2", "a-1"}) finish_with(plans, name, 20);
  QuestionVerdicts others = verdicts(20);
  others.question_ids[3] = 5;
  finish(plans[4], others, 50);
  try {
    summarise_experiment(spec, plans, quick());
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("is of other questions than"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("a-2"), std::string::npos) << error.what();
  }
}

TEST_F(SummaryTest, DamagedRunsAreToldWithWhatToDo) {
  const ExperimentSpec spec = three_settings(2);
  const auto plans = planned_runs(spec, folder_ / "out");
  const RunPlan& damaged = plans[4];
  const std::filesystem::path result = damaged.folder / run_files::kResult;
  const auto told = [&](const std::function<void()>& damage) {
    for (const char* name : {"base-1", "base-2", "a-1", "a-2"}) finish_with(plans, name, 20);
    damage();
    try {
      summarise_experiment(spec, plans, quick());
    } catch (const Error& error) {
      EXPECT_NE((error.what() + error.hint()).find(damaged.folder.string()), std::string::npos)
          << error.what();
      return error.what() + (error.hint().empty() ? "" : "; " + error.hint());
    }
    return std::string("nothing");
  };
  const std::string mend = "; remove " + damaged.folder.string() + ", and this run is made anew";
  EXPECT_EQ(told([] {}), "nothing");
  EXPECT_EQ(told([&] { std::ofstream(result) << R"({"figures": {}})"; }),
            result.string() + ": \"model\" is missing" + mend);
  EXPECT_NE(told([&] { std::ofstream(result) << ""; }).find("is empty." + mend), std::string::npos);
  EXPECT_NE(told([&] { std::filesystem::remove(questions_file(damaged, false)); }).find(mend),
            std::string::npos);
  EXPECT_EQ(told([&] {
              write_verdicts(questions_file(damaged, false),
                             {verdicts(20).question_ids, verdicts(20).accuracies, {}, {}, {}});
            }),
            questions_file(damaged, false).string() +
                ": has no array \"confidence\", though result.json tells of passes" + mend);
  EXPECT_EQ(told([&] {
              Json figures = Json::object().set("accuracy", 50.0).set("ece", 0.1);
              write_json(result, read_json(result).set("figures", std::move(figures)));
            }),
            result.string() + ": has no figure \"pavpu\", which base-2 has");
}

}  // namespace
}  // namespace vqalign

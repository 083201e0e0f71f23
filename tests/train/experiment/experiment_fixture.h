#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "vqalign/train/experiment/summary.h"

namespace vqalign {

/// A folder of its own for each test, and specs and finished runs in it.
class ExperimentTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("vqalign_experiment_" + std::to_string(::getpid())) / test->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& text, const std::string& name = "spec.json") {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  ExperimentSpec spec(const std::string& text) { return read_experiment_spec(write(text)); }

  /// A spec of settings base, a and b and so many seeds, noise off.
  ExperimentSpec three_settings(int seeds) {
    std::string list;
    for (int seed = 1; seed <= seeds; ++seed) {
      if (seed > 1) list += ',';
      list += std::to_string(seed);
    }
    return spec(R"({"data": {"scenes": {"train": 8, "val": 8}}, "base": "base", "noise": 0,
                    "settings": [{"name": "base"}, {"name": "a", "align": {"kind": "ct"}},
                                 {"name": "b", "align": {"kind": "gan"}}], "seeds": [)" +
                list + "]}");
  }

  /// Leaves what a finished run leaves: its result and its verdicts.
  void finish(const RunPlan& plan, const QuestionVerdicts& verdicts, double accuracy) {
    std::filesystem::create_directories(plan.folder);
    write_verdicts(questions_file(plan, false), verdicts);
    const auto count = static_cast<int64_t>(verdicts.question_ids.size());
    write_json(plan.folder / run_files::kResult,
               Json::object()
                   .set("figures", Json::object()
                                       .set("accuracy", accuracy)
                                       .set("pavpu", 50.0)
                                       .set("ece", 0.1)
                                       .set("parameters_model", 2368788)
                                       .set("seconds_per_step", nullptr))
                   .set("model", Json::object().set("sha256", "beef"))
                   .set("training", Json::object()
                                        .set("jobs", plan.seed == 1 ? 1 : 2)
                                        .set("steps", 16)
                                        .set("seconds", 1.5)
                                        .set("best", Json::object().set("epoch", 2)))
                   .set("evaluation",
                        Json::object().set("clean", Json::object().set("questions", count))));
  }

  std::filesystem::path folder_;
};

}  // namespace vqalign

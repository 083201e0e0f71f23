// The program with --device cuda tells what it tells without.
#include <cmath>

#include "tests/cli/program_run.h"
#include "tests/cli/workbench.h"
#include "tests/cuda_device/device.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

class DeviceVerbs : public on_device::DeviceTest<> {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(workbench().training.status, 0) << workbench().training.err;
  }
};

Arguments with(Arguments first, const Arguments& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

Arguments of_workbench(Arguments first, const Arguments& more) {
  first.insert(first.end(),
               {"--model", workbench().model, "--data", workbench().data, "--split", "val"});
  return with(std::move(first), more);
}

Json told(const Arguments& arguments) {
  const ProgramRun run = run_vqalign(with(arguments, {"--quiet", "--json"}));
  EXPECT_EQ(run.status, 0) << arguments.front() << ": " << run.err;
  return run.status == 0 ? Json::parse(run.out) : Json::object();
}

/// What differs from run to run, whatever computes.
bool is_time(const std::string& key) {
  return key.find("seconds") != std::string::npos || key.find("per_second") != std::string::npos;
}

void expect_alike(const Json& a, const Json& b, const std::string& place, double tolerance) {
  if (a.is_object() && b.is_object()) {
    ASSERT_EQ(a.as_object().size(), b.as_object().size()) << place;
    for (const auto& [key, value] : a.as_object()) {
      if (is_time(key)) continue;
      expect_alike(value, b.at(key, place), place + "/" + key, tolerance);
    }
  } else if (a.is_array() && b.is_array()) {
    ASSERT_EQ(a.as_array().size(), b.as_array().size()) << place;
    for (std::size_t i = 0; i < a.as_array().size(); ++i) {
      expect_alike(a.as_array()[i], b.as_array()[i], place + "/" + std::to_string(i), tolerance);
    }
  } else if (a.is_number() && b.is_number()) {
    const double expected = b.as_double();
    EXPECT_NEAR(a.as_double(), expected, tolerance * (1 + std::abs(expected))) << place;
  } else {
    EXPECT_EQ(a, b) << place;
  }
}

void expect_same_told(const Arguments& arguments, double tolerance = 1e-4) {
  expect_alike(told(with(arguments, {"--device", "cuda"})), told(arguments), arguments.front(),
               tolerance);
}

TEST_F(DeviceVerbs, EvalTellsTheSame) {
  expect_same_told(of_workbench({"eval"}, {"--alignment"}), 1e-3);
  expect_same_told(of_workbench({"eval"}, {"--noise", "1"}), 1e-3);
  expect_same_told(of_workbench({"eval"}, {"--corrupt", "blur:2", "--attack", "swap:1"}), 1e-3);
}

TEST_F(DeviceVerbs, PredictAndAskTellTheSame) {
  const fs::path folder = fresh_folder("device_predict");
  for (const char* device : {"cpu", "cuda:0"}) {
    told(of_workbench({"predict"},
                      {"--out", folder / (std::string(device) + ".json"), "--device", device}));
  }
  EXPECT_EQ(read_json(folder / "cpu.json"), read_json(folder / "cuda:0.json"));
  std::string picture;
  for (const auto& entry : fs::recursive_directory_iterator(workbench().data)) {
    if (entry.path().extension() == ".png" || entry.path().extension() == ".jpg") {
      picture = entry.path();
    }
  }
  ASSERT_FALSE(picture.empty());
  expect_same_told({"ask", picture, "What colour is the circle?", "--model", workbench().model});
}

TEST_F(DeviceVerbs, PassesAttentionAndRobustnessRun) {
  const Json passes = told(of_workbench({"eval"}, {"--passes", "3", "--device", "cuda"}));
  EXPECT_GE(passes.at("uncertainty").at("pavpu").as_double(), 0);
  expect_same_told(of_workbench({"attention"}, {"--sample", "8", "--occlusion", "2"}), 1e-3);
  expect_same_told(of_workbench({"robustness"}, {"--kinds", "features,greedy_swap", "--passes", "0",
                                                 "--sample", "8"}),
                   1e-3);
}

TEST_F(DeviceVerbs, TrainingRunsAndItsModelAnswersOnTheCpu) {
  const fs::path model = fresh_folder("device_train") / "model.safetensors";
  for (const char* align : {"none", "ct", "gan", "ot", "mmd"}) {
    const Json summary =
        told(with_tiny_network({"train", "--data", workbench().data, "--out", model, "--epochs",
                                "1", "--align", align, "--device", "cuda"}));
    EXPECT_EQ(summary.at("epochs").as_int(), 1) << align;
  }
  expect_same_told({"eval", "--model", model, "--data", workbench().data, "--split", "val"}, 1e-3);
}

TEST_F(DeviceVerbs, AGpuThatIsNotThereIsToldInOneLine) {
  const ProgramRun run = run_vqalign(of_workbench({"eval"}, {"--device", "cuda:63"}));
  EXPECT_EQ(run.status, 2);
  EXPECT_EQ(line_count(run.err), 1u) << run.err;
  EXPECT_NE(run.err.find("the last GPU here is cuda:"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace vqalign::test

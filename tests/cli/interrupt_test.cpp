// Ctrl-C and SIGTERM: status 130, and nothing lost.
#include <gtest/gtest.h>

#include <csignal>

#include "same_tensors.h"
#include "vqalign/core/json.h"
#include "workbench.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> training(const fs::path& model) {
  return with_tiny_network({"train", "--data", workbench().data.string(), "--out", model,
                            "--epochs", "30", "--threads", "1", "--align", "ct"});
}

TEST(Interrupt, TrainingResumesBitForBit) {
  const fs::path folder = fresh_folder("resume");
  const fs::path whole = folder / "whole.safetensors", parts = folder / "parts.safetensors";
  ASSERT_EQ(run_vqalign(training(whole)).status, 0);

  RunSettings settings;
  settings.signal = SIGINT;
  settings.signal_when = [](const std::string& err) {
    return err.find("epoch 12: ") != std::string::npos;
  };
  const ProgramRun stopped = run_vqalign(training(parts), settings);
  EXPECT_EQ(stopped.status, 130) << stopped.err;
  EXPECT_EQ(stopped.out, "");
  EXPECT_TRUE(fs::exists(parts.string() + ".state"));

  std::vector<std::string> resume = training(parts);
  resume.insert(resume.end(), {"--resume", "--json"});
  const ProgramRun resumed = run_vqalign(resume);
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(Json::parse(resumed.out).at("steps").as_int(), 30 * 8);
  expect_same_tensors(whole, parts);
  expect_same_tensors(whole.string() + ".state", parts.string() + ".state");
}

TEST(Interrupt, ResumingWithOtherOptionsIsRefused) {
  const fs::path folder = fresh_folder("other_options");
  const fs::path model = folder / "m.safetensors";
  for (const char* ending : {"", ".state"}) {
    fs::copy(workbench().model.string() + ending, model.string() + ending);
  }
  const std::string before = file_text(model.string() + ".state");
  const ProgramRun run = run_vqalign(with_tiny_network(
      {"train", "--data", workbench().data.string(), "--out", model, "--resume", "--seed", "9"}));
  EXPECT_EQ(run.status, 2);
  EXPECT_NE(run.err.find("seed is 9, was 1"), std::string::npos) << run.err;
  EXPECT_EQ(file_text(model.string() + ".state"), before);
}

TEST(Interrupt, SigtermStopsDrawing) {
  const fs::path folder = fresh_folder("sigterm") / "scenes";
  RunSettings settings;
  settings.signal = SIGTERM;
  settings.signal_when = [&](const std::string&) { return fs::exists(folder / "train2014.new"); };
  const ProgramRun run = run_vqalign(
      {"scenes", "--out", folder, "--train", "2000000", "--val", "0", "--test", "0"}, settings);
  EXPECT_EQ(run.status, 130) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find("once more ends at once"), std::string::npos) << run.err;
  EXPECT_TRUE(fs::is_empty(folder));
}

}  // namespace
}  // namespace vqalign::test

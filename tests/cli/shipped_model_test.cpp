// Where the model is found that comes with the program.
#include <gtest/gtest.h>

#include "vqalign/core/json.h"
#include "workbench.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

ProgramRun evaluate_without_model(const fs::path& program) {
  RunSettings settings;
  settings.program = program;
  return run_vqalign({"eval", "--quiet", "--json", "--data", workbench().data, "--split", "val"},
                     settings);
}

void put_model(const fs::path& folder) {
  fs::create_directories(folder);
  fs::copy_file(workbench().model, folder / "scenes.safetensors");
}

double expected_loss() {
  const ProgramRun run = run_vqalign({"eval", "--quiet", "--json", "--data", workbench().data,
                                      "--split", "val", "--model", workbench().model});
  return Json::parse(run.out).at("loss").as_double();
}

TEST(ShippedModel, IsFoundInAnInstallation) {
  const fs::path root = fresh_folder("installed");
  const fs::path program = copied_program(root / "bin");
  put_model(root / "share" / "vqalign" / "models");
  const ProgramRun run = evaluate_without_model(program);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(Json::parse(run.out).at("loss").as_double(), expected_loss());
}

TEST(ShippedModel, IsFoundInABuildTree) {
  const fs::path root = fresh_folder("build_tree");
  const fs::path program = copied_program(root / "build" / "release" / "bin");
  put_model(root / "models");
  const ProgramRun run = evaluate_without_model(program);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(Json::parse(run.out).at("loss").as_double(), expected_loss());
}

TEST(ShippedModel, KnowsWhatItKnowsAndSuffersFromNoise) {
  const fs::path folder = fresh_folder("shipped_certainty");
  ASSERT_EQ(run_vqalign({"scenes", "--out", folder, "--train", "0", "--val", "300", "--test", "0",
                         "--seed", "77", "--quiet"})
                .status,
            0);
  const auto evaluated = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {
        "eval",   "--quiet", "--json",
        "--data", folder,    "--split",
        "val",    "--model", VQALIGN_SOURCE_DIR "/models/scenes.safetensors"};
    words.insert(words.end(), more.begin(), more.end());
    return Json::parse(run_vqalign(words).out);
  };
  const Json clean = evaluated({"--passes", "20"}), noisy = evaluated({"--noise", "1"});
  EXPECT_LE(clean.at("uncertainty").at("ece").as_double(), 0.05);
  EXPECT_GT(clean.at("overall").as_double(), 95);
  EXPECT_LT(noisy.at("overall").as_double(), clean.at("overall").as_double() - 3);
}

TEST(ShippedModel, DamagedItIsNamed) {
  const fs::path root = fresh_folder("damaged_installation");
  const fs::path program = copied_program(root / "bin");
  fs::create_directories(root / "share" / "vqalign" / "models");
  write_text(root / "share" / "vqalign" / "models" / "scenes.safetensors", "no model");
  const ProgramRun run = evaluate_without_model(program);
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(line_count(run.err), 1u);
  EXPECT_NE(run.err.find("share/vqalign/models/scenes.safetensors"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace vqalign::test

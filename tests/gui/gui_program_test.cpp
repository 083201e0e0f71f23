// The program vqalign-gui as it is started: exit status, one line on stderr, screenshots.
#include <gtest/gtest.h>

#include <QImage>
#include <filesystem>
#include <fstream>

#include "tests/cli/program_run.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

ProgramRun run_gui_program(const std::vector<std::string>& arguments) {
  RunSettings settings;
  settings.program = VQALIGN_BINARY_DIR "/bin/vqalign-gui";
  return run_vqalign(arguments, settings);
}

fs::path own_file(const std::string& name) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path folder = fs::path(testing::TempDir()) / "vqalign_gui_program" / test->name();
  fs::create_directories(folder);
  return folder / name;
}

const std::string kStars = VQALIGN_SOURCE_DIR "/examples/scenes/stars.png";
const std::string kRed = "What is the shape of the red object?";

TEST(GuiProgram, WrongUsageIsOneLineAndStatusTwo) {
  const std::string out = own_file("a.png").string();
  const std::vector<std::vector<std::string>> lines = {
      {"--zorp"},
      {"--size", "1x1"},
      {"--size", "1280"},
      {"--theme", "pink"},
      {"--screenshot", own_file("a.svg").string()},
      {"--screenshot", out, "--panel", "zorp"},
      {"--session", "s.json", "--screenshot", out, kStars}};
  for (const auto& line : lines) {
    const ProgramRun run = run_gui_program(line);
    EXPECT_EQ(run.status, 2) << line.front();
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    EXPECT_TRUE(run.err.starts_with("vqalign-gui: ")) << run.err;
  }
}

TEST(GuiProgram, WhatCannotBeShownIsOneLineAndStatusOne) {
  const fs::path out = own_file("a.png");
  std::ofstream(own_file("rubbish.json")) << "{ rubbish";
  const std::vector<std::vector<std::string>> lines = {
      {"--model", own_file("none.safetensors").string()},
      {"--session", own_file("rubbish.json").string()},
      {own_file("none.png").string(), kRed}};
  for (std::vector<std::string> line : lines) {
    line.insert(line.end(), {"--screenshot", out.string()});
    const ProgramRun run = run_gui_program(line);
    EXPECT_EQ(run.status, 1) << line[0] << run.err;
    EXPECT_NE(run.err.find("vqalign-gui: "), std::string::npos) << run.err;
    EXPECT_FALSE(fs::exists(out));
  }
}

TEST(GuiProgram, AScreenshotIsTheWindow) {
  const fs::path light = own_file("light.png"), dark = own_file("dark.png");
  const ProgramRun run = run_gui_program(
      {kStars, kRed, "--screenshot", light.string(), "--size", "1100x700", "--theme", "light"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run_gui_program({kStars, kRed, "--screenshot", dark.string(), "--size", "1100x700",
                             "--theme", "dark"})
                .status,
            0);
  const QImage day(QString::fromStdString(light.string())),
      night(QString::fromStdString(dark.string()));
  ASSERT_EQ(day.size(), QSize(1100, 700));
  ASSERT_EQ(night.size(), day.size());
  EXPECT_GT(day.pixelColor(1050, 690).lightness(), 180);
  EXPECT_LT(night.pixelColor(1050, 690).lightness(), 100);
}

}  // namespace
}  // namespace vqalign::test

// vqalign figure: what it writes, where, and without a display.
#include <gtest/gtest.h>

#include "failures.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

std::string picture() {
  return (*fs::directory_iterator(workbench().data / "val2014")).path();
}

std::vector<std::string> figure(const fs::path& out, const std::vector<std::string>& more = {}) {
  std::vector<std::string> line = {
      "figure", picture(), "Is there a circle?", "--model", workbench().model, "--out", out};
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

TEST(FigureVerb, WritesAllFourFormats) {
  const fs::path folder = fresh_folder("figures");
  const std::pair<const char*, std::string> files[] = {
      {"f.svg", "<?xml"}, {"f.png", "\x89PNG"}, {"f.json", "{"}, {"f.csv", "part,rank,text,value"}};
  std::string best;
  for (const auto& [name, start] : files) {
    const ProgramRun run = run_vqalign(figure(folder / name, {"--json"}));
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(run.err, "");
    const Json said = Json::parse(run.out);
    EXPECT_EQ(said.at("out").as_string(), (folder / name).string());
    best = said.at("answer").as_string();
    EXPECT_TRUE(file_text(folder / name).starts_with(start)) << name;
  }
  EXPECT_NE(file_text(folder / "f.svg").find(">" + best + "</text>"), std::string::npos) << best;
  const Json json = read_json(folder / "f.json");
  EXPECT_EQ(json.at("answers").as_array()[0].at("answer").as_string(), best);
  double sum = 0;
  for (const Json& region : json.at("regions").as_array()) sum += region.at("weight").as_double();
  EXPECT_NEAR(sum, 1, 1e-4);
}

TEST(FigureVerb, NeedsNoDisplay) {
  const fs::path folder = fresh_folder("no_display");
  const std::string command = "vqalign figure " + picture() + " 'Is there a circle?' --model " +
                              workbench().model.string() + " --out f.png";
  for (const char* environment :
       {"env -u DISPLAY -u QT_QPA_PLATFORM", "env -u DISPLAY QT_QPA_PLATFORM=xcb",
        "env DISPLAY=:77 QT_QPA_PLATFORM=wayland"}) {
    const ProgramRun run =
        run_shell(std::string(environment) + " sh -c \"" + command + "\"", folder);
    EXPECT_EQ(run.status, 0) << environment << ": " << run.err;
    EXPECT_EQ(run.err, "") << environment;
    EXPECT_TRUE(file_text(folder / "f.png").starts_with("\x89PNG"));
    fs::remove(folder / "f.png");
  }
}

TEST(FigureVerb, OptionsChangeTheFigure) {
  const fs::path folder = fresh_folder("figure_options");
  const auto bytes = [&](const char* name, const std::vector<std::string>& more) {
    const ProgramRun run = run_vqalign(figure(folder / name, more));
    EXPECT_EQ(run.status, 0) << run.err;
    return file_text(folder / name);
  };
  const std::string plain = bytes("a.png", {});
  EXPECT_EQ(plain, bytes("b.png", {}));
  EXPECT_NE(plain, bytes("c.png", {"--set", "figure.colours=magma"}));
  EXPECT_NE(plain, bytes("d.png", {"--top", "2"}));
  EXPECT_NE(plain, bytes("e.png", {"--set", "figure.opacity=0.1"}));
}

TEST(FigureVerb, WrongUses) {
  const fs::path folder = fresh_folder("figure_wrong");
  fs::copy_file(picture(), folder / "own.png");
  const std::pair<std::vector<std::string>, std::string> uses[] = {
      {{"figure", picture(), "What?"}, "--out is required"},
      {figure(folder / "f.pdf"), ".svg, .png, .json or .csv"},
      {figure(folder / "f"), ".svg, .png, .json or .csv"},
      {figure(folder / "f.png", {"--set", "figure.colours=jet"}), "viridis"},
      {figure(folder / "f.png", {"--set", "figure.color=magma"}), "did you mean figure.colours?"},
      {figure(folder / "f.png", {"--set", "figure.width=10"}), "figure.width is 10"},
      {figure(folder / "f.png", {"--top", "101"}), "--top is 101, allowed is 1 to 100"},
      {{"figure", folder / "own.png", "What?", "--out", folder / "own.png"},
       "would replace the picture itself"},
      {{"figure", "--out", folder / "f.png"}, "IMAGE is missing"},
  };
  for (const auto& [arguments, said] : uses) {
    const ProgramRun run = run_vqalign(arguments);
    EXPECT_EQ(run.status, 2) << said;
    EXPECT_EQ(line_count(run.err), 1u) << run.err;
    EXPECT_NE(run.err.find(said), std::string::npos) << said << "\nnot in: " << run.err;
  }
  EXPECT_FALSE(fs::exists(folder / "f.png"));
  EXPECT_EQ(file_text(folder / "own.png"), file_text(picture()));
}

TEST(FigureVerb, LeavesNothingHalfWritten) {
  const fs::path folder = fresh_folder("figure_failures");
  expect_failure(figure(folder / "none" / "f.png"), {"f.png"});
  RunSettings settings;
  settings.file_size_limit = 4096;
  expect_failure(figure(folder / "large.png"), {"large.png"}, settings);
  EXPECT_TRUE(fs::is_empty(folder));
}

}  // namespace
}  // namespace vqalign::test

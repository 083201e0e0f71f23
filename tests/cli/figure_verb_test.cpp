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
  EXPECT_NE(plain, bytes("f.png", {"--set", "figure.theme=dark"}));
}

/// A figure of the README's scene by the shipped model.
std::vector<std::string> shipped(const fs::path& out, const std::vector<std::string>& settings) {
  std::vector<std::string> line = {"figure", VQALIGN_SOURCE_DIR "/docs/scene.png",
                                   "What shape is the blue thing?", "--out", out};
  for (const std::string& setting : settings) {
    line.insert(line.end(), {"--set", "figure." + setting});
  }
  return line;
}

Json shipped_json(const fs::path& out, const std::vector<std::string>& settings) {
  const ProgramRun run = run_vqalign(shipped(out, settings));
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.err, "");
  return read_json(out);
}

double sum_of(const Json& numbers) {
  double sum = 0;
  for (const Json& number : numbers.as_array()) sum += number.as_double();
  return sum;
}

double probability_of(const Json& json, const std::string& answer) {
  for (const Json& each : json.at("answers").as_array()) {
    if (each.at("answer").as_string() == answer) return each.at("probability").as_double();
  }
  return -1;
}

TEST(FigureVerb, DrawsEveryViewOfTheShippedModel) {
  const fs::path folder = fresh_folder("figure_views");
  const std::pair<const char*, const char*> views[] = {
      {"summary", ">triangle</text>"},        {"overlay", "of region pooling"},
      {"answers", ">triangle</text>"},        {"heads", ">Image self-attention</text>"},
      {"matrix", ">Guided attention, layer"}, {"paper", ">(d)</text>"}};
  for (const auto& [view, text] : views) {
    const fs::path file = folder / (std::string(view) + ".svg");
    const ProgramRun run = run_vqalign(shipped(file, {"view=" + std::string(view)}));
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_NE(file_text(file).find(text), std::string::npos) << view;
    EXPECT_NE(file_text(file).find("View: " + std::string(view)), std::string::npos);
  }
}

TEST(FigureVerb, MatrixAndHeadsHoldTheModelsMaps) {
  const fs::path folder = fresh_folder("figure_maps");
  const Json matrix =
      shipped_json(folder / "m.json", {"view=matrix", "family=guided", "layer=0", "head=1"});
  const Json& map = matrix.at("map");
  EXPECT_EQ(map.at("keys").dump(), R"(["what","shape","is","the","blue","thing"])");
  ASSERT_EQ(map.at("weights").as_array().size(), matrix.at("regions").as_array().size());
  for (const Json& row : map.at("weights").as_array()) EXPECT_NEAR(sum_of(row), 1, 1e-4);
  const Json info = Json::parse(
      run_vqalign({"info", VQALIGN_SOURCE_DIR "/models/scenes.safetensors", "--json"}).out);
  const Json heads = shipped_json(folder / "h.json", {"view=heads"});
  const int64_t wanted = 3 * info.at("layers").as_int() * info.at("heads").as_int();
  ASSERT_EQ(int64_t(heads.at("heads").as_array().size()), wanted);
  bool same = false;
  for (const Json& head : heads.at("heads").as_array()) {
    same = same || (head.at("family").as_string() == "guided" && head.at("layer").as_int() == 0 &&
                    head.at("head").as_int() == 1 && head.at("weights") == map.at("weights"));
  }
  EXPECT_TRUE(same);
  run_vqalign(shipped(folder / "m.csv", {"view=matrix", "layer=0", "head=1"}));
  EXPECT_EQ(line_count(file_text(folder / "m.csv")), 1 + 6 * map.at("weights").as_array().size());
  run_vqalign(shipped(folder / "h.csv", {"view=heads"}));
  EXPECT_EQ(int64_t(line_count(file_text(folder / "h.csv"))), 1 + wanted);
}

TEST(FigureVerb, TellsOtherWeightsThanPooling) {
  const fs::path folder = fresh_folder("figure_weights");
  const Json word = shipped_json(folder / "w.json", {"weights=attention", "word=blue"});
  EXPECT_EQ(word.at("subject").dump(), R"({"word":4})");
  EXPECT_EQ(word.at("weights_of").at("regions").at("of").as_string(), "what \"blue\" receives");
  EXPECT_NEAR(sum_of(word.at("word_weights")), 1, 1e-4);
  for (const char* source : {"rollout", "relevance"}) {
    const Json json = shipped_json(folder / "s.json", {std::string("weights=") + source});
    double sum = sum_of(json.at("word_weights"));
    for (const Json& region : json.at("regions").as_array()) sum += region.at("weight").as_double();
    EXPECT_NEAR(sum, 1, 1e-4) << source;
  }
  const Json star = shipped_json(folder / "r.json", {"weights=relevance", "answer=star"});
  EXPECT_EQ(star.at("weights_of").at("words").at("of").as_string(), "relevance for \"star\"");
}

TEST(FigureVerb, AsksAgainWithoutWhatIsTakenAway) {
  const fs::path folder = fresh_folder("figure_edits");
  const Json plain = shipped_json(folder / "p.json", {});
  const Json silenced =
      shipped_json(folder / "s.json", {"silence=guided:0:0,guided:0:1,guided:1:2,image_self:2:3"});
  EXPECT_NE(probability_of(plain, "triangle"), probability_of(silenced, "triangle"));
  EXPECT_EQ(silenced.at("edits").at("silence").dump(),
            R"(["guided:0:0","guided:0:1","guided:1:2","image_self:2:3"])");
  const Json dropped = shipped_json(folder / "d.json", {"drop_words=4", "drop_regions=0,1"});
  EXPECT_NE(probability_of(plain, "triangle"), probability_of(dropped, "triangle"));
  EXPECT_EQ(dropped.at("word_weights").as_array()[4].as_double(), 0);
  EXPECT_EQ(dropped.at("edits").at("drop_regions").dump(), "[0,1]");
}

TEST(FigureVerb, NamesTheModelByItsHash) {
  const fs::path folder = fresh_folder("figure_hash");
  const Json json = shipped_json(folder / "f.json", {});
  const ProgramRun sum =
      run_shell("sha256sum " VQALIGN_SOURCE_DIR "/models/scenes.safetensors", folder);
  EXPECT_EQ(json.at("model_sha256").as_string(), sum.out.substr(0, 64));
}

TEST(FigureVerb, BadChoicesNameWhatThereIs) {
  const fs::path folder = fresh_folder("figure_choices");
  const std::pair<const char*, const char*> settings[] = {
      {"view=pooling", "summary"},
      {"view=sketch", "matrix"},
      {"weights=guess", "rollout"},
      {"family=sideways", "image_self"},
      {"head=most", "allowed is mean, max or a head's number"},
      {"silence=guided:0", "figure.silence: \"guided:0\" is no head"},
      {"silence=guided:0:99", "head 99"},
      {"drop_words=x", "figure.drop_words"},
      {"drop_words=6", "the question has"},
      {"drop_regions=10000", "the picture has"},
      {"statistic=effect", "entropy"}};
  for (const auto& [setting, said] : settings) {
    const ProgramRun run = run_vqalign(shipped(folder / "f.png", {setting}));
    EXPECT_EQ(run.status, 2) << setting;
    EXPECT_EQ(line_count(run.err), 1u) << run.err;
    EXPECT_NE(run.err.find(said), std::string::npos) << said << "\nnot in: " << run.err;
  }
  const std::pair<const char*, const char*> attention[] = {
      {"word=red", "the words that were read are: what (#0), shape (#1)"},
      {"layer=99", "figure.layer is 99, allowed is -1 to"},
      {"head=99", "figure.head is 99, allowed is mean, max or 0 to"},
      {"region=9999", "figure.region is 9999, allowed is -1 to"}};
  for (const auto& [setting, said] : attention) {
    const ProgramRun run = run_vqalign(shipped(folder / "f.png", {"weights=attention", setting}));
    EXPECT_EQ(run.status, 2) << setting;
    EXPECT_NE(run.err.find(said), std::string::npos) << said << "\nnot in: " << run.err;
  }
  const ProgramRun unknown =
      run_vqalign(shipped(folder / "f.png", {"weights=relevance", "answer=no such thing"}));
  EXPECT_EQ(unknown.status, 2);
  EXPECT_NE(unknown.err.find("no answer \"no such thing\""), std::string::npos) << unknown.err;
  EXPECT_TRUE(fs::is_empty(folder));
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

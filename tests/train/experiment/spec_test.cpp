// What a spec may say, and what is said of one that is wrong.
#include "vqalign/train/experiment/spec.h"

#include "experiment_fixture.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr const char* kWhole = R"({
  "name": "two", "data": {"scenes": {"train": 100, "val": 20, "report": 30, "seed": 5,
                                     "options": {"max_objects": 3}}},
  "recipe": "scenes", "common": {"train": {"batch_size": 32}, "align": {"weight": 0.5}},
  "settings": [{"name": "base", "align": {"kind": "none"}},
               {"name": "ct", "align": {"kind": "ct"}}],
  "base": "base", "seeds": [3, 1], "minutes": 2.5, "passes": 0, "noise": 0.5, "replicates": 500})";

class SpecTest : public ExperimentTest {
 protected:
  void expect_refused(const std::string& text, const std::vector<std::string>& said) {
    SCOPED_TRACE(text);
    try {
      spec(text);
      ADD_FAILURE() << "was taken";
    } catch (const UsageError& error) {
      const std::string line = std::string(error.what()) + "; " + error.hint();
      EXPECT_NE(line.find("spec.json"), std::string::npos) << line;
      EXPECT_EQ(line.find('\n'), std::string::npos) << line;
      for (const std::string& part : said) {
        EXPECT_NE(line.find(part), std::string::npos) << line << "\nlacks " << part;
      }
    }
  }

  /// A small spec with more fields, or with others in place of its own.
  std::string with(const std::string& more, const std::string& settings = R"([{"name": "base"}])",
                   const std::string& seeds = "[1]") {
    return R"({"base": "base", "settings": )" + settings + R"(, "seeds": )" + seeds +
           (more.empty() ? "" : ", " + more) + "}";
  }
};

TEST_F(SpecTest, AllFields) {
  const ExperimentSpec whole = spec(kWhole);
  EXPECT_EQ(whole.name, "two");
  ASSERT_TRUE(whole.scenes);
  EXPECT_EQ(whole.scenes->train, 100);
  EXPECT_EQ(whole.scenes->report, 30);
  EXPECT_EQ(scene_options(*whole.scenes, "").max_objects, 3);
  EXPECT_EQ(whole.settings.size(), 2u);
  EXPECT_EQ(whole.seeds, (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(whole.minutes, 2.5);
  EXPECT_FALSE(whole.epochs);
  EXPECT_EQ(whole.passes, 0);
  EXPECT_EQ(whole.noise, 0.5);
  EXPECT_EQ(whole.replicates, 500);
  const Json merged = merged_options(whole, whole.settings[1]);
  EXPECT_EQ(merged.dump(), R"({"train":{"batch_size":32},"align":{"weight":0.5,"kind":"ct"}})");
}

TEST_F(SpecTest, Defaults) {
  const ExperimentSpec small = spec(with(R"("data": {"directory": "vqa2"})"));
  EXPECT_EQ(small.name, "spec");
  EXPECT_EQ(small.directory, folder_ / "vqa2");
  EXPECT_EQ(small.recipe, "scenes");
  EXPECT_EQ(small.passes, 20);
  EXPECT_EQ(small.noise, 1);
  EXPECT_EQ(small.replicates, 10000);
  EXPECT_EQ(small.val, "val");
  EXPECT_EQ(spec(with(R"("data": {"scenes": {"train": 9, "report": 9}})")).val, "none");
}

TEST_F(SpecTest, WrongFields) {
  expect_refused(with(R"("epoch": 3)"), {"no field \"epoch\"", "did you mean epochs?"});
  expect_refused(with(R"("data": {"scene": {}})"), {": data: ", "did you mean scenes?"});
  expect_refused(with(R"("data": {"scenes": {"train": 5, "vall": 5}})"),
                 {"data: scenes", "did you mean val?"});
  expect_refused(with(R"("data": {"scenes": {"train": 5, "val": 5, "options": {"shape": 3}}})"),
                 {"data: scenes: options", "did you mean scenes.shapes?"});
  expect_refused(with("", R"([{"name": "base", "aling": {}}])"),
                 {"settings[0]", "did you mean align?"});
  expect_refused(with("", R"([{"name": "base", "align": {"knd": "ct"}}])"),
                 {"settings[0] (base)", "did you mean align.kind?"});
  expect_refused(with("", R"([{"name": "base", "align": {"kind": "cd"}}])"),
                 {"settings[0] (base)", "align.kind is \"cd\"", "ct"});
  expect_refused(with(R"("common": {"train": {"batch_sise": 3}})"),
                 {"common", "did you mean train.batch_size?"});
  expect_refused(with(R"("recipe": "scene")"), {"recipe", "did you mean scenes?"});
  expect_refused(with(R"("init": "no.safetensors")"), {"init: there is no file", "no.safetensors"});
  expect_refused(with(R"("noise": 1, "noise": 2)"), {"\"noise\" twice"});
}

TEST_F(SpecTest, WrongValues) {
  expect_refused("[]", {"expected an object, found an array"});
  expect_refused(with(R"("epochs": 0)"), {"epochs is 0, allowed is 1 to 1000000"});
  expect_refused(with(R"("epochs": 1.5)"), {"epochs: expected a whole number, found 1.5"});
  expect_refused(with(R"("epochs": "two")"), {"epochs", "found a string"});
  expect_refused(with(R"("minutes": 0)"), {"minutes is 0, allowed is 0.01 to 1000000"});
  expect_refused(with(R"("passes": 1)"), {"passes is 1"});
  expect_refused(with(R"("noise": -1)"), {"noise is -1, allowed is 0 to 1000000"});
  expect_refused(with(R"("replicates": 1)"), {"replicates is 1, allowed is 100 to"});
  expect_refused(with(R"("name": "")"), {"name is empty"});
  expect_refused(with(R"("data": {"scenes": {"train": 99999999, "val": 1}})"),
                 {"train is 99999999, allowed is 1 to 10000000"});
}

TEST_F(SpecTest, ListsAndNames) {
  expect_refused(with("", "[]"), {"settings is empty"});
  expect_refused(with("", "{}"), {"settings: expected an array, found an object"});
  expect_refused(with("", R"([{"name": "base"}])", "[]"), {"seeds is empty"});
  expect_refused(with("", R"([{"name": "base"}])", "[1, 2, 1]"), {"seeds: 1 is there twice"});
  expect_refused(with("", R"([{"name": "base"}])", "[-1]"), {"seeds is -1"});
  expect_refused(with("", R"([{"name": "base"}, {"name": "base"}])"),
                 {"settings[1]", "\"base\" already"});
  expect_refused(with("", R"([{"name": "bass"}])"),
                 {"base is \"base\", which is no setting", "did you mean bass?"});
  expect_refused(with("", R"([{"name": "../x"}])"), {"settings[0]: name is \"../x\""});
  expect_refused(with("", R"([{"align": {}}])"), {"no field \"name\""});
  expect_refused(R"({"settings": [{"name": "a"}], "seeds": [1]})", {"no field \"base\""});
  expect_refused(R"({"base": "a", "seeds": [1]})", {"no field \"settings\""});
}

TEST_F(SpecTest, Contradictions) {
  expect_refused(with(R"("epochs": 2, "minutes": 3)"), {"both epochs and minutes"});
  expect_refused(with(R"("epochs": 2, "common": {"train": {"epochs": 3}})"),
                 {"common: train.epochs is given, and epochs"});
  expect_refused(with(R"("data": {"scenes": {"train": 5, "val": 5}, "directory": "x"})"),
                 {"both scenes and directory"});
  expect_refused(with(R"("data": {"scenes": {"train": 5}})"), {"nothing to score"});
  expect_refused(with(R"("data": {"scenes": {"train": 5, "val": 5}}, "splits": {"val": "x"})"),
                 {"splits", "drawn scenes have their own"});
  expect_refused(with(R"("splits": {"val": "none"})"), {"nothing to score"});
  expect_refused(with(R"("splits": {"val": "val", "held_out": 0.2})"), {"both val and held_out"});
}

TEST_F(SpecTest, ShippedSpecsAreSound) {
  const std::filesystem::path folder = std::filesystem::path(VQALIGN_SOURCE_DIR) / "experiments";
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    SCOPED_TRACE(entry.path());
    const ExperimentSpec shipped = read_experiment_spec(entry.path());
    EXPECT_EQ(shipped.base, "base");
    EXPECT_GE(shipped.seeds.size(), 2u);
    EXPECT_EQ(shipped.passes, 20);
    EXPECT_EQ(shipped.noise, 1);
    ++count;
  }
  EXPECT_GE(count, 4);
}

TEST_F(SpecTest, FilesThatAreNone) {
  EXPECT_THROW(read_experiment_spec(folder_ / "missing.json"), Error);
  EXPECT_THROW(spec("{\"base\": "), Error);
  EXPECT_THROW(spec(std::string(2 << 20, ' ')), Error);
}

}  // namespace
}  // namespace vqalign

// The verb attention.
#include <gtest/gtest.h>

#include "failures.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

Arguments looking(const Arguments& more, const fs::path& data = workbench().data) {
  Arguments all = {"attention", "--model", workbench().model, "--data", data, "--split", "val"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Json looked_at(const Arguments& arguments) {
  const ProgramRun run = run_vqalign(arguments);
  EXPECT_EQ(run.status, 0) << run.err;
  return run.status == 0 ? Json::parse(run.out) : Json::object();
}

TEST(Attention, WritesTheSameInEveryForm) {
  const fs::path folder = fresh_folder("attention");
  const Json json = looked_at(
      looking({"--sample", "20", "--occlusion", "4", "--json", "--quiet", "--out",
               folder / "a.json", "--table", folder / "a.csv", "--report", folder / "a.html"}));
  EXPECT_EQ(json, read_json(folder / "a.json"));
  EXPECT_EQ(json.at("model").at("questions").as_int(), 20);
  EXPECT_EQ(json.at("model").at("occluded").as_int(), 4);
  EXPECT_EQ(line_count(file_text(folder / "a.csv")), 21u);
  EXPECT_NE(file_text(folder / "a.html").find("</html>"), std::string::npos);
  const ProgramRun text = run_vqalign(looking({"--sample", "20", "--occlusion", "4", "--quiet"}));
  EXPECT_EQ(text.err, "");
  EXPECT_TRUE(text.out.starts_with("model.safetensors  mass %")) << text.out;
  EXPECT_NE(text.out.find("20 questions of val2014; "), std::string::npos) << text.out;
}

TEST(Attention, MmdIsThatOfEval) {
  const Json json = looked_at(looking({"--sample", "0", "--occlusion", "0", "--json", "--quiet"}));
  const Json eval = looked_at({"eval", "--model", workbench().model, "--data", workbench().data,
                               "--split", "val", "--alignment", "--json", "--quiet"});
  const Json& alignment = eval.at("alignment");
  EXPECT_NEAR(json.at("model").at("mmd_total").as_double(), alignment.at("mmd_total").as_double(),
              1e-4);
  const Json::Array& heads = alignment.at("mmd").as_array();
  const Json::Array& subjects = json.at("model").at("subjects").as_array();
  ASSERT_EQ(subjects.size(), heads.size() + 3);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    EXPECT_EQ(subjects[i + 3].at("family"), heads[i].at("family"));
    EXPECT_NEAR(subjects[i + 3].at("mmd").at("mean").as_double(), heads[i].at("value").as_double(),
                1e-4);
  }
}

TEST(Attention, AgainstItselfNothingDiffers) {
  const Json json = looked_at(looking(
      {"--against", workbench().model, "--sample", "8", "--occlusion", "2", "--json", "--quiet"}));
  EXPECT_EQ(json.at("against").at("subjects"), json.at("model").at("subjects"));
  for (const char* key : {"difference", "low", "high"}) {
    EXPECT_EQ(json.at("differences").as_array()[0].at("mass").at(key).as_double(), 0) << key;
  }
}

TEST(Attention, WithoutLabelsPointingIsLeftOut) {
  const fs::path data = dataset_copy("unlabelled");
  fs::remove(data / "scenes_val2014.json");
  const ProgramRun run =
      run_vqalign(looking({"--sample", "8", "--occlusion", "2", "--quiet"}, data));
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.out.find("pointing is left out"), std::string::npos) << run.out;
  EXPECT_EQ(run.out.find("mass"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("entropy"), std::string::npos);
}

TEST(Attention, WrongUses) {
  const std::pair<Arguments, const char*> uses[] = {
      {looking({"--sample", "-1"}), "--sample is -1"},
      {looking({"--occlusion", "x"}), "--occlusion"},
      {looking({"--out", workbench().model}), "though it is read"},
      {{"attention", "--model", workbench().model}, "--data"},
      {looking({"--features", workbench().data}), "--features"},
      {{"attention", "--data", workbench().data, "--split", "val", "--against", workbench().model},
       "--against has 1 layers of 2 heads of question_self, --model 3 of 4: their heads cannot"},
  };
  for (const auto& [arguments, said] : uses) {
    const ProgramRun run = run_vqalign(arguments);
    EXPECT_EQ(run.status, 2) << run.err;
    EXPECT_NE(run.err.find(said), std::string::npos) << run.err;
    EXPECT_EQ(line_count(run.err), 1u) << run.err;
  }
}

TEST(Attention, BadInput) {
  expect_failure(
      {"attention", "--model", workbench().model, "--data", workbench().data, "--split", "dev"},
      {"dev"});
  const fs::path data = dataset_copy("without_questions");
  Json questions = read_json(data / "v2_OpenEnded_mscoco_val2014_questions.json");
  write_text(data / "v2_OpenEnded_mscoco_val2014_questions.json",
             questions.set("questions", Json::array()).dump());
  Json annotations = read_json(data / "v2_mscoco_val2014_annotations.json");
  write_text(data / "v2_mscoco_val2014_annotations.json",
             annotations.set("annotations", Json::array()).dump());
  expect_failure(looking({"--quiet"}, data), {"val2014: has no questions to ask"});
  const fs::path emptied = dataset_copy("without_pictures");
  fs::remove_all(emptied / "val2014");
  fs::create_directory(emptied / "val2014");
  expect_failure(looking({"--quiet"}, emptied), {"has no image in "});
}

}  // namespace
}  // namespace vqalign::test

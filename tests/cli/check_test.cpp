// Datasets looked over, and results files compared, through the real program.
#include <gtest/gtest.h>

#include "failures.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

TEST(Check, FindsNothingWrongWithADrawnDataset) {
  const ProgramRun run = run_vqalign({"check", workbench().data, "--pictures", "decode"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.out.find("64 questions about"), std::string::npos) << run.out;
  EXPECT_TRUE(run.out.ends_with("ready to train on\n")) << run.out;
  const ProgramRun json = run_vqalign({"check", workbench().data, "--json", "--quiet"});
  EXPECT_EQ(json.err, "");
  const Json report = Json::parse(json.out);
  EXPECT_TRUE(report.at("trainable").as_bool());
  EXPECT_EQ(report.at("splits").as_object().size(), 3u);
}

TEST(Check, FailsWhereTrainingWould) {
  const fs::path data = dataset_copy("check_broken");
  fs::remove(fs::directory_iterator(data / "train2014")->path());
  const ProgramRun run = run_vqalign({"check", data, "--quiet", "--json"});
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(line_count(run.err), 1u) << run.err;
  EXPECT_NE(run.err.find("cannot be trained on: 1 kind of error"), std::string::npos) << run.err;
  const Json report = Json::parse(run.out);
  EXPECT_FALSE(report.at("trainable").as_bool());
  EXPECT_EQ(report.at("problems").as_array()[0].at("what").as_string(), "missing pictures");
  EXPECT_NE(run_vqalign({"train", "--quiet", "--data", data, "--out", data / "m"}).status, 0);
  // Without the damaged split the rest is sound, and pictures may be left for later.
  EXPECT_EQ(run_vqalign({"check", data, "--quiet", "--split", "val"}).status, 0);
  EXPECT_EQ(run_vqalign({"check", data, "--quiet", "--pictures", "none"}).status, 0);
}

TEST(Check, NamesAPictureThatIsCutOffAsTrainingAndExtractDo) {
  const fs::path data = dataset_copy("check_cut_off");
  const fs::path picture = fs::directory_iterator(data / "train2014")->path();
  fs::resize_file(picture, fs::file_size(picture) - 20);
  const ProgramRun run = run_vqalign({"check", data, "--json", "--quiet"});
  EXPECT_EQ(run.status, 1) << run.err;
  const Json report = Json::parse(run.out);
  const Json& problem = report.at("problems").as_array().at(0);
  EXPECT_EQ(problem.at("what").as_string(), "broken pictures");
  EXPECT_NE(problem.at("examples").dump().find(picture.filename().string()), std::string::npos);
  const std::string name = picture.filename().string();
  expect_failure({"train", "--quiet", "--data", data, "--out", data / "m", "--epochs", "1"},
                 {name, "the picture is truncated"});
  expect_failure({"extract", "--quiet", "--data", data, "--split", "train", "--encoder", "grid",
                  "--model", workbench().model, "--out", data / "f"},
                 {name, "the picture is truncated"});
}

TEST(Check, RefusesWhatItCannotLookAt) {
  const fs::path empty = fresh_folder("check_empty");
  expect_failure({"check", "--quiet", empty}, {"check_empty", "holds no questions"});
  expect_failure({"check", "--quiet", empty / "missing"}, {"missing", "No such file"});
  expect_failure({"check", "--quiet", workbench().data, "--split", "dev"}, {"no split \"dev\""});
}

TEST(Score, ComparesSeveralFiles) {
  const fs::path folder = fresh_folder("compare");
  const std::string good = good_results();
  const fs::path other = folder / "none.json", table = folder / "t.csv";
  Json rows = read_json(good);
  Json changed = Json::array();
  for (const Json& row : rows.as_array()) {
    changed.push(Json::object().set("question_id", row.at("question_id")).set("answer", "nothing"));
  }
  write_json(other, changed);
  std::vector<std::string> arguments = {"score",
                                        "--questions",
                                        workbench().questions(),
                                        "--annotations",
                                        workbench().annotations(),
                                        "--results",
                                        good,
                                        other,
                                        "--table",
                                        table};
  const ProgramRun text = run_vqalign(arguments);
  ASSERT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("disagreements"), std::string::npos) << text.out;
  const std::string csv = file_text(table);
  EXPECT_EQ(line_count(csv), 33u);
  EXPECT_NE(csv.substr(0, csv.find('\n')).find("accuracy none,disagree"), std::string::npos);

  arguments.insert(arguments.end(), {"--json", "--quiet"});
  const Json json = Json::parse(run_vqalign(arguments).out);
  ASSERT_EQ(json.at("results").as_array().size(), 2u);
  EXPECT_EQ(json.at("results").as_array()[1].at("file").as_string(), other.string());
  EXPECT_EQ(json.at("results").as_array()[1].at("overall").as_double(), 0);
  const Json& pair = json.at("pairs").as_array()[0];
  EXPECT_EQ(pair.at("only_first_right").as_int(), json.at("disagreements").as_int());
  EXPECT_EQ(pair.at("only_second_right").as_int(), 0);
  EXPECT_EQ(pair.at("same_answers").as_double(), 0);
  expect_failure({"score", "--quiet", "--questions", workbench().questions(), "--annotations",
                  workbench().annotations(), "--results", good, "--results", folder / "no.json"},
                 {"no.json", "No such file"});
}

TEST(Eval, WritesAReportAndComparesWithThePrior) {
  const fs::path report = fresh_folder("report") / "r.html";
  const std::vector<std::string> on_val = evaluation(workbench().data, workbench().model);
  std::vector<std::string> arguments = on_val;
  arguments.insert(arguments.end(), {"--report", report});
  const ProgramRun run = run_vqalign(arguments);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.out.find("of train2014"), std::string::npos) << run.out;
  const std::string html = file_text(report);
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>"));
  EXPECT_NE(html.find("data:image/jpeg;base64,"), std::string::npos);

  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = on_val;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const Json none = Json::parse(run_vqalign(with({"--json", "--prior-split", "none"})).out);
  EXPECT_EQ(none.find("prior"), nullptr);
  const Json itself = Json::parse(run_vqalign(with({"--json", "--prior-split", "val"})).out);
  EXPECT_EQ(itself.at("prior").at("split").as_string(), "val2014");
  expect_failure(with({"--prior-split", "dev"}), {"has no split \"dev\""});
  expect_failure(with({"--prior-split", "test"}), {"test2015", "no annotations"});
}

TEST(Eval, HasNoPriorOfATrainSplitWithoutQuestions) {
  const fs::path data = fresh_folder("no_train");
  ASSERT_EQ(
      run_vqalign({"scenes", "--quiet", "--out", data, "--train", "0", "--val", "8", "--test", "0"})
          .status,
      0);
  std::vector<std::string> arguments = evaluation(data, workbench().model);
  arguments.emplace_back("--json");
  const ProgramRun run = run_vqalign(arguments);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(Json::parse(run.out).find("prior"), nullptr);
}

}  // namespace
}  // namespace vqalign::test

// vqalign robustness, and eval with a harmed dataset.
#include <gtest/gtest.h>

#include <csignal>

#include "failures.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

Arguments of_workbench(Arguments first, const Arguments& more) {
  first.insert(first.end(),
               {"--model", workbench().model, "--data", workbench().data, "--split", "val"});
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

Json told(Arguments arguments) {
  arguments.insert(arguments.end(), {"--quiet", "--json"});
  const ProgramRun run = run_vqalign(arguments);
  EXPECT_EQ(run.status, 0) << run.err;
  return run.status == 0 ? Json::parse(run.out) : Json::object();
}

TEST(Robustness, PointsAreThoseOfEval) {
  const fs::path folder = fresh_folder("robustness");
  const Json json =
      told(of_workbench({"robustness"}, {"--kinds", "occlusion,greedy_drop_word", "--passes", "3",
                                         "--out", folder / "r.json", "--table", folder / "r.csv",
                                         "--report", folder / "r.html"}));
  EXPECT_EQ(read_json(folder / "r.json"), json);
  EXPECT_TRUE(json.at("complete").as_bool());
  EXPECT_EQ(json.at("questions").as_int(), 32);
  EXPECT_EQ(line_count(file_text(folder / "r.csv")), 12u);
  EXPECT_TRUE(file_text(folder / "r.html").ends_with("</html>\n"));

  const auto expect_same = [](const Json& point, const Json& eval) {
    EXPECT_EQ(point.at("overall"), eval.at("overall"));
    EXPECT_EQ(point.at("pavpu"), eval.at("uncertainty").at("pavpu"));
    EXPECT_NEAR(point.at("ece").as_double(), eval.at("uncertainty").at("ece").as_double(), 1e-4);
  };
  const Json plain = told(of_workbench({"eval"}, {"--passes", "3"}));
  expect_same(json.at("clean"), plain);
  EXPECT_EQ(plain.find("harm"), nullptr);
  const auto points = [&](std::size_t kind) {
    return json.at("kinds").as_array()[kind].at("points").as_array();
  };
  const Json hidden = told(of_workbench({"eval"}, {"--passes", "3", "--corrupt", "occlusion:5"}));
  expect_same(points(0)[4], hidden);
  EXPECT_EQ(hidden.at("harm").at("corrupt").as_string(), "occlusion:5");
  const Json dropped =
      told(of_workbench({"eval"}, {"--passes", "3", "--attack", "greedy_drop_word:2"}));
  expect_same(points(1)[1], dropped);
  EXPECT_EQ(points(1)[1].at("changed"), dropped.at("harm").at("changed"));
  EXPECT_NE(hidden.at("loss"), plain.at("loss"));
  EXPECT_NE(dropped.at("loss"), plain.at("loss"));
}

TEST(Robustness, TextAndSamples) {
  const Arguments run = of_workbench(
      {"robustness"}, {"--kinds", "swap", "--passes", "0", "--sample", "9", "--quiet"});
  const ProgramRun text = run_vqalign(run);
  ASSERT_EQ(text.status, 0) << text.err;
  EXPECT_EQ(text.err, "");
  EXPECT_TRUE(text.out.starts_with("9 questions, severity 0 to 5\naccuracy %")) << text.out;
  EXPECT_NE(text.out.find("\nswap"), std::string::npos);
  EXPECT_EQ(text.out.find("PAvPU"), std::string::npos);
  EXPECT_EQ(run_vqalign(run).out, text.out);
}

TEST(Robustness, StoredFeaturesHaveNoPictures) {
  const fs::path folder = fresh_folder("robust_features");
  const fs::path store = folder / "r.vqf", model = folder / "m.safetensors";
  const ProgramRun extracted =
      run_vqalign({"extract", "--quiet", "--data", workbench().data, "--split", "train+val",
                   "--encoder", "grid", "--model", workbench().model, "--out", store});
  ASSERT_EQ(extracted.status, 0) << extracted.err;
  const ProgramRun trained = run_vqalign(with_tiny_network(
      {"train", "--quiet", "--data", workbench().data, "--features", store, "--out", model,
       "--epochs", "1", "--set", "vision.encoder=features", "--set", "vision.feature_width=8"}));
  ASSERT_EQ(trained.status, 0) << trained.err;
  const Arguments run = {"--model",    model, "--data",  workbench().data,
                         "--features", store, "--split", "val"};
  const auto with = [&](Arguments first, const Arguments& more) {
    first.insert(first.end(), run.begin(), run.end());
    first.insert(first.end(), more.begin(), more.end());
    return first;
  };
  const ProgramRun usual =
      run_vqalign(with({"robustness"}, {"--passes", "0", "--sample", "4", "--json"}));
  ASSERT_EQ(usual.status, 0) << usual.err;
  EXPECT_NE(usual.err.find("kinds of pictures are left out"), std::string::npos) << usual.err;
  EXPECT_EQ(Json::parse(usual.out).at("kinds").as_array().size(), 7u);
  for (const Arguments& wrong : {with({"robustness"}, {"--kinds", "swap,blur", "--quiet"}),
                                 with({"eval"}, {"--corrupt", "blur:1", "--quiet"})}) {
    const ProgramRun refused = run_vqalign(wrong);
    EXPECT_EQ(refused.status, 2);
    EXPECT_NE(refused.err.find("stored features"), std::string::npos) << refused.err;
    EXPECT_EQ(line_count(refused.err), 1u) << refused.err;
  }
}

TEST(Robustness, InterruptedItKeepsTheFinishedPoints) {
  const fs::path out = fresh_folder("robust_stopped") / "r.json";
  RunSettings settings;
  settings.signal = SIGINT;
  settings.signal_when = [&](const std::string&) { return fs::exists(out); };
  const ProgramRun run =
      run_vqalign(of_workbench({"robustness"}, {"--passes", "200", "--out", out}), settings);
  EXPECT_EQ(run.status, 130) << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find("that were finished"), std::string::npos) << run.err;
  const Json json = read_json(out);
  EXPECT_FALSE(json.at("complete").as_bool());
  EXPECT_NE(json.find("clean"), nullptr);
}

TEST(Robustness, NeedsAnnotations) {
  expect_failure({"robustness", "--quiet", "--model", workbench().model, "--data", workbench().data,
                  "--split", "test"},
                 {"has no annotations"});
}

TEST(Robustness, EvalTellsTheHarmAndExcludesCalibration) {
  const ProgramRun text = run_vqalign(
      of_workbench({"eval"}, {"--quiet", "--corrupt", "blur:2", "--attack", "synonym:1"}));
  ASSERT_EQ(text.status, 0) << text.err;
  for (const char* said : {"blur:2", "synonym:1", "changed"}) {
    EXPECT_NE(text.out.find(said), std::string::npos) << text.out;
  }
  const ProgramRun refused =
      run_vqalign(of_workbench({"eval"}, {"--calibrate", "--attack", "swap:1"}));
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("--calibrate and --attack exclude"), std::string::npos);
}

}  // namespace
}  // namespace vqalign::test

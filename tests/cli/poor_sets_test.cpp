// Sets and models that are too poor for what is asked: a line says so, and nothing is made up.
#include <gtest/gtest.h>

#include <algorithm>

#include "failures.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

constexpr const char* kTrain = "v2_mscoco_train2014_annotations.json";

std::size_t times(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

void expect_once(const ProgramRun& run, const Arguments& lines) {
  EXPECT_EQ(run.status, 0) << run.err;
  for (const std::string& line : lines)
    EXPECT_EQ(times(run.err, line), 1u) << line << "\n" << run.err;
}

/// Everybody gives that answer to every question of the file, or to the first `count` alone, which
/// are then all that the file has.
void answer_all(const fs::path& file, const std::string& answer, std::size_t count = 1000) {
  Json whole = read_json(file);
  Json::Array annotations = whole.at("annotations").as_array();
  annotations.resize(std::min(annotations.size(), count));
  for (Json& annotation : annotations) {
    Json::Array answers = annotation.at("answers").as_array();
    for (Json& one : answers) one.set("answer", answer);
    annotation.set("answers", Json(answers)).set("multiple_choice_answer", answer);
  }
  write_text(file, whole.set("annotations", Json(annotations)).dump());
}

/// The val split with its first `count` questions, all answered alike.
void shorten_val(const fs::path& data, const std::string& answer, std::size_t count) {
  const fs::path questions = data / fs::path(workbench().questions()).filename();
  Json whole = read_json(questions);
  Json::Array list = whole.at("questions").as_array();
  list.resize(count);
  write_text(questions, whole.set("questions", Json(list)).dump());
  answer_all(data / fs::path(workbench().annotations()).filename(), answer, count);
}

/// Questions that all have the answer "yes", 64 to train on and six of val, and a model of them.
struct OneClass {
  fs::path data, model;
  ProgramRun training;
};

const OneClass& one_class() {
  static const OneClass made = [] {
    OneClass one;
    one.data = dataset_copy("one_class");
    one.model = one.data.parent_path() / "m.safetensors";
    answer_all(one.data / kTrain, "yes");
    shorten_val(one.data, "yes", 6);
    one.training = run_vqalign(with_tiny_network(
        {"train", "--data", one.data, "--out", one.model, "--epochs", "1", "--json"}));
    return one;
  }();
  return made;
}

Arguments about_val(Arguments first, const fs::path& data, const fs::path& model,
                    const Arguments& more) {
  first.insert(first.end(), {"--model", model, "--data", data, "--split", "val"});
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

fs::path any_picture() {
  return fs::directory_iterator(workbench().data / "val2014")->path();
}

TEST(PoorSets, TrainTellsOfASingleAnswerBeforeItBegins) {
  const std::string line = "train2014: \"yes\" is the only listed answer that its questions have";
  expect_once(one_class().training, {line});
  EXPECT_LT(one_class().training.err.find(line), one_class().training.err.find("epoch"));
  EXPECT_EQ(workbench().training.err.find("only listed answer"), std::string::npos);
  // Of a list of several that was given too.
  const fs::path folder = fresh_folder("listed");
  write_text(folder / "a.json", R"(["no", "yes"])");
  expect_once(run_vqalign(with_tiny_network({"train", "--data", one_class().data, "--out",
                                             folder / "m.safetensors", "--epochs", "1", "--answers",
                                             folder / "a.json"})),
              {line});
}

TEST(PoorSets, ASingleAnswerIsNotCalledCertain) {
  const Arguments question = {"ask", any_picture(), "Is there a circle?", "--model",
                              one_class().model};
  Arguments passes = question, text;
  passes.insert(passes.end(), {"--passes", "3"});
  text = passes;
  passes.emplace_back("--json");
  const ProgramRun run = run_vqalign(passes);
  expect_once(run, {"warning: The model knows a single answer, so its passes cannot tell how"});
  const Json json = Json::parse(run.out);
  EXPECT_FALSE(json.at("certain").as_bool());
  EXPECT_EQ(json.at("p_value").as_double(), 1);
  EXPECT_EQ(json.at("answers").as_array().size(), 1u);
  EXPECT_GE(json.at("answers").as_array()[0].at("spread").as_double(), 0);
  EXPECT_EQ(json.at("warnings").as_array().size(), 1u);
  const std::string told = json.at("certainty").as_string();
  EXPECT_EQ(told,
            "certain or not: the model knows no answer but \"yes\", so its 3 passes have none "
            "to compare it with");
  EXPECT_NE(run_vqalign(text).out.find(told), std::string::npos);
  const ProgramRun plain = run_vqalign(question);
  EXPECT_EQ(plain.err.find("warning"), std::string::npos) << plain.err;
}

TEST(PoorSets, EvalOfASingleAnswerMakesNoCertaintyUp) {
  const ProgramRun run = run_vqalign(
      about_val({"eval"}, one_class().data, one_class().model, {"--passes", "3", "--json"}));
  expect_once(run, {"the model knows a single answer and gives it to every question: passes",
                    "val2014 has 6 questions: accuracy, calibration and certainty",
                    "val2014: all of the 6 answers are right"});
  const Json json = Json::parse(run.out);
  EXPECT_EQ(json.at("overall").as_double(), 100);
  // All right, none certain.
  EXPECT_EQ(json.at("uncertainty").at("pavpu").as_double(), 0);
  EXPECT_TRUE(json.at("uncertainty").at("auroc").is_null());
  EXPECT_TRUE(json.at("calibration").at("auroc").is_null());
}

TEST(PoorSets, RobustnessOfASingleAnswer) {
  const ProgramRun run = run_vqalign(about_val({"robustness"}, one_class().data, one_class().model,
                                               {"--kinds", "keyboard", "--passes", "2", "--json"}));
  expect_once(run, {"the model knows a single answer", "val2014 has 6 questions"});
  EXPECT_EQ(Json::parse(run.out).at("clean").at("pavpu").as_double(), 0);
}

TEST(PoorSets, ExperimentOfASingleAnswerAndSixQuestions) {
  const fs::path folder = fresh_folder("poor_experiment");
  write_text(folder / "spec.json",
             R"({"data": {"directory": ")" + one_class().data.string() + R"("}, "base": "base",
              "settings": [{"name": "base"}], "seeds": [1, 2], "epochs": 1, "passes": 2,
              "noise": 0, "replicates": 100, "common": {"model": {"layers": 1, "hidden": 32,
              "heads": 2, "feed_forward": 32, "pooling_hidden": 16, "pooled": 32},
              "language": {"word_width": 16}, "train": {"batch_size": 32},
              "vision": {"channels": [8, 8, 8, 8], "pixels": 1024, "pool": 1}}})");
  const Arguments command = {"experiment", folder / "spec.json", "--out", folder / "out"};
  const Arguments lines = {"the reported part has 6 questions",
                           "base-1: the model knows a single answer"};
  expect_once(run_vqalign(command), lines);
  // Told again where nothing is left to run.
  expect_once(run_vqalign(command), lines);
}

TEST(PoorSets, NoneOrAllRightHasNoRanking) {
  const fs::path data = dataset_copy("all_wrong");
  const fs::path annotations = data / fs::path(workbench().annotations()).filename();
  answer_all(annotations, "zebra");
  const Arguments eval =
      about_val({"eval"}, data, workbench().model, {"--passes", "3", "--report", data / "r.html"});
  const ProgramRun text = run_vqalign(eval);
  expect_once(text, {"val2014: none of the 32 answers is right, as no question has an answer that "
                     "the model knows: nothing tells right from wrong, AUROC is not defined"});
  EXPECT_EQ(times(text.out, "AUROC - (all or none right)"), 2u) << text.out;
  EXPECT_EQ(times(file_text(data / "r.html"), "(AUROC) is not defined"), 2u);
  expect_once(run_vqalign(about_val({"robustness"}, data, workbench().model,
                                    {"--kinds", "keyboard", "--passes", "0"})),
              {"val2014: no answer is right as it is: harm has no accuracy to take away"});
  const ProgramRun usual =
      run_vqalign(about_val({"eval"}, workbench().data, workbench().model, {"--passes", "2"}));
  for (const char* said : {"not defined", "single answer", "say little"}) {
    EXPECT_EQ(usual.err.find(said), std::string::npos) << usual.err;
  }
}

}  // namespace
}  // namespace vqalign::test

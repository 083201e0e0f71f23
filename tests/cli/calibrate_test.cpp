// eval --calibrate, and what a calibrated model tells.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "failures.h"
#include "same_tensors.h"
#include "vqalign/core/digest.h"
#include "vqalign/core/formats/npz.h"
#include "vqalign/core/json.h"
#include "vqalign/core/philox.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

Json told(Arguments arguments) {
  arguments.insert(arguments.end(), {"--quiet", "--json"});
  const ProgramRun run = run_vqalign(arguments);
  EXPECT_EQ(run.status, 0) << run.err;
  return run.status == 0 ? Json::parse(run.out) : Json::object();
}

fs::path train_file(const char* name) {
  return workbench().data / name;
}

/// Annotations of the workbench's 64 training questions by people who say what its model says, of
/// three questions in four: for it knows next to nothing else.
const fs::path& agreeing_annotations() {
  static const fs::path file = [] {
    const fs::path folder = fresh_folder("agreeing");
    told({"predict", "--model", workbench().model, "--data", workbench().data, "--split", "train",
          "--out", folder / "r.json"});
    const Json results = read_json(folder / "r.json");
    Json truth = read_json(train_file("v2_mscoco_train2014_annotations.json"));
    Json::Array annotations = truth.at("annotations").as_array();
    for (std::size_t i = 0; i < annotations.size(); ++i) {
      if (i % 4 == 0) continue;
      Json::Array answers = annotations[i].at("answers").as_array();
      for (Json& answer : answers) answer.set("answer", results.as_array()[i].at("answer"));
      annotations[i].set("answers", Json(answers));
    }
    write_text(folder / "a.json", truth.set("annotations", Json(annotations)).dump());
    return folder / "a.json";
  }();
  return file;
}

/// Of these questions.
Arguments evaluation_of(const fs::path& model, const Arguments& more) {
  Arguments all = {"eval",
                   "--model",
                   model,
                   "--questions",
                   train_file("v2_OpenEnded_mscoco_train2014_questions.json"),
                   "--annotations",
                   agreeing_annotations(),
                   "--images",
                   train_file("train2014")};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// The same with --calibrate, by people who agree with the model of every question about the half
/// of the pictures that is not fitted on: less confidence is right for the one, wrong for the
/// other.
Arguments divided_evaluation(const fs::path& folder, const fs::path& model, const Arguments& more) {
  Json truth = read_json(agreeing_annotations());
  const Json results = read_json(agreeing_annotations().parent_path() / "r.json");
  Json::Array annotations = truth.at("annotations").as_array();
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    const auto id = static_cast<uint32_t>(annotations[i].at("image_id").as_int());
    if (philox4x32({id, 0, 0, 0}, {0, 0})[0] % 2 == 0) continue;
    Json::Array answers = annotations[i].at("answers").as_array();
    for (Json& answer : answers) answer.set("answer", results.as_array()[i].at("answer"));
    annotations[i].set("answers", Json(answers));
  }
  const fs::path file = folder / "divided.json";
  write_text(file, truth.set("annotations", Json(annotations)).dump());
  Arguments all = evaluation_of(model, {"--calibrate"});
  std::replace(all.begin(), all.end(), agreeing_annotations().string(), file.string());
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// What eval --verdicts tells: the model's hash and confidences.
std::pair<std::string, torch::Tensor> verdicts_of(const fs::path& file) {
  std::pair<std::string, torch::Tensor> told;
  for (const NpzArray& array : read_npz(file)) {
    if (array.name == "model_sha256") told.first = array.strings.at(0);
    if (array.name == "confidence") told.second = array.tensor;
  }
  return told;
}

class Calibrate : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fresh_folder(testing::UnitTest::GetInstance()->current_test_info()->name());
    model_ = folder_ / "m.safetensors";
    fs::copy_file(workbench().model, model_);
  }

  fs::path folder_, model_;
};

TEST_F(Calibrate, FitsOnOneHalfTellsOfTheOtherAndWritesItDown) {
  const Json plain = told(evaluation_of(model_, {"--passes", "8"}));
  const Json json = told(evaluation_of(model_, {"--passes", "8", "--calibrate"}));
  EXPECT_EQ(json.at("calibration"), plain.at("calibration"));
  EXPECT_EQ(json.at("uncertainty"), plain.at("uncertainty"));
  const Json& fit = json.at("calibrate");
  EXPECT_EQ(fit.at("fitted_on").as_int() + fit.at("reported_on").as_int(), 64);
  for (const char* key : {"before", "after", "passes_before", "passes_after"}) {
    // Scaling keeps the order.
    EXPECT_EQ(fit.at(key).at("auroc"),
              fit.at(std::string(key).starts_with("p") ? "passes_before" : "before").at("auroc"));
  }
  const Json stored = told({"info", model_}).at("calibration");
  EXPECT_EQ(stored.at("temperature"), fit.at("temperature"));
  EXPECT_EQ(stored.at("passes_temperature"), fit.at("passes_temperature"));
  EXPECT_EQ(stored.at("passes").as_int(), 8);
  EXPECT_EQ(stored.at("questions"), fit.at("fitted_on"));
  expect_same_tensors(model_, workbench().model);

  const Json calibrated = told(evaluation_of(model_, {"--passes", "8"}));
  EXPECT_EQ(calibrated.at("overall"), plain.at("overall"));
  EXPECT_EQ(calibrated.at("loss"), plain.at("loss"));
  EXPECT_NE(calibrated.at("calibration").at("nll"), plain.at("calibration").at("nll"));
  EXPECT_EQ(calibrated.at("uncertainty").at("pavpu"), plain.at("uncertainty").at("pavpu"));
  EXPECT_NE(calibrated.at("uncertainty").at("nll"), plain.at("uncertainty").at("nll"));
  const Json raw = told(evaluation_of(model_, {"--passes", "8", "--uncalibrated"}));
  EXPECT_EQ(raw.at("calibration"), plain.at("calibration"));
  EXPECT_EQ(raw.at("uncertainty"), plain.at("uncertainty"));
  // Fitted anew it starts from the network's own probabilities.
  EXPECT_EQ(told(evaluation_of(model_, {"--calibrate"})).at("calibrate").at("temperature"),
            fit.at("temperature"));
  EXPECT_EQ(told({"info", model_}).at("calibration").find("passes"), nullptr);
}

TEST_F(Calibrate, AskTellsTheScaledProbabilityInTheSameOrder) {
  const std::string picture = fs::directory_iterator(workbench().data / "train2014")->path();
  const Arguments question = {"ask", picture, "How many circles are there?", "--model", model_};
  const Json before = told(question);
  const double temperature =
      told(evaluation_of(model_, {"--calibrate"})).at("calibrate").at("temperature").as_double();
  const Json after = told(question);
  EXPECT_EQ(before.find("calibrated"), nullptr);
  EXPECT_TRUE(after.at("calibrated").as_bool());
  const Json::Array& raw = before.at("answers").as_array();
  const Json::Array& scaled = after.at("answers").as_array();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    EXPECT_EQ(raw[i].at("answer"), scaled[i].at("answer"));
    const double p = raw[i].at("probability").as_double();
    const double odds = std::pow(p / (1 - p), 1 / temperature);
    EXPECT_NEAR(scaled[i].at("probability").as_double(), odds / (1 + odds), 1e-4);
  }
  Arguments uncalibrated = question;
  uncalibrated.emplace_back("--uncalibrated");
  const Json unscaled = told(uncalibrated);
  EXPECT_EQ(unscaled.at("answers"), before.at("answers"));
  EXPECT_EQ(unscaled.find("calibrated"), nullptr);
  const ProgramRun text = run_vqalign(question);
  EXPECT_NE(text.out.find("calibrated"), std::string::npos) << text.out;
}

TEST_F(Calibrate, VerdictsAreOfTheModelAsItIsWritten) {
  const fs::path file = folder_ / "v.npz";
  told(evaluation_of(model_, {"--calibrate", "--passes", "8", "--verdicts", file}));
  const auto [hash, scaled] = verdicts_of(file);
  EXPECT_EQ(hash, file_sha256(model_));
  told(evaluation_of(model_, {"--passes", "8", "--verdicts", file}));
  EXPECT_TRUE(torch::allclose(scaled, verdicts_of(file).second, 1e-4, 1e-5));
}

TEST_F(Calibrate, WhatFitsNoOtherQuestionsIsWrittenOnlyWhenAsked) {
  const std::string before = file_text(model_);
  const ProgramRun run = run_vqalign(divided_evaluation(folder_, model_, {"--json"}));
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_FALSE(Json::parse(run.out).at("calibrate").at("written").as_bool()) << run.out;
  EXPECT_NE(run.err.find("worse on the questions not fitted on (NLL "), std::string::npos);
  EXPECT_NE(run.err.find("the model is left as it was"), std::string::npos) << run.err;
  EXPECT_TRUE(file_text(model_) == before);
  const ProgramRun anyway =
      run_vqalign(divided_evaluation(folder_, model_, {"--json", "--calibrate-anyway"}));
  ASSERT_EQ(anyway.status, 0) << anyway.err;
  EXPECT_TRUE(Json::parse(anyway.out).at("calibrate").at("written").as_bool());
  EXPECT_FALSE(file_text(model_) == before);
}

TEST_F(Calibrate, WrongUses) {
  const std::pair<Arguments, const char*> uses[] = {
      {{"eval", "--data", workbench().data, "--split", "val", "--calibrate"},
       "name it with --model"},
      {evaluation_of(model_, {"--calibrate", "--noise", "1"}), "--noise exclude each other"},
      {evaluation_of(model_, {"--calibrate-anyway"}), "goes with --calibrate"},
      {evaluation_of(model_, {"--calibrate", "--uncalibrated"}),
       "--uncalibrated exclude each other"},
  };
  for (const auto& [arguments, said] : uses) {
    const ProgramRun run = run_vqalign(arguments);
    EXPECT_EQ(run.status, 2) << run.err;
    EXPECT_NE(run.err.find(said), std::string::npos) << run.err;
    EXPECT_EQ(line_count(run.err), 1u) << run.err;
  }
}

TEST_F(Calibrate, NothingIsWrittenWhereNothingCanBeFitted) {
  const std::string before = file_text(model_);
  expect_failure({"eval", "--quiet", "--model", model_, "--data", workbench().data, "--split",
                  "test", "--calibrate"},
                 {"has no annotations"});
  // Of the real answers next to none is right, of those of the half to fit on.
  expect_failure({"eval", "--quiet", "--model", model_, "--data", workbench().data, "--split",
                  "train", "--calibrate"},
                 {"no temperature of 0.05 to 20 fits the single pass: of the 32 answers to fit on ",
                  " would fit better, as "});

  // Nine questions about as many pictures.
  Json questions = read_json(workbench().questions());
  Json annotations = read_json(workbench().annotations());
  const auto first_nine = [](const Json& list) {
    const Json::Array& all = list.as_array();
    return Json(Json::Array(all.begin(), all.begin() + 9));
  };
  questions.set("questions", first_nine(questions.at("questions")));
  annotations.set("annotations", first_nine(annotations.at("annotations")));
  write_text(folder_ / "q.json", questions.dump());
  write_text(folder_ / "a.json", annotations.dump());
  expect_failure(
      {"eval", "--quiet", "--model", model_, "--calibrate", "--questions", folder_ / "q.json",
       "--annotations", folder_ / "a.json", "--images", workbench().data / "val2014"},
      {"at least 10 each are needed"});
  EXPECT_TRUE(file_text(model_) == before);

  fs::permissions(model_, fs::perms::owner_read);
  expect_failure(evaluation_of(model_, {"--quiet", "--calibrate"}),
                 {"m.safetensors: is read-only"});
  EXPECT_TRUE(file_text(model_) == before);
}

TEST_F(Calibrate, PassesOfAskAreThoseOfEval) {
  const auto first = [](const std::string& file, const char* key) {
    Json whole = read_json(file);
    const Json one = whole.at(key).as_array()[3];
    return std::pair(whole.set(key, Json::Array{one}), one);
  };
  const auto [questions, question] = first(workbench().questions(), "questions");
  const auto [annotations, annotation] = first(workbench().annotations(), "annotations");
  write_text(folder_ / "q.json", questions.dump());
  write_text(folder_ / "a.json", annotations.dump());
  const Json eval =
      told({"eval", "--model", model_, "--passes", "5", "--questions", folder_ / "q.json",
            "--annotations", folder_ / "a.json", "--images", workbench().data / "val2014"});
  char name[64];
  std::snprintf(name, sizeof name, "COCO_val2014_%012ld.png",
                long(question.at("image_id").as_int()));
  const Json ask = told({"ask", workbench().data / "val2014" / name,
                         question.at("question").as_string(), "--model", model_, "--passes", "5"});
  // Of one question the Brier score is (probability - accuracy)^2, the calibration error its root.
  const double probability = ask.at("answers").as_array()[0].at("probability").as_double();
  const double gap = eval.at("uncertainty").at("ece").as_double();
  EXPECT_NEAR(eval.at("uncertainty").at("brier").as_double(), gap * gap, 1e-12);
  // Official accuracies of an answer that so many of ten people gave.
  bool matches = false;
  for (int votes = 0; votes <= 10; ++votes) {
    const double accuracy =
        (votes * std::min(1.0, (votes - 1) / 3.0) + (10 - votes) * std::min(1.0, votes / 3.0)) / 10;
    matches = matches || std::abs(std::abs(probability - accuracy) - gap) < 1e-5;
  }
  EXPECT_TRUE(matches) << probability << " " << gap;
}

}  // namespace
}  // namespace vqalign::test

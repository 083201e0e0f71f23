// The main job from drawing to scoring, through the real program.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "vqalign/core/formats/npz.h"
#include "vqalign/core/json.h"
#include "workbench.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

Json run_json(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  const ProgramRun run = run_vqalign(arguments);
  EXPECT_EQ(run.status, 0) << run.err;
  return run.status == 0 ? Json::parse(run.out) : Json::object();
}

std::vector<std::string> on_val(const std::string& verb) {
  return {verb,      "--model", workbench().model, "--data", workbench().data.string(),
          "--split", "val"};
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.as_object()) names.push_back(name);
  return names;
}

TEST(EndToEnd, TrainTellsWhatItDid) {
  const ProgramRun& run = workbench().training;
  ASSERT_EQ(run.status, 0) << run.err;
  const Json json = Json::parse(run.out);
  EXPECT_EQ(keys(json),
            (std::vector<std::string>{"epochs", "steps", "seconds", "samples_per_second", "best"}));
  EXPECT_EQ(json.at("epochs").as_int(), 2);
  EXPECT_EQ(json.at("steps").as_int(), 16);  // 2 epochs of 64 questions in batches of 8
  EXPECT_GT(json.at("samples_per_second").as_double(), 0);
  EXPECT_GE(json.at("best").at("epoch").as_int(), 1);
  EXPECT_LE(json.at("best").at("overall").as_double(), 100);
  EXPECT_TRUE(fs::exists(workbench().model.string() + ".state"));
}

TEST(EndToEnd, EvalAgreesWithTrainAndWithScore) {
  const fs::path folder = fresh_folder("eval");
  const std::string results = folder / "results.json";
  const Json eval = run_json(on_val("eval") + std::vector<std::string>{"--out", results});
  EXPECT_EQ(keys(eval),
            (std::vector<std::string>{"overall", "perAnswerType", "perQuestionType", "questions",
                                      "loss", "seconds", "questions_per_second",
                                      "outside_answer_list", "prior", "calibration"}));
  EXPECT_EQ(keys(eval.at("calibration")),
            (std::vector<std::string>{"ece", "ece_adaptive", "brier", "nll", "auroc", "aurc"}));
  EXPECT_EQ(eval.at("questions").as_int(), 32);
  const Json training = Json::parse(workbench().training.out);
  // The file stores half precision, which may move an answer or two near a tie.
  EXPECT_NEAR(eval.at("overall").as_double(), training.at("best").at("overall").as_double(),
              100.0 / 32 + 0.01);

  const Json score = run_json({"score", "--questions", workbench().questions(), "--annotations",
                               workbench().annotations(), "--results", results});
  EXPECT_EQ(keys(score),
            (std::vector<std::string>{"overall", "perAnswerType", "perQuestionType", "questions"}));
  for (const char* key : {"overall", "perAnswerType", "perQuestionType", "questions"}) {
    EXPECT_EQ(score.at(key), eval.at(key)) << key;
  }
}

TEST(EndToEnd, PredictAnswersInTheQuestionsOrder) {
  const fs::path folder = fresh_folder("predict");
  const fs::path results = folder / "results.json", npz = folder / "p.npz";
  run_json(on_val("predict") +
           std::vector<std::string>{"--out", results, "--probabilities", npz, "--batch-size", "5"});
  const Json questions = read_json(workbench().questions()).at("questions");
  const Json answers = read_json(results);
  ASSERT_EQ(answers.as_array().size(), 32u);

  std::map<std::string, NpzArray> arrays;
  for (const NpzArray& array : read_npz(npz)) arrays[array.name] = array;
  ASSERT_EQ(arrays.size(), 3u);
  const torch::Tensor ids = arrays.at("question_id").tensor;
  const torch::Tensor probabilities = arrays.at("probabilities").tensor;
  const std::vector<std::string>& names = arrays.at("answers").strings;
  ASSERT_EQ(ids.scalar_type(), torch::kInt64);
  ASSERT_EQ(probabilities.scalar_type(), torch::kFloat32);
  ASSERT_EQ(probabilities.sizes(), (torch::IntArrayRef{32, static_cast<int64_t>(names.size())}));
  for (std::size_t i = 0; i < 32; ++i) {
    const Json& row = answers.as_array()[i];
    EXPECT_EQ(keys(row), (std::vector<std::string>{"question_id", "answer"}));
    const int64_t id = questions.as_array()[i].at("question_id").as_int();
    EXPECT_EQ(row.at("question_id").as_int(), id);
    const auto at = static_cast<int64_t>(i);
    EXPECT_EQ(ids[at].item<int64_t>(), id);
    const auto best = static_cast<std::size_t>(probabilities[at].argmax().item<int64_t>());
    EXPECT_EQ(row.at("answer").as_string(), names[best]);
  }
  EXPECT_GE(probabilities.min().item<float>(), 0.0f);
  EXPECT_LE(probabilities.max().item<float>(), 1.0f);
}

TEST(EndToEnd, PredictWorksWithoutAnnotations) {
  const std::string results = fresh_folder("test_split") / "r.json";
  run_json({"predict", "--model", workbench().model, "--data", workbench().data.string(), "--split",
            "test", "--out", results});
  EXPECT_EQ(read_json(results).as_array().size(), 8u);
}

TEST(EndToEnd, FilesNamedOneByOneGiveTheSame) {
  const Json whole = run_json(on_val("eval"));
  const Json parts = run_json({"eval", "--model", workbench().model, "--questions",
                               workbench().questions(), "--annotations", workbench().annotations(),
                               "--images", (workbench().data / "val2014").string()});
  EXPECT_EQ(whole.at("overall"), parts.at("overall"));
  EXPECT_EQ(whole.at("loss").as_double(), parts.at("loss").as_double());
}

TEST(EndToEnd, AlignmentSumsTheSelfAttentionFamilies) {
  const Json json = run_json(on_val("eval") + std::vector<std::string>{"--alignment"});
  double sum = 0;
  const Json& alignment = json.at("alignment");
  for (const Json& head : alignment.at("mmd").as_array()) {
    EXPECT_EQ(keys(head), (std::vector<std::string>{"family", "layer", "head", "value"}));
    if (head.at("family").as_string() != "guided") sum += head.at("value").as_double();
  }
  EXPECT_EQ(alignment.at("mmd").as_array().size(), 6u);  // 3 families, 1 layer, 2 heads
  EXPECT_NEAR(alignment.at("mmd_total").as_double(), sum, 1e-9);
  EXPECT_GT(sum, 0);
}

TEST(EndToEnd, NoiseChangesTheLossAndASeedRepeatsIt) {
  const auto loss = [](const std::vector<std::string>& more) {
    return run_json(on_val("eval") + more).at("loss").as_double();
  };
  const double without = loss({});
  const double with = loss({"--noise", "3", "--seed", "5"});
  EXPECT_NE(without, with);
  EXPECT_EQ(with, loss({"--noise", "3", "--seed", "5"}));
  EXPECT_NE(with, loss({"--noise", "3", "--seed", "6"}));
  EXPECT_EQ(without, loss({"--noise", "0"}));
}

TEST(EndToEnd, PassesMeasureUncertainty) {
  const auto uncertainty = [](const std::vector<std::string>& more) {
    const Json json = run_json(on_val("eval") + more);
    const Json& found = json.at("uncertainty");
    EXPECT_EQ(keys(found), (std::vector<std::string>{"pavpu", "ece", "brier", "passes",
                                                     "ece_adaptive", "nll", "auroc", "aurc"}));
    for (const char* key : {"ece", "brier", "ece_adaptive", "auroc", "aurc"}) {
      EXPECT_GT(found.at(key).as_double(), 0) << key;
      EXPECT_LT(found.at(key).as_double(), 1) << key;
    }
    // Questions are 32, so that the percentage is a multiple of 100 / 32, rounded.
    const double count = found.at("pavpu").as_double() * 32 / 100;
    EXPECT_NEAR(count, std::round(count), 0.01);
    return found;
  };
  // The accuracy stays that of the pass without dropout.
  const Json without = run_json(on_val("eval"));
  const Json with = run_json(on_val("eval") + std::vector<std::string>{"--passes", "2"});
  EXPECT_EQ(with.at("overall"), without.at("overall"));
  EXPECT_EQ(with.at("loss"), without.at("loss"));

  const Json five = uncertainty({"--passes", "5"});
  EXPECT_EQ(five.at("passes").as_int(), 5);
  EXPECT_EQ(five, uncertainty({"--passes", "5"}));
  EXPECT_NE(five, uncertainty({"--passes", "5", "--noise", "2"}));
  EXPECT_NE(five, uncertainty({"--passes", "5", "--seed", "2"}));
}

TEST(EndToEnd, TablesHoldARowAQuestion) {
  const fs::path table = fresh_folder("table") / "t.csv";
  const Json json = run_json(on_val("eval") + std::vector<std::string>{"--table", table});
  const std::string text = file_text(table);
  EXPECT_TRUE(text.starts_with("question_id,question_type,answer_type,prediction,"));
  EXPECT_EQ(line_count(text), 33u);
}

TEST(EndToEnd, TextResultsTellTheSame) {
  const ProgramRun run = run_vqalign(on_val("eval"));
  EXPECT_EQ(run.status, 0);
  char overall[64];
  std::snprintf(overall, sizeof overall, "%.2f %%  of 32 questions",
                run_json(on_val("eval")).at("overall").as_double());
  EXPECT_NE(run.out.find(overall), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("yes/no"), std::string::npos);
}

TEST(EndToEnd, InfoKnowsEveryKind) {
  const std::string data = workbench().data.string();
  const Json dataset = run_json({"info", data});
  EXPECT_EQ(dataset.at("kind").as_string(), "dataset");
  EXPECT_EQ(keys(dataset.at("splits")),
            (std::vector<std::string>{"test2015", "train2014", "val2014"}));
  const Json& val = dataset.at("splits").at("val2014");
  EXPECT_EQ(val.at("questions").as_int(), 32);
  EXPECT_EQ(val.at("answers").as_int(), 320);
  EXPECT_EQ(val.at("missing_images").as_int(), 0);
  EXPECT_EQ(dataset.at("splits").at("test2015").at("answers").as_int(), 0);

  const Json model = run_json({"info", workbench().model});
  EXPECT_EQ(keys(model),
            (std::vector<std::string>{"kind", "format", "parameters", "recipe", "domain", "layers",
                                      "heads", "hidden", "words", "answers", "trained"}));
  EXPECT_EQ(model.at("recipe").as_string(), "scenes");
  EXPECT_EQ(model.at("hidden").as_int(), 32);
  EXPECT_EQ(model.at("heads").as_int(), 2);
  EXPECT_TRUE(model.at("domain").is_string());

  const auto kind = [](const std::string& path) {
    return run_json({"info", path}).at("kind").as_string();
  };
  EXPECT_EQ(kind(workbench().questions()), "questions");
  EXPECT_EQ(kind(workbench().annotations()), "annotations");
  EXPECT_EQ(kind(workbench().model.string() + ".state"), "training state");
  const Json scenes = run_json({"info", data + "/scenes_val2014.json"});
  EXPECT_EQ(scenes.at("kind").as_string(), "scenes");
  EXPECT_EQ(scenes.at("questions").as_int(), 32);
  EXPECT_EQ(scenes.at("images"), val.at("images"));

  const std::string results = fresh_folder("info") / "r.json";
  write_text(results,
             R"([{"question_id": 1, "answer": "yes"}, {"answer": "no", "question_id": 2}])");
  const Json told = run_json({"info", results});
  EXPECT_EQ(told.at("kind").as_string(), "results");
  EXPECT_EQ(told.at("rows").as_int(), 2);
}

TEST(EndToEnd, InfoCountsMissingImages) {
  const fs::path data = dataset_copy("missing_images");
  const auto first = fs::directory_iterator(data / "val2014")->path();
  fs::remove(first);
  const Json json = run_json({"info", data});
  EXPECT_EQ(json.at("splits").at("val2014").at("missing_images").as_int(), 1);
  EXPECT_EQ(json.at("splits").at("train2014").at("missing_images").as_int(), 0);
}

TEST(EndToEnd, WithoutValidationThereIsNoBest) {
  const fs::path folder = fresh_folder("no_validation");
  const Json json = run_json(with_tiny_network({"train", "--data", workbench().data.string(),
                                                "--out", folder / "m.safetensors", "--epochs", "1",
                                                "--val-split", "none", "--align", "none"}));
  EXPECT_TRUE(json.at("best").is_null());
  EXPECT_TRUE(fs::exists(folder / "m.safetensors"));
}

TEST(EndToEnd, ASeedGivesTheSameModelAndAnotherAnother) {
  const fs::path folder = fresh_folder("seeds");
  const auto trained = [&](const std::string& name, const std::string& seed) {
    run_json(with_tiny_network({"train", "--data", workbench().data.string(), "--out",
                                folder / name, "--epochs", "1", "--seed", seed, "--align", "mmd",
                                "--init", workbench().model}));
    return run_json({"eval", "--model", folder / name, "--data", workbench().data.string(),
                     "--split", "val"})
        .at("loss")
        .as_double();
  };
  const double first = trained("a", "3");
  EXPECT_EQ(first, trained("b", "3"));
  EXPECT_NE(first, trained("c", "4"));
}

TEST(Train, ScoresWhatIsHeldOutWithoutAValSplit) {
  const fs::path data = dataset_copy("held_out");
  for (const char* file :
       {"v2_OpenEnded_mscoco_val2014_questions.json", "v2_mscoco_val2014_annotations.json"}) {
    fs::remove(data / file);
  }
  const fs::path model = data / "m.safetensors";
  const std::vector<std::string> begun = with_tiny_network(
      {"train", "--data", data.string(), "--out", model.string(), "--epochs", "1"});
  std::vector<std::string> arguments = begun;
  arguments.insert(arguments.end(), {"--held-out", "0.25", "--json", "--quiet"});
  const ProgramRun run = run_vqalign(arguments);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(Json::parse(run.out).at("best").at("epoch").as_int(), 1);
  const ProgramRun info = run_vqalign({"info", model});
  EXPECT_NE(info.out.find("train2014 (first 75 %)"), std::string::npos) << info.out;
  arguments.insert(arguments.end(), {"--val-split", "val"});
  const ProgramRun both = run_vqalign(arguments);
  EXPECT_EQ(both.status, 2);
  EXPECT_NE(both.err.find("--held-out and --val-split exclude each other"), std::string::npos);
}

}  // namespace
}  // namespace vqalign::test

// Checkpoints of the public Python code in and out.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "failures.h"
#include "vqalign/core/formats/npz.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

const fs::path kExample = fs::path(VQALIGN_SOURCE_DIR) / "examples/mcan";
const fs::path kFixtures = fs::path(VQALIGN_SOURCE_DIR) / "tests/fusion/fixtures";

std::vector<std::string> import_of(const fs::path& checkpoint, const fs::path& tokens,
                                   const fs::path& out) {
  return {"import",
          "--checkpoint",
          checkpoint,
          "--tokens",
          tokens,
          "--answers",
          kExample / "answers.json",
          "--heads",
          "2",
          "--out",
          out};
}

fs::path imported_model(const fs::path& folder) {
  const fs::path model = folder / "m.safetensors";
  const ProgramRun run =
      run_vqalign(import_of(kExample / "epoch13.pkl", kExample / "tokens.json", model));
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.err, "");
  return model;
}

/// The pictures of tests/oracle/mcan_checkpoint.py as stored features, and its questions in words.
void write_oracle_data(const fs::path& folder) {
  const int64_t regions[] = {5, 3, 4, 2, 5};
  const char* texts[] = {"What the? colour is", "how", "?", "colour, what", "zebra cat dogs"};
  fs::create_directories(folder / "features");
  Json questions = Json::array();
  for (int64_t b = 0; b < 5; ++b) {
    torch::Tensor x = torch::zeros({regions[b], 12});
    for (int64_t m = 0; m < regions[b]; ++m) {
      const auto k = torch::arange(12).to(torch::kDouble) + static_cast<double>(1000 * b + 12 * m);
      const bool zero = b == 3 || (b == 4 && m == 2);
      if (!zero) x[m] = (k * 0.61).sin().to(torch::kFloat);
    }
    write_npz(folder / "features" / ("COCO_val2014_00000000000" + std::to_string(b) + ".jpg.npz"),
              {{"x", x.t().contiguous(), {}},
               {"bbox", torch::tensor({0, 0, 5, 5}).repeat({regions[b], 1}).to(torch::kFloat), {}},
               {"image_w", torch::tensor(20), {}},
               {"image_h", torch::tensor(20), {}}});
    questions.push(
        Json::object().set("question_id", b).set("image_id", b).set("question", texts[b]));
  }
  write_text(folder / "q.json", Json::object().set("questions", std::move(questions)).dump());
}

TEST(Import, PredictsWhatPyTorchPredicts) {
  const fs::path folder = fresh_folder("import");
  const fs::path model = imported_model(folder);
  write_oracle_data(folder);
  const ProgramRun run = run_vqalign({"predict", "--model", model, "--questions", folder / "q.json",
                                      "--features", folder / "features", "--out", folder / "r.json",
                                      "--probabilities", folder / "p.npz"});
  ASSERT_EQ(run.status, 0) << run.err;
  const Json expected = read_json(kFixtures / "logits.json");
  for (const NpzArray& array : read_npz(folder / "p.npz")) {
    if (array.name != "probabilities") continue;
    for (int64_t row = 0; row < 5; ++row) {
      const Json::Array& logits = expected.at("epoch13").as_array()[row].as_array();
      for (int64_t answer = 0; answer < 5; ++answer) {
        const double probability = 1 / (1 + std::exp(-logits[answer].as_double()));
        EXPECT_NEAR(array.tensor[row][answer].item<double>(), probability, 1e-6) << row;
      }
    }
    return;
  }
  FAIL() << "no probabilities";
}

TEST(Import, TellsAndDescribes) {
  const fs::path folder = fresh_folder("import_info");
  std::vector<std::string> arguments =
      import_of(kExample / "epoch13.pkl", kExample / "tokens.json", folder / "m.safetensors");
  arguments.push_back("--json");
  const Json told = Json::parse(run_vqalign(arguments).out);
  EXPECT_EQ(told.at("format").as_string(), "zip");
  EXPECT_EQ(told.at("layers").as_int(), 2);
  EXPECT_EQ(told.at("heads").as_int(), 2);
  EXPECT_EQ(told.at("words").as_int(), 8);
  EXPECT_EQ(told.at("answers").as_int(), 5);

  const Json model = Json::parse(run_vqalign({"info", folder / "m.safetensors", "--json"}).out);
  EXPECT_EQ(model.at("recipe").as_string(), "imported");
  EXPECT_EQ(model.at("trained").at("checkpoint").as_string(), "epoch13.pkl");
  EXPECT_EQ(model.at("parameters"), told.at("parameters"));

  const Json legacy = Json::parse(run_vqalign({"info", kFixtures / "legacy.pkl", "--json"}).out);
  EXPECT_EQ(legacy.at("kind").as_string(), "checkpoint");
  EXPECT_EQ(legacy.at("format").as_string(), "legacy");
  EXPECT_EQ(legacy.at("layout").as_string(), "mcan-vqa");
  EXPECT_EQ(legacy.at("layers").as_int(), 1);
  const Json other = Json::parse(
      run_vqalign({"info",
                   fs::path(VQALIGN_SOURCE_DIR) / "tests/core/formats/fixtures/torch_zip.pkl",
                   "--json"})
          .out);
  EXPECT_EQ(other.at("kind").as_string(), "checkpoint");
  EXPECT_EQ(other.find("layout"), nullptr);
}

TEST(Import, WordsFromQuestionsInTheirOrder) {
  const fs::path folder = fresh_folder("import_questions");
  write_text(folder / "train.json", R"({"questions": [
      {"question_id": 1, "image_id": 1, "question": "What colour is the cat?"}]})");
  write_text(folder / "val.json", R"({"questions": [
      {"question_id": 2, "image_id": 1, "question": "How many dogs?"}]})");
  const auto import_with = [&](const fs::path& checkpoint, const std::vector<fs::path>& files,
                               const std::string& out) {
    std::vector<std::string> arguments = {
        "import",  "--quiet", "--checkpoint", checkpoint,  "--answers", kExample / "answers.json",
        "--heads", "2",       "--out",        folder / out};
    for (const fs::path& file : files) arguments.insert(arguments.end(), {"--questions", file});
    return arguments;
  };
  const fs::path train = folder / "train.json", val = folder / "val.json";
  ASSERT_EQ(run_vqalign(import_with(kExample / "epoch13.pkl", {train, val}, "a")).status, 0);
  EXPECT_EQ(file_text(folder / "a"), file_text(imported_model(folder)));
  ASSERT_EQ(run_vqalign(import_with(kFixtures / "openvqa.pkl", {train, val}, "b")).status, 0);
  EXPECT_NE(file_text(folder / "b").find(R"([\"CLS\",\"what\",\"colour\")"), std::string::npos);
  expect_failure(import_with(kExample / "epoch13.pkl", {train}, "c"),
                 {"1 questions file", "gives 7 entries", "has 10 (the rows of embedding.weight)",
                  "from all four"});
  EXPECT_FALSE(fs::exists(folder / "c"));
}

TEST(Import, WhatIsWrongIsOneLine) {
  const fs::path folder = fresh_folder("bad_checkpoints");
  const fs::path tokens = kExample / "tokens.json", good = kExample / "epoch13.pkl";
  const fs::path out = folder / "m.safetensors";
  const std::string zip = file_text(good), legacy = file_text(kFixtures / "legacy.pkl");
  const BadText bad[] = {
      {"empty", "", "is empty"},
      {"text", "hello", "is no file of torch.save"},
      {"cut_zip", zip.substr(0, zip.size() / 2), "cut short"},
      {"cut_legacy", legacy.substr(0, legacy.size() / 2), "cut short"},
      {"pickle", "\x80\x02}.", "is no file of torch.save"},
      {"evil", legacy.substr(0, 15) + "\x80\x02" + "cposix\nsystem\n", "\"posix.system\""},
      {"npz", file_text(fs::path(VQALIGN_SOURCE_DIR) / "tests/core/formats/fixtures/types.npz"),
       "data.pkl"},
  };
  for (const BadText& file : bad) {
    SCOPED_TRACE(file.name);
    const fs::path path = folder / (file.name + ".pkl");
    write_text(path, file.text);
    expect_failure(import_of(path, tokens, out), {path.string(), file.said});
  }
  expect_failure(import_of(folder / "missing.pkl", tokens, out), {"missing.pkl", "No such file"});
  expect_failure(import_of(folder, tokens, out), {"is a folder"});
  expect_failure(import_of(kFixtures / "openvqa.pkl", tokens, out),
                 {"tokens.json", "gives 10 entries", "has 11"});
  write_text(folder / "answers.json", R"(["yes", "no"])");
  std::vector<std::string> answers = import_of(good, tokens, out);
  answers[6] = folder / "answers.json";
  expect_failure(answers, {"answers.json: has 2 answers", "has 5 (the rows of proj.weight)"});
  EXPECT_FALSE(fs::exists(out));
}

TEST(Export, GivesBackWhatCameIn) {
  const fs::path folder = fresh_folder("export");
  const fs::path model = imported_model(folder);
  const ProgramRun run =
      run_vqalign({"export", "--to", "mcan", folder / "back.pkl", "--model", model, "--tokens",
                   folder / "t.json", "--answers", folder / "a.json", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(Json::parse(run.out).at("settings").at("MULTI_HEAD").as_int(), 2);
  EXPECT_EQ(read_json(folder / "t.json"), read_json(kExample / "tokens.json"));
  EXPECT_EQ(read_json(folder / "a.json"), read_json(kExample / "answers.json"));
  const fs::path again = folder / "again.safetensors";
  ASSERT_EQ(run_vqalign(import_of(folder / "back.pkl", folder / "t.json", again)).status, 0);
  // All but where it came from.
  const std::string before = file_text(model), after = file_text(again);
  constexpr std::size_t kTail = 8000;
  ASSERT_GT(before.size(), kTail);
  EXPECT_EQ(before.substr(before.size() - kTail), after.substr(after.size() - kTail));
}

TEST(Export, RefusesWhatPythonCannotHold) {
  const fs::path folder = fresh_folder("export_refused");
  const fs::path out = folder / "f.pkl";
  expect_failure({"export", "--to", "mcan", out, "--model", workbench().model},
                 {"vision.encoder is \"grid\"", "\"features\""});
  const fs::path model = imported_model(folder);
  const ProgramRun run = run_vqalign({"export", "--to", "openvqa", out, "--model", model});
  EXPECT_EQ(run.status, 2);
  EXPECT_NE(run.err.find("use --to mcan"), std::string::npos) << run.err;
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace vqalign::test

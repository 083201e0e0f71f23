// Model files that leave out the weights of pretrained encoders, through the real program; the
// weights of the encoder of pictures are drawn, those of the encoder of questions are tiny.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cstdlib>

#include "tests/cli/failures.h"
#include "tests/cli/same_tensors.h"
#include "tests/vision/drawn_weights.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/torch_checkpoint.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

const fs::path kBertFolder = fs::path(VQALIGN_SOURCE_DIR) / "tests/language/bert";
constexpr const char* kBertSha256 =  // coreutils' sha256sum
    "988abb7aec468ed8497b23f2f386f86106ed90956c5f8cbee92b6573d7b278d3";

Arguments both(Arguments first, const Arguments& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

Json json_of(const Arguments& arguments) {
  const ProgramRun run = run_vqalign(both(arguments, {"--json"}));
  EXPECT_EQ(run.status, 0) << run.err;
  return run.status == 0 ? Json::parse(run.out) : Json::object();
}

/// A slim and a whole model of one training, in float32, and the folder that VQALIGN_PRETRAINED
/// names, with the weights of both encoders.
struct SlimTraining {
  fs::path folder = fresh_folder("slim");
  fs::path kept = folder / "kept";

  Arguments training(const fs::path& out, const Arguments& options = {}) const {
    Arguments arguments = with_tiny_network(
        {"train", "--data", workbench().data, "--out", out, "--epochs", "1", "--threads", "1"});
    for (const std::string& option :
         both({"vision.encoder=efficientnet-lite0", "vision.pixels=4096", "vision.longest=64",
               "vision.keep=0", "language.encoder=minilm", "language.layers=2", "language.width=32",
               "language.heads=4", "language.feed_forward=48", "language.positions=32",
               "language.max_tokens=14", "train.half=false"},
              options)) {
      arguments.insert(arguments.end(), {"--set", option});
    }
    return arguments;
  }

  SlimTraining() {
    fs::create_directories(kept / "minilm");
    fs::copy(kBertFolder, kept / "minilm");
    write_torch_checkpoint(kept / "efficientnet-lite0.pth",
                           read_safetensors(drawn_weights(folder, "efficientnet-lite0")).tensors,
                           {});
    ::setenv("VQALIGN_PRETRAINED", kept.c_str(), 1);
    of_slim = run_vqalign(both(training(slim), {"--slim"}));
    of_whole = run_vqalign(training(whole));
  }

  fs::path slim = folder / "slim.safetensors", whole = folder / "whole.safetensors";
  ProgramRun of_slim, of_whole;
};

const SlimTraining& slim_training() {
  static const SlimTraining made;
  return made;
}

class Slim : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(slim_training().of_slim.status, 0) << slim_training().of_slim.err;
    ASSERT_EQ(slim_training().of_whole.status, 0) << slim_training().of_whole.err;
    ::setenv("VQALIGN_PRETRAINED", slim_training().kept.c_str(), 1);
  }
  void TearDown() override { ::unsetenv("VQALIGN_PRETRAINED"); }

  /// Another folder of weights, which is the one that is named from now on.
  fs::path kept_copy() const {
    const fs::path copy = folder_ / "kept";
    fs::copy(slim_training().kept, copy, fs::copy_options::recursive);
    ::setenv("VQALIGN_PRETRAINED", copy.c_str(), 1);
    return copy;
  }
  Arguments question(const fs::path& model) const {
    return {"ask", picture_, "what is there", "--model", model};
  }

  const fs::path picture_ = fs::path(VQALIGN_SOURCE_DIR) / "examples/scenes/shapes.png";
  const fs::path folder_ = fresh_folder("slim_test");
  const std::string data_ = workbench().data.string();
};

TEST_F(Slim, GivesTheSameAnswersAsTheWholeModel) {
  EXPECT_LT(fs::file_size(slim_training().slim), fs::file_size(slim_training().whole) / 10);
  EXPECT_NE(slim_training().of_slim.err.find("efficientnet-lite0.pth"), std::string::npos);
  const auto answers = [&](const fs::path& model) {
    return json_of(question(model)).at("answers").dump();
  };
  EXPECT_EQ(answers(slim_training().slim), answers(slim_training().whole));
  const auto scored = [&](const fs::path& model) {
    const Json scores = json_of({"eval", "--model", model, "--data", data_, "--split", "val"});
    return scores.at("overall").dump() + scores.at("loss").dump();
  };
  EXPECT_EQ(scored(slim_training().slim), scored(slim_training().whole));
  const auto predicted = [&](const fs::path& model) {
    const fs::path out = folder_ / "r.json";
    json_of({"predict", "--model", model, "--data", data_, "--split", "val", "--out", out});
    return file_text(out);
  };
  EXPECT_EQ(predicted(slim_training().slim), predicted(slim_training().whole));
#ifdef VQALIGN_HAS_FIGURES
  const fs::path drawn = folder_ / "f.svg";
  EXPECT_EQ(run_vqalign({"figure", picture_, "what is there", "--out", drawn, "--model",
                         slim_training().slim})
                .status,
            0);
#endif
}

TEST_F(Slim, InfoNamesWhatIsNeededAlsoWhereItIsNot) {
  ::setenv("VQALIGN_PRETRAINED", folder_.c_str(), 1);
  const Json info = json_of({"info", slim_training().slim}),
             whole = json_of({"info", slim_training().whole});
  EXPECT_TRUE(info.at("slim").as_bool());
  EXPECT_EQ(whole.find("slim"), nullptr);
  EXPECT_EQ(whole.find("needs"), nullptr);
  const Json& language = info.at("needs").at("language");
  EXPECT_EQ(language.at("encoder").as_string(), "minilm");
  EXPECT_EQ(language.at("file").as_string(), "model.safetensors");
  EXPECT_EQ(language.at("sha256").as_string(), kBertSha256);
  EXPECT_EQ(info.at("needs").at("vision").at("encoder").as_string(), "efficientnet-lite0");
  EXPECT_EQ(info.at("parameters").as_int(), whole.at("parameters").as_int());
  EXPECT_NE(run_vqalign({"info", slim_training().slim}).out.find(kBertSha256), std::string::npos);
}

TEST_F(Slim, MissingAndChangedWeightsAreOneLine) {
  const fs::path weights = kept_copy() / "minilm/model.safetensors";
  std::string bytes = file_text(weights);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_text(weights, bytes);
  for (const Arguments& arguments :
       {question(slim_training().slim), evaluation(data_, slim_training().slim)}) {
    expect_failure(arguments,
                   {"slim.safetensors: is slim and needs the weights of minilm", kBertSha256,
                    weights.string() + " has SHA-256 ", "scripts/setup --pretrained"});
  }
  fs::remove(folder_ / "kept/efficientnet-lite0.pth");
  expect_failure(question(slim_training().slim),
                 {"slim.safetensors: is slim and needs the weights of efficientnet-lite0 "
                  "(efficientnet-lite0.pth, SHA-256 ",
                  "scripts/setup --pretrained"});
}

TEST_F(Slim, TunedEncodersAreStoredAndTheOthersAreNot) {
  const fs::path model = folder_ / "tuned.safetensors";
  const ProgramRun run = run_vqalign(
      both(slim_training().training(model, {"language.tune=true", "train.language_rate=1"}),
           {"--slim"}));
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.err.find("weights of minilm stay in the model: they are tuned"), std::string::npos)
      << run.err;
  const Json needs = json_of({"info", model}).at("needs");
  EXPECT_NE(needs.find("vision"), nullptr);
  EXPECT_EQ(needs.find("language"), nullptr);
  EXPECT_EQ(run_vqalign(question(model)).status, 0);
}

TEST_F(Slim, NothingToLeaveOutIsToldAndTrainsAllTheSame) {
  const ProgramRun run = run_vqalign(with_tiny_network(
      {"train", "--data", data_, "--out", folder_ / "m", "--epochs", "1", "--slim"}));
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.err.find("--slim: there are no weights of a pretrained encoder to leave out"),
            std::string::npos)
      << run.err;
  expect_failure({"export", "--to", "slim", folder_ / "n", "--model", folder_ / "m"},
                 {"has no weights of a pretrained encoder"});
}

TEST_F(Slim, WeightsThatAskingWouldNotFindAreToldWhileTraining) {
  ::setenv("VQALIGN_PRETRAINED", folder_.c_str(), 1);
  const fs::path kept = slim_training().kept;
  const ProgramRun run =
      run_vqalign(both(slim_training().training(
                           folder_ / "m.safetensors",
                           {concat("vision.weights=", (kept / "efficientnet-lite0.pth").string()),
                            concat("language.weights=", (kept / "minilm").string())}),
                       {"--slim"}));
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.err.find("needs the weights of efficientnet-lite0"), std::string::npos) << run.err;
}

TEST_F(Slim, ExportMakesAFileSlimAndWholeAgain) {
  const fs::path slim = folder_ / "s.safetensors", whole = folder_ / "w.safetensors";
  const auto made = [&](const char* to, const fs::path& out, const fs::path& from) {
    return json_of({"export", "--to", to, out, "--model", from});
  };
  EXPECT_EQ(made("slim", slim, slim_training().whole).at("needs").as_object().size(), 2u);
  EXPECT_EQ(made("whole", whole, slim).at("layout").as_string(), "whole");
  EXPECT_TRUE(file_text(whole) == file_text(slim_training().whole));
  made("whole", folder_ / "v", slim_training().slim);
  expect_same_tensors(folder_ / "v", slim_training().whole);
  const ProgramRun usage = run_vqalign(
      {"export", "--to", "slim", slim, "--model", whole, "--tokens", folder_ / "t.json"});
  EXPECT_EQ(usage.status, 2) << usage.err;
}

TEST_F(Slim, ResumesAndIsAStartForAnother) {
  const fs::path model = folder_ / "m.safetensors";
  Arguments longer = both(slim_training().training(model), {"--slim"});
  fs::copy(slim_training().slim.string() + ".state", model.string() + ".state");
  *(std::find(longer.begin(), longer.end(), "--epochs") + 1) = "2";
  const ProgramRun resumed = run_vqalign(both(longer, {"--resume"}));
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_TRUE(json_of({"info", model}).at("slim").as_bool());
  const fs::path next = folder_ / "next.safetensors";
  const ProgramRun started =
      run_vqalign(both(slim_training().training(next), {"--slim", "--init", model}));
  ASSERT_EQ(started.status, 0) << started.err;
  EXPECT_NE(started.err.find("63 of 63 words"), std::string::npos) << started.err;
  EXPECT_EQ(json_of({"info", next}).at("needs").as_object().size(), 2u);
}

}  // namespace
}  // namespace vqalign::test

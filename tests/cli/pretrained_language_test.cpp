// train, ask, eval and the rest with an encoder of questions that was trained elsewhere; here it is
// a tiny one of drawn weights.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <csignal>

#include "tests/cli/failures.h"
#include "tests/cli/same_tensors.h"
#include "tests/cli/workbench.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/safetensors.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;
using Arguments = std::vector<std::string>;

const fs::path kTinyBert = fs::path(VQALIGN_SOURCE_DIR) / "tests/language/bert";

Arguments joined(Arguments first, const Arguments& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

Arguments settings(const Arguments& options) {
  Arguments arguments;
  for (const std::string& option : options) {
    arguments.emplace_back("--set");
    arguments.push_back(option);
  }
  return arguments;
}

/// A training of the tiny encoder with the tiny network around it.
Arguments training(const fs::path& model, const fs::path& weights, const Arguments& options = {},
                   int epochs = 1) {
  return joined(
      with_tiny_network({"train", "--data", workbench().data, "--out", model, "--epochs",
                         std::to_string(epochs)}),
      joined(settings({"language.encoder=minilm", concat("language.weights=", weights.string()),
                       "language.layers=2", "language.width=32", "language.heads=4",
                       "language.feed_forward=48", "language.positions=32",
                       "language.max_tokens=14", "train.half=false"}),
             settings(options)));
}

Json told(const Arguments& arguments) {
  const ProgramRun run = run_vqalign(joined(arguments, {"--json"}));
  EXPECT_EQ(run.status, 0) << run.err;
  return run.status == 0 ? Json::parse(run.out) : Json::object();
}

/// The largest change of one of the encoder's tensors between its file and a model's.
double largest_change(const fs::path& model) {
  const Safetensors trained = read_safetensors(model);
  double largest = 0;
  for (const auto& [name, tensor] : read_safetensors(kTinyBert / "model.safetensors").tensors) {
    const torch::Tensor found = trained.find("language." + name);
    EXPECT_TRUE(found.defined()) << name;
    if (found.defined()) largest = std::max(largest, (found - tensor).abs().max().item<double>());
  }
  return largest;
}

/// Frozen, and tuned with alignment inside: trained once.
struct Trained {
  fs::path folder = fresh_folder("pretrained_language");
  fs::path frozen = folder / "frozen.safetensors";
  fs::path tuned = folder / "tuned.safetensors";
  ProgramRun of_frozen = run_vqalign(training(frozen, kTinyBert));
  ProgramRun of_tuned =
      run_vqalign(training(tuned, kTinyBert / "model.safetensors",
                           {"language.tune=true", "train.language_rate=1", "align.kind=ct",
                            "align.families=question_self,question_pretrained"}));
};

const Trained& trained() {
  static const Trained made;
  return made;
}

class PretrainedLanguage : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(trained().of_frozen.status, 0) << trained().of_frozen.err;
    ASSERT_EQ(trained().of_tuned.status, 0) << trained().of_tuned.err;
  }

  const fs::path picture_ = fs::path(VQALIGN_SOURCE_DIR) / "examples/scenes/shapes.png";
  const fs::path folder_ = fresh_folder("pretrained_language_test");
};

TEST_F(PretrainedLanguage, FrozenItIsLeftAsItIsAndTunedItMoves) {
  EXPECT_EQ(largest_change(trained().frozen), 0);
  EXPECT_GT(largest_change(trained().tuned), 1e-4);
  // Adam keeps two moments of what moves alone.
  const Safetensors still = read_safetensors(trained().frozen.string() + ".state");
  const Safetensors moving = read_safetensors(trained().tuned.string() + ".state");
  const std::string weight = "model.language.encoder.layer.0.output.dense.weight";
  EXPECT_TRUE(still.find(weight).defined());
  EXPECT_FALSE(still.find("adam.exp_avg." + weight).defined());
  EXPECT_GT(moving.find("adam.exp_avg." + weight).abs().max().item<double>(), 0);
}

TEST_F(PretrainedLanguage, AModelFileIsAllThatAskingTakes) {
  const fs::path alone = folder_ / "alone.safetensors";
  fs::copy(trained().tuned, alone);
  const Json info = told({"info", alone});
  EXPECT_EQ(info.at("words").as_int(), 63);
  const Json answer = told(
      {"ask", picture_, "What colour is the C\u00c1TS\u2603 circle, \u732b?", "--model", alone});
  std::string words, unknown;
  for (const Json& word : answer.at("words").as_array()) words += word.as_string() + " ";
  for (const Json& word : answer.at("unknown_words").as_array()) unknown += word.as_string() + " ";
  EXPECT_EQ(words, "what colour is t -h -e cats\u2603 circle , \u732b ? ");
  EXPECT_EQ(unknown, "cats\u2603 , \u732b ");
  double weights = 0;
  for (const Json& weight : answer.at("word_weights").as_array()) weights += weight.as_double();
  EXPECT_NEAR(weights, 1, 1e-5);
}

TEST_F(PretrainedLanguage, PassesDropInsideATunedEncoder) {
  const auto spread = [&](const fs::path& model) {
    const Json answer = told({"ask", picture_, "is it", "--model", model, "--passes", "4"});
    return answer.at("answers").as_array().front().at("spread").as_double();
  };
  const fs::path still = folder_ / "still.safetensors", moving = folder_ / "moving.safetensors";
  for (const auto& [file, tune] : {std::pair{still, "false"}, {moving, "true"}}) {
    const ProgramRun run =
        run_vqalign(training(file, kTinyBert, {concat("language.tune=", tune), "model.dropout=0"}));
    ASSERT_EQ(run.status, 0) << run.err;
  }
  EXPECT_EQ(spread(still), 0);
  EXPECT_GT(spread(moving), 0);
}

TEST_F(PretrainedLanguage, EvalMeasuresItsHeadsBesideTheOthers) {
  const Json result = told({"eval", "--model", trained().tuned, "--data", workbench().data,
                            "--split", "val", "--alignment"});
  double self = 0;
  int pretrained = 0;
  for (const Json& head : result.at("alignment").at("mmd").as_array()) {
    const std::string family = head.at("family").as_string();
    if (family == "question_pretrained") ++pretrained;
    if (family.ends_with("_self")) self += head.at("value").as_double();
  }
  EXPECT_EQ(pretrained, 8);  // 2 layers of 4 heads
  EXPECT_NEAR(result.at("alignment").at("mmd_total").as_double(), self, 1e-9);
}

TEST_F(PretrainedLanguage, TrainingResumesBitForBit) {
  for (const char* tune : {"false", "true"}) {
    const Arguments options = {concat("language.tune=", tune)};
    const fs::path whole = folder_ / concat("whole_", tune),
                   parts = folder_ / concat("parts_", tune);
    const auto begun = [&](const fs::path& model) {
      return joined(training(model, kTinyBert, options, 8), {"--threads", "1"});
    };
    ASSERT_EQ(run_vqalign(begun(whole)).status, 0);
    RunSettings interrupted;
    interrupted.signal = SIGINT;
    interrupted.signal_when = [](const std::string& err) {
      return err.find("epoch 4: ") != std::string::npos;
    };
    EXPECT_EQ(run_vqalign(begun(parts), interrupted).status, 130);
    const ProgramRun resumed = run_vqalign(joined(begun(parts), {"--resume"}));
    ASSERT_EQ(resumed.status, 0) << resumed.err;
    expect_same_tensors(whole.string() + ".state", parts.string() + ".state");
    expect_same_tensors(whole, parts);
  }
}

TEST_F(PretrainedLanguage, InitTakesTheTunedWeightsOver) {
  const fs::path model = folder_ / "second.safetensors";
  const ProgramRun run =
      run_vqalign(joined(training(model, kTinyBert), {"--init", trained().tuned}));
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_NE(run.err.find("63 of 63 words"), std::string::npos) << run.err;
  const std::string weight = "language.encoder.layer.1.attention.self.key.weight";
  EXPECT_TRUE(torch::equal(read_safetensors(model).find(weight),
                           read_safetensors(trained().tuned).find(weight)));
}

TEST_F(PretrainedLanguage, OtherWeightsAndWordsAreNamed) {
  const auto files = [&](const std::string& name) {
    const fs::path to = folder_ / name;
    fs::create_directory(to);
    for (const char* file : {"model.safetensors", "vocab.txt"})
      fs::copy(kTinyBert / file, to / file);
    return to;
  };
  const fs::path model = folder_ / "m.safetensors";
  const fs::path longer = files("longer"), markless = files("markless"), none = files("none");
  write_text(longer / "vocab.txt", file_text(kTinyBert / "vocab.txt") + "more\n");
  write_text(markless / "vocab.txt", "[PAD]\n[UNK]\na\n");
  fs::remove(none / "vocab.txt");
  const auto refused = [&](const fs::path& weights, const Arguments& said,
                           const Arguments& options = {}) {
    expect_failure(joined(training(model, weights, options), {"--quiet"}), said);
  };
  refused(longer, {"model.safetensors", "word_embeddings.weight has shape [63, 32]", "[64, 32]"});
  refused(markless, {"vocab.txt", "has no [CLS]"});
  const fs::path picture = files("picture");
  write_text(picture / "vocab.txt", "\x89PNG\n");
  refused(none, {"none/vocab.txt", "cannot open", "the vocabulary that they were trained with"});
  refused(picture, {"vocab.txt: line 1 is no UTF-8 text", "needed are a BERT's weights"});
  refused(folder_ / "nowhere", {"nowhere: language.weights are not there"});
  refused(kTinyBert, {"model.safetensors", "encoder.layer.2.", "is missing", "language.layers 3"},
          {"language.layers=3"});
  EXPECT_FALSE(fs::exists(model));
}

TEST_F(PretrainedLanguage, OptionsThatContradictAreWrongUsage) {
  const fs::path model = folder_ / "m.safetensors";
  const auto refused = [&](const Arguments& options, const std::string& said) {
    const ProgramRun run = run_vqalign(training(model, kTinyBert, options));
    EXPECT_EQ(run.status, 2) << run.err;
    EXPECT_NE(run.err.find(said), std::string::npos) << run.err;
  };
  refused({"language.heads=5"}, "language.heads (5) does not divide");
  refused({"language.max_tokens=31"}, "language.max_tokens is 31");
  refused({"language.vectors=glove.txt"}, "language.vectors");
  refused({"align.kind=mmd", "align.families=question_pretrained"}, "language.tune is false");
  refused({"language.encoder=lstm", "align.kind=mmd", "align.families=question_pretrained"},
          "which this model has not");
}

TEST_F(PretrainedLanguage, WeightsAndWordsAreNeverReplaced) {
  const fs::path to = folder_ / "kept";
  fs::copy(kTinyBert, to);
  for (const char* file : {"model.safetensors", "vocab.txt"}) {
    const ProgramRun run = run_vqalign(training(to / file, to));
    EXPECT_EQ(run.status, 2) << run.err;
    EXPECT_NE(run.err.find("would be replaced"), std::string::npos) << run.err;
  }
}

TEST_F(PretrainedLanguage, PublicCodeHasNoPlaceForIt) {
  expect_failure({"export", "--to", "mcan", folder_ / "m.pkl", "--model", trained().frozen},
                 {"frozen.safetensors", "the public MCAN code has only"});
}

}  // namespace
}  // namespace vqalign::test

// Stochastic passes: means, spreads and the comparison of the two likeliest answers.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "tiny_model.h"
#include "vqalign/inspect/answerer.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

TEST(Passes, MeansAndSpreadsOverFreshDropout) {
  ModelBundle bundle = tiny_model();
  bundle.model->eval();
  Answerer answerer(saved(bundle));
  constexpr int64_t kPasses = 5;
  const AnswerEvidence evidence = answerer.ask(random_png("p.png", 40, 40, 1), "is the square red",
                                               {.passes = kPasses, .seed = 11});
  EXPECT_EQ(evidence.passes, kPasses);

  // Pass by pass, all of the network in each.
  const torch::NoGradGuard no_gradients;
  ModelInput input;
  input.pictures = tiny_pictures({random_picture(40, 40, 1)});
  input.tokens = torch::tensor({{4, 5, 7, 1}});
  std::vector<torch::Tensor> passes;
  for (uint64_t number = 0; number < kPasses; ++number) {
    DropoutStreams streams(11, number * DropoutStreams::kPassStride);
    PassOptions pass;
    pass.streams = &streams;
    passes.push_back(bundle.model(input, pass).logits.sigmoid());
  }
  const torch::Tensor rows = torch::cat(passes);
  for (const RankedAnswer& answer : evidence.answers) {
    int64_t column = 0;
    while (bundle.answers[std::size_t(column)] != answer.text) ++column;
    double mean = 0, squares = 0;
    for (int64_t i = 0; i < kPasses; ++i) mean += rows[i][column].item<double>() / kPasses;
    for (int64_t i = 0; i < kPasses; ++i) {
      squares += std::pow(rows[i][column].item<double>() - mean, 2);
    }
    EXPECT_NEAR(answer.probability, mean, 1e-5);
    EXPECT_NEAR(answer.spread, std::sqrt(squares / (kPasses - 1)), 1e-5);
    EXPECT_GT(answer.spread, 1e-4);
  }
}

TEST(Passes, FollowTheSeed) {
  Answerer answerer(saved(tiny_model()));
  const fs::path picture = random_png("p.png", 40, 40, 1);
  const auto spread = [&](uint64_t seed) {
    return answerer.ask(picture, "what", {.passes = 8, .seed = seed}).answers[0].spread;
  };
  EXPECT_EQ(spread(1), spread(1));
  EXPECT_NE(spread(1), spread(2));
}

TEST(Passes, MoreThanShareABatchStillDiffer) {
  Answerer answerer(saved(tiny_model()));
  const fs::path picture = random_png("p.png", 40, 40, 1);
  // Were the second batch's masks those of the first, mean and spread would not move.
  const AnswerEvidence one = answerer.ask(picture, "what", {.passes = 16});
  const AnswerEvidence two = answerer.ask(picture, "what", {.passes = 32});
  EXPECT_GT(std::abs(one.answers[0].probability - two.answers[0].probability), 1e-6);
}

TEST(Passes, WithoutDropoutAllAgree) {
  Answerer answerer(saved(tiny_model(/*dropout=*/0)));
  const fs::path picture = random_png("p.png", 40, 40, 1);
  const AnswerEvidence plain = answerer.ask(picture, "what", {});
  const AnswerEvidence many = answerer.ask(picture, "what", {.passes = 4});
  for (std::size_t i = 0; i < plain.answers.size(); ++i) {
    EXPECT_EQ(plain.answers[i].text, many.answers[i].text);
    EXPECT_NEAR(plain.answers[i].probability, many.answers[i].probability, 1e-5);
    EXPECT_NEAR(many.answers[i].spread, 0, 1e-6);
  }
  EXPECT_TRUE(plain.warnings.empty());
  ASSERT_EQ(many.warnings.size(), 1u);
  EXPECT_NE(many.warnings[0].find("no dropout"), std::string::npos);
  ASSERT_TRUE(many.certainty.has_value());
  EXPECT_TRUE(many.certainty->certain);
  EXPECT_NEAR(many.certainty->p_value, 0, 1e-9);
  EXPECT_FALSE(many.certainty->told);
}

TEST(Passes, AnswersThatCannotDifferAreNotCertain) {
  ModelBundle bundle = tiny_model();
  const torch::NoGradGuard no_gradients;
  for (auto& parameter : bundle.model->named_parameters()) {
    if (parameter.key().starts_with("proj.")) parameter.value().zero_();
  }
  Answerer answerer(saved(bundle));
  const AnswerEvidence evidence =
      answerer.ask(random_png("p.png", 40, 40, 1), "what", {.passes = 4});
  EXPECT_EQ(evidence.answers[0].probability, 0.5);
  EXPECT_EQ(evidence.answers[0].text, "yes");  // of equals the first of the list
  ASSERT_TRUE(evidence.certainty.has_value());
  EXPECT_FALSE(evidence.certainty->certain);
  EXPECT_EQ(evidence.certainty->p_value, 1);
}

TEST(Passes, OneAnswerHasNothingToBeComparedWith) {
  ModelConfig config = tiny_model().config;
  Answerer answerer(saved(ModelBundle::create(config, Vocabulary({"what"}), {"yes"}, {1.0F})));
  const AnswerEvidence evidence =
      answerer.ask(random_png("p.png", 20, 20, 1), "what", {.passes = 3});
  EXPECT_EQ(evidence.answers.size(), 1u);
  ASSERT_TRUE(evidence.certainty.has_value());
  EXPECT_FALSE(evidence.certainty->told);
  EXPECT_FALSE(evidence.certainty->certain);
  EXPECT_EQ(evidence.certainty->p_value, 1);
  EXPECT_EQ(evidence.certainty->first, "yes");
  EXPECT_EQ(evidence.certainty->second, std::nullopt);
  ASSERT_EQ(evidence.warnings.size(), 1u);
  EXPECT_NE(evidence.warnings[0].find("knows a single answer"), std::string::npos);
  const AnswerEvidence plain = answerer.ask(random_png("p.png", 20, 20, 1), "what", {});
  EXPECT_FALSE(plain.certainty.has_value());
  EXPECT_TRUE(plain.warnings.empty());
}

TEST(Passes, ACalibrationScalesWhatIsShownAndKeepsTheOrder) {
  ModelBundle bundle = tiny_model();
  Answerer plain(saved(bundle));
  bundle.calibration = {1.7, 0.6, 5, 100, "val"};
  Answerer calibrated(saved(bundle, "calibrated.safetensors"));
  const fs::path picture = random_png("p.png", 40, 40, 1);
  for (const int64_t passes : {0, 5}) {
    const double temperature = passes > 0 ? 0.6 : 1.7;
    const AnswerEvidence before = plain.ask(picture, "what", {.passes = passes});
    const AnswerEvidence after = calibrated.ask(picture, "what", {.passes = passes});
    EXPECT_FALSE(before.calibrated);
    EXPECT_TRUE(after.calibrated);
    for (std::size_t i = 0; i < before.answers.size(); ++i) {
      const double p = before.answers[i].probability;
      const double odds = std::pow(p / (1 - p), 1 / temperature);
      EXPECT_EQ(after.answers[i].text, before.answers[i].text);
      EXPECT_NEAR(after.answers[i].probability, odds / (1 + odds), 1e-6);
    }
    if (passes == 0) continue;
    EXPECT_EQ(after.certainty->p_value, before.certainty->p_value);
    EXPECT_NE(after.answers[0].spread, before.answers[0].spread);
  }
  // Fitted without passes it says nothing of them.
  bundle.calibration.passes = 0;
  Answerer single(saved(bundle, "single.safetensors"));
  EXPECT_FALSE(single.ask(picture, "what", {.passes = 5}).calibrated);
  EXPECT_TRUE(single.ask(picture, "what", {}).calibrated);
  EXPECT_NE(single.card().calibration.find("temperature 1.7"), std::string::npos);
}

TEST(Passes, StopWhenAsked) {
  Answerer answerer(saved(tiny_model()));
  CancelToken cancel;
  cancel.request();
  EXPECT_THROW(
      answerer.ask(random_png("p.png", 20, 20, 1), "what", {.passes = 3, .cancel = &cancel}),
      Cancelled);
}

}  // namespace
}  // namespace vqalign::test

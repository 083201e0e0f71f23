// A model whose questions are read by a pretrained encoder.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/fusion/helpers.h"

namespace vqalign {
namespace {

double apart(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

/// The oracle's input for some of its questions, cut to the longest.
ModelInput question(int64_t row, int64_t tokens) {
  ModelInput input = oracle_input();
  const auto one = [row](const torch::Tensor& all) { return all.slice(0, row, row + 1); };
  input.tokens = one(input.tokens).slice(1, 0, tokens);
  RegionBatch& regions = *input.regions;
  regions = {one(regions.features), one(regions.boxes), one(regions.mask), one(regions.sizes)};
  return input;
}

TEST(PretrainedWords, AQuestionsNeighboursChangeNothing) {
  const torch::NoGradGuard no_grad;
  ModelBundle bundle = pretrained_bundle(false);
  const torch::Tensor together = bundle.model(oracle_input()).logits;
  const std::vector<int64_t> lengths = {3, 2, 4};
  for (int64_t row = 0; row < 3; ++row) {
    const ModelInput alone = question(row, lengths[static_cast<std::size_t>(row)]);
    EXPECT_LT(apart(bundle.model(alone).logits[0], together[row]), 1e-5) << row;
  }
}

TEST(PretrainedWords, TheOrderOfWordsCounts) {
  const torch::NoGradGuard no_grad;
  ModelBundle bundle = pretrained_bundle(false);
  ModelInput input = question(2, 4);
  const torch::Tensor before = bundle.model(input).logits;
  input.tokens = input.tokens.flip(1);
  EXPECT_GT(apart(bundle.model(input).logits, before), 1e-4);
}

TEST(PretrainedWords, UntunedTheEncoderIsAConstant) {
  ModelBundle bundle = pretrained_bundle(false);
  bundle.model->train();
  DropoutStreams streams(1);
  PassOptions pass;
  pass.streams = &streams;
  const torch::Tensor logits = bundle.model(oracle_input(), pass).logits;
  logits.sum().backward();
  for (const auto& item : bundle.model->named_parameters()) {
    const bool constant = item.key().starts_with("language.");
    EXPECT_EQ(item.value().grad().defined(), !constant) << item.key();
  }
  bundle.model->eval();
  const torch::NoGradGuard no_grad;
  EXPECT_LT(apart(bundle.model(oracle_input()).logits, logits), 1e-5) << "it drops nothing";
}

TEST(PretrainedWords, TunedItLearnsAndDrops) {
  ModelBundle bundle = pretrained_bundle(true);
  DropoutStreams streams(1);
  PassOptions pass;
  pass.streams = &streams;
  const torch::Tensor logits = bundle.model(oracle_input(), pass).logits;
  logits.sum().backward();
  auto parameters = bundle.model->named_parameters();
  for (const char* name : {"language.embeddings.word_embeddings.weight",
                           "language.encoder.layer.0.attention.self.query.weight",
                           "language.encoder.layer.2.output.LayerNorm.bias"}) {
    ASSERT_TRUE(parameters[name].grad().defined()) << name;
    EXPECT_GT(parameters[name].grad().abs().max().item<double>(), 0) << name;
  }
  const torch::NoGradGuard no_grad;
  EXPECT_GT(apart(bundle.model(oracle_input()).logits, logits), 1e-4);
}

TEST(PretrainedWords, ItsHeadsAreTappedBesideTheOthers) {
  const torch::NoGradGuard no_grad;
  ModelBundle bundle = pretrained_bundle(false);
  PassOptions pass;
  pass.taps = {true, true};
  std::map<AttentionFamily, int64_t> layers;
  for (const AttentionTap& tap : bundle.model(oracle_input(), pass).taps) {
    ++layers[tap.family];
    const FamilyShape shape = bundle.config.heads_of(tap.family);
    EXPECT_EQ(tap.queries.size(1), shape.heads) << family_name(tap.family);
    EXPECT_LT(tap.layer, shape.layers);
    if (tap.family == AttentionFamily::kQuestionPretrained) {
      EXPECT_EQ(tap.queries.sizes(), torch::IntArrayRef({3, 4, 6, 2}));  // two marks more
    }
  }
  EXPECT_EQ(layers,
            (std::map<AttentionFamily, int64_t>{{AttentionFamily::kQuestionSelf, 2},
                                                {AttentionFamily::kImageSelf, 2},
                                                {AttentionFamily::kGuided, 2},
                                                {AttentionFamily::kQuestionPretrained, 3}}));
}

}  // namespace
}  // namespace vqalign

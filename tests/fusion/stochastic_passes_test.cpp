// Passes in one batch against the same passes one by one.
#include "vqalign/fusion/stochastic_passes.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/fusion/helpers.h"

namespace vqalign {
namespace {

double difference_of(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a - b).abs().max().item<double>();
}

VqaModel dropping_model(const std::function<void(ModelOptions&)>& change = {}) {
  ModelConfig config = oracle_config();
  config.model.dropout = 0.3;
  if (change) change(config.model);
  VqaModel model(config);
  fill_oracle_weights(model);
  model->eval();
  return model;
}

/// Pass `number` by itself: no passes share the batch.
torch::Tensor one_pass(VqaModel& model, const ModelInput& input, uint64_t number) {
  DropoutStreams streams(5, number * DropoutStreams::kPassStride);
  return model(input, PassOptions{&streams, {}}).logits;
}

void expect_same_passes(VqaModel& model, const ModelInput& input) {
  constexpr int64_t kFirst = 2, kCount = 3;
  const torch::InferenceMode no_gradients;
  DropoutStreams streams = DropoutStreams::of_passes(5, kFirst, kCount);
  const std::vector<torch::Tensor> passes =
      model(input, PassOptions{&streams, {}}).logits.chunk(kCount);
  ASSERT_EQ(passes.size(), static_cast<std::size_t>(kCount));
  for (int64_t i = 0; i < kCount; ++i) {
    const torch::Tensor alone = one_pass(model, input, static_cast<uint64_t>(kFirst + i));
    EXPECT_LT(difference_of(passes[static_cast<std::size_t>(i)], alone), 2e-5)
        << "pass " << kFirst + i;
  }
  EXPECT_GT(difference_of(passes[0], passes[1]), 1e-3);
}

ModelInput unpadded_question() {
  return question_alone(oracle_input(), 2);
}

/// Three questions about two of the pictures.
ModelInput about_fewer_pictures() {
  ModelInput input = oracle_input();
  RegionBatch& regions = *input.regions;
  regions = {regions.features.slice(0, 1), regions.boxes.slice(0, 1), regions.mask.slice(0, 1),
             regions.sizes.slice(0, 1)};
  input.picture_index = torch::tensor({1, 0, 1}, torch::kInt64);
  return input;
}

TEST(StochasticPasses, EqualThoseOneByOneWhateverTheModel) {
  const std::function<void(ModelOptions&)> changes[] = {
      {},
      [](ModelOptions& o) { o.norm = "pre"; },
      [](ModelOptions& o) { o.structure = "stacking"; },
      [](ModelOptions& o) { o.region_dropout = 0.2; },
      [](ModelOptions& o) { o.boxes = "plain", o.glimpses = 2; },
      [](ModelOptions& o) { o.dropout = 0, o.region_dropout = 0.4, o.boxes = "fourier"; },
  };
  for (const auto& change : changes) {
    VqaModel model = dropping_model(change);
    for (const ModelInput& input : {unpadded_question(), oracle_input(), about_fewer_pictures()}) {
      SCOPED_TRACE(&change - changes);
      expect_same_passes(model, input);
    }
  }
}

TEST(StochasticPasses, ReachATunedEncoderOfQuestionsAndNoOther) {
  for (const bool tune : {true, false}) {
    ModelConfig config = pretrained_bundle(tune).config;
    config.model.dropout = tune ? 0 : 0.3;
    VqaModel model(config);
    model->eval();
    EXPECT_EQ(model->encode_words(oracle_input().tokens).defined(), !tune);
    expect_same_passes(model, unpadded_question());
    expect_same_passes(model, oracle_input());
  }
}

TEST(StochasticPasses, AnyNumberMayShareABatch) {
  VqaModel model = dropping_model();
  const ModelInput input = unpadded_question();
  const torch::Tensor found = stochastic_passes(model, input, {.passes = 7, .seed = 5});
  ASSERT_EQ(found.sizes(), (torch::IntArrayRef{7, 4}));
  for (const int64_t together : {1, 2, 3, 7, 100}) {
    EXPECT_LT(
        difference_of(
            stochastic_passes(model, input, {.passes = 7, .seed = 5, .together = together}), found),
        1e-5);
  }
  const torch::InferenceMode no_gradients;
  for (int64_t pass = 0; pass < 7; ++pass) {
    EXPECT_LT(difference_of(found.slice(0, pass, pass + 1),
                            one_pass(model, input, static_cast<uint64_t>(pass)).sigmoid()),
              1e-5);
  }
  EXPECT_GT(difference_of(stochastic_passes(model, input, {.passes = 7, .seed = 6}), found), 1e-3);
}

TEST(StochasticPasses, ManyAgreeWithTheMeanOfTheirHalves) {
  VqaModel model = dropping_model();
  const torch::Tensor all =
      stochastic_passes(model, unpadded_question(), {.passes = 4000, .seed = 5});
  const torch::Tensor difference = all.slice(0, 0, 2000).mean(0) - all.slice(0, 2000).mean(0);
  const torch::Tensor deviation = all.std(0) * std::sqrt(2.0 / 2000);
  EXPECT_LT((difference.abs() / deviation).max().item<double>(), 5);
}

TEST(StochasticPasses, AQuestionAloneHasTheBatchsAnswer) {
  const torch::InferenceMode no_gradients;
  VqaModel model = dropping_model();
  for (const ModelInput& batch : {oracle_input(), about_fewer_pictures()}) {
    const torch::Tensor together = model(batch).logits;
    for (int64_t row = 0; row < 3; ++row) {
      const ModelInput alone = question_alone(batch, row);
      EXPECT_FALSE(alone.regions->mask.any().item<bool>());
      EXPECT_FALSE(alone.tokens.eq(0).any().item<bool>());
      EXPECT_LT(difference_of(model(alone).logits[0], together[row]), 1e-5);
    }
  }
}

TEST(StochasticPasses, StopBetweenBatches) {
  VqaModel model = dropping_model();
  CancelToken cancel;
  cancel.request();
  EXPECT_THROW(stochastic_passes(model, unpadded_question(), {.passes = 2, .cancel = &cancel}),
               Cancelled);
}

}  // namespace
}  // namespace vqalign

#include "vqalign/fusion/vqa_model.h"

#include <gtest/gtest.h>

#include "tests/fusion/helpers.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

VqaModel oracle_model(const std::string& structure = "encoder-decoder",
                      const std::string& norm = "post") {
  ModelConfig config = oracle_config();
  config.model.structure = structure;
  config.model.norm = norm;
  VqaModel model(config);
  fill_oracle_weights(model);
  model->eval();
  return model;
}

void expect_close(const torch::Tensor& found, const torch::Tensor& expected, double tolerance) {
  ASSERT_EQ(found.sizes(), expected.sizes());
  EXPECT_LE((found - expected).abs().max().item<double>(), tolerance) << found;
}

// Numbers printed by tests/oracle/mcan_model.py.
TEST(VqaModel, LogitsEqualTheIndependentScript) {
  const torch::NoGradGuard no_grad;
  VqaModel model = oracle_model();
  const ModelOutput output = model(oracle_input());
  expect_close(output.logits,
               torch::tensor({{-2.7808953f, 0.2074460f, 1.1288810f, -1.7470606f},
                              {-2.6997889f, 0.2555107f, 1.1074357f, -1.7300454f},
                              {-2.8385735f, 0.1684546f, 1.1308804f, -1.7592180f}}),
               1e-5);
  expect_close(output.region_weights[0].select(1, 0),
               torch::tensor({0.2428043f, 0.2752769f, 0.2433832f, 0.2385356f, 0.0f}), 1e-6);
}

TEST(VqaModel, StackingEqualsTheIndependentScript) {
  const torch::NoGradGuard no_grad;
  VqaModel model = oracle_model("stacking");
  expect_close(model(oracle_input()).logits,
               torch::tensor({{-2.6582105f, 0.2381309f, 1.0714623f, -1.7114705f},
                              {-2.5881243f, 0.2793291f, 1.0423815f, -1.6934538f},
                              {-2.6878542f, 0.2122839f, 1.0642485f, -1.7147226f}}),
               1e-5);
}

TEST(VqaModel, PreNormEqualsTheIndependentScript) {
  const torch::NoGradGuard no_grad;
  VqaModel model = oracle_model("encoder-decoder", "pre");
  const ModelOutput output = model(oracle_input());
  expect_close(output.logits,
               torch::tensor({{-2.1850935f, -0.6893018f, 0.5390593f, -1.6400393f},
                              {-1.9989297f, -0.5833464f, 0.5545131f, -1.6054080f},
                              {-2.2450375f, -0.7679416f, 0.3921176f, -1.5950302f}}),
               1e-5);
  expect_close(output.region_weights[0].select(1, 0),
               torch::tensor({0.2744267f, 0.2390970f, 0.2229429f, 0.2635333f, 0.0f}), 1e-6);
  ASSERT_EQ(output.region_states.size(), 2u);
}

TEST(VqaModel, GlimpsesBoxesAndShortcutEqualTheIndependentScript) {
  const torch::NoGradGuard no_grad;
  ModelConfig config = oracle_config();
  config.model.glimpses = 2;
  config.model.boxes = "plain";
  config.language.shortcut = true;
  VqaModel model(config);
  fill_oracle_weights(model);
  model->eval();
  ModelInput input = oracle_input();
  for (int64_t p = 0; p < 3; ++p) {
    input.regions->sizes[p].copy_(torch::tensor({20.0f, 10.0f}));
    for (int64_t m = 0; m < 5; ++m) {
      const auto x = float(m), y = float(p);
      input.regions->boxes[p][m].copy_(torch::tensor({x, y, x + 2 + y, y + 3}));
    }
  }
  const ModelOutput output = model(input);
  expect_close(output.logits,
               torch::tensor({{-2.4395478f, 3.2452338f, -0.7388503f, -0.9264773f},
                              {-2.5043136f, 3.1459029f, -0.6118244f, -0.9455105f},
                              {-2.3874930f, 3.2732990f, -0.7990398f, -0.8844497f}}),
               1e-5);
  expect_close(output.region_weights[0].select(1, 0),
               torch::tensor({0.2421387f, 0.2661538f, 0.2546057f, 0.2371019f, 0.0f}), 1e-6);
}

TEST(VqaModel, ListeningChangesNothing) {
  const torch::NoGradGuard no_grad;
  VqaModel model = oracle_model();
  const torch::Tensor plain = model(oracle_input()).logits;
  const ModelOutput tapped =
      model(oracle_input(),
            PassOptions{.streams = nullptr, .taps = {.queries_keys = true, .weights = true}});
  expect_close(tapped.logits, plain, 2e-6);
  ASSERT_EQ(tapped.taps.size(), 6u);  // two layers of three families
  for (const AttentionTap& tap : tapped.taps) {
    EXPECT_EQ(tap.queries.size(0), 3);
    EXPECT_EQ(tap.queries.size(1), 2);
    expect_close(tap.weights.sum(3), torch::ones_like(tap.weights.sum(3)), 1e-5);
  }
}

TEST(VqaModel, MorePaddingChangesNothing) {
  const torch::NoGradGuard no_grad;
  VqaModel model = oracle_model();
  const torch::Tensor plain = model(oracle_input()).logits;
  ModelInput padded = oracle_input();
  padded.tokens = torch::cat({padded.tokens, torch::zeros({3, 3}, torch::kInt64)}, 1);
  RegionBatch& regions = *padded.regions;
  regions.features = torch::cat({regions.features, torch::zeros({3, 2, 7})}, 1);
  regions.mask = torch::cat({regions.mask, torch::ones({3, 2}, torch::kBool)}, 1);
  regions.boxes = torch::cat({regions.boxes, torch::zeros({3, 2, 4})}, 1);
  expect_close(model(padded).logits, plain, 2e-6);
}

TEST(VqaModel, RegionsHaveNoOrder) {
  const torch::NoGradGuard no_grad;
  VqaModel model = oracle_model();
  ModelInput turned = oracle_input();
  turned.regions->features = turned.regions->features.flip({1});
  turned.regions->mask = turned.regions->mask.flip({1});
  expect_close(model(turned).logits, model(oracle_input()).logits, 2e-6);
}

TEST(VqaModel, ASharedPictureEqualsItsCopies) {
  const torch::NoGradGuard no_grad;
  VqaModel model = oracle_model();
  ModelInput copies = oracle_input();
  copies.regions->features = copies.regions->features.index_select(0, torch::tensor({1, 0, 1}));
  copies.regions->mask = copies.regions->mask.index_select(0, torch::tensor({1, 0, 1}));
  ModelInput shared = oracle_input();
  shared.regions->features = shared.regions->features.slice(0, 0, 2);
  shared.regions->mask = shared.regions->mask.slice(0, 0, 2);
  shared.regions->boxes = shared.regions->boxes.slice(0, 0, 2);
  shared.regions->sizes = shared.regions->sizes.slice(0, 0, 2);
  shared.picture_index = torch::tensor({1, 0, 1});
  const PassOptions listening{.streams = nullptr, .taps = {.queries_keys = true}};
  const ModelOutput one = model(shared, listening);
  const ModelOutput other = model(copies, listening);
  expect_close(one.logits, other.logits, 2e-6);
  for (std::size_t i = 0; i < one.taps.size(); ++i) {
    expect_close(one.taps[i].queries, other.taps[i].queries, 2e-5);
  }
}

TEST(VqaModel, AllPaddedRowsStayFinite) {
  const torch::NoGradGuard no_grad;
  VqaModel model = oracle_model();
  ModelInput empty = oracle_input();
  empty.tokens.zero_();
  empty.regions->features.zero_();
  empty.regions->mask.fill_(true);
  EXPECT_TRUE(torch::isfinite(model(empty).logits).all().item<bool>());
}

TEST(VqaModel, DropoutRepeatsByStreamAndDiffersBetweenStreams) {
  for (const char* norm : {"post", "pre"}) {
    VqaModel model = oracle_model("encoder-decoder", norm);
    const auto run = [&](uint64_t next) {
      DropoutStreams streams(7, next);
      return model(oracle_input(), PassOptions{.streams = &streams, .taps = {}}).logits.detach();
    };
    EXPECT_TRUE(torch::equal(run(0), run(0))) << norm;
    EXPECT_FALSE(torch::equal(run(0), run(1000))) << norm;
  }
}

TEST(VqaModel, RegionDropoutIsForTrainingAlone) {
  VqaModel plain = oracle_model("encoder-decoder", "post");
  ModelConfig config = plain->config();
  config.model.dropout = 0;
  config.model.region_dropout = 0.5;
  VqaModel model(config);
  fill_network(*model, state_of(*plain), "the oracle's model");
  const ModelInput input = oracle_input();
  EXPECT_TRUE(torch::equal(model(input).logits, plain(input).logits));

  DropoutStreams streams(7, 0), same(7, 0);
  const torch::Tensor trained = model(input, PassOptions{.streams = &streams, .taps = {}}).logits;
  ModelInput dropped = input;
  dropped.regions->features = dropout(input.regions->features, 0.5, same);
  EXPECT_TRUE(torch::allclose(trained, model(dropped).logits, 1e-5, 1e-6));
}

/// The public release's parameters: their number, and a name and shape of each kind.
TEST(VqaModel, McanSmallHasTheReferencesParameters) {
  ModelConfig config;
  config.vision.encoder = "features";
  config.words = 20572;
  config.answers = 3129;
  VqaModel model(config);
  int64_t parameters = 0;
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const auto& item : model->named_parameters()) {
    parameters += item.value().numel();
    shapes[item.key()] = item.value().sizes().vec();
  }
  EXPECT_EQ(parameters, 57'812'491);
  EXPECT_EQ(shapes.size(), 275u);
  using Shape = std::vector<int64_t>;
  EXPECT_EQ(shapes["embedding.weight"], (Shape{20572, 300}));
  EXPECT_EQ(shapes["lstm.weight_hh_l0"], (Shape{2048, 512}));
  EXPECT_EQ(shapes["img_feat_linear.weight"], (Shape{512, 2048}));
  EXPECT_EQ(shapes["backbone.enc_list.5.mhatt.linear_merge.bias"], (Shape{512}));
  EXPECT_EQ(shapes["backbone.enc_list.0.ffn.mlp.fc.linear.weight"], (Shape{2048, 512}));
  EXPECT_EQ(shapes["backbone.dec_list.5.mhatt2.linear_q.weight"], (Shape{512, 512}));
  EXPECT_EQ(shapes["backbone.dec_list.5.norm3.a_2"], (Shape{512}));
  EXPECT_EQ(shapes["attflat_img.mlp.linear.weight"], (Shape{1, 512}));
  EXPECT_EQ(shapes["attflat_lang.linear_merge.weight"], (Shape{1024, 512}));
  EXPECT_EQ(shapes["proj_norm.b_2"], (Shape{1024}));
  EXPECT_EQ(shapes["proj.weight"], (Shape{3129, 1024}));
}

TEST(VqaModel, BoxDescription) {
  const torch::Tensor boxes = torch::tensor({{{10.0f, 20.0f, 30.0f, 60.0f}}});
  const torch::Tensor sizes = torch::tensor({{100.0f, 80.0f}});
  const torch::Tensor plain = box_description(boxes, sizes, "plain");
  expect_close(plain[0][0], torch::tensor({0.1f, 0.25f, 0.3f, 0.75f, 0.1f}), 1e-6);
  const torch::Tensor fourier = box_description(boxes, sizes, "fourier");
  ASSERT_EQ(fourier.size(2), 21);
  // The centre is (0.2, 0.5): sin(pi 0.2), sin(pi 0.5), then the cosines, then the next octave.
  expect_close(fourier[0][0].slice(0, 5, 11),
               torch::tensor({0.587785f, 1.0f, 0.809017f, 0.0f, 0.951057f, 0.0f}), 1e-5);
}

TEST(VqaModel, XavierKeepsAUnitVariance) {
  ModelConfig config = oracle_config();
  config.model.hidden = 256;
  config.model.init = "xavier";
  VqaModel model(config);
  const torch::Tensor weight =
      model->named_parameters()["backbone.enc_list.0.mhatt.linear_v.weight"];
  // Uniform in +- sqrt(6 / (256 + 256)): variance 1 / 256.
  EXPECT_NEAR(weight.var().item<double>() * 256, 1.0, 0.05);
  EXPECT_LE(weight.abs().max().item<double>(), std::sqrt(6.0 / 512.0));
}

TEST(VqaModel, HeadsMustDivideTheWidth) {
  ModelConfig config = oracle_config();
  config.model.heads = 3;
  EXPECT_THROW(VqaModel{config}, UsageError);
}

}  // namespace
}  // namespace vqalign

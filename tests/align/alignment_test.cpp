#include "vqalign/align/alignment.h"

#include "helpers.h"
#include "vqalign/align/mmd.h"
#include "vqalign/align/optimal_transport.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr int64_t kWidth = 6;
constexpr int64_t kLayers = 2;

/// Taps of every family and layer: questions of 5 tokens, 7 regions.
std::vector<AttentionTap> all_taps() {
  std::vector<AttentionTap> taps;
  for (int64_t layer = 0; layer < kLayers; ++layer) {
    const auto add = [&](AttentionFamily family, int64_t queries, int64_t keys) {
      taps.push_back(
          tap_of(family, layer,
                 leaves(random_sets({"", 3, 2, queries, keys, kWidth, true}, 50 + taps.size()))));
    };
    add(AttentionFamily::kQuestionSelf, 5, 5);
    add(AttentionFamily::kImageSelf, 7, 7);
    add(AttentionFamily::kGuided, 7, 5);
  }
  return taps;
}

AlignOptions of_kind(const std::string& kind) {
  AlignOptions options;
  options.kind = kind;
  return options;
}

bool is_self(const AttentionTap& tap) {
  return tap.family != AttentionFamily::kGuided;
}

class AlignmentKind : public testing::TestWithParam<std::string> {};

TEST_P(AlignmentKind, AlignsBothSelfAttentionFamiliesByDefault) {
  Alignment alignment(of_kind(GetParam()), kWidth, kLayers);
  const std::vector<AttentionTap> taps = all_taps();
  const torch::Tensor total = alignment.forward(taps);
  ASSERT_EQ(total.sizes(), (std::vector<int64_t>{3}));
  EXPECT_EQ(total.scalar_type(), torch::kFloat32);
  EXPECT_EQ(total[2].item<float>(), 0.F) << "the last sample has no query";
  total.sum().backward();
  for (const AttentionTap& tap : taps) {
    EXPECT_EQ(tap.queries.grad().defined(), is_self(tap)) << family_name(tap.family);
    EXPECT_EQ(tap.keys.grad().defined(), is_self(tap)) << family_name(tap.family);
  }
  for (const auto& item : alignment.named_parameters()) {
    EXPECT_GT(item.value().grad().abs().sum().item<float>(), 0.F) << item.key();
  }
}

TEST_P(AlignmentKind, FollowsTheChosenFamiliesAndLayers) {
  AlignOptions options = of_kind(GetParam());
  options.families = {"guided"};
  options.layers = {"1"};
  Alignment alignment(options, kWidth, kLayers);
  const std::vector<AttentionTap> taps = all_taps();
  alignment.forward(taps).sum().backward();
  for (const AttentionTap& tap : taps) {
    EXPECT_EQ(tap.keys.grad().defined(), !is_self(tap) && tap.layer == 1);
  }
}

TEST_P(AlignmentKind, SumsOverLayersAndHeads) {
  torch::manual_seed(1);
  Alignment alignment(of_kind(GetParam()), kWidth, kLayers);
  const std::vector<AttentionTap> taps = all_taps();
  torch::Tensor sum = torch::zeros({3});
  for (const AttentionTap& tap : taps) sum += alignment.forward({tap});
  expect_close(alignment.forward(taps), sum, 1e-6, "sum over taps");

  const AttentionTap& first = taps.front();
  torch::Tensor by_head = torch::zeros({3});
  for (int64_t head = 0; head < 2; ++head) {
    AttentionTap one = first;
    one.queries = first.queries.slice(1, head, head + 1);
    one.keys = first.keys.slice(1, head, head + 1);
    by_head += alignment.forward({one});
  }
  expect_close(alignment.forward({first}), by_head, 1e-6, "sum over heads");
}

TEST_P(AlignmentKind, ReportsTheMeanDistanceOfEachFamily) {
  Alignment alignment(of_kind(GetParam()), kWidth, kLayers);
  const torch::Tensor total = alignment.forward(all_taps());
  const std::map<std::string, torch::Tensor> values = alignment.last_values();
  ASSERT_EQ(values.size(), 2u);
  const double heads_and_samples = 2 * kLayers * 3;
  EXPECT_NEAR(
      (values.at("question_self") + values.at("image_self")).item<double>() * heads_and_samples,
      total.sum().item<double>(), 1e-4 * std::abs(total.sum().item<double>()));
}

TEST_P(AlignmentKind, TrainsBfloat16Taps) {
  Alignment alignment(of_kind(GetParam()), kWidth, kLayers);
  const HeadSets sets = leaves(random_sets({"", 2, 2, 5, 5, kWidth}), torch::kBFloat16);
  const torch::Tensor total = alignment.forward({tap_of(AttentionFamily::kImageSelf, 0, sets)});
  EXPECT_EQ(total.scalar_type(), torch::kFloat32);
  total.sum().backward();
  EXPECT_EQ(sets.queries.grad().scalar_type(), torch::kBFloat16);
  EXPECT_GT(sets.queries.grad().abs().sum().item<float>(), 0.F);
}

INSTANTIATE_TEST_SUITE_P(Kinds, AlignmentKind, testing::Values("ct", "gan", "ot", "mmd"),
                         [](const auto& info) { return info.param; });

TEST(Alignment, OfKindNoneIsZeroAndHasNoParameters) {
  Alignment alignment(of_kind("none"), kWidth, kLayers);
  EXPECT_FALSE(alignment.active());
  EXPECT_TRUE(alignment.parameters().empty());
  EXPECT_EQ(alignment.forward(all_taps()).abs().sum().item<float>(), 0.F);
  EXPECT_TRUE(alignment.last_values().empty());
}

TEST(Alignment, HandsItsOptionsToTheDistance) {
  const HeadSets sets = leaves(random_sets({"", 2, 2, 5, 5, kWidth}));
  AlignOptions options = of_kind("ot");
  options.epsilon = 0.2;
  options.iterations = 3;
  Alignment alignment(options, kWidth, kLayers);
  expect_close(alignment.forward({tap_of(AttentionFamily::kImageSelf, 0, sets)}),
               optimal_transport(sets, {0.2, 3}).sum(1), 1e-6, "ot");
}

TEST(Alignment, RhoSharesTheTwoDirectionsOfTransport) {
  const HeadSets sets = leaves(random_sets({"", 2, 2, 5, 5, kWidth}));
  const auto with_rho = [&sets](double rho) {
    torch::manual_seed(3);
    AlignOptions options = of_kind("ct");
    options.rho = rho;
    Alignment alignment(options, kWidth, kLayers);
    return alignment.forward({tap_of(AttentionFamily::kImageSelf, 0, sets)});
  };
  const torch::Tensor forth = with_rho(1), back = with_rho(0);
  EXPECT_GT((forth - back).abs().min().item<double>(), 1e-4);
  expect_close(with_rho(0.25), 0.25 * forth + 0.75 * back, 1e-6, "rho");
}

TEST(Alignment, HasNetworksForEachFamilyAndLayer) {
  AlignOptions options = of_kind("ct");
  options.hidden = 4;
  const Alignment ct(options, kWidth, kLayers);
  // Critic 2 (6*6+6) + (6*4+4) + (4*4+4), navigator without the highway; two families, two layers.
  int64_t count = 0;
  for (const torch::Tensor& parameter : ct.parameters()) count += parameter.numel();
  EXPECT_EQ(count, 4 * (2 * 42 + 28 + 20 + 28 + 20));
  EXPECT_TRUE(ct.named_parameters().contains("critic_question_self_1.gate.weight"));
  EXPECT_TRUE(Alignment(of_kind("gan"), kWidth, kLayers)
                  .named_parameters()
                  .contains("discriminator_image_self_0.second.bias"));
  EXPECT_TRUE(Alignment(of_kind("mmd"), kWidth, kLayers).parameters().empty());
}

TEST(Alignment, APretrainedEncoderHasHeadsOfItsOwn) {
  AlignOptions options = of_kind("ct");
  options.families = {"image_self", "question_pretrained"};
  constexpr int64_t kNarrow = 3, kMore = 4;
  Alignment alignment(options, kWidth, kLayers, {kNarrow, kMore});
  EXPECT_TRUE(alignment.named_parameters().contains("critic_question_pretrained_3.gate.weight"));
  EXPECT_FALSE(alignment.named_parameters().contains("critic_image_self_2.gate.weight"));
  const HeadSets own = leaves(random_sets({"", 3, 4, 5, 5, kNarrow}));
  const AttentionTap tap = tap_of(AttentionFamily::kQuestionPretrained, 3, own);
  const torch::Tensor alone = alignment.forward({tap});
  EXPECT_GT(alone.abs().sum().item<float>(), 0.F);
  std::vector<AttentionTap> both = all_taps();
  const torch::Tensor others = alignment.forward(both);
  both.push_back(tap);
  expect_close(alignment.forward(both), others + alone, 1e-6, "sum over families");

  options.layers = {"1", "3"};  // The co-attention has the first of them alone.
  const Alignment some(options, kWidth, kLayers, {kNarrow, kMore});
  EXPECT_TRUE(some.named_parameters().contains("critic_question_pretrained_3.gate.weight"));
  EXPECT_FALSE(some.named_parameters().contains("critic_question_pretrained_0.gate.weight"));
  EXPECT_TRUE(some.named_parameters().contains("critic_image_self_1.gate.weight"));
  options.layers = {"4"};
  EXPECT_THROW(Alignment(options, kWidth, kLayers, {kNarrow, kMore}), UsageError);
}

TEST(Alignment, RefusesOptionsThatNameNothing) {
  const auto build = [](const std::function<void(AlignOptions&)>& change) {
    AlignOptions options = of_kind("ct");
    change(options);
    Alignment(options, kWidth, kLayers);
  };
  EXPECT_THROW(build([](AlignOptions& o) { o.kind = "cte"; }), UsageError);
  EXPECT_THROW(build([](AlignOptions& o) { o.families = {"image"}; }), UsageError);
  EXPECT_THROW(build([](AlignOptions& o) { o.families = {}; }), UsageError);
  EXPECT_THROW(build([](AlignOptions& o) { o.families = {"question_pretrained"}; }), UsageError);
  for (const char* layer : {"2", "-1", "", "1x", "one", "99999999999999999999"}) {
    EXPECT_THROW(build([&](AlignOptions& o) { o.layers = {layer}; }), UsageError) << layer;
  }
  EXPECT_NO_THROW(build([](AlignOptions& o) { o.layers = {"0", "1", "1"}; }));
}

TEST(AlignOptions, TellTheirSitesWithoutAModel) {
  using Sites = std::vector<AlignOptions::Site>;
  AlignOptions options = of_kind("mmd");
  options.families = {"guided", "question_pretrained"};
  EXPECT_EQ(options.sites(1, 2),
            (Sites{{"guided", 0}, {"question_pretrained", 0}, {"question_pretrained", 1}}));
  options.layers = {"1"};
  EXPECT_EQ(options.sites(1, 2), (Sites{{"question_pretrained", 1}}));
  EXPECT_THROW(options.sites(1, 1), UsageError);
  EXPECT_THROW(options.sites(2, 0), UsageError);
  options.kind = "none";
  EXPECT_EQ(options.sites(2, 0), Sites{}) << "what none would align is of no matter";
}

TEST(Alignment, RefusesTapsThatAreNotThereOrOfAnotherWidth) {
  Alignment alignment(of_kind("ct"), kWidth + 1, kLayers);
  EXPECT_THROW(alignment.forward({}), Error);
  EXPECT_THROW(alignment.forward(all_taps()), Error);
}

TEST(AlignOptions, AreListedWithTheirDefaults) {
  AlignOptions options;
  const OptionTree tree = {{"align", options.fields()}};
  set_option(tree, "align.kind=ct");
  set_option(tree, "align.weight=0.5");
  set_option(tree, "align.families=guided,image_self");
  set_option(tree, "align.layers=0,3");
  set_option(tree, "align.hidden=12");
  set_option(tree, "align.epsilon=0.1");
  set_option(tree, "align.iterations=7");
  set_option(tree, "align.rho=0.25");
  set_option(tree, "align.standardise=false");
  EXPECT_EQ(options.kind, "ct");
  EXPECT_EQ(options.weight, 0.5);
  EXPECT_EQ(options.families, (std::vector<std::string>{"guided", "image_self"}));
  EXPECT_EQ(options.layers, (std::vector<std::string>{"0", "3"}));
  EXPECT_EQ(options.hidden, 12);
  EXPECT_EQ(options.epsilon, 0.1);
  EXPECT_EQ(options.iterations, 7);
  EXPECT_EQ(options.rho, 0.25);
  EXPECT_FALSE(options.standardise);
  EXPECT_THROW(set_option(tree, "align.kind=wasserstein"), UsageError);
  EXPECT_THROW(set_option(tree, "align.families=question"), UsageError);
  EXPECT_THROW(set_option(tree, "align.epsilon=0"), UsageError);
  EXPECT_THROW(set_option(tree, "align.rho=1.5"), UsageError);
}

}  // namespace
}  // namespace vqalign

#include "vqalign/attention/tap.h"

#include "tests/attention/helpers.h"
#include "vqalign/attention/multi_head_attention.h"

namespace vqalign {
namespace {

using testing_helpers::bool_mask;
using testing_helpers::difference;
using testing_helpers::kBatch;
using testing_helpers::kHeads;
using testing_helpers::kKeys;
using testing_helpers::kQueries;
using testing_helpers::kWidth;

TEST(Tap, HandsOutWhatWasAskedFor) {
  MultiHeadAttention attention(kWidth, kHeads);
  const torch::Tensor queries = torch::randn({kBatch, kQueries, kWidth});
  const torch::Tensor memory = torch::randn({kBatch, kKeys, kWidth});
  const torch::Tensor query_mask = bool_mask({0, 0, 1, 0, 0, 0});
  const torch::Tensor key_mask = bool_mask({0, 0, 0, 1, 1, 0, 0, 0, 0, 1});
  const AttentionSite site{AttentionFamily::kGuided, 4};
  std::vector<AttentionTap> taps;
  AttentionContext context;
  context.taps = &taps;
  attention->forward({queries, query_mask}, {memory, key_mask}, site, context);
  EXPECT_TRUE(taps.empty());
  context.request = {true, true};
  attention->forward({queries, query_mask}, {memory, key_mask}, site, context);
  ASSERT_EQ(taps.size(), 1u);
  const AttentionTap& tap = taps[0];
  EXPECT_EQ(tap.family, AttentionFamily::kGuided);
  EXPECT_EQ(tap.layer, 4);
  EXPECT_TRUE(tap.query_mask.is_same(query_mask));
  EXPECT_TRUE(tap.key_mask.is_same(key_mask));
  EXPECT_EQ(tap.queries.sizes(), (at::IntArrayRef{kBatch, kHeads, kQueries, kWidth / kHeads}));
  EXPECT_EQ(tap.keys.sizes(), (at::IntArrayRef{kBatch, kHeads, kKeys, kWidth / kHeads}));
  EXPECT_EQ(tap.weights.sizes(), (at::IntArrayRef{kBatch, kHeads, kQueries, kKeys}));
  // Head 1 is columns d .. 2d-1 of the projection, unscaled.
  const torch::Tensor projected = attention->linear_q->forward(queries);
  EXPECT_LT(difference(tap.queries.select(1, 1), projected.slice(2, 4, 8)), 1e-6);
  EXPECT_LT(difference(tap.weights.sum(-1), torch::ones({kBatch, kHeads, kQueries})), 1e-6);
  EXPECT_EQ((tap.weights * key_mask.view({kBatch, 1, 1, kKeys})).abs().max().item<float>(), 0.0f);

  context.request = {true, false};
  attention->forward({queries, query_mask}, {memory, key_mask}, site, context);
  EXPECT_TRUE(taps[1].queries.defined() && taps[1].keys.defined());
  EXPECT_FALSE(taps[1].weights.defined());
  context.request = {false, true};
  attention->forward({queries, query_mask}, {memory, key_mask}, site, context);
  EXPECT_FALSE(taps[2].queries.defined());
  EXPECT_TRUE(taps[2].weights.defined());
}

// A loss on the taps alone trains the projections it depends on, and only those.
TEST(Tap, BelongsToTheGraph) {
  MultiHeadAttention attention(kWidth, kHeads);
  DropoutStreams streams(1);
  for (const bool dropping : {false, true}) {
    std::vector<AttentionTap> taps;
    AttentionContext context;
    context.taps = &taps;
    context.request = {true, true};
    context.dropout_rate = 0.2;
    context.streams = dropping ? &streams : nullptr;
    attention->zero_grad();
    attention->forward({torch::randn({2, 3, kWidth}), {}}, {torch::randn({2, 5, kWidth}), {}}, {},
                       context);
    (taps[0].queries.square().sum() + taps[0].keys.square().sum() + taps[0].weights.square().sum())
        .backward();
    EXPECT_GT(attention->linear_q->weight.grad().abs().max().item<float>(), 0);
    EXPECT_GT(attention->linear_k->weight.grad().abs().max().item<float>(), 0);
    EXPECT_FALSE(attention->linear_v->weight.grad().defined());
  }
}

TEST(Tap, FamilyNames) {
  EXPECT_STREQ(family_name(AttentionFamily::kQuestionSelf), "question_self");
  EXPECT_STREQ(family_name(AttentionFamily::kImageSelf), "image_self");
  EXPECT_STREQ(family_name(AttentionFamily::kGuided), "guided");
  EXPECT_STREQ(family_name(AttentionFamily::kQuestionPretrained), "question_pretrained");
  for (const AttentionFamily family : kAllFamilies)
    EXPECT_EQ(family_of(family_name(family)), family);
}

/// A head is off when linear_merge has no columns for it.
TEST(Tap, SilencedHeadsAddNothing) {
  MultiHeadAttention attention(kWidth, kHeads);
  const torch::Tensor queries = torch::randn({kBatch, kQueries, kWidth});
  const torch::Tensor memory = torch::randn({kBatch, kKeys, kWidth});
  const torch::Tensor key_mask = bool_mask({0, 0, 0, 1, 1, 0, 0, 0, 0, 1});
  const std::vector<HeadSite> silenced = {{AttentionFamily::kGuided, 3, 1},
                                          {AttentionFamily::kGuided, 2, 0},
                                          {AttentionFamily::kImageSelf, 3, 0}};
  AttentionContext context;
  context.silenced = &silenced;
  std::vector<AttentionTap> taps;
  const auto output = [&](bool tapped) {
    context.taps = tapped ? &taps : nullptr;
    context.request.weights = tapped;
    const torch::NoGradGuard no_gradients;
    return attention(Sequences{queries, {}}, Sequences{memory, key_mask},
                     AttentionSite{AttentionFamily::kGuided, 3}, context);
  };
  const torch::Tensor fused = output(false), composed = output(true);
  const torch::Tensor silent_weights = taps.front().weights;
  context.silenced = nullptr;
  EXPECT_GT(difference(output(false), fused), 1e-3);
  {
    const torch::NoGradGuard no_gradients;
    attention->linear_merge->weight.slice(1, kWidth / kHeads).zero_();
  }
  EXPECT_LT(difference(output(false), fused), 1e-6);
  EXPECT_LT(difference(output(true), composed), 1e-6);
  EXPECT_LT(difference(taps.back().weights, silent_weights), 1e-9);
}

}  // namespace
}  // namespace vqalign

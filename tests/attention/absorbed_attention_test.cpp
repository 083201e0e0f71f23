#include "vqalign/attention/absorbed_attention.h"

#include <torch/types.h>

#include <cmath>

#include "vqalign/attention/multi_head_attention.h"

#include "tests/attention/helpers.h"

namespace vqalign {
namespace {

using testing_helpers::AutocastGuard;
using testing_helpers::difference;

constexpr int64_t kExamples = 3, kRegions = 20, kWords = 5, kHidden = 64, kFew = 4;

/// Example 0 has five words, 1 has two, 2 has none.
torch::Tensor word_mask() {
  return torch::tensor({0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1})
      .view({kExamples, kWords})
      .to(torch::kBool);
}

/// Multi-head attention of one example as its definition reads, row by row and head by head.
torch::Tensor by_definition(MultiHeadAttentionImpl& maps, const torch::Tensor& regions,
                            const torch::Tensor& words, const torch::Tensor& masked) {
  const int64_t d = kHidden / kFew;
  const torch::Tensor q = maps.linear_q->forward(regions), k = maps.linear_k->forward(words),
                      v = maps.linear_v->forward(words);
  torch::Tensor joined = torch::zeros_like(q);
  for (int64_t row = 0; row < regions.size(0); ++row) {
    for (int64_t head = 0; head < kFew; ++head) {
      const auto part = [&](const torch::Tensor& x) { return x.narrow(-1, head * d, d); };
      torch::Tensor scores = part(k).mv(part(q[row])) / std::sqrt(static_cast<double>(d));
      if (masked.defined()) scores.masked_fill_(masked, -1e9);
      part(joined[row]).copy_(part(v).t().mv(torch::softmax(scores, 0)));
    }
  }
  return maps.linear_merge->forward(joined);
}

class AbsorbedAttention : public ::testing::Test {
 protected:
  AbsorbedAttention() {
    torch::manual_seed(5);
    attention_->to(torch::kDouble);
    regions_ = torch::randn({kExamples, kRegions, kHidden}, torch::kDouble);
    words_ = torch::randn({kExamples, kWords, kHidden}, torch::kDouble);
  }
  torch::Tensor expected(const torch::Tensor& mask) {
    std::vector<torch::Tensor> rows;
    for (int64_t i = 0; i < kExamples; ++i) {
      rows.push_back(by_definition(*attention_, regions_[i], words_[i],
                                   mask.defined() ? mask[i] : torch::Tensor()));
    }
    return torch::stack(rows);
  }

  const torch::NoGradGuard no_grad_;
  MultiHeadAttention attention_{kHidden, kFew};
  torch::Tensor regions_, words_;
};

TEST_F(AbsorbedAttention, IsMultiHeadAttentionAsDefined) {
  for (const torch::Tensor& mask : {torch::Tensor(), word_mask()}) {
    const torch::Tensor absorbed =
        absorbed_attention(regions_, {words_, mask}, attention_->linear_k->forward(words_),
                           attention_->linear_v->forward(words_), *attention_->linear_q,
                           *attention_->linear_merge, kFew);
    EXPECT_LT(difference(absorbed, expected(mask)), 1e-12);
  }
}

TEST_F(AbsorbedAttention, WordsMayComeWithoutTheirPadding) {
  for (const torch::Tensor& mask : {torch::Tensor(), word_mask()}) {
    const ValidRows valid(mask);
    const Sequences words{valid.take(words_), mask, &valid};
    EXPECT_LT(difference(attention_->forward({regions_, {}}, words, {}, {}), expected(mask)),
              1e-12);
  }
}

TEST_F(AbsorbedAttention, FloatAndBfloat16StayClose) {
  const torch::Tensor wanted = expected(word_mask());
  attention_->to(torch::kFloat);
  const Sequences regions{regions_.to(torch::kFloat), {}},
      words{words_.to(torch::kFloat), word_mask()};
  EXPECT_LT(difference(attention_->forward(regions, words, {}, {}), wanted), 1e-5);
  const AutocastGuard bfloat16;
  EXPECT_LT(difference(attention_->forward(regions, words, {}, {}), wanted), 0.03);
}

TEST_F(AbsorbedAttention, IsChosenWhereFewKeysServeManyQueries) {
  EXPECT_TRUE(absorbing_pays(/*queries=*/55, /*keys=*/14, /*width=*/512, /*heads=*/8));
  EXPECT_FALSE(absorbing_pays(14, 14, 512, 8));
  EXPECT_FALSE(absorbing_pays(200, 100, 512, 8));
  EXPECT_FALSE(absorbing_pays(0, 0, 512, 8));
}

// The other way listens in on queries and weights, or silences heads; both must see the same.
TEST_F(AbsorbedAttention, IsLeftForTheOrdinaryWayWhereSomebodyListens) {
  const Sequences regions{regions_, {}}, words{words_, word_mask()};
  std::vector<AttentionTap> taps;
  AttentionContext listening;
  listening.request.queries_keys = true;
  listening.taps = &taps;
  EXPECT_LT(difference(attention_->forward(regions, words, {}, listening),
                       attention_->forward(regions, words, {}, {})),
            1e-12);
  ASSERT_EQ(taps.size(), 1u);
  EXPECT_EQ(taps[0].queries.sizes(), (std::vector<int64_t>{kExamples, kFew, kRegions, 16}));
}

TEST_F(AbsorbedAttention, HeadsAreSilencedAsEver) {
  const std::vector<HeadSite> all = {{AttentionFamily::kGuided, 0, 0},
                                     {AttentionFamily::kGuided, 0, 1},
                                     {AttentionFamily::kGuided, 0, 2},
                                     {AttentionFamily::kGuided, 0, 3}};
  AttentionContext context;
  context.silenced = &all;
  const torch::Tensor silent =
      attention_->forward({regions_, {}}, {words_, {}}, {AttentionFamily::kGuided, 0}, context);
  EXPECT_LT(difference(silent, attention_->linear_merge->bias.expand_as(silent)), 1e-12);
}

}  // namespace
}  // namespace vqalign

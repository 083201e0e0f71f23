#include "vqalign/train/relevance_guide.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/train/softplus.h"

namespace vqalign {
namespace {

/// One picture of two regions and a padded third, asked about by two questions; states are one
/// number a region, the same behind both blocks but for the sign.
ModelOutput two_questions() {
  ModelOutput output;
  output.boxes = torch::tensor(
      {{{0.0f, 0.0f, 10.0f, 10.0f}, {10.0f, 0.0f, 20.0f, 10.0f}, {0.f, 0.f, 0.f, 0.f}}});
  output.region_mask = torch::tensor({{0, 0, 1}, {0, 0, 1}}).to(torch::kBool);
  const torch::Tensor states =
      torch::tensor({{{0.5f}, {-1.0f}, {9.0f}}, {{2.0f}, {0.25f}, {9.0f}}});
  output.region_states = {states.clone().requires_grad_(), (-states).requires_grad_()};
  return output;
}

/// Logits are the states.
RelevanceGuide identity_relevance_guide() {
  RelevanceGuide guide(2, 1);
  const torch::NoGradGuard no_grad;
  for (auto& item : guide->named_parameters()) item.value().fill_(item.value().dim() == 2 ? 1 : 0);
  return guide;
}

const std::vector<LabelledObject> kObjects = {{{11, 1, 19, 9}, {}}, {{2, 2, 6, 6}, {}}};
const std::vector<int64_t> kFirst = {0}, kNothing = {};

TEST(RelevanceGuideTest, EqualsTheDefinition) {
  const ModelOutput output = two_questions();
  const torch::Tensor loss = identity_relevance_guide()->forward(
      output, torch::tensor({0, 0}), {{&kObjects, &kFirst}, {&kObjects, &kNothing}});
  // Question 0 speaks of the object in region 1; question 1 of none. The relevant one counts four.
  double expected = 0;
  for (const double sign : {1.0, -1.0}) {
    expected += softplus(sign * 0.5) + 4 * softplus(sign * 1.0) + softplus(sign * 2.0) +
                softplus(sign * 0.25);
  }
  EXPECT_NEAR(loss.item<double>(), expected / 8, 1e-5);
  loss.backward();
  const torch::Tensor gradient = output.region_states[0].grad();
  EXPECT_LT(gradient[0][1][0].item<float>(), 0);  // rises where the question looks
  EXPECT_GT(gradient[0][0][0].item<float>(), 0);
  EXPECT_EQ(gradient[0][2][0].item<float>(), 0);  // padding teaches nothing
}

TEST(RelevanceGuideTest, WhatIsUnknownTeachesNothing) {
  const ModelOutput output = two_questions();
  const torch::Tensor index = torch::tensor({0, 0});
  const double one =
      identity_relevance_guide()->forward(output, index, {{&kObjects, &kFirst}, {}}).item<double>();
  double expected = 0;
  for (const double sign : {1.0, -1.0}) expected += softplus(sign * 0.5) + 4 * softplus(sign * 1.0);
  EXPECT_NEAR(one, expected / 4, 1e-5);
  EXPECT_EQ(identity_relevance_guide()->forward(output, index, {{}, {}}).item<double>(), 0.0);
}

}  // namespace
}  // namespace vqalign

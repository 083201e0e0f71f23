#include "vqalign/train/object_guide.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/train/softplus.h"

namespace vqalign {
namespace {

/// One picture of 2 x 1 cells, 10 pixels a side, and a padded third.
GridCells three_cells() {
  GridCells grid;
  grid.cells.features = torch::tensor({{{1.0f, 0.0f}, {0.0f, 2.0f}, {0.0f, 0.0f}}});
  grid.cells.boxes = torch::tensor(
      {{{0.0f, 0.0f, 10.0f, 10.0f}, {10.0f, 0.0f, 20.0f, 10.0f}, {0.f, 0.f, 0.f, 0.f}}});
  grid.cells.mask = torch::tensor({{0, 0, 1}}).to(torch::kBool);
  grid.saliency = torch::tensor({{0.5f, -1.0f, 30.0f}}).requires_grad_();
  return grid;
}

/// A guide whose class vectors are the axes; with the projection below logits are the features.
ObjectGuide identity_object_guide() {
  ObjectGuide guide(2, std::array<int64_t, 3>{2, 2, 2});
  const torch::NoGradGuard no_grad;
  // Of any length: only their direction counts.
  for (auto& item : guide->named_parameters()) item.value().copy_(torch::eye(2) * 7);
  return guide;
}

torch::Tensor four_times(const torch::Tensor& features) {
  return features * 4;
}

double loss_of(const GridCells& grid, const std::vector<LabelledObject>& objects) {
  return identity_object_guide()->forward(grid, {&objects}, four_times).item<double>();
}

TEST(ObjectGuideTest, EqualsTheDefinition) {
  // Both centres lie in the second cell: the later object counts there.
  const std::vector<LabelledObject> objects = {{{8, 1, 14, 9}, {0, 0, 0}},
                                               {{11, 1, 19, 9}, {1, 0, 1}}};
  const GridCells grid = three_cells();
  const torch::Tensor loss = identity_object_guide()->forward(grid, {&objects}, four_times);
  const double saliency = 4 * (softplus(0.5) + softplus(1.0)) / 2;  // empty, object
  const double first = softplus(2.0), second = softplus(-2.0);      // logits 0 and 2
  EXPECT_NEAR(loss.item<double>(), saliency + second + first + second, 1e-5);
  loss.backward();
  const torch::Tensor gradient = grid.saliency.grad();
  EXPECT_GT(gradient[0][0].item<float>(), 0);  // descends where no object is
  EXPECT_LT(gradient[0][1].item<float>(), 0);
  EXPECT_EQ(gradient[0][2].item<float>(), 0);  // padding teaches nothing
}

TEST(ObjectGuideTest, APictureWithoutObjectsTeachesSaliencyAlone) {
  const std::vector<LabelledObject> none;
  EXPECT_NEAR(loss_of(three_cells(), none), 4 * (softplus(0.5) + softplus(-1.0)) / 2, 1e-5);
  GridCells all_kept = three_cells();
  all_kept.saliency = torch::Tensor();
  EXPECT_EQ(loss_of(all_kept, none), 0.0);
}

}  // namespace
}  // namespace vqalign

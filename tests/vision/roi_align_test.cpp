#include "vqalign/vision/roi_align.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace vqalign {
namespace {

/// A map of one picture and channel, by its definition: a function of the plane.
struct Plane {
  torch::TensorAccessor<double, 2> cells;
  int64_t rows, columns;

  double at(double y, double x) const {
    if (y < -1 || y > double(rows) || x < -1 || x > double(columns)) return 0;
    const double row = std::clamp(y, 0.0, double(rows - 1));
    const double column = std::clamp(x, 0.0, double(columns - 1));
    const auto top = int64_t(std::floor(row)), left = int64_t(std::floor(column));
    const int64_t bottom = std::min(top + 1, rows - 1), right = std::min(left + 1, columns - 1);
    const double down = row - double(top), along = column - double(left);
    return (1 - down) * ((1 - along) * cells[top][left] + along * cells[top][right]) +
           down * ((1 - along) * cells[bottom][left] + along * cells[bottom][right]);
  }
};

/// One bin of a box, point by point.
double brute_force(const Plane& plane, const std::array<double, 4>& box, double scale_x,
                   double scale_y, const RoiSampling& sampling, int64_t bin_y, int64_t bin_x) {
  const double points = double(sampling.bins * sampling.samples);
  const double width = std::max(0.0, box[2] - box[0]) * scale_x;
  const double height = std::max(0.0, box[3] - box[1]) * scale_y;
  double sum = 0;
  for (int64_t i = 0; i < sampling.samples; ++i) {
    for (int64_t j = 0; j < sampling.samples; ++j) {
      const double row = double(bin_y * sampling.samples + i) + 0.5;
      const double column = double(bin_x * sampling.samples + j) + 0.5;
      sum += plane.at(box[1] * scale_y - 0.5 + height * row / points,
                      box[0] * scale_x - 0.5 + width * column / points);
    }
  }
  return sum / double(sampling.samples * sampling.samples);
}

/// Boxes of a picture of 200 x 120 pixels: ordinary, at each border, tiny, the whole picture,
/// beyond it on every side, far outside, a line, a point, turned inside out.
const std::vector<std::array<double, 4>> kBoxes = {
    {30, 20, 110, 90},        {0, 0, 15, 20},       {170, 95, 200, 120},  {90.2, 50.1, 90.9, 50.7},
    {0, 0, 200, 120},         {-60, -40, 260, 170}, {900, 900, 950, 990}, {40, 30, 40, 100},
    {77.5, 33.3, 77.5, 33.3}, {120, 80, 60, 40},    {199, 119, 200, 120}, {0, 60, 200, 61}};

torch::Tensor boxes_tensor(int64_t pictures) {
  torch::Tensor boxes = torch::empty({pictures, int64_t(kBoxes.size()), 4});
  for (int64_t p = 0; p < pictures; ++p) {
    for (std::size_t r = 0; r < kBoxes.size(); ++r) {
      for (int64_t i = 0; i < 4; ++i) {
        boxes[p][int64_t(r)][i] = kBoxes[r][std::size_t(i)] + (i < 2 ? 0.0 : double(p));
      }
    }
  }
  return boxes;
}

RoiMaps noise_maps(torch::ScalarType type) {
  torch::manual_seed(5);
  return {torch::randn({2, 3, 9, 14}, type), torch::tensor({9, 14, 6, 11}).view({2, 2}),
          torch::tensor({14 / 200.0f, 9 / 120.0f, 11 / 200.0f, 6 / 120.0f}).view({2, 2})};
}

TEST(RoiAlign, IsTheMeanOfInterpolatedPoints) {
  for (const RoiSampling sampling : {RoiSampling{1, 1}, {1, 14}, {2, 7}, {7, 2}, {3, 1}}) {
    const RoiMaps maps = noise_maps(torch::kDouble);
    const torch::Tensor boxes = boxes_tensor(2);
    const torch::Tensor found = roi_align(maps, boxes, sampling);
    ASSERT_EQ(found.sizes(),
              (std::vector<int64_t>{2, int64_t(kBoxes.size()), 3, sampling.bins, sampling.bins}));
    const torch::Tensor exact = boxes.to(torch::kDouble);
    for (int64_t p = 0; p < 2; ++p) {
      const auto rows = maps.extents[p][0].item<int64_t>();
      const auto columns = maps.extents[p][1].item<int64_t>();
      for (int64_t c = 0; c < 3; ++c) {
        const torch::Tensor cells = maps.values[p][c].contiguous();
        const Plane plane{cells.accessor<double, 2>(), rows, columns};
        for (std::size_t r = 0; r < kBoxes.size(); ++r) {
          std::array<double, 4> box{};
          for (int64_t i = 0; i < 4; ++i) {
            box[std::size_t(i)] = exact[p][int64_t(r)][i].item<double>();
          }
          for (int64_t y = 0; y < sampling.bins; ++y) {
            for (int64_t x = 0; x < sampling.bins; ++x) {
              const double expected = brute_force(plane, box, double(columns) / 200,
                                                  double(rows) / 120, sampling, y, x);
              EXPECT_NEAR(found[p][int64_t(r)][c][y][x].item<double>(), expected, 1e-4)
                  << "picture " << p << " box " << r << " bins " << sampling.bins;
            }
          }
        }
      }
    }
  }
}

TEST(RoiAlign, TakesABoxOfOneCellForTheCell) {
  RoiMaps maps{torch::arange(12, torch::kFloat).view({1, 1, 3, 4}), torch::tensor({{3, 4}}),
               torch::tensor({{0.5f, 0.25f}})};
  // Cell (row 1, column 2) is 2 pixels wide and 4 high; one point lies in its middle.
  const torch::Tensor box = torch::tensor({4.0f, 4.0f, 6.0f, 8.0f}).view({1, 1, 4});
  EXPECT_EQ(roi_align(maps, box, {1, 1}).item<float>(), 6);
}

TEST(RoiAlign, SeesNothingOfThePadding) {
  RoiMaps maps = noise_maps(torch::kFloat);
  const torch::Tensor boxes = boxes_tensor(2);
  const torch::Tensor before = roi_align(maps, boxes, {2, 7});
  maps.values[1].slice(1, 6).fill_(1e6);
  maps.values[1].slice(2, 11).fill_(1e6);
  EXPECT_TRUE(torch::equal(roi_align(maps, boxes, {2, 7}), before));
}

TEST(RoiAlign, HasTheGradientOfItsWeights) {
  RoiMaps maps = noise_maps(torch::kDouble);
  maps.values.requires_grad_();
  const torch::Tensor boxes = boxes_tensor(2);
  const torch::Tensor chosen = torch::randn({2, int64_t(kBoxes.size()), 3, 2, 2}, torch::kDouble);
  (roi_align(maps, boxes, {2, 3}) * chosen).sum().backward();
  const torch::NoGradGuard no_grad;
  constexpr double kStep = 1e-3;
  for (const auto& [p, c, y, x] : {std::array<int64_t, 4>{0, 0, 0, 0},
                                   {0, 2, 8, 13},
                                   {0, 1, 4, 6},
                                   {1, 0, 5, 10},
                                   {1, 1, 2, 3},
                                   {1, 2, 7, 12}}) {
    const auto shifted = [&, p = p, c = c, y = y, x = x](double by) {
      RoiMaps other = maps;
      other.values = maps.values.clone();
      other.values[p][c][y][x] += by;
      return (roi_align(other, boxes, {2, 3}) * chosen).sum().item<double>();
    };
    EXPECT_NEAR(maps.values.grad()[p][c][y][x].item<double>(),
                (shifted(kStep) - shifted(-kStep)) / (2 * kStep), 1e-6);
  }
}

TEST(RoiAlign, TakesNoBoxesAtAll) {
  const RoiMaps maps = noise_maps(torch::kFloat);
  EXPECT_EQ(roi_align(maps, torch::empty({2, 0, 4}), {2, 2}).sizes(),
            (std::vector<int64_t>{2, 0, 3, 2, 2}));
}

}  // namespace
}  // namespace vqalign

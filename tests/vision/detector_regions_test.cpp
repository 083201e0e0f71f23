#include "vqalign/vision/detector_regions.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/vision/detector_fixtures.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

using test::blocks_picture;
using test::detector_fixture;

VisionOptions tiny_options(int64_t stages = 1, bool grid = false) {
  VisionOptions options;
  options.encoder = "detector";
  options.backbone = "efficientnet-lite0";
  options.detector = detector_fixture("tiny_picodet.onnx").string();
  options.detector_names = detector_fixture("tiny.names").string();
  options.stages = stages;
  options.detector_grid = grid;
  options.pixels = 64 * 64;
  options.longest = 128;
  options.complete();
  return options;
}

DetectorRegions seeded_detector(const VisionOptions& options) {
  torch::manual_seed(11);
  DetectorRegions encoder(options);
  encoder->eval();
  encoder->use(read_detector_file(options.detector));
  return encoder;
}

Picture things(int64_t width, int64_t height) {
  const int64_t w = width / 8, h = height / 8;
  return blocks_picture(
      width, height,
      {{w, h, 3 * w, 3 * h, {255, 0, 0}}, {5 * w, 5 * h, 2 * w, 2 * h, {0, 0, 255}}});
}

PictureBatch batch_of(const std::vector<Picture>& pictures, const VisionOptions& options) {
  const PictureScale scale = picture_scale(options);
  std::vector<ScaledPicture> scaled;
  for (const Picture& picture : pictures) scaled.push_back(scale_picture(picture, scale));
  return collate_pictures(scaled, scale.multiple);
}

torch::Tensor real_rows(const RegionBatch& regions, const torch::Tensor& values, int64_t picture) {
  return values[picture].index_select(0, regions.mask[picture].logical_not().nonzero().squeeze(1));
}

void expect_near_rows(const torch::Tensor& found, const torch::Tensor& expected, double tolerance) {
  ASSERT_EQ(found.sizes(), expected.sizes());
  EXPECT_LE((found - expected).abs().max().item<double>(), tolerance);
}

TEST(DetectorRegions, AreThePictureAndWhatIsFoundInIt) {
  const torch::NoGradGuard no_grad;
  const VisionOptions options = tiny_options();
  DetectorRegions encoder = seeded_detector(options);
  const Picture picture = things(64, 64);
  const RegionBatch regions = encoder->forward(batch_of({picture}, options));
  const std::vector<Detection> found =
      Detector(read_detector_file(options.detector), 3)
          .detect(test::view_of(picture), {options.detector_score, options.detector_overlap, 20});
  ASSERT_GE(found.size(), 3u);
  ASSERT_EQ(regions.features.sizes(),
            (std::vector<int64_t>{1, int64_t(found.size()) + 1, 1280 + 3}));
  EXPECT_EQ(encoder->width(), 1283);
  EXPECT_FALSE(regions.mask.any().item<bool>());
  expect_near_rows(regions.boxes[0][0], torch::tensor({0.0f, 0.0f, 64.0f, 64.0f}), 0);
  const std::vector<RegionLabel> labels = encoder->labels(regions.features[0]);
  ASSERT_EQ(labels.size(), found.size() + 1);
  EXPECT_EQ(labels[0].class_id, -1);
  EXPECT_EQ(regions.features[0][0].slice(0, 1280).abs().max().item<float>(), 0);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Box& box = found[i].box;
    expect_near_rows(regions.boxes[0][int64_t(i) + 1],
                     torch::tensor({box.x1, box.y1, box.x2, box.y2}), 1e-4);
    EXPECT_EQ(labels[i + 1].class_id, found[i].class_id);
    EXPECT_EQ(labels[i + 1].score, found[i].score);
  }
}

/// The mean over a box of a map [C, H, W] whose cells are `side` pixels, by 14 x 14 points.
torch::Tensor mean_inside(const torch::Tensor& map, const torch::Tensor& box, double side) {
  torch::Tensor sum = torch::zeros({map.size(0)});
  const auto edge = [&box](int64_t i) { return double(box[i].item<float>()); };
  for (int64_t i = 0; i < 14; ++i) {
    for (int64_t j = 0; j < 14; ++j) {
      const double y = (edge(1) + (edge(3) - edge(1)) * (double(i) + 0.5) / 14) / side - 0.5;
      const double x = (edge(0) + (edge(2) - edge(0)) * (double(j) + 0.5) / 14) / side - 0.5;
      const auto clamped = [](double v, int64_t n) { return std::clamp(v, 0.0, double(n - 1)); };
      const double cy = clamped(y, map.size(1)), cx = clamped(x, map.size(2));
      const auto top = int64_t(cy), left = int64_t(cx);
      const int64_t bottom = std::min(top + 1, map.size(1) - 1);
      const int64_t right = std::min(left + 1, map.size(2) - 1);
      const double fy = cy - double(top), fx = cx - double(left);
      sum += (map.select(1, top).select(1, left) * (1 - fx) +
              map.select(1, top).select(1, right) * fx) *
                 (1 - fy) +
             (map.select(1, bottom).select(1, left) * (1 - fx) +
              map.select(1, bottom).select(1, right) * fx) *
                 fy;
    }
  }
  return sum / (14 * 14);
}

TEST(DetectorRegions, AreDescribedByTheBackboneInsideOfTheirBoxes) {
  const torch::NoGradGuard no_grad;
  const VisionOptions options = tiny_options(/*stages=*/2);
  DetectorRegions encoder = seeded_detector(options);
  // A picture of the size that it is scaled to: boxes are in pixels of both.
  const PictureBatch pictures = batch_of({things(64, 64)}, options);
  const RegionBatch regions = encoder->forward(pictures);
  ASSERT_EQ(regions.features.size(2), 1280 + 4 * 112 + 3);
  const BackboneMaps maps =
      encoder->pretrained_network()->forward((pictures.pixels.to(torch::kFloat32) - 127.5) / 127.5);
  for (int64_t region = 0; region < regions.features.size(1); ++region) {
    const torch::Tensor box = regions.boxes[0][region];
    const torch::Tensor features = regions.features[0][region];
    expect_near_rows(features.slice(0, 0, 1280), mean_inside(maps.last[0], box, 32), 1e-4);
    // A map's mean over a box is the mean of the means over its quarters.
    const torch::Tensor quarters = features.slice(0, 1280, 1280 + 4 * 112).view({112, 4});
    expect_near_rows(quarters.mean(1), mean_inside(maps.finer[0], box, 16), 1e-4);
    const torch::Tensor middle = (box.slice(0, 0, 2) + box.slice(0, 2, 4)) / 2;
    const torch::Tensor corner = torch::cat({middle, box.slice(0, 2, 4)});
    const torch::Tensor inner = mean_inside(maps.finer[0], corner, 16);
    // 7 x 7 points there, 14 x 14 here: as near as their grids are.
    EXPECT_LT((quarters.select(1, 3) - inner).norm().item<double>(),
              0.05 * inner.norm().item<double>() + 1e-3);
  }
}

TEST(DetectorRegions, DoNotDependOnTheirNeighbours) {
  const torch::NoGradGuard no_grad;
  for (const bool grid : {false, true}) {
    const VisionOptions options = tiny_options(/*stages=*/2, grid);
    DetectorRegions encoder = seeded_detector(options);
    const std::vector<Picture> pictures = {things(96, 32), blocks_picture(64, 64, {}),
                                           things(200, 150), things(1, 1)};
    const RegionBatch together = encoder->forward(batch_of(pictures, options));
    for (std::size_t p = 0; p < pictures.size(); ++p) {
      const RegionBatch alone = encoder->forward(batch_of({pictures[p]}, options));
      const auto place = static_cast<int64_t>(p);
      expect_near_rows(real_rows(together, together.features, place),
                       real_rows(alone, alone.features, 0), 1e-4);
      expect_near_rows(real_rows(together, together.boxes, place), real_rows(alone, alone.boxes, 0),
                       1e-3);
    }
    const torch::Tensor padding = together.mask.unsqueeze(2);
    EXPECT_EQ(together.features.masked_fill(padding.logical_not(), 0).abs().max().item<float>(), 0);
    EXPECT_EQ(together.boxes.masked_fill(padding.logical_not(), 0).abs().max().item<float>(), 0);
    EXPECT_TRUE(torch::isfinite(together.features).all().item<bool>());
    // Nothing was found in the second: the picture alone, and its cells.
    EXPECT_EQ(real_rows(together, together.boxes, 1).size(0), grid ? 1 + 4 : 1);
  }
}

TEST(DetectorRegions, CellsStandBehind) {
  const torch::NoGradGuard no_grad;
  VisionOptions options = tiny_options(/*stages=*/2, /*grid=*/true);
  DetectorRegions encoder = seeded_detector(options);
  const PictureBatch pictures = batch_of({things(64, 64)}, options);
  const RegionBatch regions = encoder->forward(pictures);
  VisionOptions plain = options;
  plain.encoder = options.backbone;
  torch::manual_seed(11);
  PretrainedGrid cells(plain);
  cells->eval();
  const RegionBatch expected = cells->forward(pictures);
  const int64_t behind = regions.mask.size(1) - 4;
  const auto rows = [behind](const torch::Tensor& values) { return values[0].slice(0, behind); };
  expect_near_rows(rows(regions.boxes), expected.boxes[0], 1e-4);
  expect_near_rows(rows(regions.features).slice(1, 0, expected.features.size(2)),
                   expected.features[0], 1e-4);
  for (const RegionLabel& label : encoder->labels(rows(regions.features))) {
    EXPECT_EQ(label.class_id, -1);
  }
  EXPECT_EQ(most_regions(options), 1 + 20 + 4);
}

TEST(DetectorRegions, TheBestAreKept) {
  const torch::NoGradGuard no_grad;
  VisionOptions options = tiny_options();
  const PictureBatch pictures = batch_of({things(64, 64)}, options);
  const RegionBatch all = seeded_detector(options)->forward(pictures);
  options.max_detections = 2;
  const RegionBatch two = seeded_detector(options)->forward(pictures);
  ASSERT_GT(all.mask.size(1), 3);
  ASSERT_EQ(two.mask.size(1), 3);
  expect_near_rows(two.features[0], all.features[0].slice(0, 0, 3), 1e-5);
  options.max_detections = 0;
  EXPECT_EQ(seeded_detector(options)->forward(pictures).mask.size(1), 1);
}

TEST(DetectorRegions, TuningReachesTheBackbone) {
  const VisionOptions options = tiny_options(/*stages=*/2);
  DetectorRegions encoder = seeded_detector(options);
  encoder->train();
  encoder->forward(batch_of({things(64, 64)}, options)).features.square().sum().backward();
  const torch::Tensor gradient =
      encoder->named_parameters()["backbone.network._conv_stem.weight"].grad();
  ASSERT_TRUE(gradient.defined());
  EXPECT_GT(gradient.abs().max().item<float>(), 0);
}

TEST(DetectorRegions, TheirBytesMakeTheDetectorAgain) {
  const torch::NoGradGuard no_grad;
  VisionOptions options = tiny_options();
  for (const char* name : {"tiny_picodet.onnx", "tiny_yolo.cfg"}) {
    options.detector = detector_fixture(name).string();
    DetectorRegions from = seeded_detector(options);
    torch::manual_seed(11);
    DetectorRegions to(options);
    to->eval();
    for (auto& item : to->named_buffers()) {
      if (item.value().scalar_type() != torch::kByte) continue;
      const torch::Tensor bytes = from->named_buffers()[item.key()];
      item.value().resize_(bytes.sizes()).copy_(bytes);
    }
    to->prepare("model.safetensors");
    const PictureBatch pictures = batch_of({things(64, 64)}, options);
    EXPECT_TRUE(torch::equal(to->forward(pictures).features, from->forward(pictures).features));
    to->named_buffers()["detector_file"].slice(0, 0, 40).fill_(255);
    to->named_buffers()["detector_config"].fill_(0);
    try {
      to->prepare("model.safetensors");
      ADD_FAILURE() << "damaged bytes were taken";
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("model.safetensors: its detector: "))
          << error.what();
    }
  }
}

TEST(DetectorRegions, AreWhatTheOptionNames) {
  const VisionOptions options = tiny_options();
  EXPECT_EQ(make_grid_encoder(options)->width(), 1283);
  EXPECT_EQ(detector_width(options), 1283);
  VisionOptions coco;
  coco.encoder = "detector";
  EXPECT_EQ(detector_width(coco), 1280 + 80);
  EXPECT_THROW(coco.complete(), UsageError);
  EXPECT_EQ(options.files().size(), 2u);
}

}  // namespace
}  // namespace vqalign

#include "tiny_model.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

#include "vqalign/core/philox.h"

namespace vqalign::test {

namespace fs = std::filesystem;

ModelBundle tiny_model(double dropout) {
  torch::manual_seed(7);
  ModelConfig config;
  config.vision.channels = {"4", "4", "8", "8"};
  config.vision.pixels = 4096;
  config.language.word_width = 8;
  config.language.max_tokens = 6;
  config.model = {.layers = 2,
                  .hidden = 16,
                  .heads = 2,
                  .feed_forward = 16,
                  .dropout = dropout,
                  .pooling_hidden = 8,
                  .glimpses = 2,
                  .pooled = 16,
                  .boxes = "plain"};
  return ModelBundle::create(config,
                             Vocabulary({"what", "colour", "is", "the", "circle", "square"}),
                             {"yes", "no", "red", "blue"}, {0.4F, 0.3F, 0.2F, 0.1F});
}

PictureBatch tiny_pictures(const std::vector<Picture>& pictures) {
  const PictureScale scale{.pixels = 4096, .longest = 384, .multiple = 16, .enlarge = false};
  std::vector<ScaledPicture> scaled;
  for (const Picture& picture : pictures) scaled.push_back(scale_picture(picture, scale));
  return collate_pictures(scaled, scale.multiple);
}

ModelInput padded_batch() {
  ModelInput input;
  input.pictures = tiny_pictures({random_picture(50, 30, 1), random_picture(64, 64, 2)});
  input.tokens = torch::tensor({{4, 5, 6, 1, 0, 0}, {2, 3, 4, 5, 6, 7}});
  return input;
}

fs::path test_file(const std::string& name) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path folder = fs::path(testing::TempDir()) / "vqalign_inspect" /
                          (std::string(test->test_suite_name()) + "." + test->name());
  fs::create_directories(folder);
  return folder / name;
}

fs::path saved(const ModelBundle& bundle, const std::string& name) {
  const fs::path file = test_file(name);
  save_model(file, bundle);
  return file;
}

Picture random_picture(int64_t width, int64_t height, uint64_t seed) {
  Picture picture{width, height, {}};
  Random random(seed);
  for (int64_t i = 0; i < width * height * 3; ++i) {
    picture.rgb.push_back(static_cast<uint8_t>(random.below(256)));
  }
  return picture;
}

fs::path random_png(const std::string& name, int64_t width, int64_t height, uint64_t seed) {
  const fs::path file = test_file(name);
  write_png(file, random_picture(width, height, seed));
  return file;
}

}  // namespace vqalign::test

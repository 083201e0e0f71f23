#include "vqalign/bench/app_model.h"

#include <torch/utils.h>

#include "vqalign/core/philox.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/run_options.h"
#include "vqalign/vision/picture.h"

namespace vqalign {
namespace {

constexpr int64_t kAppAnswers = 3000;
constexpr int64_t kSide = 160;

}  // namespace

std::filesystem::path write_large_model(const std::filesystem::path& folder) {
  torch::manual_seed(1);
  RunOptions options = load_recipe("mcan-small");
  options.config.vision = VisionOptions();
  std::vector<std::string> answers;
  for (int64_t i = 0; i < kAppAnswers; ++i) answers.push_back("answer " + std::to_string(i));
  const ModelBundle bundle = ModelBundle::create(
      options.config,
      Vocabulary::from_questions({"what colour is the large thing to the left of the red one"}),
      answers, std::vector<float>(answers.size(), 1.0F / kAppAnswers));
  const std::filesystem::path file = folder / "large.safetensors";
  save_model(file, bundle);
  return file;
}

std::filesystem::path write_square_picture(const std::filesystem::path& folder) {
  Random random(1);
  Picture picture{kSide, kSide, {}};
  for (int64_t i = 0; i < kSide * kSide * 3; ++i) {
    picture.rgb.push_back(static_cast<uint8_t>(random.below(256)));
  }
  const std::filesystem::path file = folder / "square.png";
  write_png(file, picture);
  return file;
}

}  // namespace vqalign

// LibTorch's names stay in here.
#include "photo_model.h"

#include <torch/utils.h>

#include "vqalign/fusion/model_file.h"

namespace vqalign::test {
namespace {

ModelBundle photo_bundle(const char* data) {
  torch::manual_seed(7);
  ModelConfig config;
  config.vision.encoder = "efficientnet-lite0";
  config.vision.pixels = 4096;
  config.language.word_width = 8;
  config.language.max_tokens = 6;
  config.model = {.layers = 1,
                  .hidden = 16,
                  .heads = 2,
                  .feed_forward = 16,
                  .dropout = 0,
                  .pooling_hidden = 8,
                  .glimpses = 1,
                  .pooled = 16,
                  .boxes = "plain"};
  ModelBundle bundle = ModelBundle::create(config, Vocabulary({"what", "is", "on", "the", "table"}),
                                           {"cup", "lamp"}, {0.5F, 0.5F});
  bundle.trained = Json::object().set("recipe", "photos").set("data", data);
  return bundle;
}

}  // namespace

void write_photo_model(const std::filesystem::path& file, const char* data) {
  save_model(file, photo_bundle(data));
}

void write_slim_photo_model(const std::filesystem::path& file, const char* data) {
  const ModelBundle bundle = photo_bundle(data);
  save_model(file, bundle, /*half=*/false,
             {{encoder_parts(bundle.config).front(), "efficientnet-lite0.pth", 18'000'000,
               std::string(64, 'a'), 4'000'000}});
}

}  // namespace vqalign::test

#include "vqalign/inspect/photo_models.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tiny_model.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

/// A model whose encoder of pictures is an EfficientNet of random weights.
ModelBundle photo_bundle() {
  ModelConfig config = tiny_model().config;
  config.vision.encoder = "efficientnet-lite0";
  ModelBundle bundle = ModelBundle::create(config, Vocabulary({"what"}), {"yes", "no"}, {0.5F, 0});
  bundle.domain = Json::object();
  bundle.trained = Json::object().set("data", "holidays");
  return bundle;
}

std::vector<std::string> names(const std::vector<PhotoModel>& models) {
  std::vector<std::string> names;
  for (const PhotoModel& model : models) names.push_back(model.file.filename().string());
  return names;
}

class PhotoModels : public testing::Test {
 protected:
  PhotoModels() {
    const fs::path photo = saved(photo_bundle(), "holidays.safetensors");
    saved(tiny_model(), "drawn.safetensors");
    std::ofstream(test_file("broken.safetensors")) << "rubbish";
    fs::copy_file(photo, test_file("older.safetensors"), fs::copy_options::overwrite_existing);
    fs::last_write_time(test_file("older.safetensors"),
                        fs::last_write_time(photo) - std::chrono::hours(1));
    fs::copy_file(photo, test_file("other.name"), fs::copy_options::overwrite_existing);
  }
  const fs::path folder_ = test_file("x").parent_path();
};

TEST_F(PhotoModels, AFoldersAreFoundTheNewestFirst) {
  const std::vector<PhotoModel> found = find_photo_models({}, {folder_, folder_ / "nowhere"});
  EXPECT_EQ(names(found), (std::vector<std::string>{"holidays.safetensors", "older.safetensors"}));
  EXPECT_EQ(found[0].file, folder_ / "holidays.safetensors");
  EXPECT_EQ(found[0].trained_on, "holidays");
}

TEST_F(PhotoModels, FilesComeFirstAndNoneTwice) {
  fs::create_symlink(folder_ / "holidays.safetensors", folder_ / "link.safetensors");
  const std::vector<PhotoModel> found =
      find_photo_models({folder_ / "missing", folder_ / "drawn.safetensors", folder_ / "other.name",
                         folder_ / "." / "older.safetensors", folder_ / "link.safetensors"},
                        {folder_, folder_});
  EXPECT_EQ(names(found),
            (std::vector<std::string>{"other.name", "older.safetensors", "link.safetensors"}));
  fs::remove(folder_ / "link.safetensors");
}

TEST_F(PhotoModels, TheNewestAtHandIsHintedAtOrHowOneIsMade) {
  EXPECT_EQ(photo_model_hint({folder_}),
            "for photographs there is the model " + (folder_ / "holidays.safetensors").string());
  EXPECT_EQ(photo_model_hint({folder_ / "nowhere"}),
            "a model for photographs is made by train --recipe photos");
}

TEST_F(PhotoModels, ASlimOneIsFoundWithoutItsWeights) {
  const ModelBundle bundle = photo_bundle();
  const EncoderPart part = encoder_parts(bundle.config).front();
  const fs::path slim = test_file("slim.model");
  save_model(slim, bundle, false,
             {{part, "efficientnet-lite0.pth", 18'000'000, std::string(64, 'a'), 4'000'000}});
  EXPECT_EQ(names(find_photo_models({slim}, {})), (std::vector<std::string>{"slim.model"}));
}

}  // namespace
}  // namespace vqalign::test

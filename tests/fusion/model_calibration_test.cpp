// Temperatures in a model file.
#include "vqalign/fusion/model_calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "tests/fusion/helpers.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/safetensors.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

class CalibratedFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              (std::string("calibrated_file_") +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
    path_ = folder_ / "model.safetensors";
    bundle_ = ModelBundle::create(oracle_config(), Vocabulary({"is", "the", "cat"}),
                                  {"yes", "no", "2", ""}, {0.4f, 0.3f, 0.2f, 0.1f});
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// What loading says.
  std::string fault() {
    try {
      load_model(path_);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  fs::path folder_, path_;
  ModelBundle bundle_;
};

const ModelCalibration kCalibrated = {1.25, 0.75, 20, 989, "val2014"};

TEST_F(CalibratedFile, ACalibrationIsPutInAndNothingElseChanges) {
  save_model(path_, bundle_, /*half=*/true);
  const Safetensors before = read_safetensors(path_);
  write_calibration(path_, kCalibrated);
  const Safetensors after = read_safetensors(path_);
  ASSERT_EQ(after.tensors.size(), before.tensors.size());
  for (std::size_t i = 0; i < before.tensors.size(); ++i) {
    EXPECT_EQ(after.tensors[i].first, before.tensors[i].first);
    EXPECT_EQ(after.tensors[i].second.scalar_type(), before.tensors[i].second.scalar_type());
    EXPECT_TRUE(torch::equal(after.tensors[i].second, before.tensors[i].second));
  }
  auto metadata = after.metadata;
  EXPECT_EQ(metadata.extract("calibration").mapped(), kCalibrated.to_json().dump());
  EXPECT_EQ(metadata, before.metadata);

  const ModelBundle loaded = load_model(path_);
  EXPECT_EQ(loaded.calibration.to_json(), kCalibrated.to_json());
  EXPECT_TRUE(loaded.calibration.fitted_for_passes());
  EXPECT_EQ(summarise_model(path_).calibration.text(), kCalibrated.text());
  save_model(folder_ / "again", loaded, /*half=*/true);
  EXPECT_EQ(load_model(folder_ / "again").calibration.to_json(), kCalibrated.to_json());

  write_calibration(path_, {1.5, 1, 0, 12, "val2014"});
  EXPECT_EQ(load_model(path_).calibration.temperature, 1.5);
  EXPECT_FALSE(load_model(path_).calibration.fitted_for_passes());
  write_calibration(path_, {});
  EXPECT_EQ(read_safetensors(path_).metadata, before.metadata);
}

TEST_F(CalibratedFile, ACalibrationScalesLogits) {
  const torch::Tensor logits = torch::tensor({-2.0, 0.0, 1.0, 3.0}, torch::kDouble);
  const torch::Tensor found = kCalibrated.probabilities(logits);
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(found[i].item<double>(), 1 / (1 + std::exp(-logits[i].item<double>() / 1.25)),
                1e-15);
  }
  EXPECT_TRUE(torch::equal(ModelCalibration().probabilities(logits), logits.sigmoid()));
}

TEST_F(CalibratedFile, ACalibrationOutOfRangeIsRefused) {
  save_model(path_, bundle_);
  const std::pair<const char*, const char*> faults[] = {
      {R"({"temperature": 0, "questions": 9, "data": "v"})", "temperature is 0"},
      {R"({"temperature": 1e9, "questions": 9, "data": "v"})", "temperature is 1e+09"},
      {R"({"temperature": "1", "questions": 9, "data": "v"})", "temperature"},
      {R"({"temperature": 1, "questions": 0, "data": "v"})", "questions is 0"},
      {R"({"temperature": 1, "questions": 9, "data": 3})", "data"},
      {R"({"temperature": 1, "questions": 9, "data": "v", "passes": 2})", "passes_temperature"},
      {R"([1])", "calibration"},
      {R"({"temperature": 1, )", "calibration"},
  };
  for (const auto& [text, said] : faults) {
    Safetensors file = read_safetensors(path_);
    file.metadata["calibration"] = text;
    write_safetensors(path_, file);
    const std::string message = fault();
    EXPECT_NE(message.find(said), std::string::npos) << message;
    EXPECT_TRUE(message.starts_with(path_.string() + ": ")) << message;
  }
}

TEST_F(CalibratedFile, AReadOnlyFileIsNotCalibrated) {
  save_model(path_, bundle_);
  fs::permissions(path_, fs::perms::owner_read);
  try {
    write_calibration(path_, kCalibrated);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("is read-only"), std::string::npos);
  }
  EXPECT_FALSE(load_model(path_).calibration.fitted());
}

TEST_F(CalibratedFile, ALinkStaysOne) {
  save_model(path_, bundle_);
  const fs::path link = folder_ / "link.safetensors";
  fs::create_symlink(path_.filename(), link);
  write_calibration(link, kCalibrated);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_TRUE(load_model(path_).calibration.fitted());
}

}  // namespace
}  // namespace vqalign

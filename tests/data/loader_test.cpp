#include "vqalign/data/batch_loader.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "vqalign/core/error.h"
#include "vqalign/data/batch_sampler.h"
#include "vqalign/data/picture_domain.h"
#include "vqalign/vision/picture.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

// Twelve pictures, each of one colour and a size of its own, and three questions about each.
class LoaderTest : public testing::Test {
 protected:
  static constexpr int64_t kPictures = 12;
  static constexpr int64_t kQuestions = 36;
  LoaderTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("loader.") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    for (int64_t id = 1; id <= kPictures; ++id) write_png(file(id), picture(id));
    dataset_.name = "train2014";
    dataset_.images.add(folder_);
    for (int64_t i = 0; i < kQuestions; ++i) {
      const int64_t image_id = i % kPictures + 1;
      std::string text = "is it";
      for (int64_t word = 0; word < i % 5; ++word) text += " very";
      dataset_.questions.push_back({100 + i, image_id, text + " red?"});
      Annotation annotation{100 + i, image_id, "is it", "yes/no", "yes", {}};
      for (int64_t k = 0; k < 10; ++k) {
        annotation.answers.push_back({k + 1, k < i % 11 ? "yes" : "no", "yes"});
      }
      dataset_.annotations.push_back(annotation);
    }
    inputs_.dataset = &dataset_;
    inputs_.vocabulary = &vocabulary_;
    inputs_.answers = &answers_;
    inputs_.scale = {400, 64, 16, false};
  }
  fs::path file(int64_t id) const {
    return folder_ / ("COCO_train2014_" + std::to_string(id) + ".png");
  }
  static Picture picture(int64_t id) {
    const int64_t width = 8 + id;
    const int64_t height = 20 - id;
    return {width, height,
            std::vector<uint8_t>(static_cast<std::size_t>(width * height * 3),
                                 static_cast<uint8_t>(10 * id))};
  }
  std::vector<std::vector<int64_t>> batches_in_order(int64_t size) const {
    std::vector<std::vector<int64_t>> batches;
    for (int64_t i = 0; i < kQuestions; ++i) {
      if (i % size == 0) batches.emplace_back();
      batches.back().push_back(i);
    }
    return batches;
  }
  std::vector<Batch> load(const DataOptions& options, std::size_t first = 0) const {
    BatchLoader loader(inputs_, options);
    loader.start(batches_in_order(5), first);
    std::vector<Batch> batches;
    while (std::optional<Batch> batch = loader.next()) batches.push_back(*std::move(batch));
    return batches;
  }
  fs::path folder_;
  Dataset dataset_;
  Vocabulary vocabulary_{{"is", "it", "very", "red"}};
  AnswerList answers_{{"no", "yes", "red"}, {0, 0, 0}};
  BatchInputs inputs_;
};

void expect_same(const Batch& a, const Batch& b) {
  EXPECT_EQ(a.rows, b.rows);
  EXPECT_TRUE(torch::equal(a.tokens, b.tokens));
  EXPECT_TRUE(torch::equal(a.targets, b.targets));
  EXPECT_TRUE(torch::equal(a.picture_index, b.picture_index));
  EXPECT_TRUE(torch::equal(a.pictures.pixels, b.pictures.pixels));
  EXPECT_TRUE(torch::equal(a.pictures.extents, b.pictures.extents));
  EXPECT_TRUE(torch::equal(a.pictures.sizes, b.pictures.sizes));
}

TEST_F(LoaderTest, BatchHoldsWordsTargetsAndEachPictureOnce) {
  const Batch batch = make_batch(inputs_, {3, 0, 15, 2}, nullptr);
  EXPECT_EQ(batch.rows, (std::vector<int64_t>{3, 0, 15, 2}));
  // Question 3 has three "very", 0 and 15 none, 2 two.
  EXPECT_TRUE(torch::equal(
      batch.tokens,
      torch::tensor(
          {{2, 3, 4, 4, 4, 5}, {2, 3, 5, 0, 0, 0}, {2, 3, 5, 0, 0, 0}, {2, 3, 4, 4, 5, 0}})));
  // 3, 0, 4 and 2 of ten people say yes.
  EXPECT_TRUE(torch::allclose(
      batch.targets,
      torch::tensor(
          {{1.0f, 0.9f, 0.0f}, {1.0f, 0.0f, 0.0f}, {1.0f, 1.0f, 0.0f}, {1.0f, 0.6f, 0.0f}})));
  EXPECT_TRUE(torch::equal(batch.picture_index, torch::tensor({0, 1, 0, 2})));
  ASSERT_EQ(batch.pictures.pixels.sizes(), (std::vector<int64_t>{3, 3, 32, 16}));
  EXPECT_TRUE(torch::equal(batch.pictures.extents, torch::tensor({{16, 12}, {19, 9}, {17, 11}})));
  EXPECT_TRUE(
      torch::equal(batch.pictures.sizes, torch::tensor({{12.f, 16.f}, {9.f, 19.f}, {11.f, 17.f}})));
  for (int64_t p = 0; p < 3; ++p) {
    const int64_t colour = std::vector<int64_t>{40, 10, 30}[static_cast<std::size_t>(p)];
    const int64_t pixels = batch.pictures.extents[p].prod().item<int64_t>();
    EXPECT_EQ(batch.pictures.pixels[p].sum().item<int64_t>(), 3 * pixels * colour);
  }
  EXPECT_FALSE(batch.regions.features.defined());
}

TEST_F(LoaderTest, TokensAreCutAndNeverWithoutColumns) {
  inputs_.max_tokens = 2;
  EXPECT_TRUE(
      torch::equal(make_batch(inputs_, {3, 0}, nullptr).tokens, torch::tensor({{2, 3}, {2, 3}})));
  dataset_.questions[0].question = "?!";
  EXPECT_TRUE(torch::equal(make_batch(inputs_, {0}, nullptr).tokens,
                           torch::zeros({1, inputs_.max_tokens}, torch::kLong)));
  dataset_.questions[0].question = "purple";
  EXPECT_EQ(make_batch(inputs_, {0}, nullptr).tokens.item<int64_t>(), Vocabulary::kUnknown);
}

TEST_F(LoaderTest, TargetsMayBeMadeBefore) {
  const std::vector<int64_t> rows = {3, 0, 15, 2};
  const Batch expected = make_batch(inputs_, rows, nullptr);
  const SoftTargets targets(dataset_.annotations, answers_);
  dataset_.annotations.clear();
  inputs_.targets = &targets;
  expect_same(make_batch(inputs_, rows, nullptr), expected);
}

TEST_F(LoaderTest, NoTargetsWithoutAnnotationsOrAnswers) {
  inputs_.answers = nullptr;
  EXPECT_FALSE(make_batch(inputs_, {1}, nullptr).targets.defined());
  inputs_.answers = &answers_;
  dataset_.annotations.clear();
  EXPECT_FALSE(make_batch(inputs_, {1}, nullptr).targets.defined());
}

class NumberedFeatures : public FeatureSource {
 public:
  RegionFeatures load(int64_t image_id) const override {
    const int64_t regions = image_id % 4;
    return {torch::full({regions, 3}, static_cast<float>(image_id)), torch::zeros({regions, 4}), 10,
            20};
  }
  int64_t width() const override { return 3; }
  bool has(int64_t) const override { return true; }
};

TEST_F(LoaderTest, StoredFeaturesReplacePictures) {
  const NumberedFeatures features;
  inputs_.features = &features;
  fs::remove_all(folder_);
  const Batch batch = make_batch(inputs_, {0, 2, 12, 3}, nullptr);
  EXPECT_FALSE(batch.pictures.pixels.defined());
  ASSERT_EQ(batch.regions.features.sizes(), (std::vector<int64_t>{3, 3, 3}));
  EXPECT_TRUE(torch::equal(batch.picture_index, torch::tensor({0, 1, 0, 2})));
  EXPECT_TRUE(torch::equal(
      batch.regions.mask,
      torch::tensor({{false, true, true}, {false, false, false}, {true, true, true}})));
  EXPECT_EQ(batch.regions.features[1].min().item<float>(), 3.0f);
}

TEST_F(LoaderTest, SameBatchesWhateverTheWorkers) {
  const std::vector<Batch> wanted = load({1, 1, 16, 0});
  ASSERT_EQ(wanted.size(), 8u);
  EXPECT_EQ(wanted.back().size(), 1);
  for (const int64_t workers : {1, 2, 5}) {
    for (const int64_t cache_mb : {0, 16}) {
      const std::vector<Batch> found = load({1, 1, cache_mb, workers});
      ASSERT_EQ(found.size(), wanted.size());
      for (std::size_t i = 0; i < found.size(); ++i) expect_same(found[i], wanted[i]);
    }
  }
}

TEST_F(LoaderTest, StartsAnywhereAndStartsOver) {
  const std::vector<Batch> all = load({1, 1, 16, 2});
  const std::vector<Batch> late = load({1, 1, 16, 2}, 6);
  ASSERT_EQ(late.size(), 2u);
  expect_same(late[0], all[6]);
  EXPECT_TRUE(load({1, 1, 16, 2}, 8).empty());

  BatchLoader loader(inputs_, {1, 1, 16, 2});
  EXPECT_FALSE(loader.next().has_value());
  for (int round = 0; round < 20; ++round) {
    // Left in the middle each time: what was made ahead must not come out of the next round.
    loader.start(batches_in_order(5), static_cast<std::size_t>(round % 3));
    expect_same(loader.next().value(), all[static_cast<std::size_t>(round % 3)]);
  }
  loader.start({});
  EXPECT_FALSE(loader.next().has_value());
}

TEST_F(LoaderTest, DecodedPicturesStayWithinTheBound) {
  DataOptions options{1, 1, 1, 1};
  BatchLoader loader(inputs_, options);
  loader.start(batches_in_order(5));
  while (loader.next()) continue;
  EXPECT_GT(loader.cached_bytes(), 0);
  EXPECT_LE(loader.cached_bytes(), 1 << 20);
  // All is in memory, so the files are not needed again.
  fs::remove_all(folder_);
  loader.start(batches_in_order(5));
  int64_t batches = 0;
  while (loader.next()) ++batches;
  EXPECT_EQ(batches, 8);

  options.cache_mb = 0;
  BatchLoader forgetful(inputs_, options);
  forgetful.start(batches_in_order(5));
  EXPECT_THROW(forgetful.next(), Error);
}

TEST_F(LoaderTest, BrokenPictureIsToldInItsTurn) {
  std::ofstream(file(9), std::ios::binary) << "no picture";  // questions 8, 20 and 32
  for (const int64_t workers : {0, 1, 4}) {
    BatchLoader loader(inputs_, {1, 1, 16, workers});
    loader.start(batches_in_order(5));
    EXPECT_EQ(loader.next()->rows.front(), 0);
    for (int attempt = 0; attempt < 2; ++attempt) {
      try {
        loader.next();
        ADD_FAILURE() << "expected an Error";
      } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find(file(9).string()), std::string::npos);
      }
    }
  }
}

TEST_F(LoaderTest, MissingPictureIsTold) {
  dataset_.questions[1].image_id = 99;
  BatchLoader loader(inputs_, {1, 1, 16, 1});
  loader.start(batches_in_order(5));
  try {
    loader.next();
    ADD_FAILURE() << "expected an Error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("image 99"), std::string::npos) << error.what();
  }
}

TEST_F(LoaderTest, StopIsHonoured) {
  CancelToken cancel;
  BatchLoader loader(inputs_, {1, 1, 16, 2}, &cancel);
  loader.start(batches_in_order(5));
  EXPECT_TRUE(loader.next().has_value());
  cancel.request();
  EXPECT_THROW(loader.next(), Cancelled);
}

TEST_F(LoaderTest, ShapesComeFromTheFiles) {
  std::ofstream(file(2), std::ios::binary) << "no picture";
  const std::vector<QuestionShape> shapes = question_shapes(inputs_);
  ASSERT_EQ(shapes.size(), 36u);
  EXPECT_EQ(shapes[12].image_id, 1);
  EXPECT_EQ(shapes[12].width, 9);
  EXPECT_EQ(shapes[12].height, 19);
  EXPECT_EQ(shapes[12].tokens, 5);
  EXPECT_EQ(shapes[1].width, 0);
}

TEST_F(LoaderTest, DomainComesFromTheDatasetsPictures) {
  SilentProgress progress;
  CancelToken cancel;
  // Twelve pictures say nothing, sixty do.
  EXPECT_FALSE(fit_domain(dataset_, 1000, progress, cancel).fitted());
  const fs::path more = folder_ / "more";
  fs::create_directories(more);
  for (int64_t id = 101; id <= 160; ++id) {
    write_png(more / fs::path(std::to_string(id)).concat(".png"), picture(id % 12 + 1));
    dataset_.questions.push_back({1000 + id, id, "is it"});
  }
  dataset_.images.add(more);
  const DomainModel model = fit_domain(dataset_, 1000, progress, cancel);
  EXPECT_TRUE(model.fitted());
  EXPECT_TRUE(model.covers(picture(3)));
  EXPECT_EQ(model, fit_domain(dataset_, 1000, progress, cancel));
  EXPECT_FALSE(fit_domain(dataset_, 40, progress, cancel).fitted());
  cancel.request();
  EXPECT_THROW(fit_domain(dataset_, 1000, progress, cancel), Cancelled);
  dataset_.features = "features";
  EXPECT_FALSE(fit_domain(dataset_, 1000, progress, cancel).fitted());
}

}  // namespace
}  // namespace vqalign

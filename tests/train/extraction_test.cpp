#include "vqalign/train/extraction.h"

#include <fstream>

#include "tests/train/training_fixture.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/vision/packed_features.h"

namespace vqalign {
namespace {

/// Notes what was done before it began, and stops after so many images, as a person would.
class CountingProgress : public SilentProgress {
 public:
  explicit CountingProgress(int64_t stop_after = 0) : stop_after_(stop_after) {}
  void begin(const std::string&, int64_t total, const std::string&, int64_t done) override {
    total_ = total;
    before_ = done;
  }
  void update(int64_t done, const std::string&) override {
    if (stop_after_ > 0 && done >= stop_after_) throw Cancelled();
  }
  int64_t total_ = 0, before_ = -1;

 private:
  int64_t stop_after_;
};

class ExtractionTest : public TrainingTest {
 protected:
  ModelBundle tiny_model(int64_t seed) const {
    torch::manual_seed(static_cast<uint64_t>(seed));
    return ModelBundle::create(request("m").options.config,
                               Vocabulary(std::vector<std::string>{"word"}), {"answer"}, {0});
  }

  PackedSummary extract(ModelBundle& bundle, const fs::path& file, Progress& progress,
                        const CancelToken& cancel, const DataOptions& options = {}) const {
    return extract_features(bundle, load_dataset(request("m").train, false), options, torch::kCPU,
                            {file, /*half=*/false}, progress, cancel);
  }

  std::string bytes(const fs::path& file) const { return read_file(file, 1 << 30); }
};

TEST_F(ExtractionTest, GoesOnWhereItWasStopped) {
  ModelBundle bundle = tiny_model(1);
  CancelToken go;
  CountingProgress whole;
  const PackedSummary expected = extract(bundle, folder_ / "whole.vqf", whole, go);
  EXPECT_EQ(expected.images, whole.total_);
  EXPECT_EQ(whole.before_, 0);

  CountingProgress stopped(5);
  const fs::path file = folder_ / "parts.vqf";
  EXPECT_THROW(extract(bundle, file, stopped, go), Cancelled);
  EXPECT_FALSE(fs::exists(file));
  CountingProgress again;
  const PackedSummary summary = extract(bundle, file, again, go);
  EXPECT_EQ(again.before_, 5);
  EXPECT_GT(again.total_, 5);
  EXPECT_EQ(summary.images, expected.images);
  EXPECT_TRUE(bytes(file) == bytes(folder_ / "whole.vqf"));
  EXPECT_FALSE(fs::exists(folder_ / "parts.vqf.parts"));
}

TEST_F(ExtractionTest, BeginsAnewWithAnotherEncoder) {
  ModelBundle first = tiny_model(1), second = tiny_model(2);
  CancelToken go;
  CountingProgress stopped(1);
  EXPECT_THROW(extract(first, folder_ / "f.vqf", stopped, go), Cancelled);
  CountingProgress anew;
  extract(second, folder_ / "f.vqf", anew, go);
  EXPECT_EQ(anew.before_, 0);
}

TEST_F(ExtractionTest, LeavesAFolderThatIsNotItsOwn) {
  fs::create_directories(folder_ / "f.vqf.parts");
  std::ofstream(folder_ / "f.vqf.parts" / "mine.txt") << "precious";
  ModelBundle bundle = tiny_model(1);
  SilentProgress progress;
  EXPECT_THROW(extract(bundle, folder_ / "f.vqf", progress, CancelToken()), Error);
  EXPECT_TRUE(fs::exists(folder_ / "f.vqf.parts" / "mine.txt"));
}

TEST_F(ExtractionTest, IsTheSameForAnyThreadCount) {
  ModelBundle bundle = tiny_model(1);
  CancelToken go;
  SilentProgress progress;
  const int threads = torch::get_num_threads();
  torch::set_num_threads(1);
  extract(bundle, folder_ / "one.vqf", progress, go);
  torch::set_num_threads(4);
  extract(bundle, folder_ / "four.vqf", progress, go);
  torch::set_num_threads(threads);
  EXPECT_TRUE(bytes(folder_ / "one.vqf") == bytes(folder_ / "four.vqf"));
}

TEST_F(ExtractionTest, MirroredPicturesHaveMirroredPixels) {
  ModelBundle bundle = tiny_model(1);
  CancelToken go;
  SilentProgress progress;
  DataOptions options;
  options.mirror = true;
  const PackedSummary summary = extract(bundle, folder_ / "views.vqf", progress, go, options);
  const PackedSummary plain = extract(bundle, folder_ / "plain.vqf", progress, go);
  EXPECT_EQ(summary.images, 2 * plain.images);
  const PackedFeatures views(folder_ / "views.vqf", {}), own(folder_ / "plain.vqf", {});
  int64_t differ = 0;
  for (const int64_t id : own.image_ids()) {
    EXPECT_TRUE(views.load(id).features.equal(own.load(id).features));
    const RegionFeatures mirrored = views.load(view_image_id(id, 1));
    EXPECT_EQ(mirrored.image_width, own.load(id).image_width);
    differ += mirrored.features.equal(own.load(id).features) ? 0 : 1;
  }
  EXPECT_GT(differ, plain.images / 2);
}

}  // namespace
}  // namespace vqalign

// The same pictures in every format, written by others' tools (tests/oracle/features.py).
#include "vqalign/vision/feature_store.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/packed_store.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = fs::path(VQALIGN_SOURCE_DIR) / "tests" / "vision" / "features";

torch::Tensor rows_of_json(const Json& rows, int64_t columns) {
  std::vector<float> values;
  for (const Json& row : rows.as_array()) {
    for (const Json& value : row.as_array())
      values.push_back(static_cast<float>(value.as_double()));
  }
  return torch::tensor(values).view({-1, columns});
}

/// Compares with expected.json; `exact` of sizes, which HDF5 derives.
void expect_pictures(const FeatureSource& source, const std::string& layout) {
  const Json expected = read_json(kFixtures / "expected.json");
  for (const auto& [id_text, picture] : expected.at(layout).as_object()) {
    SCOPED_TRACE(id_text);
    const int64_t id = std::stoll(id_text);
    ASSERT_TRUE(source.has(id));
    const RegionFeatures regions = source.load(id);
    EXPECT_TRUE(torch::equal(regions.features, rows_of_json(picture.at("features"), 6)));
    EXPECT_TRUE(torch::equal(regions.boxes, rows_of_json(picture.at("boxes"), 4)));
    EXPECT_EQ(regions.image_width, picture.at("width").as_int());
    EXPECT_EQ(regions.image_height, picture.at("height").as_int());
    const auto count = static_cast<int64_t>(picture.at("boxes").as_array().size());
    EXPECT_EQ(source.regions(id), count);
  }
  EXPECT_EQ(source.width(), 6);
  EXPECT_FALSE(source.has(8));
  EXPECT_EQ(source.regions(8), std::nullopt);
  EXPECT_THROW(source.load(8), Error);
}

struct Fixture {
  const char* file;
  const char* layout;
  const char* format;
  const char* type;
};

constexpr Fixture kAll[] = {
    {"npz_stored", "fixed", "folder of .npz", ""},
    {"npz_deflated", "adaptive", "folder of .npz", ""},
    {"npz_half", "fixed", "folder of .npz", ""},
    {"fixed.tsv", "fixed", "TSV", "float32"},
    {"adaptive.tsv", "adaptive", "TSV", "float32"},
    {"fixed.tsv.gz", "fixed", "TSV, gzip", "float32"},
    {"adaptive.tsv.gz", "adaptive", "TSV, gzip", "float32"},
    {"members.tsv.gz", "adaptive", "TSV, gzip", "float32"},
    {"fixed.hdf5", "fixed", "HDF5", "float32"},
    {"half.hdf5", "fixed", "HDF5", "float16"},
    {"adaptive.hdf5", "adaptive", "HDF5", "float32"},
    {"beside36.hdf5", "fixed", "HDF5", "float32"},
};

class FeatureFormats : public testing::TestWithParam<Fixture> {
 protected:
  /// A path of the test's own, nothing there.
  static fs::path fresh(const std::string& name) {
    const fs::path path = fs::path(testing::TempDir()) / ("formats." + name);
    fs::remove_all(path);
    return path;
  }
};

TEST_P(FeatureFormats, HoldTheSamePictures) {
  const auto store = open_features(kFixtures / GetParam().file, 0);
  expect_pictures(*store, GetParam().layout);
  EXPECT_EQ(store->format(), GetParam().format);
  EXPECT_EQ(store->number_type(), GetParam().type);
  std::vector<int64_t> ids = store->image_ids();
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, (std::vector<int64_t>{7, 42, 100, 581929}));
  EXPECT_FALSE(store->has_checksums());
  EXPECT_NO_THROW(open_features(kFixtures / GetParam().file, 6)->load(42));
  EXPECT_EQ(stored_width(kFixtures / GetParam().file), 6);
}

TEST_P(FeatureFormats, PackIntoTheSamePictures) {
  SilentProgress progress;
  const CancelToken cancel;
  const fs::path packed = fresh("packed.vqf");
  const auto store = open_features(kFixtures / GetParam().file, 0);
  for (const bool half : {false, true}) {  // the fixtures' features are exact in float16
    const PackedSummary summary = pack_features(*store, packed, half, progress, cancel);
    EXPECT_EQ(summary.images, 4);
    EXPECT_EQ(summary.bytes, fs::file_size(packed));
    const auto again = open_features(packed, 6);
    expect_pictures(*again, GetParam().layout);
    EXPECT_EQ(again->format(), "packed store");
    EXPECT_EQ(again->number_type(), half ? "float16" : "float32");
    EXPECT_EQ(again->image_ids(), store->image_ids());
    EXPECT_TRUE(again->has_checksums());
    again->verify(progress, cancel);
  }
}

TEST_P(FeatureFormats, TakeTheFirstRegions) {
  const auto all = open_features(kFixtures / GetParam().file, 6);
  const auto few = open_features(kFixtures / GetParam().file, 6, 2);
  for (const int64_t id : all->image_ids()) {
    const RegionFeatures expected = all->load(id), found = few->load(id);
    EXPECT_TRUE(torch::equal(found.features, expected.features.slice(0, 0, 2)));
    EXPECT_TRUE(torch::equal(found.boxes, expected.boxes.slice(0, 0, 2)));
    EXPECT_EQ(found.image_width, expected.image_width);
    EXPECT_EQ(few->regions(id), std::min<int64_t>(2, *all->regions(id)));
  }
}

TEST_P(FeatureFormats, RefuseAnotherWidth) {
  try {
    open_features(kFixtures / GetParam().file, 2048)->load(42);
    FAIL();
  } catch (const Error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("width 6, expected 2048"), std::string::npos) << said;
    EXPECT_NE(said.find(GetParam().file), std::string::npos) << said;
  }
}

TEST_P(FeatureFormats, SeveralThreads) {
  const auto store = open_features(kFixtures / GetParam().file, 6);
  const RegionFeatures expected = store->load(42);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int& count : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        for (const int64_t id : store->image_ids()) store->load(id);
        if (!torch::equal(store->load(42).features, expected.features)) ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

INSTANTIATE_TEST_SUITE_P(All, FeatureFormats, testing::ValuesIn(kAll), [](const auto& info) {
  std::string name = info.param.file;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
  return name;
});

std::string opening_error(const fs::path& path) {
  try {
    open_features(path, 0);
  } catch (const Error& error) {
    return error.what();
  }
  return "no Error";
}

TEST(OpenFeatures, WhatIsNoneIsNamedAndWhatWouldBe) {
  const fs::path file = fs::path(testing::TempDir()) / "no_features";
  std::ofstream(file) << "just text\n";
  for (const fs::path& path : {file, file.parent_path() / "missing", fs::path("/dev/null")}) {
    const std::string said = opening_error(path);
    EXPECT_NE(said.find(path.string()), std::string::npos) << said;
    EXPECT_NE(said.find("a folder of .npz, a bottom-up TSV"), std::string::npos) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
  std::ofstream(file).flush();
  EXPECT_NE(opening_error(file).find("is empty"), std::string::npos);
  fs::remove(file);
}

TEST(OpenFeatures, APackedStoreOfNumbersThatAreNone) {
  // Checksums are right: only the numbers are bad.
  const fs::path path = fs::path(testing::TempDir()) / "bad_numbers.vqf";
  PackedStoreWriter writer(path, 2, false);
  torch::Tensor nan = torch::ones({3, 2});
  nan[1][1] = NAN;
  writer.add(1, 10, 10, torch::zeros({3, 4}), nan);
  torch::Tensor zeros = torch::ones({3, 2});
  zeros[1].zero_();
  writer.add(2, 10, 10, torch::zeros({3, 4}), zeros);
  writer.add(3, 0, 10, torch::zeros({3, 4}), zeros);
  writer.finish();
  const auto store = open_features(path, 2);
  const auto said = [&](int64_t id) {
    try {
      store->load(id);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no Error");
  };
  EXPECT_NE(said(1).find("image 1: features of region 1 is nan in column 1"), std::string::npos)
      << said(1);
  EXPECT_EQ(store->load(2).features.size(0), 2);  // as the reference masks them
  EXPECT_EQ(store->regions(2), 3);
  EXPECT_NE(said(3).find("0 x 10 pixels"), std::string::npos) << said(3);
  fs::remove(path);
}

TEST(PackFeatures, CancelledItLeavesNothing) {
  const fs::path path = fs::path(testing::TempDir()) / "cancelled.vqf";
  fs::remove(path);
  SilentProgress progress;
  CancelToken cancel;
  cancel.request();
  const auto store = open_features(kFixtures / "fixed.tsv", 0);
  EXPECT_THROW(pack_features(*store, path, false, progress, cancel), Cancelled);
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace vqalign

#include "vqalign/vision/hdf5_features.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <fstream>
#include <iterator>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

const fs::path kHdf5Fixtures = fs::path(VQALIGN_SOURCE_DIR) / "tests" / "vision" / "features";

/// The message and hint of the Error with which a file's pictures cannot all be read.
std::string hdf5_error(const fs::path& path) {
  try {
    const Hdf5Features features(path, {0, 100});
    for (const int64_t id : features.image_ids()) features.load(id);
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what() + (error.hint().empty() ? "" : "; " + error.hint());
  }
  return "no Error";
}

TEST(Hdf5Features, BadFilesAreErrorsNamingThePlace) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"no_ids",
       "has no image ids: neither a dataset \"image_ids\" nor beside it "
       "no_ids_imgid2idx.json"},
      {"fewer_ids", "\"image_ids\": has 3 image ids, the features are of 4 pictures"},
      {"ids_twice", "image 42 is said to be row 0 and row 2"},
      {"real_ids", "\"image_ids\": holds real numbers, expected integers"},
      {"no_boxes", "\"image_bb\": is not there"},
      {"boxes_of_fewer",
       "image_bb has the shape [4, 3, 4], image_features has [4, 4, 6], which "
       "asks for [4, 4, 4]"},
      {"rank", "image_features has the shape [4, 24], expected [pictures, regions, width]"},
      {"text", "\"image_features\": holds no plain numbers"},
      {"nan", "image 7: image_features of region 2 is nan in column 3"},
      {"positions_outside", "pos_boxes of row 3 is 12 to 17, image_features has 16 rows"},
      {"positions_reversed", "pos_boxes of row 1 is 8 to 4"},
      {"positions_shape", "pos_boxes has the shape [4], expected [pictures, 2]"},
      {"soft_link", "\"image_features\": is a link, which is not followed"},
      {"external_link", "\"image_features\": is a link, which is not followed"},
      {"external_storage", "\"image_features\": its numbers lie in other files"},
      {"virtual", "\"image_features\": its numbers lie in other files"},
      {"huge", "\"image_features\": claims more numbers than the file's"},
      {"huge_chunks", "\"image_features\": its chunks are too large for a file of"},
      {"filter", "\"image_features\": is packed by filter 32000"},
      {"short_chunk", "does not unpack to its"},
      {"filter_left_out", "does not unpack to its"},
      {"group", "\"image_features\": cannot be opened, or is no dataset"},
  };
  for (const auto& [name, wanted] : table) {
    const std::string said = hdf5_error(kHdf5Fixtures / "bad" / (name + ".hdf5"));
    EXPECT_NE(said.find(name + ".hdf5"), std::string::npos) << said;
    EXPECT_NE(said.find(wanted), std::string::npos) << said;
  }
}

class Hdf5FeaturesBeside : public testing::Test {
 protected:
  Hdf5FeaturesBeside() : folder_(fs::path(testing::TempDir()) / "hdf5_beside") {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    fs::copy(kHdf5Fixtures / "beside36.hdf5", folder_ / "train36.hdf5");
  }
  ~Hdf5FeaturesBeside() override { fs::remove_all(folder_); }

  std::string error_with(const std::string& json) const {
    std::ofstream(folder_ / "train36_imgid2idx.json") << json;
    return hdf5_error(folder_ / "train36.hdf5");
  }

  fs::path folder_;
};

TEST_F(Hdf5FeaturesBeside, IdsAsAListOrByRow) {
  EXPECT_EQ(error_with("[5, 6, 7, 8]"), "no Error");
  const Hdf5Features listed(folder_ / "train36.hdf5", {0, 100});
  EXPECT_EQ(listed.image_ids(), (std::vector<int64_t>{5, 6, 7, 8}));
  EXPECT_EQ(error_with("{\"8\": 3, \"5\": 0, \"7\": 2, \"6\": 1}"), "no Error");
  const Hdf5Features mapped(folder_ / "train36.hdf5", {0, 100});
  EXPECT_EQ(mapped.image_ids(), (std::vector<int64_t>{5, 6, 7, 8}));
  EXPECT_TRUE(torch::equal(mapped.load(7).features, listed.load(7).features));
}

TEST_F(Hdf5FeaturesBeside, BadIdsAreNamed) {
  const auto expect_said = [&](const std::string& json, const std::string& wanted) {
    const std::string said = error_with(json);
    EXPECT_NE(said.find("train36"), std::string::npos) << said;
    EXPECT_NE(said.find(wanted), std::string::npos) << said;
  };
  expect_said("[5, 6, 7]", "has 3 image ids, the features are of 4 pictures");
  expect_said("[5, 6, 7, 5]", "image 5 is said to be row 0 and row 3");
  expect_said("[5, 6, 7, 1.5]", "expected a whole number");
  expect_said("{\"5\": 0, \"6\": 1, \"7\": 2, \"8\": 4}",
              "image 8 is said to be row 4, which is none of 4");
  expect_said("{\"5\": 0, \"6\": 1, \"7\": 2, \"8\": -1}", "image 8 is said to be row -1");
  expect_said("{\"5\": 0, \"6\": 1, \"7\": 2, \"8\": 2}",
              "image 8 is said to be row 2, which another image has");
  expect_said("{\"5\": 0, \"6\": 1, \"7\": 2, \"x\": 3}", "\"x\" is no image id");
  expect_said("17", "expected an object");
  expect_said("{", "train36_imgid2idx.json");
}

TEST_F(Hdf5FeaturesBeside, APickleGetsAHint) {
  std::ofstream(folder_ / "train36_imgid2idx.pkl") << "(dp0\n.";
  const std::string said = hdf5_error(folder_ / "train36.hdf5");
  EXPECT_NE(said.find("make it of train36_imgid2idx.pkl: python3 -c"), std::string::npos) << said;
}

std::string bytes_of_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Hdf5Features, CutShortAnywhere) {
  const fs::path path = fs::path(testing::TempDir()) / "damaged.hdf5";
  for (const char* name : {"fixed.hdf5", "adaptive.hdf5", "half.hdf5"}) {
    const std::string bytes = bytes_of_file(kHdf5Fixtures / name);
    const auto read = [&](const std::string& damaged) {
      std::ofstream(path, std::ios::binary) << damaged;
      return hdf5_error(path);
    };
    ASSERT_EQ(read(bytes), "no Error");
    for (std::size_t i = 0; i < 64; ++i) {
      EXPECT_NE(read(bytes.substr(0, bytes.size() * i / 64)), "no Error") << name << " " << i;
    }
  }
  fs::remove(path);
}

}  // namespace
}  // namespace vqalign

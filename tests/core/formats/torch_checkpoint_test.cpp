// Files of torch.save: what they hold, and what is written for Python.
#include "vqalign/core/formats/torch_checkpoint.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstdint>

#include "tests/core/formats/temporary_files.h"
#include "vqalign/core/formats/torch_pickle.h"
#include "vqalign/core/formats/zip_archive.h"

namespace vqalign {
namespace {

using testing_files::error_of;
using testing_files::fresh_path;
using testing_files::read_bytes;
using testing_files::TemporaryFile;

std::filesystem::path torch_fixture(const std::string& name) {
  return std::filesystem::path(VQALIGN_SOURCE_DIR) / "tests/core/formats/fixtures" / name;
}

NamedTensors state_dict(const TorchCheckpoint& checkpoint) {
  const PickleValue* weights = checkpoint.find("state_dict");
  return weights == nullptr ? NamedTensors{} : checkpoint.tensors(*weights);
}

/// What tests/oracle/make_torch_fixtures.py says of its files.
void expect_fixture(const TorchCheckpoint& checkpoint) {
  const NamedTensors tensors = state_dict(checkpoint);
  ASSERT_EQ(tensors.size(), 16u);
  const torch::ScalarType types[] = {torch::kFloat32,  torch::kFloat16, torch::kFloat64,
                                     torch::kBFloat16, torch::kInt64,   torch::kInt32,
                                     torch::kInt16,    torch::kInt8,    torch::kUInt8};
  for (std::size_t i = 0; i < std::size(types); ++i) {
    EXPECT_EQ(tensors[i].second.scalar_type(), types[i]) << tensors[i].first;
    EXPECT_TRUE(torch::equal(tensors[i].second, torch::arange(3).to(types[i])));
  }
  EXPECT_TRUE(torch::equal(find_tensor(tensors, "bool"), torch::tensor({false, true, false})));
  const torch::Tensor matrix = torch::arange(6).to(torch::kFloat).view({2, 3});
  EXPECT_TRUE(torch::equal(find_tensor(tensors, "matrix"), matrix));
  EXPECT_TRUE(torch::equal(find_tensor(tensors, "transposed"), matrix.t()));
  EXPECT_TRUE(torch::equal(find_tensor(tensors, "tail"), torch::tensor({2.0f, 3.0f, 4.0f})));
  EXPECT_TRUE(torch::equal(find_tensor(tensors, "scalar"), torch::tensor(7.5f)));
  EXPECT_EQ(find_tensor(tensors, "empty").sizes(), (std::vector<int64_t>{0, 4}));
  EXPECT_TRUE(torch::equal(find_tensor(tensors, "parameter"), torch::tensor({8.0f, 9.0f})));

  EXPECT_EQ(checkpoint.find("lr_base")->real, 0.25);
  EXPECT_EQ(checkpoint.find("epoch")->number, 13);
  EXPECT_EQ(checkpoint.find("nothing"), nullptr);
  const PickleValue& notes = *checkpoint.find("notes");
  ASSERT_EQ(notes.kind, PickleValue::Kind::kList);
  ASSERT_EQ(notes.parts.size(), 4u);
  EXPECT_EQ(checkpoint.at(notes.parts[0]).kind, PickleValue::Kind::kNone);
  EXPECT_EQ(checkpoint.at(notes.parts[1]).number, 1);
  EXPECT_EQ(checkpoint.at(notes.parts[2]).number, -70000);
  EXPECT_EQ(checkpoint.at(notes.parts[3]).number, int64_t{1} << 40);
}

TEST(TorchCheckpoint, ReadsBothFormats) {
  for (const char* name : {"torch_zip.pkl", "torch_legacy.pkl"}) {
    SCOPED_TRACE(name);
    const TorchCheckpoint checkpoint(torch_fixture(name));
    EXPECT_EQ(checkpoint.is_legacy(), std::string(name) == "torch_legacy.pkl");
    EXPECT_TRUE(is_torch_checkpoint(torch_fixture(name)));
    expect_fixture(checkpoint);
  }
  EXPECT_FALSE(is_torch_checkpoint(torch_fixture("reference.npz")));
}

TEST(TorchCheckpoint, TensorsOutliveTheCheckpointAndLeaveTheFileAsItIs) {
  for (const char* name : {"torch_zip.pkl", "torch_legacy.pkl"}) {
    const std::string before = read_bytes(torch_fixture(name));
    const TemporaryFile file("copy.pkl", before);
    NamedTensors tensors;
    {
      const TorchCheckpoint checkpoint(file.path);
      tensors = state_dict(checkpoint);
    }
    torch::Tensor matrix = find_tensor(tensors, "matrix");
    EXPECT_EQ(matrix.sum().item<float>(), 15.0f);
    matrix.zero_();
    EXPECT_EQ(read_bytes(file.path), before);
  }
}

TEST(TorchCheckpoint, ADictThatHoldsMoreThanTensors) {
  const TorchCheckpoint checkpoint(torch_fixture("torch_zip.pkl"));
  EXPECT_NE(
      error_of([&] { checkpoint.tensors(checkpoint.root()); }).find("\"state_dict\": is a dict"),
      std::string::npos);
  EXPECT_NE(error_of([&] { checkpoint.tensors(*checkpoint.find("epoch")); }).find("found an int"),
            std::string::npos);
}

NamedTensors written_tensors() {
  NamedTensors tensors;
  for (const auto type :
       {torch::kFloat32, torch::kFloat16, torch::kFloat64, torch::kBFloat16, torch::kInt64,
        torch::kInt32, torch::kInt16, torch::kInt8, torch::kUInt8, torch::kBool}) {
    tensors.emplace_back(torch::toString(type), torch::arange(7).remainder(2).to(type));
  }
  tensors.emplace_back("transposed", torch::arange(6).view({2, 3}).t());
  tensors.emplace_back("scalar", torch::tensor(2.5));
  tensors.emplace_back("none", torch::zeros({0, 3}));
  return tensors;
}

TEST(TorchCheckpoint, WritesWhatItReads) {
  const auto path = fresh_path("written.pkl");
  const Json::Object others = {
      {"lr_base", 1e-4},
      {"epoch", 13},
      {"far", int64_t{-1} << 40},
      {"optimizer",
       Json::object().set("state", Json::object()).set("flag", false).set("no", Json())}};
  write_torch_checkpoint(path, written_tensors(), others);
  const TorchCheckpoint checkpoint(path);
  const NamedTensors written = written_tensors(), read = state_dict(checkpoint);
  ASSERT_EQ(read.size(), written.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    const auto& [name, tensor] = written[i];
    EXPECT_EQ(read[i].first, name);
    EXPECT_EQ(read[i].second.scalar_type(), tensor.scalar_type());
    EXPECT_TRUE(torch::equal(read[i].second, tensor)) << name;
  }
  EXPECT_EQ(checkpoint.find("lr_base")->real, 1e-4);
  EXPECT_EQ(checkpoint.find("epoch")->number, 13);
  EXPECT_EQ(checkpoint.find("far")->number, int64_t{-1} << 40);
  EXPECT_EQ(checkpoint.find("optimizer")->kind, PickleValue::Kind::kDict);
}

TEST(TorchCheckpoint, WrittenStoragesAreAlignedAndBytesRepeat) {
  const auto one = fresh_path("one.pkl"), two = fresh_path("two.pkl");
  write_torch_checkpoint(one, written_tensors(), {});
  write_torch_checkpoint(two, written_tensors(), {});
  EXPECT_EQ(read_bytes(one), read_bytes(two));
  const ZipArchive archive(one);
  for (const ZipArchive::Entry& entry : archive.entries()) {
    EXPECT_EQ(entry.start % 64, 0u) << entry.name;
  }
  EXPECT_NE(error_of([&] {
              write_torch_checkpoint(one, {{"c", torch::zeros({1}, torch::kComplexFloat)}}, {});
            }),
            "no Error");
  EXPECT_EQ(read_bytes(one), read_bytes(two));
}

}  // namespace
}  // namespace vqalign

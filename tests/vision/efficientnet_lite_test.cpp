#include "vqalign/vision/efficientnet_lite.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/vision/oracle_waves.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/safetensors.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using test::expect_near;

fs::path fixture(const std::string& name) {
  return fs::path(VQALIGN_SOURCE_DIR) / "tests/vision/efficientnet" / name;
}

/// What tests/oracle/efficientnet_lite.py computed.
const Safetensors& oracle() {
  static const Safetensors content = read_safetensors(fixture("small.safetensors"));
  return content;
}

EfficientNetShape small_shape() {
  EfficientNetShape shape;
  shape.stem = 8;
  shape.stages = {{3, 1, 1, 4, 1},  {3, 2, 3, 6, 2},  {5, 2, 2, 8, 1}, {3, 2, 2, 8, 2},
                  {5, 1, 3, 10, 1}, {5, 2, 2, 12, 2}, {3, 1, 2, 14, 1}};
  shape.head = 16;
  shape.classes = 5;
  return shape;
}

/// A file of the small network's tensors alone, `change`d before it is written.
template <typename Change>
fs::path weights_file(Change change) {
  Safetensors content;
  for (const auto& [name, tensor] : oracle().tensors) {
    if (name.find(' ') == std::string::npos) content.tensors.emplace_back(name, tensor.clone());
  }
  change(content.tensors);
  const fs::path path =
      fs::path(testing::TempDir()) /
      concat("efficientnet.", testing::UnitTest::GetInstance()->current_test_info()->name(),
             ".safetensors");
  write_safetensors(path, content);
  return path;
}

EfficientNetLite small_network() {
  EfficientNetLite network(small_shape());
  load_backbone(*network, weights_file([](NamedTensors&) {}));
  network->eval();
  return network;
}

/// The oracle's picture, to -1..1: [1, 3, H, W].
torch::Tensor drawn(int64_t height, int64_t width) {
  return (test::oracle_waves(height, width) - 127.5) / 127.5;
}

TEST(EfficientNetLite, PicturesOfAnySizeGiveTheOraclesNumbers) {
  EfficientNetLite network = small_network();
  const std::vector<std::pair<int64_t, int64_t>> sizes = {{64, 96}, {45, 37}, {1, 1}, {33, 200}};
  for (const bool gradients : {false, true}) {
    const torch::AutoGradMode mode(gradients);
    for (const auto& [height, width] : sizes) {
      SCOPED_TRACE(concat(height, " x ", width));
      const BackboneMaps found = network(drawn(height, width));
      const std::string size = concat(" ", height, " ", width);
      expect_near(found.finer, oracle().find("finer" + size), 1e-4);
      expect_near(found.last, oracle().find("last" + size), 1e-4);
      expect_near(network->classify(found.last), oracle().find("logits" + size), 1e-4);
    }
  }
}

TEST(EfficientNetLite, TrainingMovesNoStatistic) {
  EfficientNetLite network = small_network();
  network->train();
  const BackboneMaps found = network(drawn(64, 96));
  expect_near(found.last.detach(), oracle().find("last 64 96"), 1e-4);
  for (const auto& buffer : network->named_buffers()) {
    expect_near(buffer.value(), oracle().find(buffer.key()), 0);
  }
}

TEST(EfficientNetLite, EveryWeightHasAGradient) {
  EfficientNetLite network = small_network();
  network->train();
  const BackboneMaps found = network(drawn(64, 96));
  network->classify(found.last).square().sum().backward();
  for (const auto& parameter : network->named_parameters()) {
    ASSERT_TRUE(parameter.value().grad().defined()) << parameter.key();
    EXPECT_GT(parameter.value().grad().abs().max().item<float>(), 0) << parameter.key();
  }
}

TEST(EfficientNetLite, ChangedWeightsAreNoticedInEvaluation) {
  const torch::NoGradGuard no_grad;
  EfficientNetLite network = small_network();
  const torch::Tensor x = drawn(64, 96);
  const torch::Tensor before = network(x).last.clone();
  torch::Tensor variance = network->named_buffers()["_blocks.2._bn1.running_var"];
  variance.mul_(2);
  EXPECT_GT((network(x).last - before).abs().max().item<float>(), 1e-3);
  variance.mul_(0.5);
  // Past torch's counting, as the optimiser writes; train() comes between.
  const torch::Tensor bias = network->named_parameters()["_bn1.bias"];
  for (int64_t i = 0; i < bias.numel(); ++i) bias.data_ptr<float>()[i] += 0.25F;
  network->train();
  network->eval();
  EXPECT_GT((network(x).last - before).abs().max().item<float>(), 0.2);
}

TEST(EfficientNetLite, PaddingChangesNoPicture) {
  const torch::NoGradGuard no_grad;
  EfficientNetLite network = small_network();
  torch::Tensor x = torch::zeros({2, 3, 96, 128});
  x[0].slice(1, 0, 64).slice(2, 0, 96).copy_(drawn(64, 96)[0]);
  x[1].copy_(drawn(96, 128)[0]);
  const torch::Tensor extents = torch::tensor({{64, 96}, {96, 128}});
  const BackboneMaps found = network(x, extents);
  const auto own = [](const torch::Tensor& cells, int64_t height, int64_t width) {
    return cells.slice(0, 0, 1).slice(2, 0, height).slice(3, 0, width);
  };
  expect_near(own(found.last, 2, 3), oracle().find("last 64 96"), 1e-4);
  expect_near(own(found.finer, 4, 6), oracle().find("finer 64 96"), 1e-4);
  expect_near(found.last.slice(0, 1), network(drawn(96, 128)).last, 1e-4);
}

TEST(EfficientNetLite, PublishedShapes) {
  const auto parameters = [](const char* name, int64_t classes) {
    EfficientNetShape shape = efficientnet_lite_shape(name);
    shape.classes = classes;
    int64_t count = 0;
    const EfficientNetLite network(shape);
    for (const torch::Tensor& parameter : network->parameters()) count += parameter.numel();
    return count;
  };
  // Sums over the packages' files, statistics left out.
  EXPECT_EQ(parameters("efficientnet-lite0", 1000), 4652008);
  EXPECT_EQ(parameters("efficientnet-lite1", 1000), 5416680);
  EXPECT_EQ(parameters("efficientnet-lite2", 1000), 6092072);
  EXPECT_EQ(parameters("efficientnet-lite0", 0), 4652008 - 1281000);
  EXPECT_THROW(efficientnet_lite_shape("efficientnet-lite9"), UsageError);
}

/// The message of loading that file.
std::string refusal(const fs::path& path) {
  EfficientNetLite network(small_shape());
  try {
    load_backbone(*network, path);
  } catch (const Error& error) {
    return error.what();
  }
  return "taken";
}

TEST(EfficientNetLite, OtherWeightsAreNamed) {
  const auto changed = [](auto change) {
    const fs::path path = weights_file(change);
    std::string said = refusal(path);
    EXPECT_EQ(said.find(path.string()), 0u) << said;
    return said.substr(path.string().size());
  };
  const auto tensor = [](NamedTensors& tensors, const char* name) -> torch::Tensor& {
    for (auto& [key, value] : tensors) {
      if (key == name) return value;
    }
    throw std::out_of_range(name);
  };
  EXPECT_EQ(changed([&](NamedTensors& t) { t.erase(t.begin()); }),
            ": tensor _conv_stem.weight is missing");
  EXPECT_EQ(changed([&](NamedTensors& t) {
              tensor(t, "_conv_head.weight") = torch::zeros({2, 3});
            }),
            ": tensor _conv_head.weight has shape [2, 3], the network asks for [16, 14, 1, 1]");
  EXPECT_EQ(changed([&](NamedTensors& t) { tensor(t, "_bn1.bias")[3] = NAN; }),
            ": tensor _bn1.bias holds NaN or infinity");
  EXPECT_EQ(changed([&](NamedTensors& t) { t.emplace_back("_blocks.9.x", torch::zeros(1)); }),
            ": tensor _blocks.9.x has no place in the network");
  EXPECT_NE(refusal("/nowhere/lite.pth").find("/nowhere/lite.pth"), std::string::npos);
}

/// The packages' files that scripts/setup --pretrained has installed, by number. Where there are
/// none, the tests below have nothing to run on and say so.
std::vector<int> installed() {
  std::vector<int> found;
  for (int i = 0; i < 3; ++i) {
    if (fs::exists(fs::path(VQALIGN_SOURCE_DIR) /
                   concat(".deps/pretrained/efficientnet-lite", i, ".pth"))) {
      found.push_back(i);
    }
  }
  if (found.size() < 3) {
    std::cerr << "efficientnet_lite_test: " << 3 - found.size() << " of 3 published networks are "
              << "not installed and not tested; scripts/setup --pretrained installs them\n";
  }
  return found;
}

class PublishedEfficientNet : public testing::TestWithParam<int> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PublishedEfficientNet);
INSTANTIATE_TEST_SUITE_P(Lite, PublishedEfficientNet, testing::ValuesIn(installed()));

TEST_P(PublishedEfficientNet, ClassifiesAsTheReference) {
  const torch::NoGradGuard no_grad;
  const std::string name = concat("efficientnet-lite", GetParam());
  EfficientNetShape shape = efficientnet_lite_shape(name);
  shape.classes = 1000;
  EfficientNetLite network(shape);
  network->eval();
  load_backbone(*network, fs::path(VQALIGN_SOURCE_DIR) / ".deps/pretrained" / (name + ".pth"));
  const Safetensors expected = read_safetensors(fixture("published.safetensors"));
  int compared = 0;
  for (const auto& [key, logits] : expected.tensors) {
    if (key.rfind(concat("lite", GetParam(), " "), 0) != 0) continue;
    std::istringstream size(key.substr(6));
    int64_t height = 0, width = 0;
    size >> height >> width;
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      const torch::Tensor x = drawn(height, width).contiguous(format);
      expect_near(network->classify(network(x).last), logits, 1e-4);
    }
    ++compared;
  }
  EXPECT_EQ(compared, 2);
}

}  // namespace
}  // namespace vqalign

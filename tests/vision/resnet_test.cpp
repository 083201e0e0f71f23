#include "vqalign/vision/resnet.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/vision/oracle_waves.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/safetensors.h"
#include "vqalign/vision/encoder_names.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using test::expect_near;

/// What tests/oracle/resnet.py computed.
const Safetensors& resnet_oracle() {
  static const Safetensors content =
      read_safetensors(fs::path(VQALIGN_SOURCE_DIR) / "tests/vision/resnet/small.safetensors");
  return content;
}

const std::vector<std::pair<int64_t, int64_t>> kSizes = {{64, 96}, {45, 37}, {1, 1}, {33, 200}};

torch::Tensor expected(const char* map, const std::pair<int64_t, int64_t>& size) {
  return resnet_oracle().find(concat(map, " ", size.first, " ", size.second));
}

ResNetShape tiny_shape() {
  return {.stem = 2, .blocks = {2, 1, 2, 1}, .classes = 5};
}

/// A file of the tiny network's tensors alone, `change`d before it is written.
template <typename Change>
fs::path tiny_file(Change change) {
  Safetensors content;
  for (const auto& [name, tensor] : resnet_oracle().tensors) {
    if (name.find(' ') == std::string::npos) content.tensors.emplace_back(name, tensor.clone());
  }
  change(content.tensors);
  const fs::path path =
      fs::path(testing::TempDir()) /
      concat("resnet.", testing::UnitTest::GetInstance()->current_test_info()->name(),
             ".safetensors");
  write_safetensors(path, content);
  return path;
}

ResNet tiny_network() {
  ResNet network(tiny_shape());
  load_backbone(*network, tiny_file([](NamedTensors&) {}));
  network->eval();
  return network;
}

TEST(ResNet, PicturesOfAnySizeGiveTheOraclesNumbers) {
  ResNet network = tiny_network();
  for (const bool gradients : {false, true}) {
    const torch::AutoGradMode mode(gradients);
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      for (const auto& size : kSizes) {
        SCOPED_TRACE(concat(size.first, " x ", size.second));
        const torch::Tensor pixels = test::oracle_waves(size.first, size.second);
        const BackboneMaps found = network(network->normalised(pixels).contiguous(format));
        expect_near(found.finer, expected("finer", size), 1e-4);
        expect_near(found.last, expected("last", size), 1e-4);
        expect_near(network->classify(found.last), expected("logits", size), 1e-4);
      }
    }
  }
}

TEST(ResNet, TrainingMovesNoStatistic) {
  ResNet network = tiny_network();
  network->train();
  const BackboneMaps found = network(network->normalised(test::oracle_waves(64, 96)));
  expect_near(found.last.detach(), expected("last", {64, 96}), 1e-4);
  for (const auto& buffer : network->named_buffers()) {
    expect_near(buffer.value(), resnet_oracle().find(buffer.key()), 0);
  }
}

TEST(ResNet, GradientsAreTheSlopes) {
  ResNet network = tiny_network();
  network->to(torch::kDouble);
  network->train();
  torch::manual_seed(5);
  const torch::Tensor x = network->normalised(test::oracle_waves(45, 37)).to(torch::kDouble);
  const torch::Tensor finer_weight = torch::randn({1, 32, 3, 3}, torch::kDouble);
  const auto loss = [&] {
    const BackboneMaps maps = network(x);
    return network->classify(maps.last).square().sum() + (maps.finer * finer_weight).sum();
  };
  loss().backward();
  const torch::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (const auto& parameter : network->named_parameters()) {
    torch::Tensor value = parameter.value();
    ASSERT_TRUE(value.grad().defined()) << parameter.key();
    const torch::Tensor direction = torch::randn_like(value);
    const double slope = (value.grad() * direction).sum().item<double>();
    value.add_(direction, kStep);
    const double above = loss().item<double>();
    value.sub_(direction, 2 * kStep);
    const double below = loss().item<double>();
    value.add_(direction, kStep);
    EXPECT_NEAR((above - below) / (2 * kStep), slope, 1e-4 * (1 + std::abs(slope)))
        << parameter.key();
    EXPECT_GT(value.grad().abs().max().item<double>(), 0) << parameter.key();
  }
}

TEST(ResNet, ChangedWeightsAreNoticedInEvaluation) {
  const torch::NoGradGuard no_grad;
  ResNet network = tiny_network();
  const torch::Tensor x = network->normalised(test::oracle_waves(64, 96));
  const torch::Tensor before = network(x).last.clone();
  // Past torch's counting, as the optimiser writes; train() comes between.
  for (const char* name : {"bn1.bias", "layer1.0.bn2.bias", "layer4.0.downsample.1.bias"}) {
    const torch::Tensor bias = network->named_parameters()[name];
    for (const float change : {0.25F, -0.25F}) {
      for (int64_t i = 0; i < bias.numel(); ++i) bias.data_ptr<float>()[i] += change;
      network->train();
      network->eval();
      const double moved = (network(x).last - before).abs().max().item<double>();
      EXPECT_EQ(moved > 1e-3, change > 0) << name << " " << moved;
    }
  }
}

TEST(ResNet, PaddingChangesNoPicture) {
  const torch::NoGradGuard no_grad;
  ResNet network = tiny_network();
  // Beside each other in one batch, none of them a multiple of anything.
  torch::Tensor x = torch::zeros({3, 3, 96, 224});
  const std::vector<std::pair<int64_t, int64_t>> sizes = {{64, 96}, {45, 37}, {33, 200}};
  torch::Tensor extents = torch::zeros({3, 2}, torch::kLong);
  for (int64_t p = 0; p < 3; ++p) {
    const auto [height, width] = sizes[static_cast<std::size_t>(p)];
    const torch::Tensor own = network->normalised(test::oracle_waves(height, width))[0];
    x[p].slice(1, 0, height).slice(2, 0, width).copy_(own);
    extents[p][0] = height;
    extents[p][1] = width;
  }
  const BackboneMaps found = network(x, extents);
  const auto own = [](const torch::Tensor& map, int64_t p, const torch::Tensor& alone) {
    return map.slice(0, p, p + 1).slice(2, 0, alone.size(2)).slice(3, 0, alone.size(3));
  };
  for (int64_t p = 0; p < 3; ++p) {
    const auto& size = sizes[static_cast<std::size_t>(p)];
    const torch::Tensor finer = expected("finer", size), last = expected("last", size);
    expect_near(own(found.finer, p, finer), finer, 1e-4);
    expect_near(own(found.last, p, last), last, 1e-4);
  }
}

TEST(ResNet, PublishedShapes) {
  const auto parameters = [](const char* name, int64_t classes) {
    ResNetShape shape = resnet_shape(name);
    shape.classes = classes;
    int64_t count = 0;
    for (const torch::Tensor& parameter : ResNet(shape)->parameters()) count += parameter.numel();
    return count;
  };
  // As torchvision's documentation tells them.
  EXPECT_EQ(parameters("resnet50", 1000), 25557032);
  EXPECT_EQ(parameters("resnet101", 1000), 44549160);
  EXPECT_EQ(parameters("resnet50", 0), 25557032 - 2049000);
  EXPECT_THROW(resnet_shape("resnet51"), UsageError);
  EXPECT_THROW(make_backbone("resnet"), UsageError);
  for (const std::string& name : pretrained_network_names()) {
    EXPECT_EQ(weights_are_fetched(name), name.starts_with("efficientnet")) << name;
  }
}

/// What is said of the tiny network's file, changed, behind its name.
template <typename Change>
std::string refused(Change change) {
  const fs::path path = tiny_file(change);
  ResNet network(tiny_shape());
  try {
    load_backbone(*network, path);
  } catch (const Error& error) {
    const std::string said = error.what();
    EXPECT_EQ(said.find(path.string()), 0u) << said;
    return said.substr(path.string().size());
  }
  return "taken";
}

TEST(ResNet, OtherWeightsAreNamed) {
  const auto set = [](NamedTensors& tensors, const std::string& name, torch::Tensor value) {
    for (auto& [key, tensor] : tensors) {
      if (key == name) tensor = std::move(value);
    }
  };
  EXPECT_EQ(refused([](NamedTensors& t) { t.erase(t.begin()); }),
            ": tensor conv1.weight is missing");
  EXPECT_EQ(refused([&](NamedTensors& t) {
              set(t, "layer2.0.downsample.0.weight", torch::zeros({16, 8, 3, 3}));
            }),
            ": tensor layer2.0.downsample.0.weight has shape [16, 8, 3, 3], the network asks for "
            "[16, 8, 1, 1]");
  EXPECT_EQ(
      refused([&](NamedTensors& t) { set(t, "layer4.0.bn3.running_var", torch::full({64}, NAN)); }),
      ": tensor layer4.0.bn3.running_var holds NaN or infinity");
  EXPECT_EQ(refused([](NamedTensors& t) {
              t.emplace_back("layer3.2.conv1.weight", torch::zeros({8, 32, 1, 1}));
            }),
            ": tensor layer3.2.conv1.weight has no place in the network");
}

}  // namespace
}  // namespace vqalign

// Training steps of recipe mcan-small, shrunk, against the reference in PyTorch
// (tests/oracle/mcan_step.py): the same weights and batch, dropout off.

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/fusion/helpers.h"
#include "vqalign/core/formats/safetensors.h"
#include "vqalign/train/schedule.h"
#include "vqalign/train/stepper.h"

namespace vqalign {
namespace {

RunOptions shrunk_recipe() {
  RunOptions options = load_recipe("mcan-small");
  const ModelConfig sizes = oracle_config();
  options.config.vision.feature_width = sizes.vision.feature_width;
  options.config.language.word_width = sizes.language.word_width;
  options.config.model = sizes.model;
  options.config.model.dropout = 0;
  options.config.words = sizes.words;
  options.config.answers = sizes.answers;
  return options;
}

/// As the script's fill() makes them.
void fill_weights(VqaModel& model) {
  const torch::NoGradGuard no_grad;
  for (auto& item : model->named_parameters()) {
    int64_t phase = 0;
    for (const char c : item.key()) phase += static_cast<unsigned char>(c);
    const torch::Tensor i = torch::arange(item->numel());
    const torch::Tensor mixed = (i * i * 7919 + i * 613 + phase * 104729).remainder(10007);
    torch::Tensor values =
        (mixed.to(torch::kDouble) / 10007 - 0.5) * 2 / std::sqrt(double(item->size(-1)));
    if (item.key().ends_with("a_2")) values = values + 1.0;
    item->copy_(values.view(item->sizes()));
  }
}

Batch reference_batch(torch::Dtype dtype) {
  const ModelInput input = oracle_input();
  Batch batch;
  batch.tokens = input.tokens;
  batch.regions = *input.regions;
  batch.regions.features = batch.regions.features.to(dtype);
  batch.picture_index = torch::arange(3);
  batch.targets =
      torch::tensor({{0.0f, 1.0f, 0.3f, 0.0f}, {0.6f, 0.0f, 0.0f, 0.9f}, {0.0f, 0.0f, 0.0f, 0.0f}})
          .to(dtype);
  batch.rows = {0, 1, 2};
  return batch;
}

class ReferenceStep : public testing::Test {
 protected:
  /// Takes three steps, calling back behind each.
  void train(torch::Dtype dtype, const std::function<void(int64_t, double)>& behind) {
    setup_.bundle.config = options_.config;
    setup_.bundle.model = VqaModel(options_.config);
    setup_.bundle.model->to(dtype);
    setup_.bundle.model->train();
    fill_weights(setup_.bundle.model);
    setup_.alignment = std::make_shared<Alignment>(
        options_.align, options_.config.model.hidden / options_.config.model.heads,
        options_.config.model.layers);
    Stepper stepper(setup_, options_, torch::kCPU, 1);
    const Batch batch = reference_batch(dtype);
    for (int64_t step = 1; step <= 3; ++step) {
      const double rate = learning_rate(options_.train, step, 13 * 6933, 443757.0 / 64);
      ASSERT_DOUBLE_EQ(rate, 1e-4 / 4);
      const StepResult result =
          stepper.take(batch, {.number = step, .learning_rate = rate, .relevance_weight = 0});
      behind(step, 3 * result.loss.value());  // result.loss is a sample's mean
    }
  }
  torch::Tensor expected(const std::string& name) const {
    const torch::Tensor found = fixture_.find(name);
    if (!found.defined()) throw std::runtime_error("the fixture lacks " + name);
    return found;
  }
  double expected_loss(int64_t step) const { return expected("losses")[step - 1].item<double>(); }

  RunOptions options_ = shrunk_recipe();
  TrainingSetup setup_;
  Safetensors fixture_ = read_safetensors(std::filesystem::path(VQALIGN_SOURCE_DIR) /
                                          "tests/train/fixtures/reference_step.safetensors");
};

/// Biases that move all scores of a softmax alike: their true gradient is zero.
bool moves_nothing(const std::string& name) {
  return name.ends_with("linear_k.bias") ||
         (name.starts_with("attflat") && name.ends_with(".mlp.linear.bias"));
}

double furthest(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.detach() - b).abs().max().item<double>();
}

TEST_F(ReferenceStep, InDoubleLossGradientsAndWeightsAreTheReferences) {
  int64_t compared = 0;
  train(torch::kDouble, [&](int64_t step, double loss) {
    EXPECT_NEAR(loss, expected_loss(step), 1e-8) << "step " << step;
    for (const auto& item : setup_.bundle.model->named_parameters()) {
      if (step == 1) {
        EXPECT_LT(furthest(item->grad(), expected("gradient." + item.key())), 1e-8) << item.key();
      }
      if (step == 2) continue;
      const std::string name = "step" + std::to_string(step) + "." + item.key();
      EXPECT_LT(furthest(item.value(), expected(name)), 1e-8) << name;
      ++compared;
    }
  });
  // Two self-attention and two guided blocks, and all around them; the fixture has no more.
  EXPECT_EQ(compared, 2 * (1 + 4 + 2 + 2 * 16 + 2 * 26 + 6 + 6 + 2 + 2));
  EXPECT_EQ(fixture_.tensors.size(), 1 + 3 * static_cast<std::size_t>(compared) / 2);
}

TEST_F(ReferenceStep, InFloatLossAndGradientsAreTheReferencesToFourDigits) {
  train(torch::kFloat, [&](int64_t step, double loss) {
    EXPECT_NEAR(loss, expected_loss(step), 1e-4 * expected_loss(step)) << "step " << step;
    if (step > 1) return;
    for (const auto& item : setup_.bundle.model->named_parameters()) {
      const torch::Tensor gradient = expected("gradient." + item.key());
      const double size = gradient.abs().max().item<double>();
      const bool idle = moves_nothing(item.key());
      if (idle) {
        EXPECT_LT(size, 1e-12) << item.key();
      }
      EXPECT_LT(furthest(item->grad(), gradient), idle ? 1e-5 : 1e-4 * size) << item.key();
    }
  });
}

}  // namespace
}  // namespace vqalign

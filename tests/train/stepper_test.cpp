#include "vqalign/train/stepper.h"

#include "tests/train/training_fixture.h"

namespace vqalign {
namespace {

/// A training at its first step.
struct Beginning {
  explicit Beginning(const TrainRequest& asked)
      : request(asked), setup(prepare_training(request, progress, cancel)) {
    setup.bundle.model->train();
  }
  Batch batch() {
    const DatasetInputs source =
        dataset_inputs(setup.bundle.config, setup.train, setup.bundle.vocabulary, &setup.answers,
                       &cancel, &setup.targets);
    return make_batch(source.inputs, {0, 1, 2, 3, 4, 5, 6, 7}, nullptr);
  }
  Stepper stepper() { return {setup, request.options, torch::kCPU, 1}; }

  SilentProgress progress;
  CancelToken cancel;
  TrainRequest request;
  TrainingSetup setup;
};

class StepperTest : public TrainingTest {
 protected:
  TrainRequest plain() const {
    TrainRequest asked = request("model");
    const OptionTree tree = asked.options.options();
    for (const char* setting : {"model.dropout=0", "train.precision=float32",
                                "train.gradient_clip=0", "train.reduction=mean"}) {
      set_option(tree, setting);
    }
    return asked;
  }
};

/// Norm over the first moments that a step from nothing leaves: (1 - beta1) times the gradient's.
double first_moments_norm(const Stepper& stepper) {
  double squares = 0;
  for (const auto& [name, tensor] : stepper.state()) {
    if (name.starts_with("adam.exp_avg.")) squares += tensor.square().sum().item<double>();
  }
  return std::sqrt(squares);
}

TEST_F(StepperTest, ASamplesLossIsTheSumOfItsWeightedParts) {
  TrainRequest asked = plain();
  asked.options.align.weight = 3;
  asked.options.train.object_weight = 5;
  Beginning begun(asked);
  const Batch batch = begun.batch();
  DropoutStreams streams(1);
  const StepLosses found =
      sample_losses(begun.setup, asked.options, batch, 7, torch::kCPU, streams);
  const torch::Tensor& losses = found.minimised;
  const StepResult result = found.read(torch::tensor({3.0F, 4.0F}));
  EXPECT_EQ(result.gradient_norm, 5);

  PassOptions pass;
  pass.taps.queries_keys = true;
  const ModelOutput output = begun.setup.bundle.model(model_input(batch, torch::kCPU), pass);
  const torch::Tensor &x = output.logits, &t = batch.targets;
  const torch::Tensor answers = (x.clamp_min(0) - x * t + (-x.abs()).exp().log1p()).sum(1);
  const torch::Tensor distance = begun.setup.alignment->forward(output.taps);
  EXPECT_GT(distance.abs().min().item<double>(), 1e-3);
  EXPECT_GT(*result.object_loss, 0.1);
  EXPECT_GT(*result.relevance_loss, 0.01);
  const torch::Tensor expected =
      answers + 3 * distance + 5 * *result.object_loss + 7 * *result.relevance_loss;
  EXPECT_TRUE(torch::allclose(losses, expected, 1e-4, 1e-4)) << losses << expected;
  EXPECT_NEAR(*result.loss, answers.mean().item<double>(), 1e-4);
  EXPECT_NEAR(*result.distance, distance.mean().item<double>(), 1e-4);
}

TEST_F(StepperTest, TheSumOverABatchIsItsSizeTimesTheMean) {
  Beginning mean(plain());
  TrainRequest summed = plain();
  summed.options.train.reduction = "sum";
  Beginning sum(summed);
  const double of_mean = mean.stepper().take(mean.batch(), {.learning_rate = 0}).gradient_norm;
  const double of_sum = sum.stepper().take(sum.batch(), {.learning_rate = 0}).gradient_norm;
  EXPECT_NEAR(of_sum / of_mean, 8, 1e-3);
}

TEST_F(StepperTest, GradientsAreClippedToTheirNorm) {
  Beginning free(plain());
  Stepper unbound = free.stepper();
  const StepResult result = unbound.take(free.batch(), {.learning_rate = 0});
  EXPECT_NEAR(first_moments_norm(unbound), 0.1 * result.gradient_norm, 1e-4 * result.gradient_norm);
  TrainRequest asked = plain();
  asked.options.train.gradient_clip = result.gradient_norm / 4;
  Beginning bound(asked);
  Stepper clipped = bound.stepper();
  clipped.take(bound.batch(), {.learning_rate = 0});
  EXPECT_NEAR(first_moments_norm(clipped), 0.025 * result.gradient_norm,
              1e-4 * result.gradient_norm);
}

TEST_F(StepperTest, ALossesScaleChangesNoStepAndIsLowerWhereItOverflows) {
  Beginning plainly(plain()), scaled(plain());
  Stepper without = plainly.stepper(), with = scaled.stepper();
  const torch::Tensor weight = scaled.setup.bundle.model->named_parameters()["proj.weight"];
  const torch::Tensor before = weight.detach().clone();
  with.loss_scale() = LossScale({0x1p127, 0});
  StepResult skipped = with.take(scaled.batch(), {.learning_rate = 0.01});
  EXPECT_TRUE(skipped.skipped);
  EXPECT_TRUE(skipped.finite());
  EXPECT_EQ(with.loss_scale().state(), (LossScale::State{0x1p126, 0}));
  EXPECT_TRUE(torch::equal(weight, before));
  with.check_weights(1);

  with.loss_scale() = LossScale({1024, 0});  // a power of two rounds nothing
  const StepResult expected = without.take(plainly.batch(), {.learning_rate = 0.01});
  const StepResult found = with.take(scaled.batch(), {.learning_rate = 0.01});
  EXPECT_FALSE(found.skipped);
  EXPECT_EQ(found.loss_scale, 1024);
  EXPECT_NEAR(found.gradient_norm, expected.gradient_norm, 1e-6 * expected.gradient_norm);
  const torch::Tensor same = plainly.setup.bundle.model->named_parameters()["proj.weight"];
  EXPECT_FALSE(torch::equal(weight, before));
  EXPECT_TRUE(torch::allclose(weight, same, 1e-5, 1e-6));
  TrainingProgress kept;
  with.keep(kept);
  EXPECT_EQ(kept.loss_scale, (LossScale::State{1024, 1}));
}

TEST_F(StepperTest, AFrozenGridCnnStaysAsItIs) {
  Beginning begun(plain());
  begun.setup.bundle.model->freeze_vision();
  std::map<std::string, torch::Tensor> before;
  for (const auto& [name, tensor] : begun.setup.state_tensors()) before[name] = tensor.clone();
  Stepper stepper = begun.stepper();
  const StepResult result = stepper.take(begun.batch(), {.learning_rate = 0.01});
  EXPECT_FALSE(result.object_loss.has_value());
  int64_t moved = 0;
  for (const auto& [name, tensor] : begun.setup.state_tensors()) {
    const bool same = torch::equal(tensor, before.at(name));
    EXPECT_TRUE(same || !name.starts_with("model.vision.")) << name;
    moved += same ? 0 : 1;
  }
  EXPECT_GT(moved, 20);
}

TEST_F(StepperTest, WhatIsNoNumberIsToldAndMovesNothing) {
  Beginning begun(plain());
  Stepper stepper = begun.stepper();
  stepper.check_weights(0);
  torch::Tensor bias = begun.setup.bundle.model->named_parameters()["proj.bias"];
  const torch::Tensor weight = begun.setup.bundle.model->named_parameters()["proj.weight"];
  const torch::Tensor before = weight.detach().clone();
  {
    const torch::NoGradGuard no_grad;
    bias[0] = std::nan("");
  }
  EXPECT_THROW(stepper.take(begun.batch(), {.learning_rate = 0.1}), Error);
  EXPECT_TRUE(torch::equal(weight, before));
  EXPECT_THROW(stepper.check_weights(1), Error);
}

}  // namespace
}  // namespace vqalign

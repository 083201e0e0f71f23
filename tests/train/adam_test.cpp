#include "vqalign/train/adam.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "vqalign/attention/linear.h"

namespace vqalign {
namespace {

/// Adam as the paper writes it, one number at a time, in double.
double oracle(double x, int steps, double rate, const TrainOptions& options, double decay) {
  double m = 0, v = 0;
  for (int t = 1; t <= steps; ++t) {
    const double gradient = 2 * x + 1;
    x -= rate * decay * x;
    m = options.beta1 * m + (1 - options.beta1) * gradient;
    v = options.beta2 * v + (1 - options.beta2) * gradient * gradient;
    const double m_hat = m / (1 - std::pow(options.beta1, t));
    const double v_hat = v / (1 - std::pow(options.beta2, t));
    x -= rate * m_hat / (std::sqrt(v_hat) + options.epsilon);
  }
  return x;
}

double run(double start, int steps, double rate, const TrainOptions& options,
           const std::string& name = "x") {
  torch::Tensor x = torch::tensor({start}, torch::kFloat32).requires_grad_();
  Adam adam({{name, x}}, options);
  for (int t = 0; t < steps; ++t) {
    adam.zero_grad();
    (x * x + x).sum().backward();
    adam.step(rate);
  }
  return x.item<double>();
}

TEST(Adam, TheGridCnnHasItsOwnRate) {
  TrainOptions options;
  options.vision_rate = 3;
  EXPECT_NEAR(run(2.0, 25, 0.02, options, "model.vision.x"), oracle(2.0, 25, 0.06, options, 0),
              1e-5);
  EXPECT_NEAR(run(2.0, 25, 0.02, options, "model.visions"), oracle(2.0, 25, 0.02, options, 0),
              1e-5);
}

TEST(Adam, APretrainedEncoderOfQuestionsHasItsOwnRate) {
  TrainOptions options;
  options.language_rate = 0.5;
  EXPECT_NEAR(run(2.0, 25, 0.02, options, "model.language.x"), oracle(2.0, 25, 0.01, options, 0),
              1e-5);
  EXPECT_NEAR(run(2.0, 25, 0.02, options, "model.language_linear.weight"),
              oracle(2.0, 25, 0.02, options, 0), 1e-5);
}

TEST(Adam, AdversariesHaveTheirOwnRateAndMomentum) {
  TrainOptions options;
  options.adversary_rate = 0.25;
  options.adversary_beta1 = 0.5;
  TrainOptions theirs;
  theirs.beta1 = 0.5;
  for (const char* name : {"align.critic_image_self_0.first.weight",
                           "align.discriminator_question_self_1.second.bias"}) {
    EXPECT_NEAR(run(2.0, 25, 0.08, options, name), oracle(2.0, 25, 0.02, theirs, 0), 1e-5) << name;
  }
  for (const char* name : {"align.navigator_image_self_0.first.weight", "model.align.critic_"}) {
    EXPECT_NEAR(run(2.0, 25, 0.02, options, name), oracle(2.0, 25, 0.02, options, 0), 1e-5) << name;
  }
}

TEST(Adam, FollowsThePaper) {
  TrainOptions options;
  EXPECT_NEAR(run(2.0, 25, 0.05, options), oracle(2.0, 25, 0.05, options, 0), 1e-5);
}

TEST(Adam, DecayIsDecoupled) {
  TrainOptions options;
  options.weight_decay = 0.1;
  EXPECT_NEAR(run(2.0, 10, 0.05, options), oracle(2.0, 10, 0.05, options, 0.1), 1e-5);
}

TEST(Adam, LeavesAParameterWithoutGradientAlone) {
  torch::Tensor used = torch::ones({2}).requires_grad_();
  torch::Tensor idle = torch::ones({2}).requires_grad_();
  Adam adam({{"used", used}, {"idle", idle}}, {});
  used.sum().backward();
  adam.step(0.1);
  EXPECT_TRUE(torch::equal(idle, torch::ones({2})));
  EXPECT_LT(used[0].item<float>(), 1.0f);
}

TEST(Adam, NormAndScaling) {
  torch::Tensor x = torch::tensor({0.0f, 0.0f}).requires_grad_();
  torch::Tensor unused = torch::ones({3}).requires_grad_();
  Adam adam({{"x", x}, {"unused", unused}}, {});
  EXPECT_EQ(total_norm(adam.gradient_norms()), 0.0);
  adam.scale_gradients(0.5);
  (x * torch::tensor({3.0f, 4.0f})).sum().backward();
  EXPECT_NEAR(total_norm(adam.gradient_norms()), 5.0, 1e-6);
  adam.scale_gradients(0.5);
  EXPECT_NEAR(total_norm(adam.gradient_norms()), 2.5, 1e-6);
}

TEST(Adam, HandlesGradientsOfAnotherMemoryLayout) {
  torch::Tensor w = torch::randn({4, 3, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast);
  w.requires_grad_();
  const torch::Tensor before = w.detach().clone();
  const torch::Tensor direction = torch::randn({4, 3, 3, 3});
  Adam adam({{"w", w}}, {});
  (w * direction).sum().backward();
  adam.step(0.01);
  // The first step of Adam moves every weight by the rate against its gradient's sign.
  EXPECT_TRUE(torch::allclose(w.detach(), before - 0.01 * direction.sign(), 1e-4, 1e-5));
}

// Linear keeps a copy of weights laid out for few rows.
TEST(Adam, AStepIsSeenByThePassesBehindIt) {
  for (const double decay : {0.0, 0.01}) {
    Linear linear(16, 8);
    TrainOptions options;
    options.weight_decay = decay;
    Adam adam({{"w", linear->weight}}, options);
    const torch::Tensor x = torch::randn({3, 16});
    for (int step = 0; step < 2; ++step) {
      linear(x).sum().backward();
      adam.step(0.1);
      adam.zero_grad();
      const torch::NoGradGuard no_grad;
      EXPECT_TRUE(
          torch::allclose(linear(x), at::linear(x, linear->weight, linear->bias), 1e-4, 1e-5));
    }
  }
}

}  // namespace
}  // namespace vqalign

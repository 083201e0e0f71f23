#include "vqalign/train/training_setup.h"

#include <torch/utils.h>

#include "tests/train/training_fixture.h"

namespace vqalign {
namespace {

class TrainingSetupTest : public TrainingTest {
 protected:
  torch::Tensor answer_bias(const TrainRequest& request) const {
    SilentProgress progress;
    TrainingSetup setup = prepare_training(request, progress, CancelToken());
    priors_ = torch::tensor(setup.answers.priors());
    return setup.bundle.model->named_parameters()["proj.bias"].detach();
  }

  mutable torch::Tensor priors_;
};

TEST_F(TrainingSetupTest, AnswersStartAtTheirPriorsWhereAsked) {
  TrainRequest asked = request("m");
  const torch::Tensor fresh = answer_bias(asked).sigmoid();
  EXPECT_GT((fresh - priors_).abs().max().item<double>(), 0.1);
  asked.options.train.prior_bias = true;
  const torch::Tensor bias = answer_bias(asked);
  EXPECT_TRUE(torch::isfinite(bias).all().item<bool>());
  EXPECT_LT((bias.sigmoid() - priors_).abs().max().item<double>(), 1e-4);
}

TEST_F(TrainingSetupTest, ViewsMultiplyRowsAndNotWhatIsCounted) {
  TrainRequest asked = request("m");
  asked.options.train.object_weight = asked.options.train.relevance_weight = 0;
  SilentProgress progress;
  const TrainingSetup plain = prepare_training(asked, progress, CancelToken());
  asked.options.data.mirror = true;
  asked.options.data.crops = 2;
  const TrainingSetup viewed = prepare_training(asked, progress, CancelToken());
  EXPECT_EQ(viewed.train.questions.size(), 6 * plain.train.questions.size());
  EXPECT_EQ(viewed.train.own_questions(), plain.train.questions.size());
  EXPECT_EQ(viewed.targets.size(), viewed.train.questions.size());
  EXPECT_EQ(viewed.answers.answers(), plain.answers.answers());
  EXPECT_EQ(viewed.validation->questions.size(), plain.validation->questions.size());
}

TEST_F(TrainingSetupTest, ViewsDoNotGoWithLabelledObjects) {
  TrainRequest asked = request("m");
  asked.options.data.mirror = true;
  SilentProgress progress;
  try {
    prepare_training(asked, progress, CancelToken());
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("data.mirror"), std::string::npos);
  }
}

}  // namespace
}  // namespace vqalign

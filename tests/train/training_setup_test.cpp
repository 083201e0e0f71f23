#include "vqalign/train/training_setup.h"

#include <torch/utils.h>

#include <cmath>

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

/// A request whose questions are read by the tiny BERT of tests/language.
TrainRequest with_tiny_bert(TrainRequest request) {
  const std::string folder = (fs::path(VQALIGN_SOURCE_DIR) / "tests/language/bert").string();
  for (const std::string& setting :
       {std::string("language.encoder=minilm"), concat("language.weights=", folder),
        std::string("language.layers=2"), std::string("language.width=32"),
        std::string("language.heads=4"), std::string("language.feed_forward=48"),
        std::string("language.positions=32"), std::string("language.max_tokens=14"),
        std::string("model.pooled=4096")}) {
    set_option(request.options.options(), setting);
  }
  request.options.train.answer_vectors = true;
  return request;
}

torch::Tensor cosines(const torch::Tensor& rows) {
  const torch::Tensor unit = rows / rows.norm(2, {1}, true);
  return unit.matmul(unit.t());
}

TEST_F(TrainingSetupTest, LikeAnswersStartAlikeWhereAsked) {
  const torch::NoGradGuard no_grad;
  SilentProgress progress;
  TrainingSetup setup = prepare_training(with_tiny_bert(request("m")), progress, CancelToken());
  ModelBundle& bundle = setup.bundle;
  std::vector<torch::Tensor> means;
  for (const std::string& answer : bundle.answers) {
    const torch::Tensor tokens = torch::tensor(bundle.vocabulary.encode(answer, 14)).unsqueeze(0);
    means.push_back(bundle.model->language()->read(tokens, bundle.config.marks, {}).mean(1)[0]);
  }
  const torch::Tensor weight = bundle.model->named_parameters()["proj.weight"];
  ASSERT_EQ(weight.size(0), int64_t(means.size()));
  // A random map to so many dimensions keeps angles: Johnson and Lindenstrauss.
  const torch::Tensor expected = cosines(torch::stack(means)), found = cosines(weight);
  EXPECT_LT((found - expected).abs().max().item<double>(), 0.1);
  EXPECT_LT(expected.min().item<double>(), 0.8) << "not all answers are alike";
  EXPECT_NEAR(weight.norm(2, {1}).mean().item<double>(), 1 / std::sqrt(3.0), 0.05);
}

TEST_F(TrainingSetupTest, AnswersHaveNoVectorsWithoutAPretrainedEncoder) {
  TrainRequest asked = request("m");
  asked.options.train.answer_vectors = true;
  SilentProgress progress;
  EXPECT_THROW(prepare_training(asked, progress, CancelToken()), UsageError);
}

TEST_F(TrainingSetupTest, ContradictoryAlignmentIsToldBeforeDataIsRead) {
  TrainRequest asked = request("m");
  asked.options.align.layers = {"5"};
  asked.train.directory = folder_ / "nowhere";
  SilentProgress progress;
  try {
    prepare_training(asked, progress, CancelToken());
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "align.layers names \"5\", the model's layers are 0 to 1");
  }
}

TEST_F(TrainingSetupTest, SplitsWithoutQuestionsAreNamedByTheirFile) {
  const fs::path questions = folder_ / "v2_OpenEnded_mscoco_train2014_questions.json";
  write_questions(questions, {}, "train2014");
  write_annotations(folder_ / "v2_mscoco_train2014_annotations.json", {}, "train2014");
  fs::create_directories(folder_ / "train2014");
  TrainRequest asked = request("m");
  asked.train.directory = folder_;
  SilentProgress progress;
  const auto refused = [&](const std::string& said) {
    try {
      prepare_training(asked, progress, CancelToken());
      ADD_FAILURE() << "was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), questions.string() + said);
    }
  };
  refused(": has no questions to train on");
  asked.train.held_out = 0.2;
  refused(": 0 pictures are too few to hold out 0.2 of them");
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

#include "vqalign/train/trainer.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

#include "vqalign/core/error.h"
#include "vqalign/data/scenes.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/evaluation.h"
#include "vqalign/train/model_transfer.h"
#include "vqalign/train/training_state.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// Asks for a stop once `after` samples were trained on.
class StoppingProgress : public SilentProgress {
 public:
  StoppingProgress(CancelToken& token, int64_t after) : token_(token), after_(after) {}
  void begin(const std::string& stage, int64_t, const std::string&, int64_t) override {
    training_ = stage == "training" || stage == "objects";
  }
  void update(int64_t done, const std::string&) override {
    if (training_ && done >= after_) token_.request();
  }

 private:
  CancelToken& token_;
  int64_t after_;
  bool training_ = false;
};

class Trainer : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    data_ = fs::path(testing::TempDir()) / "trainer_test_scenes";
    SilentProgress progress;
    CancelToken cancel;
    SceneOptions options;
    options.max_objects = 3;
    write_scenes(data_, 96, 32, 0, options, 5, progress, cancel);
  }
  static void TearDownTestSuite() { fs::remove_all(data_); }

  void SetUp() override {
    folder_ =
        fs::path(testing::TempDir()) /
        (std::string("trainer_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  TrainRequest request(const std::string& name) const {
    TrainRequest request;
    request.options = load_recipe("scenes");
    const OptionTree tree = request.options.options();
    for (const char* setting :
         {"vision.channels=4,4,8,8", "vision.pixels=4096", "model.layers=2", "model.hidden=16",
          "model.heads=2", "model.feed_forward=16", "model.pooling_hidden=8", "model.pooled=16",
          "model.dropout=0.2", "language.word_width=8", "train.batch_size=16", "align.kind=ct",
          "train.half=false", "data.questions_per_picture=2"}) {
      set_option(tree, setting);
    }
    request.train.directory = data_;
    request.train.split = "train";
    request.validation = request.train;
    request.validation->split = "val";
    request.out = folder_ / name;
    request.epochs = 2;
    return request;
  }

  static TrainSummary train(const TrainRequest& request) {
    SilentProgress progress;
    CancelToken cancel;
    return train_model(request, progress, cancel);
  }

  /// What the training's state holds when it was stopped after so many samples.
  static TrainingState state_after(TrainRequest request, int64_t samples) {
    CancelToken cancel;
    StoppingProgress stopping(cancel, samples);
    EXPECT_THROW(train_model(request, stopping, cancel), Cancelled);
    return load_state(state_path(request.out));
  }

  static void expect_same_tensors(const fs::path& a, const fs::path& b) {
    const TrainingState first = load_state(state_path(a)), second = load_state(state_path(b));
    ASSERT_EQ(first.tensors.size(), second.tensors.size());
    for (std::size_t i = 0; i < first.tensors.size(); ++i) {
      EXPECT_EQ(first.tensors[i].first, second.tensors[i].first);
      EXPECT_TRUE(torch::equal(first.tensors[i].second, second.tensors[i].second))
          << first.tensors[i].first;
    }
  }

  static fs::path data_;
  fs::path folder_;
};

fs::path Trainer::data_;

TEST_F(Trainer, TrainsScoresAndKeepsTheBest) {
  const TrainSummary summary = train(request("model"));
  EXPECT_EQ(summary.epochs, 2);
  EXPECT_EQ(summary.steps, 12);  // 96 questions in batches of 16, twice
  EXPECT_GT(summary.samples_per_second, 0);
  ASSERT_TRUE(summary.best_epoch.has_value());
  ModelBundle model = load_model(folder_ / "model");
  EXPECT_EQ(model.trained.at("recipe").as_string(), "scenes");

  DataSource source{.directory = data_, .split = "val"};
  const Dataset val = load_dataset(source, true);
  SilentProgress progress;
  CancelToken cancel;
  const Predictions predictions = predict(model, val, {}, progress, cancel);
  const Score score = score_predictions(predictions.answers, val.annotations, Metric::kOfficial);
  EXPECT_DOUBLE_EQ(score.overall, summary.best_overall);
}

TEST_F(Trainer, TheRegularisersNetworksAreNotInTheModelFile) {
  train(request("model"));
  const TrainingState state = load_state(state_path(folder_ / "model"));
  bool in_state = false;
  for (const auto& [name, tensor] : state.tensors) in_state |= name.starts_with("align.");
  EXPECT_TRUE(in_state);
  const auto guides = [](const std::vector<std::pair<std::string, torch::Tensor>>& tensors) {
    return std::any_of(tensors.begin(), tensors.end(),
                       [](const auto& item) { return item.first.starts_with("guide."); });
  };
  EXPECT_TRUE(guides(state.tensors));  // scenes label their objects
  EXPECT_TRUE(std::any_of(state.tensors.begin(), state.tensors.end(),
                          [](const auto& item) { return item.first.starts_with("relevance."); }));
  TrainRequest plain = request("plain");
  plain.options.align.kind = "none";
  train(plain);
  EXPECT_EQ(summarise_model(folder_ / "model").parameters,
            summarise_model(folder_ / "plain").parameters);
}

TEST_F(Trainer, OneSeedGivesOneResultAndAnotherAnother) {
  train(request("a"));
  train(request("b"));
  expect_same_tensors(folder_ / "a", folder_ / "b");
  TrainRequest other = request("c");
  other.seed = 2;
  train(other);
  const auto first = load_state(state_path(folder_ / "a")).tensors[0].second;
  const auto second = load_state(state_path(folder_ / "c")).tensors[0].second;
  EXPECT_FALSE(torch::equal(first, second));
}

TEST_F(Trainer, ResumesBitForBitFromTheMiddleOfAnEpoch) {
  train(request("whole"));
  for (const int64_t after : {16, 64, 96, 128}) {
    TrainRequest broken = request("broken");
    state_after(broken, after);
    broken.resume = true;
    const TrainSummary summary = train(broken);
    EXPECT_EQ(summary.steps, 12);
    expect_same_tensors(folder_ / "whole", folder_ / "broken");
  }
}

TEST_F(Trainer, ObjectsAloneTeachTheGridCnnFirst) {
  TrainRequest request = this->request("model");
  set_option(request.options.options(), "train.object_share=0.5");  // six steps of 16
  const TrainingState one = state_after(request, 16), five = state_after(request, 80);
  const TrainingState seven = state_after(request, 112);
  EXPECT_EQ(five.progress.object_steps, 6);
  ASSERT_EQ(one.tensors.size(), five.tensors.size());
  const auto same = [](const TrainingState& a, const TrainingState& b, std::size_t i) {
    return torch::equal(a.tensors[i].second, b.tensors[i].second);
  };
  for (std::size_t i = 0; i < one.tensors.size(); ++i) {
    const std::string& name = one.tensors[i].first;
    if (name == "model.lstm.weight_hh_l0" || name == "model.proj.weight") {
      EXPECT_TRUE(same(one, five, i)) << name;
      EXPECT_FALSE(same(five, seven, i)) << name;
    }
    if (name == "model.vision.convs.0.weight" || name == "model.img_feat_linear.weight") {
      EXPECT_FALSE(same(one, five, i)) << name;
    }
  }
}

TEST_F(Trainer, ResumingWithAnotherSettingIsRefusedByName) {
  train(request("model"));
  TrainRequest changed = request("model");
  changed.resume = true;
  changed.options.train.learning_rate = 0.5;
  try {
    train(changed);
    FAIL() << "resumed with another learning rate";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("options.train.learning_rate"), std::string::npos)
        << error.what();
  }
}

TEST_F(Trainer, ResumingWithMoreEpochsGoesOnToThem) {
  train(request("model"));
  TrainRequest longer = request("model");
  longer.resume = true;
  longer.epochs = 3;
  const TrainSummary summary = train(longer);
  EXPECT_EQ(summary.epochs, 3);
  EXPECT_EQ(summary.steps, 18);
}

TEST_F(Trainer, ResumingWithoutAStateIsAnError) {
  TrainRequest missing = request("nothing");
  missing.resume = true;
  EXPECT_THROW(train(missing), Error);
}

TEST_F(Trainer, WithoutValidationTheLastStateIsTheModel) {
  TrainRequest plain = request("model");
  plain.validation.reset();
  const TrainSummary summary = train(plain);
  EXPECT_FALSE(summary.best_epoch.has_value());
  EXPECT_TRUE(summary.to_json().at("best").is_null());
  const TrainingState state = load_state(state_path(folder_ / "model"));
  ModelBundle model = load_model(folder_ / "model");
  std::map<std::string, torch::Tensor> stored(state.tensors.begin(), state.tensors.end());
  for (const auto& item : model.model->named_parameters()) {
    EXPECT_TRUE(torch::equal(stored.at("model." + item.key()), item.value())) << item.key();
  }
}

TEST_F(Trainer, DivergenceIsToldAndTheModelKept) {
  TrainRequest wild = request("wild");
  wild.options.train.learning_rate = 10;
  wild.options.train.gradient_clip = 0;
  wild.options.train.warmup = 0;
  wild.options.config.model.init = "xavier";
  wild.epochs = 400;
  wild.options.train.weight_decay = 1;  // rate * decay = 10: every step multiplies weights by -9
  try {
    train(wild);
    FAIL() << "a rate of 10 did not diverge";
  } catch (const Cancelled&) {
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("diverged in step"), std::string::npos)
        << error.what();
  }
}

TEST_F(Trainer, StartsFromAnotherModelBySpelling) {
  train(request("first"));
  ModelBundle source = load_model(folder_ / "first");
  // Another list of words and answers: half of them known, in another order.
  ModelBundle target = ModelBundle::create(source.config, Vocabulary({"circle", "zebra", "is"}),
                                           {"no", "banana", "yes"}, {0, 0, 0});
  const TransferReport report = transfer_weights(source, target);
  EXPECT_EQ(report.words, 3);
  EXPECT_EQ(report.answers, 3);
  EXPECT_EQ(report.answers_matched, 2);
  EXPECT_TRUE(report.not_matched.empty());
  const auto row = [](const ModelBundle& bundle, const std::string& name, int64_t index) {
    return bundle.model->named_parameters()[name][index].detach();
  };
  const auto index_of = [&](const std::string& answer) {
    return std::find(source.answers.begin(), source.answers.end(), answer) - source.answers.begin();
  };
  EXPECT_TRUE(
      torch::equal(row(target, "proj.weight", 2), row(source, "proj.weight", index_of("yes"))));
  EXPECT_TRUE(torch::equal(row(target, "embedding.weight", target.vocabulary.id("is")),
                           row(source, "embedding.weight", source.vocabulary.id("is"))));
}

TEST_F(Trainer, ATrainingSplitWithoutAnAnswerOftenEnoughIsAnError) {
  TrainRequest rare = request("model");
  rare.options.train.answer_minimum = 1000;
  EXPECT_THROW(train(rare), Error);
}

TEST_F(Trainer, MinutesEndTheTraining) {
  TrainRequest timed = request("model");
  timed.epochs.reset();
  timed.minutes = 0.1;
  const TrainSummary summary = train(timed);
  EXPECT_GT(summary.steps, 0);
  const TrainingState state = load_state(state_path(folder_ / "model"));
  EXPECT_GT(state.progress.total_steps, 0);
}

}  // namespace
}  // namespace vqalign

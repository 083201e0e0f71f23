#include "vqalign/train/trainer.h"

#include "tests/train/training_fixture.h"
#include "vqalign/core/formats/named_tensors.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/evaluation.h"

namespace vqalign {
namespace {

class Trainer : public TrainingTest {
 protected:
  /// The official accuracy of a model file on the validation split.
  static double accuracy_of(const fs::path& file) {
    ModelBundle model = load_model(file);
    DataSource source;
    source.directory = data_;
    source.split = "val";
    const Dataset val = load_dataset(source, true);
    SilentProgress progress;
    CancelToken cancel;
    const EvaluationOptions plain;
    const Predictions predictions = predict(model, val, plain, progress, cancel);
    return score_predictions(predictions.answers, val.annotations, Metric::kOfficial).overall;
  }

  /// The model file holds the weights that are under `prefix` in the state file.
  static void expect_stored_model(const fs::path& model, const std::string& prefix) {
    const NamedTensors state = load_state(state_path(model)).tensors;
    for (const auto& item : load_model(model).model->named_parameters()) {
      const torch::Tensor stored = find_tensor(state, prefix + item.key());
      ASSERT_TRUE(stored.defined()) << item.key();
      EXPECT_TRUE(torch::equal(stored, item.value())) << item.key();
    }
  }
};

TEST_F(Trainer, TrainsScoresAndKeepsTheBest) {
  const TrainSummary summary = train(request("model"));
  EXPECT_EQ(summary.epochs, 2);
  EXPECT_EQ(summary.steps, 12);  // 96 questions in batches of 16, twice
  EXPECT_GT(summary.samples_per_second, 0);
  ASSERT_TRUE(summary.best_epoch.has_value());
  ModelBundle model = load_model(folder_ / "model");
  EXPECT_EQ(model.trained.at("recipe").as_string(), "scenes");
  EXPECT_DOUBLE_EQ(accuracy_of(folder_ / "model"), summary.best_overall);
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

TEST_F(Trainer, AnAverageOfTheWeightsIsStoredAndResumed) {
  TrainRequest averaged = request("whole");
  averaged.validation.reset();
  averaged.options.train.average = 0.9;
  train(averaged);
  expect_stored_model(folder_ / "whole", "average.");
  TrainRequest last = request("last");
  last.validation.reset();
  train(last);
  // The average does not reach into the training.
  const NamedTensors one = load_state(state_path(folder_ / "whole")).tensors;
  const NamedTensors other = load_state(state_path(folder_ / "last")).tensors;
  EXPECT_TRUE(
      torch::equal(find_tensor(one, "model.proj.weight"), find_tensor(other, "model.proj.weight")));
  TrainRequest broken = averaged;
  broken.out = folder_ / "broken";
  state_after(broken, 128);
  broken.resume = true;
  train(broken);
  expect_same_tensors(folder_ / "whole", folder_ / "broken");
}

TEST_F(Trainer, AnAverageOfTheWeightsIsScored) {
  TrainRequest averaged = request("model");
  averaged.options.train.average = 0.9;
  const TrainSummary summary = train(averaged);
  EXPECT_DOUBLE_EQ(accuracy_of(folder_ / "model"), summary.best_overall);
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

TEST_F(Trainer, AGridCnnOfRateZeroStaysAsItIsStatisticsToo) {
  TrainRequest request = this->request("model");
  set_option(request.options.options(), "train.vision_rate=0");
  set_option(request.options.options(), "train.object_share=0");
  const TrainingState one = state_after(request, 16), five = state_after(request, 80);
  int64_t moved = 0;
  for (std::size_t i = 0; i < one.tensors.size(); ++i) {
    const bool same = torch::equal(one.tensors[i].second, five.tensors[i].second);
    EXPECT_TRUE(same || !one.tensors[i].first.starts_with("model.vision.")) << one.tensors[i].first;
    moved += same ? 0 : 1;
  }
  EXPECT_GT(moved, 20);
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
  expect_stored_model(folder_ / "model", "model.");
}

TEST_F(Trainer, DivergenceIsToldAndNothingThatIsNoNumberIsKept) {
  TrainRequest wild = request("wild");
  wild.options.train.learning_rate = 10;
  wild.options.train.gradient_clip = 0;
  wild.options.train.warmup = 0;
  wild.options.config.model.init = "xavier";
  wild.validation.reset();
  wild.epochs = 400;
  wild.options.train.weight_decay = 1;  // rate * decay = 10: every step multiplies weights by -9
  try {
    train(wild);
    FAIL() << "a rate of 10 did not diverge";
  } catch (const Cancelled&) {
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("training diverged"), std::string::npos)
        << error.what();
  }
  load_model(wild.out);  // refuses what is no number
  for (const auto& [name, tensor] : load_state(state_path(wild.out)).tensors) {
    EXPECT_TRUE(torch::isfinite(tensor).all().item<bool>()) << name;
  }
}

TEST_F(Trainer, StoppedWhileScoringItScoresWhenResumed) {
  TrainRequest whole = request("whole"), broken = request("broken");
  whole.epochs = broken.epochs = 1;
  const TrainSummary expected = train(whole);
  EXPECT_TRUE(state_after(broken, 1'000'000, "scoring").progress.unscored);
  EXPECT_FALSE(fs::exists(broken.out));
  broken.resume = true;
  const TrainSummary found = train(broken);
  EXPECT_EQ(found.best_epoch, expected.best_epoch);
  EXPECT_EQ(found.best_overall, expected.best_overall);
  EXPECT_EQ(found.steps, expected.steps);
  load_model(broken.out);
  EXPECT_FALSE(load_state(state_path(broken.out)).progress.unscored);
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
  EXPECT_GT(summary.steps, 1);
  // Fewer than planned where the machine slows down meanwhile, but never more; where it is so slow
  // that the minutes went by while steps were measured, none were planned.
  const TrainingState state = load_state(state_path(folder_ / "model"));
  if (state.progress.total_steps > 0) {
    EXPECT_LE(summary.steps, state.progress.total_steps);
  }
  EXPECT_EQ(state.progress.step, summary.steps);
}

TEST_F(Trainer, TheShortestTrainingStillLeavesAModel) {
  TrainRequest timed = request("model");
  timed.epochs.reset();
  timed.minutes = 1e-6;
  const TrainSummary summary = train(timed);
  EXPECT_EQ(summary.steps, 1);
  EXPECT_TRUE(summary.best_epoch.has_value());
  load_model(timed.out);
}

}  // namespace
}  // namespace vqalign

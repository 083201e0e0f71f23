#pragma once

#include "tests/train/training_fixture.h"
#include "vqalign/train/evaluation.h"

namespace vqalign {

/// A tiny model that was trained for a moment, and its val split of 32 questions, answered by
/// people who say what it says of three questions in four: for it knows next to nothing else.
class SmallModelTest : public TrainingTest {
 protected:
  void SetUp() override {
    TrainingTest::SetUp();
    TrainRequest training = request("m.safetensors");
    training.epochs = 1;
    train(training);
    bundle_ = load_model(training.out);
    dataset_ = load_dataset(*training.validation, true);
    options_.data.workers = 0;
    options_.batch_size = 12;
    options_.seed = 5;
    const Predictions said = predict(bundle_, dataset_, options_, progress_, cancel_);
    for (std::size_t i = 0; i < said.answers.size(); ++i) {
      if (i % 4 == 0) continue;
      for (AnswerRecord& answer : dataset_.annotations[i].answers) answer.answer = said.answers[i];
    }
  }

  ModelBundle bundle_;
  Dataset dataset_;
  EvaluationOptions options_;
  SilentProgress progress_;
  CancelToken cancel_;
};

}  // namespace vqalign

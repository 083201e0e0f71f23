#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vqalign/bench/temporary_folder.h"
#include "vqalign/core/cancel.h"
#include "vqalign/train/run_options.h"
#include "vqalign/train/stepper.h"

namespace vqalign {

/// Our side of the comparison with the reference in PyTorch: a model of mcan-small's size with
/// random weights and made-up data of VQA v2's kind, through the code that trains and evaluates.
/// Words a question: 3 to 14, mostly few, 6.3 in the mean.
class ReferenceCase {
 public:
  /// Pictures have `fewest` to 100 regions, all numbers alike often. Error when the temporary
  /// folder cannot hold the stored features (120 MB).
  ReferenceCase(int64_t fewest, const CancelToken& cancel);

  /// What the other side is asked to do: so many questions, in the order in which they come here.
  Json order(const std::string& work, std::size_t questions) const;

  /// Batches of 64 questions, as an epoch shuffles and groups them; `count` of them, from those
  /// with the least work to those with the most in even steps, are trained on. Returns the
  /// questions a second of the training.
  double train(std::size_t count);
  /// Answers all questions from the packed store. Returns the questions a second.
  double evaluate();
  /// Answers one question at a time about pictures of few to many regions. Returns questions a
  /// second.
  double ask(std::size_t count);

  int64_t words() const { return options_.config.words; }
  int64_t answers() const { return options_.config.answers; }

 private:
  const CancelToken& cancel_;
  RunOptions options_;
  TemporaryFolder folder_;
  std::shared_ptr<FeatureSource> features_;
  TrainingSetup setup_;  ///< with the questions to train on
  Dataset evaluated_;    ///< five questions a picture
  std::unique_ptr<Stepper> stepper_;
  int64_t step_ = 0;
};

}  // namespace vqalign

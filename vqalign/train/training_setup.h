#pragma once

#include <memory>
#include <optional>

#include "vqalign/align/alignment.h"
#include "vqalign/data/answers.h"
#include "vqalign/data/batch_sampler.h"
#include "vqalign/data/list_scores.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/train/evaluation.h"
#include "vqalign/train/object_guide.h"
#include "vqalign/train/question_states.h"
#include "vqalign/train/region_cache.h"
#include "vqalign/train/relevance_guide.h"
#include "vqalign/train/step_plan.h"
#include "vqalign/train/trainer.h"
#include "vqalign/train/training_state.h"

namespace vqalign {

/// Everything a training works on, made from a request: data, words, answers, model, regulariser.
struct TrainingSetup {
  Dataset train;                      ///< without its annotations, of which `targets` are left
  std::optional<Dataset> validation;  ///< the same, with `validation_scores`
  AnswerList answers;
  SoftTargets targets, validation_targets;
  ListScores validation_scores;
  ModelBundle bundle;
  std::shared_ptr<Alignment> alignment;
  ObjectLabels labels;          ///< of the training's pictures; empty when there are none or unused
  ObjectGuide guide = nullptr;  ///< null when there are no labels or train.object_weight is 0
  RelevanceGuide relevance = nullptr;  ///< the same of labelled questions, train.relevance_weight
  std::optional<QuestionStates> question_states;  ///< of a pretrained encoder that is left as it is
  std::optional<RegionCache> regions;  ///< where the grid CNN will be left as it is and they fit
  int64_t scored_pictures = 0;         ///< of the validation part
  std::optional<TrainingState> resumed;
  std::vector<LeftOut> left_out;  ///< of a slim model

  /// Seconds of encoding pictures that the steps do not tell of, while their regions are kept: for
  /// those still missing, and for one scoring, which keeps none.
  struct Encoding {
    double left = 0, scoring = 0;
  };
  Encoding encoding() const;

  /// The model's parameters ("model."), the regulariser's ("align.") and the guides' ("guide.",
  /// "relevance."), for the optimiser: those that ask for gradients.
  NamedTensors parameters() const;
  /// The model's part of these and the statistics that its layers keep: what may be averaged.
  NamedTensors model_weights() const;
  /// parameters() and what is constant in the model: everything a state file keeps besides Adam's
  /// moments.
  NamedTensors state_tensors() const;
};

/// Loads, checks and builds. Error where the data will not do (no questions, no annotations, no
/// answer often enough); UsageError where a resumed training was of another setting.
TrainingSetup prepare_training(const TrainRequest& request, Progress& progress,
                               const CancelToken& cancel);

/// What bounds the training's steps, with so many batches in an epoch.
StepPlan::Limits step_limits(const TrainRequest& request, const TrainingSetup& setup,
                             int64_t batches);

/// How the validation split is run through the model.
EvaluationOptions scoring_options(const TrainRequest& request, const TrainingSetup& setup);

}  // namespace vqalign

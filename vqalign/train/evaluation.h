#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/accuracy.h"
#include "vqalign/data/batch_loader.h"
#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// How a model is run over a split.
struct EvaluationOptions {
  int64_t batch_size = 64;
  std::string batch_option = "--batch-size ";  ///< how that is told, up to the number
  DataOptions data;
  torch::Device device = torch::kCPU;
  std::string precision = "float32";  ///< of the network (precision.h)
  bool keep_probabilities = false;
  /// Standard deviation of Gaussian noise added to the raw features of valid regions; 0: none.
  double noise = 0.0;
  uint64_t seed = 1;
  /// On the model's answers; null: made of the dataset's annotations, where it has some.
  const SoftTargets* targets = nullptr;
  TapRequest taps;
  /// Called after each batch with the model's output when set.
  std::function<void(const ModelOutput&)> observe;
};

/// A model's answers to every question of a dataset, in file order.
struct Predictions {
  std::vector<std::string> answers;
  std::vector<double> confidences;  ///< the probability of each answer, by the model's calibration
  torch::Tensor probabilities;      ///< float32 [N, A], likewise; undefined unless kept
  /// Mean over questions of BCE summed over answers, as training has it, before any calibration; 0
  /// without annotations.
  double loss = 0;
  double seconds = 0;
  double outside_answer_list = 0;  ///< share of questions none of whose answers is listed
  int64_t with_unknown_words = 0;  ///< questions
  int64_t without_words = 0;       ///< questions, answered nonetheless
};

/// Runs questions through a model, batch by batch. The model must be on `options.device`. Error
/// naming the question when it gives what is no number.
/// `progress` gets a stage named `stage`.
Predictions predict(ModelBundle& bundle, const Dataset& dataset, const EvaluationOptions& options,
                    Progress& progress, const CancelToken& cancel,
                    const std::string& stage = "answering");

/// What a split's questions look like to a model: pictures or stored features, answers.
/// `answers` null: no targets. `cancel` may be null.
struct DatasetInputs {
  BatchInputs inputs;
  std::unique_ptr<FeatureStore> features;
};
DatasetInputs dataset_inputs(const ModelConfig& config, const Dataset& dataset,
                             const Vocabulary& vocabulary, const AnswerList* answers,
                             const CancelToken* cancel = nullptr,
                             const SoftTargets* targets = nullptr);

/// Warns of stored features that reading in random order, as training does, makes slow.
void warn_of_slow_order(const DatasetInputs& source);

/// The regions of the input's pictures, with noise N(0, noise^2) added to the features of valid
/// ones. It is drawn on the CPU, whose generator this is, so that a seed means the same on every
/// device.
RegionBatch encoded_regions(VqaModel& model, const ModelInput& input, double noise,
                            at::Generator& generator);

/// A batch as the model takes it, on its device.
ModelInput model_input(const Batch& batch, torch::Device device);

}  // namespace vqalign

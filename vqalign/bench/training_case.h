#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/align/alignment.h"
#include "vqalign/train/adam.h"
#include "vqalign/train/run_options.h"

namespace vqalign {

/// One model of a recipe, a made-up batch, and a regulariser of each kind, to take training steps
/// with. The model is the same for all kinds, so that several fit in memory; each kind has networks
/// and an optimiser for them of its own.
class TrainingCase {
 public:
  struct How {
    int64_t batch = 64;  ///< questions
    torch::Device device = torch::kCPU;
    std::string precision = "float32";  ///< of the network; as train.precision
  };

  /// Questions, each about stored features of 100 regions or, where the recipe takes
  /// pictures, as many about one picture as the recipe puts in a batch. Words: a third of the
  /// longest question up to all of it. Everything is drawn from LibTorch's default generator, on
  /// the CPU, and lies on `how.device`.
  TrainingCase(const std::string& recipe, const std::vector<std::string>& kinds, const How& how);

  /// Forward pass, loss, regulariser, backward pass and update, as train/trainer.h takes a step.
  /// Waits for the device.
  void step(const std::string& kind);

  /// How many numbers are trained: the model's, and those of the regulariser's networks.
  int64_t training_parameters(const std::string& kind) const;
  /// How many numbers the model file keeps.
  int64_t model_parameters() const;

 private:
  struct Regulariser {
    std::shared_ptr<Alignment> alignment;
    Adam adam;
  };

  torch::Tensor sample_losses(Regulariser& regulariser);
  void add_regulariser(const std::string& kind);
  void clip_gradients(Regulariser& regulariser);

  RunOptions options_;
  torch::Device device_;
  VqaModel model_ = nullptr;
  std::optional<Adam> adam_;
  std::map<std::string, Regulariser> regularisers_;
  DropoutStreams streams_;
  ModelInput input_;
  torch::Tensor targets_;
};

}  // namespace vqalign

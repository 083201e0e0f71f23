#pragma once

#include <string>
#include <unordered_map>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/dataset.h"
#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// What a pretrained encoder of questions, left as it is, makes of a dataset's questions: every
/// question is read once, not once an epoch, in batches that depend on the questions alone.
class QuestionStates {
 public:
  /// Bytes that the states of so many questions' tokens take.
  static int64_t bytes_for(const ModelBundle& bundle, const Dataset& dataset);

  /// Reads them all. The model must have such an encoder, and be on `device`.
  QuestionStates(ModelBundle& bundle, const Dataset& dataset, torch::Device device,
                 Progress& progress, const CancelToken& cancel);

  /// tokens int64 [B, T], 0 = padding, each row one of these questions: float32 [B, T, width] on
  /// the CPU, zero at padding.
  torch::Tensor of(const torch::Tensor& tokens) const;

 private:
  using Tokens = std::vector<int64_t>;

  void read(ModelBundle& bundle, const std::vector<Tokens>& questions, torch::Device device);

  int64_t width_ = 0;
  std::unordered_map<std::string, torch::Tensor> states_;  ///< by the bytes of the tokens
};

}  // namespace vqalign

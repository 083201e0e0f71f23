#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
#include "vqalign/data/dataset.h"
#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// Tokens of a dataset's questions, each question once, without those that have none: short ones
/// first, so that batches hold little padding.
using DistinctQuestions = std::vector<std::vector<int64_t>>;
DistinctQuestions distinct_questions(const ModelBundle& bundle, const Dataset& dataset);

/// What a pretrained encoder of questions, left as it is, makes of questions: every
/// one is read once, not once an epoch, in batches that depend on the questions alone.
class QuestionStates {
 public:
  /// Bytes that their states take.
  static int64_t bytes_for(const ModelBundle& bundle, const DistinctQuestions& questions);

  /// Reads them all. The model must have such an encoder, and be on `device`.
  QuestionStates(ModelBundle& bundle, const DistinctQuestions& questions, torch::Device device,
                 Progress& progress, const CancelToken& cancel);

  /// tokens int64 [B, T], 0 = padding, each row one of these questions: float32 [B, T, width] on
  /// the CPU, zero at padding.
  torch::Tensor of(const torch::Tensor& tokens) const;

 private:
  void read(ModelBundle& bundle, const DistinctQuestions& questions, torch::Device device);

  int64_t width_ = 0;
  std::unordered_map<std::string, torch::Tensor> states_;  ///< by the bytes of the tokens
};

}  // namespace vqalign

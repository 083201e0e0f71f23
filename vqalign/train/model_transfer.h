#pragma once

#include <string>
#include <vector>

#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// What a start from another model took over and what it could not.
struct TransferReport {
  int64_t words_matched = 0, words = 0;
  int64_t answers_matched = 0, answers = 0;
  int64_t tensors_matched = 0;
  std::vector<std::string> not_matched;  ///< tensors of the new model that kept their fresh values

  /// One line for people.
  std::string text() const;
};

/// Fills `target` from `source`: words and answers are matched by spelling (rows of the embedding
/// and of the classifier), every other parameter and buffer by name and shape. What `source` has as
/// float16 roundings of the target's own numbers, as a pretrained encoder that was left as it is,
/// stays in the target as exact as it is: the encoder then gives the very regions that other
/// trainings have kept of it (stored_encodings.h).
TransferReport transfer_weights(const ModelBundle& source, ModelBundle& target);

}  // namespace vqalign

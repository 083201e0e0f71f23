#pragma once

#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// Fills the pretrained encoders of a fresh model, of pictures and of questions, if it has such,
/// with the weights in `vision.weights` and `language.weights`, or with those that scripts/setup
/// --pretrained has fetched, and with the detector in `vision.detector`, where it takes one. Error
/// naming the file that is not there, or what is wrong in it.
void load_pretrained_encoders(ModelBundle& bundle);

/// Error as load_pretrained_encoders() has it where files with the weights that a fresh model of
/// that configuration takes are not there; reads none of them.
void require_pretrained_weights(const ModelConfig& config);

/// What a slim file `model` of this training leaves out (weights_to_leave_out()), of the weights
/// that load_pretrained_encoders() takes. A warning where that is nothing, and of each file that
/// loading the model would not find where it lies. Error as there.
std::vector<LeftOut> leave_out_pretrained(const ModelBundle& bundle,
                                          const std::filesystem::path& model);

/// Where the pretrained encoder of questions has its weights and its vocabulary (vocab.txt beside
/// them); both empty when there is none. Error when they are nowhere.
struct LanguageFiles {
  std::filesystem::path weights;
  std::filesystem::path vocabulary;
};
LanguageFiles language_files(const LanguageOptions& options);

/// The words of a training from nothing: those of its questions, or the pieces of a pretrained
/// encoder of questions. Error naming the file of these and what is wrong in it.
Vocabulary training_vocabulary(const LanguageOptions& options,
                               const std::vector<std::string>& questions);

/// A pretrained encoder without a task: the smallest model around it, for extract_features().
/// Error and UsageError besides as VisionOptions::complete() says.
ModelBundle pretrained_encoder(const VisionOptions& options);

}  // namespace vqalign

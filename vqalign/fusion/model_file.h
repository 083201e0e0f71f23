#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/core/formats/safetensors.h"
#include "vqalign/core/json.h"
#include "vqalign/fusion/left_out.h"
#include "vqalign/fusion/model_calibration.h"
#include "vqalign/fusion/vqa_model.h"
#include "vqalign/language/tokenizer.h"

namespace vqalign {

/// Everything that answering a question takes: what a model file holds.
struct ModelBundle {
  ModelConfig config;
  Vocabulary vocabulary;
  std::vector<std::string> answers;
  std::vector<float> priors;  ///< parallel to answers: mean soft target in training, 0 when unknown
  Json domain;                ///< vision/domain.h's description of the training pictures, or null
  Json trained;               ///< how it was trained: recipe, data, epochs, seed, accuracy, ...
  ModelCalibration calibration;  ///< what its probabilities are scaled by
  bool half = false;  ///< whether the file that it was read from stores weights as float16
  VqaModel model = nullptr;

  /// A fresh model of `config` for these words and answers. Initialised from LibTorch's default
  /// generator: seed it before.
  static ModelBundle create(ModelConfig config, Vocabulary vocabulary,
                            std::vector<std::string> answers, std::vector<float> priors);
};

/// Version of the file's format; files of another are refused.
constexpr int64_t kModelFormat = 1;

/// Writes one safetensors file, atomically. With `half` the weights are stored as float16 (half the
/// size; loading gives float32 again), otherwise as float32. It is self-contained, but for what
/// `left_out` names: such a file is slim, and tells by hash in its metadata what it needs.
void save_model(const std::filesystem::path& path, const ModelBundle& bundle, bool half = false,
                const std::vector<LeftOut>& left_out = {});

/// Puts a calibration into a model file's metadata in place of the one it has, atomically; its
/// tensors stay as they are, bit for bit, and so does what a slim file leaves out. Of a link it is
/// the file that is linked to. Error as load_model() says of files, and where it may not be written
/// to (check_writable_model()).
void write_calibration(const std::filesystem::path& path, const ModelCalibration& calibration);

/// Error where the file is read-only, or its folder.
void check_writable_model(const std::filesystem::path& path);

/// Reads it, memory-mapped, in evaluation mode on the CPU, float32. Error naming the file and what
/// is wrong: no safetensors file, cut short, no model of this program, another format version, a
/// configuration out of range, a tensor missing, left over or of another shape (both shapes named),
/// NaN weights. What a slim file leaves out is looked for as left_out.h says.
ModelBundle load_model(const std::filesystem::path& path);

/// The model file's metadata without building the model, for `info`. Of a slim file it takes the
/// word for the encoders that it leaves out; their weights need not be there.
struct ModelSummary {
  ModelConfig config;
  int64_t format = 0;
  int64_t parameters = 0;  ///< with those that are left out
  int64_t words = 0;       ///< Vocabulary::own_words()
  std::vector<std::string> answers;
  Json domain;
  Json trained;
  ModelCalibration calibration;
  std::vector<LeftOut> left_out;  ///< empty: the file is whole
  bool half = false;              ///< whether weights are stored as float16
};
ModelSummary summarise_model(const std::filesystem::path& path);

/// What pictures a model knows, in words: "pictures like those of DATA", "any pictures", "stored
/// region features of width N".
std::string domain_text(const ModelConfig& config, const Json& domain, const Json& trained);

/// Whether it is a model of this program, by its metadata.
bool is_model(const Safetensors& file);
/// The same of a file, which may be anything.
bool is_model_file(const std::filesystem::path& path);

}  // namespace vqalign

#include "vqalign/cli/info_pretrained.h"

#include <torch/types.h>

#include "vqalign/core/digest.h"
#include "vqalign/core/error.h"
#include "vqalign/fusion/left_out.h"
#include "vqalign/language/bert.h"
#include "vqalign/language/token_file.h"
#include "vqalign/language/word_piece.h"
#include "vqalign/vision/backbone.h"
#include "vqalign/vision/detector.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWords = "embeddings.word_embeddings.weight";
constexpr const char* kPositions = "embeddings.position_embeddings.weight";

int64_t bert_layers(const NamedTensors& tensors) {
  int64_t layers = 0;
  while (find_tensor(tensors, concat("encoder.layer.", layers, ".output.dense.weight")).defined()) {
    ++layers;
  }
  return layers;
}

/// Adds what LanguageOptions calls by these names; nothing where the tensors are no BERT's.
void tell_bert(const NamedTensors& tensors, Json& told) {
  const torch::Tensor words = find_tensor(tensors, kWords);
  const torch::Tensor positions = find_tensor(tensors, kPositions);
  const torch::Tensor inside = find_tensor(tensors, "encoder.layer.0.intermediate.dense.weight");
  for (const torch::Tensor& matrix : {words, positions, inside}) {
    if (!matrix.defined() || matrix.dim() != 2) return;
  }
  told.set("network", "bert")
      .set("layers", bert_layers(tensors))
      .set("width", words.size(1))
      .set("feed_forward", inside.size(0))
      .set("positions", positions.size(0))
      .set("words", words.size(0));
}

}  // namespace

bool named_like_detector(const fs::path& path) {
  const fs::path extension = path.extension();
  return extension == ".onnx" || extension == ".cfg" || extension == ".weights";
}

Json describe_detector(const fs::path& path) {
  const bool weights = path.extension() == ".weights";
  const DetectorFile file =
      read_detector_file(weights ? fs::path(path).replace_extension(".cfg") : path);
  const Detector detector(file, /*classes=*/0);
  return Json::object()
      .set("kind", "detector")
      .set("profile", detector.profile())
      .set("width", detector.input().width)
      .set("height", detector.input().height)
      .set("classes", detector.classes())
      .set("sha256", Digest().add(file.network).hex());
}

bool looks_like_vocabulary(std::string_view start) {
  return start.starts_with("[PAD]");
}

Json describe_vocabulary(const fs::path& path) {
  const std::vector<std::string> entries = read_word_lines(path);
  word_piece_vocabulary(entries, path.string());
  return Json::object().set("kind", "vocabulary").set("entries", entries.size());
}

bool is_sentence_model(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "model.safetensors", ignored) &&
         fs::is_regular_file(folder / "vocab.txt", ignored);
}

Json describe_sentence_model(const fs::path& folder) {
  const fs::path weights = folder / "model.safetensors";
  return describe_weights(weights, read_safetensors(weights).tensors)
      .set("vocabulary", describe_vocabulary(folder / "vocab.txt").at("entries"));
}

Json describe_weights(const fs::path& path, const NamedTensors& tensors) {
  Json told = Json::object().set("kind", "weights");
  if (const std::string name = network_of(tensors); !name.empty()) {
    told.set("network", name);
  }
  tell_bert(bert_tensors(tensors), told);
  return told.set("tensors", tensors.size())
      .set("parameters", parameter_count(tensors))
      .set("sha256", file_sha256(path));
}

}  // namespace vqalign

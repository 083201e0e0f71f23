#include "vqalign/cli/info_checkpoint.h"

#include "vqalign/core/digest.h"
#include "vqalign/fusion/mcan_checkpoint.h"
#include "vqalign/vision/backbone.h"

namespace vqalign {

Json describe_checkpoint(const std::filesystem::path& path) {
  const TorchCheckpoint file(path);
  const NamedTensors tensors = state_dict_of(file);
  int64_t parameters = 0;
  for (const auto& [name, tensor] : tensors) parameters += tensor.numel();
  Json told = Json::object()
                  .set("kind", "checkpoint")
                  .set("format", file.is_legacy() ? "legacy" : "zip")
                  .set("tensors", tensors.size())
                  .set("parameters", parameters);
  if (const std::string name = network_of(tensors); !name.empty()) {
    told.set("network", name).set("sha256", file_sha256(path));
  }
  if (!is_mcan(tensors)) return told;
  const McanCheckpoint checkpoint = read_mcan_checkpoint(path);
  const ModelConfig& config = checkpoint.config;
  told.set("layout", checkpoint.layout)
      .set("layers", config.model.layers)
      .set("hidden", config.model.hidden)
      .set("words", config.words - 2)  // without padding and unknown, as of a model
      .set("answers", config.answers);
  if (checkpoint.epoch) told.set("epoch", *checkpoint.epoch);
  if (checkpoint.learning_rate) told.set("learning_rate", *checkpoint.learning_rate);
  return told;
}

}  // namespace vqalign

#include "vqalign/vision/backbone.h"

#include <torch/utils.h>

#include "vqalign/core/formats/safetensors.h"
#include "vqalign/core/formats/torch_checkpoint.h"
#include "vqalign/vision/efficientnet_lite.h"
#include "vqalign/vision/encoder_names.h"
#include "vqalign/vision/resnet.h"

namespace vqalign {
namespace {

/// The tensors of a state dict, by itself or under "state_dict".
NamedTensors read_state(const std::filesystem::path& path) {
  if (path.extension() == ".safetensors") return read_safetensors(path).tensors;
  const TorchCheckpoint checkpoint(path);
  const PickleValue* inner = checkpoint.find("state_dict");
  return checkpoint.tensors(inner ? *inner : checkpoint.root());
}

/// Whether a parameter of that name is the classifier's, in a ResNet or an EfficientNet-Lite.
bool is_classifier(const std::string& name) {
  return name.starts_with("fc.") || name.starts_with("_fc.");
}

bool is_resnet(const std::string& name) {
  for (const ResNetDepth& known : kResNetDepths) {
    if (name == known.name) return true;
  }
  return false;
}

}  // namespace

std::shared_ptr<Backbone> make_backbone(const std::string& name) {
  if (is_resnet(name)) return std::make_shared<ResNetImpl>(resnet_shape(name));
  return std::make_shared<EfficientNetLiteImpl>(efficientnet_lite_shape(name));
}

BackboneWidths backbone_widths(const std::string& name) {
  return is_resnet(name) ? resnet_shape(name).widths() : efficientnet_lite_shape(name).widths();
}

NamedTensors read_backbone(const std::filesystem::path& path, bool classifier) {
  NamedTensors stored = read_state(path);
  std::erase_if(stored, [classifier](const auto& item) {
    return item.first.ends_with(".num_batches_tracked") ||
           (!classifier && is_classifier(item.first));
  });
  return stored;
}

void load_backbone(Backbone& network, const std::filesystem::path& path) {
  bool classifies = false;
  for (const auto& item : network.named_parameters()) classifies |= is_classifier(item.key());
  fill_network(network, read_backbone(path, classifies), path.string());
}

}  // namespace vqalign

#include "vqalign/vision/backbone.h"

#include <torch/utils.h>

#include <algorithm>

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

/// Without counts of batches and, unless `classifier`, the classifier.
NamedTensors used_of(NamedTensors stored, bool classifier) {
  std::erase_if(stored, [classifier](const auto& item) {
    return item.first.ends_with(".num_batches_tracked") ||
           (!classifier && is_classifier(item.first));
  });
  return stored;
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
  return used_of(read_state(path), classifier);
}

std::string network_of(const NamedTensors& stored) {
  const NamedTensors tensors = used_of(stored, /*classifier=*/false);
  for (const std::string& name : pretrained_network_names()) {
    // Making a network takes a moment, and most files are plainly of none.
    const char* first = is_resnet(name) ? "conv1.weight" : "_conv_stem.weight";
    if (!find_tensor(tensors, first).defined()) continue;
    const NamedTensors own = state_of(*make_backbone(name));
    const bool same =
        own.size() == tensors.size() && std::all_of(own.begin(), own.end(), [&](const auto& item) {
          const torch::Tensor found = find_tensor(tensors, item.first);
          return found.defined() && found.sizes() == item.second.sizes();
        });
    if (same) return name;
  }
  return {};
}

void load_backbone(Backbone& network, const std::filesystem::path& path) {
  bool classifies = false;
  for (const auto& item : network.named_parameters()) classifies |= is_classifier(item.key());
  fill_network(network, read_backbone(path, classifies), path.string());
}

}  // namespace vqalign

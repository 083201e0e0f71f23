#include "vqalign/fusion/mcan_checkpoint.h"

#include <torch/types.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <set>

#include "vqalign/core/error.h"
#include "vqalign/fusion/model_weights.h"

namespace vqalign {
namespace {

using Kind = PickleValue::Kind;

constexpr std::string_view kParallelPrefix = "module.";
constexpr std::string_view kOpenvqaFeatures = "adapter.frcn_linear.";
constexpr std::string_view kFeatures = "img_feat_linear.";

std::string_view without_prefix(std::string_view name) {
  if (name.starts_with(kParallelPrefix)) name.remove_prefix(kParallelPrefix.size());
  return name;
}

bool is_openvqa(const NamedTensors& tensors) {
  return std::any_of(tensors.begin(), tensors.end(), [](const auto& item) {
    return without_prefix(item.first).starts_with("adapter.");
  });
}

/// VqaModel's name for a tensor.
std::string own_name(std::string_view name, const std::string& path) {
  name = without_prefix(name);
  if (name.starts_with(kOpenvqaFeatures)) {
    return concat(kFeatures, name.substr(kOpenvqaFeatures.size()));
  }
  for (const char* input : {"bbox_linear", "grid_linear"}) {
    if (!name.starts_with(concat("adapter.", input))) continue;
    throw Error(concat(path, ": tensor ", name, ": OpenVQA's ", input,
                       " is not supported, only models of region features alone (frcn_linear)"),
                "train it with USE_BBOX_FEAT and USE_AUX_FEAT False");
  }
  return std::string(name);
}

NamedTensors renamed(const NamedTensors& tensors, const std::string& path) {
  NamedTensors result;
  std::set<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    result.emplace_back(own_name(name, path), tensor);
    if (!names.insert(result.back().first).second) {
      fail(path, ": tensor ", result.back().first, " is there twice, with and without a prefix");
    }
  }
  return result;
}

/// The sizes that a model's configuration follows from.
class KnownSizes {
 public:
  KnownSizes(const NamedTensors& tensors, const std::string& path)
      : tensors_(tensors), path_(path) {}

  int64_t size(const std::string& name, int64_t dimension) const {
    const torch::Tensor tensor = find_tensor(tensors_, name);
    if (!tensor.defined()) {
      throw Error(concat(path_, ": tensor ", name, " is missing"),
                  "only checkpoints of MCAN can be imported");
    }
    if (tensor.dim() <= dimension) {
      fail(path_, ": tensor ", name, " has ", tensor.dim(), " dimensions, expected ",
           dimension + 1);
    }
    return tensor.size(dimension);
  }

  /// One more than the highest number of an encoder block.
  int64_t layers() const {
    constexpr std::string_view kBlocks = "backbone.enc_list.";
    int64_t layers = 0;
    for (const auto& [name, tensor] : tensors_) {
      if (!name.starts_with(kBlocks)) continue;
      int64_t block = 0;
      const char* digits = name.data() + kBlocks.size();
      const auto [end, code] = std::from_chars(digits, name.data() + name.size(), block);
      // A number beyond an int64 is no block, and so has no place in the model.
      if (code == std::errc{} && block < INT64_MAX) layers = std::max(layers, block + 1);
    }
    return layers;
  }

 private:
  const NamedTensors& tensors_;
  const std::string& path_;
};

ModelConfig config_of(const NamedTensors& tensors, const std::string& path) {
  const KnownSizes sizes(tensors, path);
  ModelConfig config;
  config.words = sizes.size("embedding.weight", 0);
  config.language.word_width = sizes.size("embedding.weight", 1);
  config.vision.encoder = "features";
  config.vision.feature_width = sizes.size("img_feat_linear.weight", 1);
  config.model.layers = sizes.layers();
  config.model.hidden = sizes.size("lstm.weight_hh_l0", 1);
  config.model.feed_forward = sizes.size("backbone.enc_list.0.ffn.mlp.fc.linear.weight", 0);
  config.model.pooling_hidden = sizes.size("attflat_img.mlp.fc.linear.weight", 0);
  config.model.glimpses = sizes.size("attflat_img.mlp.linear.weight", 0);
  config.model.pooled = sizes.size("proj.weight", 1);
  config.answers = sizes.size("proj.weight", 0);
  try {
    // Reading options checks their ranges.
    options_from_json(config.options(), options_to_json(config.options()), path);
  } catch (const UsageError& error) {
    throw Error(error.what());  // a file's fault, not the caller's
  }
  return config;
}

/// A model is built of these: views that share storages must not make it larger than the file.
void check_bytes(const NamedTensors& tensors, const std::string& path) {
  uint64_t bytes = 0;
  for (const auto& [name, tensor] : tensors) bytes += tensor.nbytes();
  const uint64_t available = std::filesystem::file_size(path);
  if (bytes > available) {
    fail(path, ": its tensors take ", bytes, " bytes, the file has ", available,
         ": they share memory as no MCAN's do");
  }
}

}  // namespace

NamedTensors state_dict_of(const TorchCheckpoint& checkpoint) {
  if (const PickleValue* weights = checkpoint.find("state_dict")) {
    return checkpoint.tensors(*weights);
  }
  const PickleValue& root = checkpoint.root();
  const bool bare = root.kind == Kind::kDict && root.parts.size() >= 2 &&
                    checkpoint.is_tensor(checkpoint.at(root.parts[1]));
  if (!bare) {
    fail(checkpoint.path(), ": has no \"state_dict\", and ",
         root.kind == Kind::kDict ? "is none itself" : concat("is ", kind_name(root.kind)));
  }
  return checkpoint.tensors(root);
}

bool is_mcan(const NamedTensors& tensors) {
  const auto has = [&](std::string_view wanted) {
    return std::any_of(tensors.begin(), tensors.end(),
                       [&](const auto& item) { return without_prefix(item.first) == wanted; });
  };
  return has("backbone.enc_list.0.mhatt.linear_merge.weight") &&
         has("attflat_img.mlp.linear.weight");
}

McanCheckpoint read_mcan_checkpoint(const std::filesystem::path& path) {
  const TorchCheckpoint file(path);
  McanCheckpoint checkpoint;
  checkpoint.path = path.string();
  checkpoint.format = file.is_legacy() ? "legacy" : "zip";
  const NamedTensors tensors = state_dict_of(file);
  check_bytes(tensors, checkpoint.path);
  checkpoint.layout = is_openvqa(tensors) ? "openvqa" : "mcan-vqa";
  checkpoint.tensors = renamed(tensors, checkpoint.path);
  checkpoint.config = config_of(checkpoint.tensors, checkpoint.path);
  if (const PickleValue* rate = file.find("lr_base"); rate && rate->kind == Kind::kFloat) {
    checkpoint.learning_rate = rate->real;
  }
  if (const PickleValue* epoch = file.find("epoch"); epoch && epoch->kind == Kind::kInt) {
    checkpoint.epoch = epoch->number;
  }
  return checkpoint;
}

ModelBundle import_mcan(const McanCheckpoint& checkpoint, Vocabulary vocabulary,
                        std::vector<std::string> answers, int64_t heads) {
  assert(static_cast<int64_t>(vocabulary.size()) == checkpoint.config.words);
  assert(static_cast<int64_t>(answers.size()) == checkpoint.config.answers);
  ModelConfig config = checkpoint.config;
  config.model.heads = heads;
  check_plausible(config, checkpoint.tensors, checkpoint.path, "the others ask for");
  std::vector<float> priors(answers.size(), 0.0F);
  ModelBundle bundle =
      ModelBundle::create(config, std::move(vocabulary), std::move(answers), std::move(priors));
  fill_network(*bundle.model, checkpoint.tensors, checkpoint.path);
  bundle.model->eval();
  bundle.trained = Json::object()
                       .set("recipe", "imported")
                       .set("format", checkpoint.format)
                       .set("layout", checkpoint.layout)
                       .set("tensors", checkpoint.tensors.size());
  if (checkpoint.epoch) bundle.trained.set("epochs", *checkpoint.epoch);
  if (checkpoint.learning_rate) bundle.trained.set("learning_rate", *checkpoint.learning_rate);
  return bundle;
}

}  // namespace vqalign

#include "vqalign/fusion/mcan_export.h"

#include "vqalign/core/error.h"
#include "vqalign/core/formats/named_tensors.h"
#include "vqalign/core/formats/torch_checkpoint.h"
#include "vqalign/language/token_file.h"

namespace vqalign {
namespace {

constexpr double kLearningRate = 1e-4;
constexpr std::string_view kFeatureMap = "img_feat_linear.";

template <typename Value>
void demand(const std::string& model, const char* option, const Value& value,
            const Value& reference) {
  if (value == reference) return;
  throw Error(concat(model, ": ", option, " is ", Json(value).dump(),
                     ", the public MCAN code has only ", Json(reference).dump()),
              "such a model cannot be exported");
}

void refuse_what_is_ours(const ModelConfig& config, const std::string& model) {
  const ModelOptions& options = config.model;
  demand<std::string>(model, "vision.encoder", config.vision.encoder, "features");
  demand<std::string>(model, "language.encoder", config.language.encoder, "lstm");
  demand(model, "language.shortcut", config.language.shortcut, false);
  demand<std::string>(model, "model.structure", options.structure, "encoder-decoder");
  demand<std::string>(model, "model.boxes", options.boxes, "none");
  demand<std::string>(model, "model.norm", options.norm, "post");
  demand(model, "model.feed_forward", options.feed_forward, 4 * options.hidden);
}

/// Each code gives its words their ids itself, and OpenVQA's has one entry more before them.
void check_words(const Vocabulary& vocabulary, bool openvqa, const std::string& model) {
  const bool has_class = vocabulary.size() > 2 && vocabulary.words()[2] == kClassWord;
  if (has_class == openvqa) return;
  throw UsageError(
      concat(model, ": its dictionary ", openvqa ? "lacks" : "has", " OpenVQA's entry \"",
             kClassWord, "\", which ", openvqa ? "its code needs" : "mcan-vqa has no place for"),
      concat("use --to ", openvqa ? "mcan" : "openvqa"));
}

/// torch.optim.Adam's state_dict() before its first step, with the reference's settings.
Json fresh_optimizer(std::size_t parameters) {
  Json numbers = Json::array();
  for (std::size_t i = 0; i < parameters; ++i) numbers.push(i);
  Json group = Json::object()
                   .set("lr", kLearningRate)
                   .set("betas", Json::array().push(0.9).push(0.98))
                   .set("eps", 1e-9)
                   .set("weight_decay", 0)
                   .set("amsgrad", false)
                   .set("params", std::move(numbers));
  return Json::object()
      .set("state", Json::object())
      .set("param_groups", Json::array().push(std::move(group)));
}

}  // namespace

void export_mcan(const std::filesystem::path& path, const ModelBundle& bundle,
                 const std::string& layout, const std::string& model) {
  refuse_what_is_ours(bundle.config, model);
  const bool openvqa = layout == "openvqa";
  check_words(bundle.vocabulary, openvqa, model);
  NamedTensors tensors = state_of(*bundle.model);
  for (auto& [name, tensor] : tensors) {
    if (openvqa && name.starts_with(kFeatureMap)) {
      name = "adapter.frcn_linear." + name.substr(kFeatureMap.size());
    }
  }
  Json::Object others = {{"optimizer", fresh_optimizer(tensors.size())},
                         {"lr_base", kLearningRate}};
  if (openvqa) others.emplace_back("epoch", 0);
  write_torch_checkpoint(path, tensors, others);
}

Json mcan_settings(const ModelConfig& config) {
  const ModelOptions& model = config.model;
  return Json::object()
      .set("LAYER", model.layers)
      .set("HIDDEN_SIZE", model.hidden)
      .set("MULTI_HEAD", model.heads)
      .set("FLAT_MLP_SIZE", model.pooling_hidden)
      .set("FLAT_GLIMPSES", model.glimpses)
      .set("FLAT_OUT_SIZE", model.pooled)
      .set("WORD_EMBED_SIZE", config.language.word_width)
      .set("MAX_TOKEN", config.language.max_tokens)
      .set("IMG_FEAT_SIZE", config.vision.feature_width)
      .set("IMG_FEAT_PAD_SIZE", config.vision.max_regions)
      .set("DROPOUT_R", model.dropout);
}

}  // namespace vqalign

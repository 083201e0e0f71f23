#include "vqalign/train/pretrained_encoder.h"

#include <algorithm>
#include <cassert>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/core/shipped_folders.h"
#include "vqalign/core/with_hint.h"
#include "vqalign/language/token_file.h"
#include "vqalign/language/word_piece.h"
#include "vqalign/vision/detector_regions.h"

namespace vqalign {

namespace {

void load_detector(const VisionOptions& vision, ModelBundle& bundle) {
  auto* regions = dynamic_cast<DetectorRegionsImpl*>(bundle.model->vision());
  assert(regions);
  regions->use(read_detector_file(vision.detector));
  const Detector& detector = regions->detector();
  log_info(concat(vision.detector, ": a ", detector.profile(), " of ", vision.class_names().size(),
                  " classes"));
  const DetectorInput input = detector.input();
  if (2 * vision.pixels >= input.width * input.height) return;
  log_warning(concat("vision.pixels is ", vision.pixels, ", the detector takes pictures of ",
                     input.width, "x", input.height, ": vision.pixels=", input.width * input.height,
                     " and vision.longest=", 2 * std::max(input.width, input.height),
                     " let it see more"));
}

std::filesystem::path vision_weights(const VisionOptions& vision) {
  if (!vision.weights.empty()) return vision.weights;
  return pretrained_weights(vision.network(), vision.network() + ".pth");
}

void load_network(const VisionOptions& vision, Backbone& network) {
  with_hint(concat("needed are weights of ", vision.network(), " with their published names"),
            [&] { load_backbone(network, vision_weights(vision)); });
}

/// What language.weights must be.
std::string language_hint(const LanguageOptions& language) {
  return concat("needed are a BERT's weights (language.layers ", language.layers, ", width ",
                language.width, ", feed_forward ", language.feed_forward,
                ") and, beside them, the vocabulary that they were trained with, vocab.txt");
}

void load_vision(ModelBundle& bundle) {
  const VisionOptions& vision = bundle.config.vision;
  if (!vision.pretrained()) return;
  Backbone* network = bundle.model->vision()->pretrained_network();
  assert(network);
  load_network(vision, *network);
  if (vision.detects()) load_detector(vision, bundle);
}

}  // namespace

void load_pretrained_encoders(ModelBundle& bundle) {
  load_vision(bundle);
  const LanguageOptions& language = bundle.config.language;
  if (!language.pretrained()) return;
  with_hint(language_hint(language),
            [&] { load_bert(bundle.model->language(), language_files(language).weights); });
}

void require_pretrained_weights(const ModelConfig& config) {
  language_files(config.language);
  if (!config.vision.pretrained()) return;
  for (const std::filesystem::path& file :
       {vision_weights(config.vision), std::filesystem::path(config.vision.detector)}) {
    std::error_code ignored;
    if (!file.empty() && !std::filesystem::exists(file, ignored)) {
      fail(file.string(), ": is not there");
    }
  }
}

std::vector<LeftOut> leave_out_pretrained(const ModelBundle& bundle,
                                          const std::filesystem::path& model) {
  const ModelConfig& config = bundle.config;
  const auto weights_of = [&config](const EncoderPart& part) {
    return part.name == "language" ? language_files(config.language).weights
                                   : vision_weights(config.vision);
  };
  std::vector<LeftOut> left_out = weights_to_leave_out(config, state_of(*bundle.model), weights_of);
  if (left_out.empty()) {
    log_warning("--slim: there are no weights of a pretrained encoder to leave out");
  }
  for (const LeftOut& one : left_out) {
    try {
      log_info(concat("slim: weights of ", one.part.encoder, " stay in ",
                      find_weights(one, model).string()));
    } catch (const Error& error) {
      log_warning(message_and_hint(error));
    }
  }
  return left_out;
}

LanguageFiles language_files(const LanguageOptions& options) {
  namespace fs = std::filesystem;
  if (!options.pretrained()) return {};
  fs::path weights =
      options.weights.empty()
          ? pretrained_weights(options.encoder, options.encoder + "/model.safetensors")
          : fs::path(options.weights);
  std::error_code ignored;
  if (fs::is_directory(weights, ignored)) weights /= "model.safetensors";
  if (!fs::exists(weights, ignored)) fail(weights.string(), ": language.weights are not there");
  const fs::path vocabulary = weights.parent_path() / "vocab.txt";
  return {std::move(weights), vocabulary};
}

Vocabulary training_vocabulary(const LanguageOptions& options,
                               const std::vector<std::string>& questions) {
  if (!options.pretrained()) return Vocabulary::from_questions(questions, options.minimum_count);
  const std::filesystem::path file = language_files(options).vocabulary;
  return with_hint(language_hint(options),
                   [&] { return word_piece_vocabulary(read_word_lines(file), file.string()); });
}

ModelBundle pretrained_encoder(const VisionOptions& options) {
  assert(options.pretrained());
  ModelConfig config;
  config.vision = options;
  config.vision.complete();
  config.model.layers = 1;
  ModelBundle bundle =
      ModelBundle::create(config, Vocabulary(std::vector<std::string>{"word"}), {"answer"}, {0});
  load_vision(bundle);
  return bundle;
}

}  // namespace vqalign

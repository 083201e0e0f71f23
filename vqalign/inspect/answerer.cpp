#include "vqalign/inspect/answerer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>

#include "vqalign/core/error.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/inspect/encoded_picture.h"
#include "vqalign/inspect/pass_weights.h"
#include "vqalign/inspect/photo_models.h"
#include "vqalign/inspect/question_reading.h"
#include "vqalign/inspect/ranking.h"
#include "vqalign/inspect/region_reading.h"
#include "vqalign/inspect/relevance.h"
#include "vqalign/inspect/tap_maps.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

void check(const AskOptions& options) {
  if (options.top < 1) throw UsageError(concat("top is ", options.top, ", allowed is 1 or more"));
  if (options.passes == 0) return;
  if (options.passes < AskOptions::kFewestPasses || options.passes > AskOptions::kMostPasses) {
    throw UsageError(concat("passes is ", options.passes, ", allowed is 0 or ",
                            AskOptions::kFewestPasses, " to ", AskOptions::kMostPasses));
  }
}

void check_heads(const std::vector<HeadSite>& heads, const ModelConfig& config) {
  for (const HeadSite& head : heads) {
    const FamilyShape shape = config.heads_of(head.family);
    if (head.layer >= 0 && head.layer < shape.layers && head.head >= 0 && head.head < shape.heads) {
      continue;
    }
    if (shape.layers == 0) {
      throw UsageError(concat("a head of ", family_name(head.family),
                              " is to be silenced, which this model has not"));
    }
    throw UsageError(concat("layer ", head.layer, " head ", head.head,
                            " is to be silenced, the model has ", shape.layers, " layers of ",
                            shape.heads, " heads, counted from 0"));
  }
}

DomainModel domain_of(const ModelBundle& bundle, const fs::path& model) {
  if (!bundle.config.vision.takes_pictures()) {
    throw Error(model.string() + ": takes stored features, which a picture is not",
                "ask a model whose vision.encoder takes pictures");
  }
  return DomainModel::from_json(bundle.domain, model.string() + ": metadata \"domain\"");
}

/// What InferenceMode made takes no part in a graph; a copy does.
void copy_regions(ModelInput& input) {
  RegionBatch& regions = *input.regions;
  for (torch::Tensor* part : {&regions.features, &regions.boxes, &regions.mask, &regions.sizes}) {
    *part = part->clone();
  }
}

}  // namespace

struct Answerer::State {
  fs::path file;
  ModelBundle bundle;
  torch::Device device;
  PictureEncoder encoder;
  std::string other_models = {};  ///< that pictures of another kind are for; looked for once

  /// Reads the question and encodes the picture, less what is dropped.
  ModelInput prepare(Inspection& inspection, const fs::path& picture, const std::string& question,
                     const Edits& edits);
  /// Where the answer stands in the model's list; UsageError when it does not.
  int64_t place_of(const std::string& answer) const;
  /// One pass with every tap.
  ModelOutput tapped_pass(const ModelInput& input, const Edits& edits, bool queries_keys);
  /// Fills in pooling and answers.
  void conclude(Inspection& inspection, const ModelInput& input, const ModelOutput& output,
                const AskOptions& options);
};

ModelInput Answerer::State::prepare(Inspection& inspection, const fs::path& picture,
                                    const std::string& question, const Edits& edits) {
  AnswerEvidence& evidence = inspection.evidence;
  evidence.question = valid_utf8(question);
  evidence.picture = valid_utf8(picture.string());
  evidence.model = valid_utf8(file.filename().string());
  inspection.edits = edits;
  inspection.layers = bundle.config.model.layers;
  inspection.heads = bundle.config.model.heads;
  inspection.pretrained = bundle.config.heads_of(AttentionFamily::kQuestionPretrained);
  inspection.stacking = bundle.config.model.structure == "stacking";
  check_heads(edits.silenced, bundle.config);
  ModelInput input;
  input.tokens =
      torch::tensor(read_question(inspection, bundle.vocabulary, bundle.config.language.max_tokens),
                    torch::kInt64)
          .unsqueeze(0)
          .to(device);
  const Clock::time_point begun = Clock::now();
  const EncodedPicture& encoded = encoder.encode(bundle.model, device, picture);
  evidence.encode_milliseconds = milliseconds_since(begun);
  evidence.picture_width = encoded.width;
  evidence.picture_height = encoded.height;
  evidence.in_domain = encoded.in_domain;
  if (encoded.in_domain == false) {
    if (other_models.empty() && !bundle.config.vision.pretrained()) {
      other_models = "; " + valid_utf8(photo_model_hint(model_folders()));
    }
    evidence.warnings.push_back(
        concat("The picture is of another kind than those the model was trained on; "
               "its answers may mean little",
               other_models, "."));
  }
  input.regions = seen_regions(inspection, encoded, bundle.config.vision.class_names());
  return input;
}

int64_t Answerer::State::place_of(const std::string& answer) const {
  const auto found = std::find(bundle.answers.begin(), bundle.answers.end(), answer);
  if (found == bundle.answers.end()) {
    throw UsageError(concat("the model has no answer \"", valid_utf8(answer), "\""));
  }
  return found - bundle.answers.begin();
}

ModelOutput Answerer::State::tapped_pass(const ModelInput& input, const Edits& edits,
                                         bool queries_keys) {
  PassOptions pass;
  pass.taps = {queries_keys, /*weights=*/true};
  pass.silenced = edits.silenced;
  return bundle.model(input, pass);
}

void Answerer::State::conclude(Inspection& inspection, const ModelInput& input,
                               const ModelOutput& output, const AskOptions& options) {
  AnswerEvidence& evidence = inspection.evidence;
  share_pooling(inspection, output);
  torch::Tensor probabilities = output.logits.sigmoid();
  if (options.passes > 0) {
    evidence.passes = options.passes;
    PassTally tally;
    PassesRequest request{options.passes, options.seed, inspection.edits.silenced, options.cancel};
    request.watch = [&](const ModelOutput& batch) { tally_pooling(tally, inspection, batch); };
    probabilities = stochastic_passes(bundle.model, input, request);
    evidence.over_passes = tally.result();
  }
  if (!torch::isfinite(probabilities).all().item<bool>()) {
    fail(file.string(), ": gives probabilities that are no numbers for this question");
  }
  const ModelCalibration calibration =
      options.uncalibrated ? ModelCalibration{} : bundle.calibration;
  const bool passes = options.passes > 0;
  evidence.calibrated = passes ? calibration.fitted_for_passes() : calibration.fitted();
  rank_answers(evidence, probabilities, bundle.answers, bundle.priors, options.top,
               passes ? calibration.passes_temperature : calibration.temperature);
  if (passes) doubt_certainty(evidence, bundle.config.has_dropout());
}

Answerer::Answerer(const fs::path& model, const std::string& device) {
  ModelBundle bundle = load_model(model);
  PictureEncoder encoder(domain_of(bundle, model));
  state_.reset(new State{model, std::move(bundle), torch::Device(device), std::move(encoder)});
  state_->bundle.model->to(state_->device);
}

Answerer::~Answerer() = default;
Answerer::Answerer(Answerer&&) noexcept = default;
Answerer& Answerer::operator=(Answerer&&) noexcept = default;

AnswerEvidence Answerer::ask(const fs::path& picture, const std::string& question,
                             const AskOptions& options) {
  check(options);
  const torch::InferenceMode no_gradients;
  Inspection inspection;
  const ModelInput input = state_->prepare(inspection, picture, question, {});
  const Clock::time_point begun = Clock::now();
  state_->conclude(inspection, input, state_->bundle.model(input), options);
  inspection.evidence.answer_milliseconds = milliseconds_since(begun);
  return std::move(inspection.evidence);
}

Inspection Answerer::inspect(const fs::path& picture, const std::string& question,
                             const Edits& edits, const AskOptions& options) {
  check(options);
  const torch::InferenceMode no_gradients;
  Inspection inspection;
  const ModelInput input = state_->prepare(inspection, picture, question, edits);
  const Clock::time_point begun = Clock::now();
  const ModelOutput output = state_->tapped_pass(input, edits, /*queries_keys=*/true);
  state_->conclude(inspection, input, output, options);
  take_maps(inspection, output.taps);
  inspection.evidence.answer_milliseconds = milliseconds_since(begun);
  return inspection;
}

TokenScores Answerer::relevance(const fs::path& picture, const std::string& question,
                                const Edits& edits, const std::string& answer) {
  const int64_t place = state_->place_of(answer);
  Inspection inspection;
  ModelInput input = state_->prepare(inspection, picture, question, edits);
  copy_regions(input);
  const torch::AutoGradMode gradients(true);
  const ModelOutput output = state_->tapped_pass(input, edits, /*queries_keys=*/false);
  return vqalign::relevance(output, place, inspection);
}

PassWeights Answerer::weights_over_passes(const fs::path& picture, const std::string& question,
                                          const Edits& edits, const WeightChoice& choice,
                                          const AskOptions& options) {
  check(options);
  if (options.passes == 0) throw UsageError("weights over passes are asked for, but no passes");
  const bool relevant = choice.source == WeightSource::kRelevance;
  const int64_t answer = relevant ? state_->place_of(choice.answer) : 0;
  Inspection inspection;
  ModelInput input = state_->prepare(inspection, picture, question, edits);
  copy_regions(input);
  {
    const torch::InferenceMode no_gradients;
    PassOptions pass;
    pass.silenced = edits.silenced;
    share_pooling(inspection, state_->bundle.model(input, pass));
  }
  return vqalign::weights_over_passes(
      state_->bundle.model, input, inspection, choice, answer,
      {options.passes, options.seed, edits.silenced, options.cancel});
}

std::vector<double> Answerer::head_effects(const fs::path& picture, const std::string& question,
                                           const Edits& edits, const std::string& answer,
                                           const CancelToken* cancel) {
  const int64_t place = state_->place_of(answer);
  const torch::InferenceMode no_gradients;
  Inspection inspection;
  const ModelInput input = state_->prepare(inspection, picture, question, edits);
  PassOptions pass;
  pass.silenced = edits.silenced;
  const auto probability = [&] {
    if (cancel) cancel->check();
    const torch::Tensor logit = state_->bundle.model(input, pass).logits[0][place];
    return state_->bundle.calibration.probabilities(logit).item<double>();
  };
  const double with_all = probability();
  std::vector<double> effects;
  for (const HeadSite& site :
       all_sites(inspection.layers, inspection.heads, inspection.pretrained)) {
    const auto& silenced = edits.silenced;
    const bool off = std::find(silenced.begin(), silenced.end(), site) != silenced.end();
    pass.silenced = silenced;
    pass.silenced.push_back(site);
    effects.push_back(off ? 0 : with_all - probability());
  }
  return effects;
}

ModelCard Answerer::card() const {
  const ModelBundle& bundle = state_->bundle;
  ModelCard card;
  card.file = valid_utf8(state_->file.string());
  for (const torch::Tensor& parameter : bundle.model->parameters()) {
    card.parameters += parameter.numel();
  }
  card.layers = bundle.config.model.layers;
  card.heads = bundle.config.model.heads;
  card.hidden = bundle.config.model.hidden;
  card.pretrained = bundle.config.heads_of(AttentionFamily::kQuestionPretrained);
  card.words = std::ssize(bundle.vocabulary.own_words());
  card.longest_question = bundle.config.language.max_tokens;
  card.answers = answers();
  if (bundle.calibration.fitted()) card.calibration = bundle.calibration.text();
  card.structure = bundle.config.model.structure;
  card.domain = domain_text(bundle.config, bundle.domain, bundle.trained);
  if (bundle.trained.is_object()) {
    for (const auto& [name, value] : bundle.trained.as_object()) {
      card.trained.emplace_back(name, value.is_string() ? value.as_string() : value.dump());
    }
  }
  return card;
}

int64_t Answerer::answers() const {
  return static_cast<int64_t>(state_->bundle.answers.size());
}

}  // namespace vqalign

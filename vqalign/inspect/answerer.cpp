#include "vqalign/inspect/answerer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>

#include "vqalign/core/error.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/inspect/encoded_picture.h"
#include "vqalign/inspect/question_reading.h"
#include "vqalign/inspect/ranking.h"
#include "vqalign/inspect/relevance.h"
#include "vqalign/inspect/stochastic_passes.h"
#include "vqalign/inspect/tap_maps.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int64_t kMostPasses = 10000;

double milliseconds_since(Clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

void check(const AskOptions& options) {
  if (options.top < 1) throw UsageError(concat("top is ", options.top, ", allowed is 1 or more"));
  if (options.passes == 0) return;
  if (options.passes < 2 || options.passes > kMostPasses) {
    throw UsageError(concat("passes is ", options.passes, ", allowed is 0 or 2 to ", kMostPasses));
  }
}

void check_heads(const std::vector<HeadSite>& heads, const ModelOptions& model) {
  for (const HeadSite& head : heads) {
    if (head.layer >= 0 && head.layer < model.layers && head.head >= 0 && head.head < model.heads) {
      continue;
    }
    throw UsageError(concat("layer ", head.layer, " head ", head.head,
                            " is to be silenced, the model has ", model.layers, " layers of ",
                            model.heads, " heads, counted from 0"));
  }
}

/// [1, n, G] weights of one question to n means over the glimpses.
std::vector<double> mean_over_glimpses(const torch::Tensor& weights) {
  const torch::Tensor mean =
      weights[0].detach().to(torch::kCPU, torch::kFloat64).mean(1).contiguous();
  return {mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel()};
}

/// Fills in every region of the picture, and seen_regions; returns the columns, int64 [n], of
/// `regions` that the model is to see, or nothing where that is all.
torch::Tensor place_regions(Inspection& inspection, const RegionBatch& regions) {
  AnswerEvidence& evidence = inspection.evidence;
  const torch::Tensor places = unpadded_places(regions.mask, regions.boxes.size(1));
  const torch::Tensor boxes =
      regions.boxes[0].to(torch::kCPU, torch::kFloat64).index_select(0, places).contiguous();
  for (int64_t i = 0; i < boxes.size(0); ++i) {
    const double* box = boxes.const_data_ptr<double>() + 4 * i;
    evidence.regions.push_back({box[0], box[1], box[2], box[3]});
  }
  for (const std::size_t place : inspection.edits.dropped_regions) {
    if (place >= evidence.regions.size()) {
      throw UsageError(concat("region ", place + 1, " is to be dropped, the picture has ",
                              evidence.regions.size()));
    }
    evidence.regions[place].dropped = true;
  }
  std::vector<int64_t> seen;
  for (std::size_t place = 0; place < evidence.regions.size(); ++place) {
    if (evidence.regions[place].dropped) continue;
    inspection.seen_regions.push_back(place);
    seen.push_back(places[static_cast<int64_t>(place)].item<int64_t>());
  }
  if (seen.empty()) throw UsageError("every region is dropped, one must be left");
  return inspection.edits.dropped_regions.empty() ? torch::Tensor() : torch::tensor(seen);
}

/// Columns of one picture's regions.
RegionBatch chosen(const RegionBatch& regions, const torch::Tensor& columns) {
  const torch::Tensor places = columns.to(regions.features.device());
  return {regions.features.index_select(1, places), regions.boxes.index_select(1, places),
          regions.mask.index_select(1, places), regions.sizes};
}

/// Fills in what pooling looked at.
void share_pooling(Inspection& inspection, const ModelOutput& output) {
  const std::vector<double> words = mean_over_glimpses(output.word_weights);
  for (std::size_t i = 0; i < words.size(); ++i) {
    inspection.evidence.words[inspection.read_words[i]].weight = words[i];
  }
  const std::vector<double> regions = mean_over_glimpses(output.region_weights);
  const torch::Tensor places =
      unpadded_places(output.region_mask, output.region_weights.size(1)).contiguous();
  const int64_t* place = places.const_data_ptr<int64_t>();
  for (std::size_t i = 0; i < inspection.seen_regions.size(); ++i) {
    inspection.evidence.regions[inspection.seen_regions[i]].weight = regions[size_t(place[i])];
  }
}

DomainModel domain_of(const ModelBundle& bundle, const fs::path& model) {
  if (bundle.config.vision.encoder != "grid") {
    throw Error(model.string() + ": takes stored features, which a picture is not",
                "ask a model whose vision.encoder is grid");
  }
  return DomainModel::from_json(bundle.domain, model.string() + ": metadata \"domain\"");
}

}  // namespace

struct Answerer::State {
  fs::path file;
  ModelBundle bundle;
  torch::Device device;
  PictureEncoder encoder;

  /// Reads the question and encodes the picture, less what is dropped.
  ModelInput prepare(Inspection& inspection, const fs::path& picture, const std::string& question,
                     const Edits& edits);
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
  inspection.stacking = bundle.config.model.structure == "stacking";
  check_heads(edits.silenced, bundle.config.model);
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
    evidence.warnings.emplace_back(
        "The picture is of another kind than those the model was trained on; "
        "its answers may mean little.");
  }
  const torch::Tensor columns = place_regions(inspection, encoded.regions);
  input.regions = columns.defined() ? chosen(encoded.regions, columns) : encoded.regions;
  return input;
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
    if (bundle.config.model.dropout == 0) {
      evidence.warnings.emplace_back(
          "The model has no dropout, so its passes cannot tell how certain it is.");
    }
    probabilities = stochastic_passes(bundle.model, input, inspection.edits.silenced, options);
  }
  if (!torch::isfinite(probabilities).all().item<bool>()) {
    fail(file.string(), ": gives probabilities that are no numbers for this question");
  }
  rank_answers(evidence, probabilities, bundle.answers, bundle.priors, options.top);
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
  const std::vector<std::string>& answers = state_->bundle.answers;
  const auto found = std::find(answers.begin(), answers.end(), answer);
  if (found == answers.end()) {
    throw UsageError(concat("the model has no answer \"", valid_utf8(answer), "\""));
  }
  Inspection inspection;
  ModelInput input = state_->prepare(inspection, picture, question, edits);
  // What InferenceMode made takes no part in a graph; a copy does.
  input.regions->features = input.regions->features.clone();
  input.regions->boxes = input.regions->boxes.clone();
  input.regions->mask = input.regions->mask.clone();
  input.regions->sizes = input.regions->sizes.clone();
  const torch::AutoGradMode gradients(true);
  const ModelOutput output = state_->tapped_pass(input, edits, /*queries_keys=*/false);
  return vqalign::relevance(output, found - answers.begin(), inspection);
}

int64_t Answerer::answers() const {
  return static_cast<int64_t>(state_->bundle.answers.size());
}

}  // namespace vqalign

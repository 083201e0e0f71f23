#include "vqalign/inspect/probe.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cassert>

#include "vqalign/inspect/region_reading.h"
#include "vqalign/inspect/relevance.h"
#include "vqalign/inspect/tap_maps.h"

namespace vqalign {
namespace {

/// So many copies of a picture at once: more than any usual picture has regions, and a bound for
/// those that have thousands.
constexpr int64_t kCopiesTogether = 128;

/// Words and regions of the question, in their places.
Inspection bare_inspection(const ModelConfig& config, const ModelInput& question) {
  Inspection inspection;
  inspection.layers = config.model.layers;
  inspection.heads = config.model.heads;
  inspection.pretrained = config.heads_of(AttentionFamily::kQuestionPretrained);
  inspection.stacking = config.model.structure == "stacking";
  inspection.evidence.words.resize(static_cast<std::size_t>(question.tokens.size(1)));
  for (std::size_t i = 0; i < inspection.evidence.words.size(); ++i) {
    inspection.read_words.push_back(i);
  }
  const torch::Tensor boxes =
      question.regions->boxes[0].to(torch::kCPU, torch::kFloat64).contiguous();
  for (int64_t i = 0; i < boxes.size(0); ++i) {
    const double* box = boxes.const_data_ptr<double>() + 4 * i;
    inspection.seen_regions.push_back(static_cast<std::size_t>(i));
    inspection.evidence.regions.push_back({box[0], box[1], box[2], box[3]});
  }
  return inspection;
}

/// The question about so many pictures, the i-th without its region `first` + i.
ModelInput without_each(const ModelInput& question, int64_t first, int64_t copies) {
  const auto copied = [copies](const torch::Tensor& one) {
    std::vector<int64_t> shape(static_cast<std::size_t>(one.dim()), -1);
    shape[0] = copies;
    return one.expand(shape).contiguous();
  };
  const RegionBatch& regions = *question.regions;
  ModelInput input;
  input.tokens = copied(question.tokens);
  if (question.word_states.defined()) input.word_states = copied(question.word_states);
  input.regions = RegionBatch{copied(regions.features), copied(regions.boxes), copied(regions.mask),
                              copied(regions.sizes)};
  input.regions->mask.slice(1, first, first + copies).diagonal().fill_(true);
  return input;
}

}  // namespace

Probe probe(ModelBundle& bundle, const ModelInput& question) {
  assert(question.tokens.size(0) == 1 && question.regions && question.regions->mask.size(1) > 0);
  Probe result{bare_inspection(bundle.config, question), 0, {}};
  const torch::AutoGradMode gradients(true);
  PassOptions pass;
  pass.taps = {/*queries_keys=*/true, /*weights=*/true};
  const ModelOutput output = bundle.model(question, pass);
  {
    const torch::NoGradGuard reading;
    share_pooling(result.inspection, output);
    take_maps(result.inspection, output.taps);
    result.answer = output.logits[0].argmax().item<int64_t>();
  }
  result.relevance = relevance(output, result.answer, result.inspection);
  return result;
}

std::vector<double> occlusion_effects(ModelBundle& bundle, const ModelInput& question,
                                      int64_t answer) {
  const int64_t regions = question.regions->mask.size(1);
  if (regions < 2) return {};
  const torch::NoGradGuard no_gradients;
  ModelInput read = question;
  read.word_states = bundle.model->encode_words(question.tokens);
  const auto probabilities = [&](const ModelInput& input) {
    const torch::Tensor logits = bundle.model(input).logits.select(1, answer);
    return bundle.calibration.probabilities(logits.to(torch::kCPU, torch::kFloat64));
  };
  const double with_all = probabilities(read)[0].item<double>();
  std::vector<double> effects;
  for (int64_t first = 0; first < regions; first += kCopiesTogether) {
    const int64_t copies = std::min(kCopiesTogether, regions - first);
    const torch::Tensor without = probabilities(without_each(read, first, copies)).contiguous();
    for (int64_t i = 0; i < copies; ++i) {
      effects.push_back(with_all - without.const_data_ptr<double>()[i]);
    }
  }
  return effects;
}

}  // namespace vqalign

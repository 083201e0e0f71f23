#include "vqalign/train/attention_quality.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <limits>

#include "vqalign/core/philox.h"
#include "vqalign/core/statistics.h"
#include "vqalign/data/batch_sampler.h"
#include "vqalign/fusion/stochastic_passes.h"
#include "vqalign/inspect/pointing.h"
#include "vqalign/inspect/probe.h"
#include "vqalign/train/evaluation.h"
#include "vqalign/vision/feature_store.h"

namespace vqalign {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr uint64_t kDrawingStream = 0x617474656E64;

/// What is known of a question before its weights are looked at.
struct PointingTruth {
  std::vector<double> covered;  ///< a share a region; empty: there is nothing to point at
  std::vector<double> effects;  ///< of taking a region away; empty: none was
};

/// One question's figures go where its place is.
class Recorder {
 public:
  Recorder(AttentionQuality& quality, std::size_t place, const PointingTruth& truth)
      : quality_(quality), place_(place), truth_(truth) {}

  void set(std::size_t subject, AttentionFigure figure, double value) {
    quality_.subjects[subject][static_cast<std::size_t>(figure)][place_] = value;
  }

  void weights(std::size_t subject, const std::vector<double>& weights) {
    const std::optional<Pointing> found =
        truth_.covered.empty() ? std::nullopt : pointing(weights, truth_.covered);
    if (found) {
      set(subject, AttentionFigure::kMass, found->mass);
      set(subject, AttentionFigure::kMassByChance, found->mass_by_chance);
      set(subject, AttentionFigure::kHit, found->hit);
      set(subject, AttentionFigure::kHitByChance, found->hit_by_chance);
    }
    if (truth_.effects.empty()) return;
    const std::optional<double> agreement = spearman(weights, truth_.effects);
    if (agreement) set(subject, AttentionFigure::kAgreement, *agreement);
  }

  void source(RegionSource source, const std::vector<double>& shares) {
    const auto subject = static_cast<std::size_t>(source);
    weights(subject, shares);
    const std::optional<double> entropy = share_entropy(shares);
    if (entropy) set(subject, AttentionFigure::kEntropy, *entropy);
  }

  void heads(const Inspection& inspection) {
    for (std::size_t site = 0; site < quality_.sites.size(); ++site) {
      const std::size_t subject = quality_.subject(site);
      const std::vector<double> shares = region_shares(inspection, quality_.sites[site]);
      if (!shares.empty()) weights(subject, shares);
      set(subject, AttentionFigure::kEntropy, inspection.statistics[site].entropy);
      set(subject, AttentionFigure::kMmd, inspection.statistics[site].alignment);
    }
  }

 private:
  AttentionQuality& quality_;
  std::size_t place_;
  const PointingTruth& truth_;
};

/// The boxes of what a question speaks of; nothing where the dataset does not say.
std::optional<std::vector<PixelBox>> spoken_boxes(const ObjectLabels& labels,
                                                  const Question& question) {
  const auto found = labels.about.find(question.question_id);
  if (found == labels.about.end()) return std::nullopt;
  const std::vector<LabelledObject>& objects = labels.of(question.image_id);
  std::vector<PixelBox> boxes;
  for (const int64_t index : found->second) {
    const auto& box = objects[static_cast<std::size_t>(index)].box;
    boxes.push_back({box[0], box[1], box[2], box[3]});
  }
  return boxes;
}

bool has_area(const PictureRegion& region) {
  return region.x1 < region.x2 && region.y1 < region.y2;
}

/// The covered shares, counting what there is nothing to point at in.
std::vector<double> covered_regions(const ObjectLabels& labels, const Question& question,
                                    const std::vector<PictureRegion>& regions,
                                    AttentionQuality& quality) {
  const std::optional<std::vector<PixelBox>> boxes = spoken_boxes(labels, question);
  if (!boxes || std::none_of(regions.begin(), regions.end(), has_area)) {
    ++quality.without_labels;
    return {};
  }
  if (boxes->empty()) {
    ++quality.about_nothing;
    return {};
  }
  std::vector<double> covered;
  for (const PictureRegion& region : regions) covered.push_back(covered_share(region, *boxes));
  return covered;
}

std::vector<double> region_weights(const Inspection& inspection) {
  std::vector<double> weights;
  for (const PictureRegion& region : inspection.evidence.regions) weights.push_back(region.weight);
  return weights;
}

/// What there is to ask: neither a question without a word nor a picture without a region.
bool can_be_asked(const ModelInput& question) {
  return question.tokens.ne(0).all().item<bool>() &&
         question.regions->mask.logical_not().any().item<bool>();
}

void measure(ModelBundle& bundle, const ModelInput& input, const Dataset& dataset,
             std::size_t place, const ObjectLabels& labels, int64_t occlusion,
             AttentionQuality& quality) {
  const Probe probed = probe(bundle, input);
  PointingTruth truth;
  truth.covered = covered_regions(labels, dataset.questions[place],
                                  probed.inspection.evidence.regions, quality);
  if (static_cast<int64_t>(place) < occlusion) {
    truth.effects = occlusion_effects(bundle, input, probed.answer);
    ++quality.occluded;
  }
  Recorder recorder(quality, place, truth);
  recorder.source(RegionSource::kPooling, region_weights(probed.inspection));
  recorder.source(RegionSource::kRollout, attention_rollout(probed.inspection).regions);
  recorder.source(RegionSource::kRelevance, probed.relevance.regions);
  recorder.heads(probed.inspection);
}

AttentionQuality empty_quality(const ModelConfig& config, const Dataset& dataset) {
  AttentionQuality quality;
  for (const Question& question : dataset.questions) {
    quality.questions.push_back(question.question_id);
  }
  quality.sites = all_sites(config.model.layers, config.model.heads,
                            config.heads_of(AttentionFamily::kQuestionPretrained));
  AttentionQuality::Values missing;
  missing.fill(std::vector<double>(quality.questions.size(), kMissing));
  quality.subjects.assign(kRegionSources + quality.sites.size(), missing);
  return quality;
}

}  // namespace

const char* figure_name(AttentionFigure figure) {
  static constexpr std::array kNames = {"mass",      "mass_by_chance", "hit", "hit_by_chance",
                                        "agreement", "entropy",        "mmd"};
  static_assert(kNames.size() == kAttentionFigures);
  return kNames[static_cast<std::size_t>(figure)];
}

std::string AttentionQuality::subject_name(std::size_t subject) const {
  static constexpr std::array kSources = {"pooling", "rollout", "relevance"};
  static_assert(kSources.size() == kRegionSources);
  return subject < kRegionSources ? kSources[subject] : site_text(sites[subject - kRegionSources]);
}

int64_t AttentionQuality::pointed() const {
  return static_cast<int64_t>(questions.size()) - left_out - without_labels - about_nothing;
}

Dataset drawn_questions(const Dataset& dataset, int64_t count, uint64_t seed) {
  Dataset drawn = dataset;
  drawn.questions.clear();
  drawn.annotations.clear();
  for (const std::size_t place :
       Random(seed, kDrawingStream).sample(dataset.questions.size(), count)) {
    drawn.questions.push_back(dataset.questions[place]);
  }
  return drawn;
}

AttentionQuality measure_attention(ModelBundle& bundle, const Dataset& dataset,
                                   const ObjectLabels& labels, const AttentionOptions& options,
                                   Progress& progress, const CancelToken& cancel,
                                   const std::string& stage) {
  bundle.model->eval();
  const DatasetInputs source =
      dataset_inputs(bundle.config, dataset, bundle.vocabulary, nullptr, &cancel);
  BatchLoader loader(source.inputs, options.data, &cancel, options.device);
  loader.start(evaluation_batches(question_shapes(source.inputs, &cancel), options.batch_size));
  AttentionQuality quality = empty_quality(bundle.config, dataset);
  int64_t done = 0;
  progress.begin(stage, static_cast<int64_t>(dataset.questions.size()), "questions");
  while (const std::optional<Batch> batch = loader.next()) {
    ModelInput input = model_input(*batch, options.device);
    {
      const torch::NoGradGuard encoding;
      input.regions = bundle.model->encode_pictures(input);
      input.pictures.reset();
    }
    for (std::size_t i = 0; i < batch->rows.size(); ++i) {
      cancel.check();
      const ModelInput alone = question_alone(input, static_cast<int64_t>(i));
      if (can_be_asked(alone)) {
        measure(bundle, alone, dataset, static_cast<std::size_t>(batch->rows[i]), labels,
                options.occlusion, quality);
      } else {
        ++quality.left_out;
      }
      progress.update(++done);
    }
  }
  progress.end();
  return quality;
}

}  // namespace vqalign

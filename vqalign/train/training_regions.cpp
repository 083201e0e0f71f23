#include "vqalign/train/training_regions.h"

#include <unordered_set>

#include "vqalign/train/stored_encodings.h"

namespace vqalign {
namespace {

int64_t pictures_of(const Dataset& dataset) {
  std::unordered_set<int64_t> ids;
  for (const Question& question : dataset.questions) ids.insert(question.image_id);
  return static_cast<int64_t>(ids.size());
}

}  // namespace

void prepare_encodings(const TrainRequest& request, TrainingSetup& setup, Progress& progress,
                       const CancelToken& cancel) {
  const std::filesystem::path folder = encodings_folder(request.options.data);
  if (!request.options.pretrained_still() || folder.empty()) return;
  const auto of = [&](const Dataset& dataset) {
    return stored_encodings(setup.bundle, dataset, folder, request.options.data, request.device,
                            progress, cancel);
  };
  setup.train.encodings = of(setup.train);
  if (setup.validation) setup.validation->encodings = of(*setup.validation);
}

void prepare_questions(const TrainRequest& request, TrainingSetup& setup, Progress& progress,
                       const CancelToken& cancel) {
  const LanguageOptions& language = request.options.config.language;
  if (!language.pretrained() || language.tune) return;
  const DistinctQuestions questions = distinct_questions(setup.bundle, setup.train);
  const int64_t bound = request.options.data.regions_mb << 20;
  if (QuestionStates::bytes_for(setup.bundle, questions) > bound) return;
  setup.question_states.emplace(setup.bundle, questions, request.device, progress, cancel);
}

void prepare_regions(const TrainRequest& request, TrainingSetup& setup) {
  const RunOptions& options = request.options;
  if (options.pretrained_still() && !encodings_folder(options.data).empty()) return;
  const TrainOptions& train = options.train;
  const VisionOptions& vision = options.config.vision;
  const bool taught = setup.guide && train.object_share > 0 && train.object_freeze;
  const GridEncoder* encoder = setup.bundle.model->vision();
  if (!encoder || !(taught || options.vision_still())) return;
  const int64_t floats = most_regions(vision) * (encoder->width() + 4);
  const int64_t count = pictures_of(setup.train);
  if (setup.validation) setup.scored_pictures = pictures_of(*setup.validation);
  if (count * floats * 4 <= options.data.regions_mb << 20) setup.regions = RegionCache(count);
}

}  // namespace vqalign

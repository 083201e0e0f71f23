#include "vqalign/train/training_setup.h"

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <unordered_set>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/language/word_vectors.h"
#include "vqalign/train/model_transfer.h"
#include "vqalign/train/pretrained_encoder.h"
#include "vqalign/train/training_answers.h"
#include "vqalign/train/training_domain.h"

namespace vqalign {
namespace {

Json string_list(const std::vector<std::string>& items) {
  Json list = Json::array();
  for (const std::string& item : items) list.push(item);
  return list;
}

void use_word_vectors(const TrainRequest& request, ModelBundle& bundle) {
  const std::string& file = bundle.config.language.vectors;
  if (file.empty()) {
    // Public MCAN code starts from GloVe's; sets of drawn scenes have no use for them.
    if (bundle.config.vision.encoder == "features" && request.init.empty()) {
      log_warning("language.vectors names no file of word vectors: words start from random ones");
    }
    return;
  }
  const WordVectors vectors = read_word_vectors(file, bundle.vocabulary);
  for (auto& item : bundle.model->named_parameters()) {
    if (item.key() != "embedding.weight") continue;
    if (item.value().size(1) != vectors.vectors.size(1)) {
      fail(file, ": has vectors of width ", vectors.vectors.size(1), ", language.word_width is ",
           item.value().size(1));
    }
    const torch::NoGradGuard no_grad;
    item.value().copy_(vectors.vectors);
  }
  log_info(
      concat(vectors.found, " of ", bundle.vocabulary.size(), " words have a vector in ", file));
}

std::vector<std::string> question_texts(const Dataset& dataset) {
  std::vector<std::string> texts;
  texts.reserve(dataset.questions.size());
  for (const Question& question : dataset.questions) texts.push_back(question.question);
  return texts;
}

ObjectGuide make_object_guide(int64_t width, const ObjectLabels& labels) {
  std::array<int64_t, 3> classes{};
  for (std::size_t i = 0; i < classes.size(); ++i) {
    // A set of nothing but empty pictures still makes a classifier that is a valid module.
    classes[i] = std::max<int64_t>(1, static_cast<int64_t>(labels.names[i].size()));
  }
  return ObjectGuide(width, classes);
}

/// Only some datasets label their objects, and only the grid CNN has cells to teach.
void prepare_guides(const TrainRequest& request, TrainingSetup& setup) {
  const RunOptions& options = request.options;
  const bool cells = options.train.object_weight > 0 && options.config.vision.encoder == "grid";
  if (!cells && options.train.relevance_weight == 0) return;
  setup.labels = read_object_labels(resolve_splits(request.train));
  setup.labels.check(setup.train);
  if (cells && !setup.labels.empty()) {
    setup.guide = make_object_guide(options.config.model.hidden, setup.labels);
    log_info(concat("objects of ", setup.labels.images.size(),
                    " pictures are labelled and teach the grid CNN"));
  }
  if (options.train.relevance_weight > 0 && !setup.labels.about.empty()) {
    setup.relevance = RelevanceGuide(options.config.model.layers, options.config.model.hidden);
    log_info(concat("the objects that ", setup.labels.about.size(),
                    " questions speak of are labelled and teach the guided attention"));
  }
}

int64_t pictures_of(const Dataset& dataset) {
  std::unordered_set<int64_t> ids;
  for (const Question& question : dataset.questions) ids.insert(question.image_id);
  return static_cast<int64_t>(ids.size());
}

/// Keeps the regions of pictures in memory where their encoder will be left as it is.
void prepare_regions(const TrainRequest& request, TrainingSetup& setup) {
  const RunOptions& options = request.options;
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

/// The first field of the setting in which two trainings differ, as "name is A, was B".
std::string first_difference(const Json& now, const Json& before, const std::string& name) {
  if (!now.is_object() || !before.is_object()) {
    const auto shown = [](const Json& value) {
      return value.is_array() ? concat("a list of ", value.as_array().size()) : value.dump();
    };
    return concat(name, " is ", shown(now), ", was ", shown(before));
  }
  for (const auto& [key, value] : now.as_object()) {
    const Json* other = before.find(key);
    const std::string inner = name.empty() ? key : name + "." + key;
    if (!other) return inner + " is new";
    if (!(value == *other)) return first_difference(value, *other, inner);
  }
  return "its setting has fields this program does not know";
}

}  // namespace

NamedTensors TrainingSetup::parameters() const {
  NamedTensors tensors;
  const auto add = [&tensors](const std::string& prefix, const torch::nn::Module& module) {
    for (const auto& item : module.named_parameters()) {
      tensors.emplace_back(prefix + item.key(), item.value());
    }
  };
  add("model.", *bundle.model);
  add("align.", *alignment);
  if (guide) add("guide.", *guide);
  if (relevance) add("relevance.", *relevance);
  return tensors;
}

NamedTensors TrainingSetup::state_tensors() const {
  NamedTensors tensors = parameters();
  for (auto& item : bundle.model->named_buffers()) {
    tensors.emplace_back("model." + item.key(), item.value());
  }
  return tensors;
}

TrainingSetup::Encoding TrainingSetup::encoding() const {
  if (!regions) return {};
  return {regions->seconds_left(), regions->seconds_each() * static_cast<double>(scored_pictures)};
}

StepPlan::Limits step_limits(const TrainRequest& request, const TrainingSetup& setup,
                             int64_t batches) {
  const TrainOptions& options = request.options.train;
  double evaluation = 0;
  if (setup.validation) {
    // A forward pass costs about a third of a training step.
    evaluation =
        0.35 * double(setup.validation->questions.size()) / double(setup.train.questions.size());
  }
  std::optional<int64_t> epochs = request.epochs;
  if (!epochs && !request.minutes) epochs = options.epochs;
  return {batches, epochs, request.minutes, evaluation, setup.guide ? options.object_share : 0};
}

EvaluationOptions scoring_options(const TrainRequest& request, const TrainingSetup& setup) {
  const TrainOptions& options = request.options.train;
  EvaluationOptions evaluation;
  evaluation.batch_size =
      options.eval_batch_size > 0 ? options.eval_batch_size : options.batch_size;
  evaluation.data = request.options.data;
  evaluation.device = request.device;
  evaluation.targets = &setup.validation_targets;
  return evaluation;
}

Json training_setting(const TrainRequest& request, const TrainingSetup& setup) {
  RunOptions options = request.options;
  // What changes no number may change between sessions.
  options.data.workers = DataOptions{}.workers;
  options.data.cache_mb = DataOptions{}.cache_mb;
  options.train.save_minutes = TrainOptions{}.save_minutes;
  const auto& words = setup.bundle.vocabulary.words();
  return Json::object()
      .set("recipe", request.recipe)
      .set("seed", static_cast<int64_t>(request.seed))
      .set("data", setup.train.name)
      .set("questions", setup.train.questions.size())
      .set("validation", setup.validation ? Json(setup.validation->name) : Json())
      .set("options", options_to_json(options.options()))
      .set("answers", string_list(setup.answers.answers()))
      .set("words", string_list({words.begin() + 2, words.end()}));
}

namespace {

/// What --resume, or its absence, will do to the state file; told before any data is read.
void check_state_file(const TrainRequest& request) {
  const std::filesystem::path state = state_path(request.out);
  std::error_code ignored;
  const bool there = std::filesystem::exists(state, ignored);
  if (request.resume && !there) {
    throw Error(concat(state.string(), ": is not there, so there is nothing to resume"),
                "leave out --resume to begin anew");
  }
  if (!request.resume && there) {
    log_info(concat(state.string(),
                    ": an earlier training's, will be replaced (--resume would go on "
                    "from it)"));
  }
}

}  // namespace

TrainingSetup prepare_training(const TrainRequest& request, Progress& progress,
                               const CancelToken& cancel) {
  // Wrong options are told before any data is read.
  ModelConfig config = request.options.config;
  config.check();
  config.vision.complete();
  request.options.train.decay_epoch_numbers();
  check_state_file(request);
  TrainingSetup setup;
  setup.train = load_dataset(request.train, /*need_annotations=*/true);
  if (setup.train.questions.empty()) fail(setup.train.name, ": has no questions to train on");
  if (request.validation) {
    setup.validation = load_dataset(*request.validation, /*need_annotations=*/true);
    if (setup.validation->questions.empty()) {
      log_warning(setup.validation->name +
                  " has no questions: the last state is the model, as with --val-split none");
      setup.validation.reset();
    }
  }
  cancel.check();
  prepare_answers(request, setup);

  torch::manual_seed(request.seed);
  const RunOptions& options = request.options;
  setup.bundle =
      ModelBundle::create(config,
                          Vocabulary::from_questions(question_texts(setup.train),
                                                     options.config.language.minimum_count),
                          setup.answers.answers(), setup.answers.priors());
  const ModelOptions& model = options.config.model;
  setup.alignment =
      std::make_shared<Alignment>(options.align, model.hidden / model.heads, model.layers);
  prepare_guides(request, setup);
  prepare_regions(request, setup);
  if (!request.resume) {
    load_pretrained_encoder(setup.bundle);
    use_word_vectors(request, setup.bundle);
  }
  if (!request.init.empty() && !request.resume) {
    log_info(transfer_weights(load_model(request.init), setup.bundle).text());
  }
  setup.bundle.domain = describe_domain(setup.bundle.config, setup.train, progress, cancel);

  const Json setting = training_setting(request, setup);
  if (request.resume) {
    const std::filesystem::path file = state_path(request.out);
    setup.resumed = load_state(file);
    if (!(setup.resumed->setting == setting)) {
      throw UsageError(concat(file.string(), ": cannot resume: ",
                              first_difference(setting, setup.resumed->setting, "")),
                       "resume with the options it was begun with, or leave out --resume");
    }
    restore_tensors(setup.resumed->tensors, setup.state_tensors(), "", file.string());
    if (GridEncoder* vision = setup.bundle.model->vision()) vision->prepare(file.string());
  }
  setup.bundle.model->to(request.device);
  setup.alignment->to(request.device);
  if (setup.guide) setup.guide->to(request.device);
  if (setup.relevance) setup.relevance->to(request.device);
  return setup;
}

}  // namespace vqalign

#include "vqalign/train/training_setup.h"

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/named_tensors.h"
#include "vqalign/core/log.h"
#include "vqalign/language/word_vectors.h"
#include "vqalign/train/classifier_start.h"
#include "vqalign/train/model_transfer.h"
#include "vqalign/train/precision.h"
#include "vqalign/train/pretrained_encoder.h"
#include "vqalign/train/training_answers.h"
#include "vqalign/train/training_domain.h"
#include "vqalign/train/training_regions.h"
#include "vqalign/train/training_setting.h"

namespace vqalign {
namespace {

void use_word_vectors(const TrainRequest& request, ModelBundle& bundle) {
  const std::string& file = bundle.config.language.vectors;
  if (bundle.config.language.pretrained()) return;
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
  if (!setup.labels.empty() && setup.train.augmentation.views() > 1) {
    throw UsageError("data.mirror and data.crops do not go with labelled objects, whose boxes stay",
                     "set train.object_weight=0 and train.relevance_weight=0, or leave them out");
  }
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

}  // namespace

NamedTensors TrainingSetup::parameters() const {
  NamedTensors tensors;
  const auto add = [&tensors](const std::string& prefix, const torch::nn::Module& module) {
    for (const auto& item : module.named_parameters()) {
      if (item.value().requires_grad()) tensors.emplace_back(prefix + item.key(), item.value());
    }
  };
  add("model.", *bundle.model);
  add("align.", *alignment);
  if (guide) add("guide.", *guide);
  if (relevance) add("relevance.", *relevance);
  return tensors;
}

NamedTensors TrainingSetup::model_weights() const {
  NamedTensors tensors;
  for (const auto& item : bundle.model->named_parameters()) {
    if (item.value().requires_grad()) tensors.emplace_back(item.key(), item.value());
  }
  for (const auto& item : bundle.model->named_buffers()) {
    if (item.value().is_floating_point()) tensors.emplace_back(item.key(), item.value());
  }
  return tensors;
}

NamedTensors TrainingSetup::state_tensors() const {
  NamedTensors tensors = parameters();
  for (const auto& [name, tensor] : state_of(*bundle.model)) {
    if (!tensor.requires_grad()) tensors.emplace_back("model." + name, tensor);
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
        0.35 * double(setup.validation->questions.size()) / double(setup.train.own_questions());
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
  evaluation.batch_option = "--set train.eval_batch_size=";
  evaluation.data = request.options.data;
  evaluation.device = request.device;
  evaluation.precision = options.eval_precision;
  evaluation.targets = &setup.validation_targets;
  return evaluation;
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

void check_request(const TrainRequest& request) {
  request.options.check();
  const TrainOptions& train = request.options.train;
  check_precision("train.precision", train.precision, request.device);
  check_precision("train.eval_precision", train.eval_precision, request.device);
  check_state_file(request);
}

}  // namespace

TrainingSetup prepare_training(const TrainRequest& request, Progress& progress,
                               const CancelToken& cancel) {
  check_request(request);
  ModelConfig config = request.options.config;
  config.vision.complete();
  TrainingSetup setup;
  setup.train = load_dataset(request.train, /*need_annotations=*/true);
  if (setup.train.questions.empty()) {
    fail(questions_files(resolve_splits(request.train)), ": has no questions to train on");
  }
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
  setup.bundle = ModelBundle::create(
      config, training_vocabulary(options.config.language, question_texts(setup.train)),
      setup.answers.answers(), setup.answers.priors());
  const ModelOptions& model = options.config.model;
  setup.alignment = std::make_shared<Alignment>(options.align, model.hidden / model.heads,
                                                model.layers, options.pretrained_heads());
  prepare_guides(request, setup);
  prepare_regions(request, setup);
  if (!request.resume) {
    load_pretrained_encoders(setup.bundle);
    start_classifier(request, setup);
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
    check_same_setting(setting, setup.resumed->setting, file.string());
    restore_tensors(setup.resumed->tensors, setup.state_tensors(), file.string());
    if (GridEncoder* vision = setup.bundle.model->vision()) vision->prepare(file.string());
  }
  if (request.slim) setup.left_out = leave_out_pretrained(setup.bundle, request.out);
  setup.bundle.model->to(request.device);
  setup.alignment->to(request.device);
  if (setup.guide) setup.guide->to(request.device);
  if (setup.relevance) setup.relevance->to(request.device);
  prepare_encodings(request, setup, progress, cancel);
  prepare_questions(request, setup, progress, cancel);
  return setup;
}

}  // namespace vqalign

#include "vqalign/bench/reference_case.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <array>

#include "vqalign/bench/timing.h"
#include "vqalign/core/formats/packed_store.h"
#include "vqalign/core/philox.h"
#include "vqalign/data/batch_sampler.h"

namespace vqalign {
namespace {

// Words and answers of VQA v2 in the public MCAN code.
constexpr std::size_t kWords = 20572, kAnswers = 3129;
constexpr int64_t kMostRegions = 100;
constexpr int64_t kPictures = 64, kQuestionsEach = 5;  // evaluated
constexpr int64_t kTrained = 4096;                     // questions, each about another picture
constexpr int64_t kTrainedPictures = 1'000'000;        // their ids start here
constexpr std::array<int64_t, 16> kLengths = {3, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 8, 10, 14};

/// Every picture's regions are the first rows of one block; ids tell how many.
class BlockFeatures : public FeatureSource {
 public:
  BlockFeatures(int64_t fewest, int64_t width)
      : fewest_(fewest),
        features_(torch::rand({kMostRegions, width})),
        boxes_(torch::rand({kMostRegions, 4})) {}
  RegionFeatures load(int64_t image_id) const override {
    const int64_t count = *regions(image_id);
    return {features_.slice(0, 0, count), boxes_.slice(0, 0, count), 640, 480};
  }
  int64_t width() const override { return features_.size(1); }
  bool has(int64_t) const override { return true; }
  std::optional<int64_t> regions(int64_t image_id) const override {
    return fewest_ + image_id * 37 % (kMostRegions - fewest_ + 1);
  }

 private:
  int64_t fewest_;
  torch::Tensor features_, boxes_;
};

std::vector<std::string> numbered(const char* stem, std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(stem + std::to_string(i));
  return names;
}

void add_question(Dataset& dataset, int64_t image_id, Random& random) {
  const auto id = static_cast<int64_t>(dataset.questions.size());
  std::string text;
  const auto length = kLengths[random.below(kLengths.size())];
  for (int64_t i = 0; i < length; ++i) text += "w" + std::to_string(random.below(kWords - 2)) + " ";
  dataset.questions.push_back({id, image_id, text});
  Annotation truth{id, image_id, "what", "other", "", {}};
  for (int64_t i = 1; i <= 10; ++i) {
    truth.answers.push_back({i, "a" + std::to_string(id * 7 % kAnswers + (i > 7 ? 1 : 0)), "yes"});
  }
  dataset.annotations.push_back(std::move(truth));
}

void write_store(const std::filesystem::path& path, const FeatureSource& features) {
  PackedStoreWriter writer(path, features.width(), /*half=*/false);
  for (int64_t id = 0; id < kPictures; ++id) {
    const RegionFeatures picture = features.load(id);
    writer.add(id, picture.image_width, picture.image_height, picture.boxes, picture.features);
  }
  writer.finish();
}

/// The middles of `count` equal parts of 0 .. size - 1.
std::vector<std::size_t> even_steps(std::size_t size, std::size_t count) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < count; ++i) places.push_back((2 * i + 1) * size / (2 * count));
  return places;
}

}  // namespace

ReferenceCase::ReferenceCase(int64_t fewest, const CancelToken& cancel)
    : cancel_(cancel), options_(load_recipe("mcan-small")) {
  const Vocabulary vocabulary(numbered("w", kWords - 2));
  options_.config.words = kWords;
  options_.config.answers = kAnswers;
  setup_.bundle = ModelBundle::create(options_.config, vocabulary, numbered("a", kAnswers), {});
  setup_.answers = AnswerList(setup_.bundle.answers, {});
  const ModelOptions& model = options_.config.model;
  setup_.alignment =
      std::make_shared<Alignment>(options_.align, model.hidden / model.heads, model.layers);
  features_ = std::make_shared<BlockFeatures>(fewest, options_.config.vision.feature_width);
  Random random(1, 0);
  for (int64_t i = 0; i < kTrained; ++i) add_question(setup_.train, kTrainedPictures + i, random);
  for (int64_t i = 0; i < kPictures * kQuestionsEach; ++i) {
    add_question(evaluated_, i / kQuestionsEach, random);
  }
  setup_.train.name = evaluated_.name = "made up";
  evaluated_.features = folder_.path() / "regions.vqf";
  write_store(evaluated_.features, *features_);
  stepper_ = std::make_unique<Stepper>(setup_, options_, torch::kCPU, 1);
}

Json ReferenceCase::order(const std::string& work, std::size_t questions) const {
  Json regions = Json::array(), lengths = Json::array();
  const std::size_t step = evaluated_.questions.size() / questions;
  for (std::size_t i = 0; i < questions; ++i) {
    const Question& question = evaluated_.questions[i * step];
    regions.push(*features_->regions(question.image_id));
    lengths.push(tokenize(question.question).size());
  }
  return Json::object().set("work", work).set("regions", regions).set("lengths", lengths);
}

double ReferenceCase::train(std::size_t count) {
  const BatchInputs inputs{.dataset = &setup_.train,
                           .vocabulary = &setup_.bundle.vocabulary,
                           .answers = &setup_.answers,
                           .features = features_.get(),
                           .max_tokens = options_.config.language.max_tokens};
  const std::vector<QuestionShape> shapes = question_shapes(inputs);
  const auto work = [&shapes](const std::vector<int64_t>& rows) {
    int64_t regions = 0, tokens = 0;
    for (const int64_t row : rows) {
      regions = std::max(regions, shapes[static_cast<std::size_t>(row)].regions);
      tokens = std::max(tokens, shapes[static_cast<std::size_t>(row)].tokens);
    }
    return regions + tokens;
  };
  auto batches =
      BatchSampler(shapes, options_.data, options_.train.batch_size, 1, /*drop_last=*/true)
          .epoch(0);
  std::stable_sort(batches.begin(), batches.end(),
                   [&](const auto& a, const auto& b) { return work(a) < work(b); });
  std::vector<std::vector<int64_t>> chosen;
  for (const std::size_t place : even_steps(batches.size(), count)) {
    chosen.push_back(batches[place]);
  }
  setup_.bundle.model->train();
  const double seconds = seconds_of([&] {
    BatchLoader loader(inputs, options_.data, &cancel_);
    loader.start(chosen);
    while (const std::optional<Batch> batch = loader.next()) {
      stepper_->take(*batch, {.number = ++step_, .learning_rate = 1e-5});
    }
  });
  return static_cast<double>(count) * static_cast<double>(options_.train.batch_size) / seconds;
}

double ReferenceCase::evaluate() {
  SilentProgress silent;
  const EvaluationOptions options{.batch_size = options_.train.batch_size, .data = options_.data};
  Predictions predictions;
  const double seconds = seconds_of(
      [&] { predictions = predict(setup_.bundle, evaluated_, options, silent, cancel_); });
  return static_cast<double>(predictions.answers.size()) / seconds;
}

double ReferenceCase::ask(std::size_t count) {
  const torch::InferenceMode no_grad;
  setup_.bundle.model->eval();
  const BatchInputs inputs{.dataset = &evaluated_,
                           .vocabulary = &setup_.bundle.vocabulary,
                           .features = features_.get(),
                           .max_tokens = options_.config.language.max_tokens};
  const double seconds = seconds_of([&] {
    for (const std::size_t place : even_steps(evaluated_.questions.size(), count)) {
      const Batch batch = make_batch(inputs, {static_cast<int64_t>(place)}, nullptr);
      setup_.bundle.model(model_input(batch, torch::kCPU)).logits.argmax(1);
    }
  });
  return static_cast<double>(count) / seconds;
}

}  // namespace vqalign

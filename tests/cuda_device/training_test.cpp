// A model's passes, its training and its batches on a GPU, against the same on the CPU.
#include <algorithm>
#include <cmath>

#include "tests/cuda_device/device.h"
#include "tests/train/training_fixture.h"
#include "vqalign/data/device_copy.h"
#include "vqalign/train/batch_memory.h"
#include "vqalign/train/device.h"
#include "vqalign/train/extraction.h"
#include "vqalign/train/stepper.h"

namespace vqalign {
namespace {

using on_device::expect_agree;

const torch::Device kGpu(torch::kCUDA, 0);

class DeviceTraining : public on_device::DeviceTest<TrainingTest> {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (!IsSkipped()) prepare_device("cuda:0");
  }

  /// Without dropout, so that both devices compute the same.
  TrainRequest request_on(torch::Device device, std::vector<std::string> settings = {}) const {
    TrainRequest asked = request("model");
    asked.device = device;
    settings.insert(settings.begin(),
                    {"model.dropout=0", "train.precision=float32", "train.epsilon=1e-3"});
    const OptionTree tree = asked.options.options();
    for (const std::string& setting : settings) set_option(tree, setting);
    return asked;
  }
};

/// A training at its first step, and a batch of it.
struct Begun {
  explicit Begun(const TrainRequest& asked)
      : request(asked),
        setup(prepare_training(request, progress, cancel)),
        source(dataset_inputs(setup.bundle.config, setup.train, setup.bundle.vocabulary,
                              &setup.answers, &cancel, &setup.targets)),
        batch(make_batch(source.inputs, rows(), nullptr)) {
    setup.bundle.model->train();
  }
  static std::vector<int64_t> rows() { return {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}; }
  Stepper stepper() { return {setup, request.options, request.device, request.seed}; }

  SilentProgress progress;
  CancelToken cancel;
  TrainRequest request;
  TrainingSetup setup;
  DatasetInputs source;
  Batch batch;
};

TEST_F(DeviceTraining, LogitsOfPicturesAreTheCpus) {
  Begun here(request_on(torch::kCPU)), there(request_on(kGpu));
  here.setup.bundle.model->eval();
  there.setup.bundle.model->eval();
  const torch::NoGradGuard no_grad;
  const ModelOutput expected = here.setup.bundle.model(model_input(here.batch, torch::kCPU));
  const ModelOutput found = there.setup.bundle.model(model_input(there.batch, kGpu));
  expect_agree(found.logits, expected.logits, "logits");
  expect_agree(found.region_weights, expected.region_weights, "weights of regions");
}

TEST_F(DeviceTraining, LogitsOfStoredFeaturesAreTheCpus) {
  torch::manual_seed(3);
  ModelConfig config;
  config.vision.encoder = "features";
  config.vision.feature_width = 48;
  config.words = 30;
  config.answers = 70;
  config.model.layers = 2;
  config.model.hidden = 64;
  config.model.heads = 4;
  config.model.feed_forward = 128;
  config.model.boxes = "fourier";
  VqaModel model(config);
  model->eval();
  ModelInput input;
  input.tokens = torch::randint(1, 30, {5, 7}, torch::kLong);
  input.tokens[1].slice(0, 4).zero_();
  input.tokens[2].zero_();
  RegionBatch regions{torch::randn({5, 9, 48}), torch::rand({5, 9, 4}),
                      torch::zeros({5, 9}, torch::kBool), torch::full({5, 2}, 300.0)};
  regions.mask[3].slice(0, 2).fill_(true);
  input.regions = regions;
  const torch::NoGradGuard no_grad;
  const torch::Tensor expected = model(input).logits;
  model->to(kGpu);
  input.tokens = input.tokens.to(kGpu);
  input.regions = to_device(regions, kGpu);
  expect_agree(model(input).logits, expected, "logits");
}

TEST_F(DeviceTraining, ExtractedRegionsAreTheCpus) {
  std::vector<fs::path> files;
  std::vector<int64_t> ids;
  int64_t width = 0;
  for (const torch::Device& device : {torch::Device(torch::kCPU), kGpu}) {
    Begun begun(request_on(device));
    files.push_back(folder_ / (device.is_cpu() ? "cpu.regions" : "cuda.regions"));
    const Dataset dataset = load_dataset(begun.request.train, /*need_annotations=*/false);
    ids.clear();
    for (const Question& question : dataset.questions) ids.push_back(question.image_id);
    width = extract_features(begun.setup.bundle, dataset, begun.request.options.data, device,
                             {files.back()}, begun.progress, begun.cancel)
                .width;
  }
  const auto expected = open_features(files[0], width), found = open_features(files[1], width);
  for (const int64_t id : ids) {
    const RegionFeatures one = expected->load(id), other = found->load(id);
    EXPECT_TRUE(torch::allclose(other.features, one.features, 1e-4, 1e-4)) << id;
    EXPECT_TRUE(torch::allclose(other.boxes, one.boxes, 1e-4, 1e-3)) << id;
  }
}

TEST_F(DeviceTraining, TenStepsAreTheCpus) {
  for (const char* kind : {"none", "ct", "gan", "mmd", "ot"}) {
    const std::vector<std::string> settings = {concat("align.kind=", kind)};
    Begun here(request_on(torch::kCPU, settings)), there(request_on(kGpu, settings));
    Stepper on_cpu = here.stepper(), on_gpu = there.stepper();
    for (int64_t step = 1; step <= 10; ++step) {
      const StepSettings how{
          .number = step, .learning_rate = 1e-3, .relevance_weight = step < 5 ? 2.0 : 0.0};
      const StepResult expected = on_cpu.take(here.batch, how);
      const StepResult found = on_gpu.take(there.batch, how);
      const auto close = [&](double a, double b, const char* what) {
        EXPECT_NEAR(a, b, 1e-4 * std::abs(b) + 1e-5) << kind << " step " << step << " " << what;
      };
      close(*found.loss, *expected.loss, "loss");
      close(found.gradient_norm, expected.gradient_norm, "gradient norm");
      close(*found.object_loss, *expected.object_loss, "object loss");
      if (expected.distance) close(*found.distance, *expected.distance, "distance");
      EXPECT_EQ(found.distances.size(), expected.distances.size());
    }
    const NamedTensors expected = here.setup.state_tensors();
    const NamedTensors found = there.setup.state_tensors();
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      expect_agree(found[i].second, expected[i].second, concat(kind, " ", found[i].first), 1e-4);
    }
  }
}

TEST_F(DeviceTraining, LowerPrecisionLearns) {
  for (const char* precision : {"auto", "bfloat16", "float16"}) {
    const std::string setting = concat("train.precision=", precision);
    Begun begun(request_on(kGpu, {setting, "train.epsilon=1e-9"}));
    Stepper stepper = begun.stepper();
    double first = 0, last = 0;
    int64_t skipped = 0;
    for (int64_t step = 1; step <= 40; ++step) {
      const StepResult result = stepper.take(begun.batch, {.number = step, .learning_rate = 5e-3});
      skipped += result.skipped;
      (step == 1 ? first : last) = *result.loss;
    }
    EXPECT_LT(last, 0.8 * first) << precision;
    EXPECT_LT(skipped, 20) << precision;
    stepper.check_weights(40);
  }
}

TEST_F(DeviceTraining, OneSeedGivesOneResultWhateverStopsIt) {
  for (const char* precision : {"float32", "bfloat16", "float16"}) {
    TrainRequest whole = request_on(
        kGpu, {concat("train.precision=", precision), "model.dropout=0.2", "train.average=0.9"});
    whole.validation.reset();
    whole.out = folder_ / "whole";
    train(whole);
    TrainRequest again = whole;
    again.out = folder_ / "again";
    train(again);
    expect_same_tensors(whole.out, again.out);
    TrainRequest stopped = whole;
    stopped.out = folder_ / "stopped";
    EXPECT_EQ(state_after(stopped, 48).progress.device, "cuda");
    stopped.resume = true;
    train(stopped);
    expect_same_tensors(whole.out, stopped.out);
  }
}

TEST_F(DeviceTraining, AStateGoesOnOnTheOtherDevice) {
  for (const torch::Device& first : {torch::Device(torch::kCPU), kGpu}) {
    const torch::Device second = first.is_cpu() ? kGpu : torch::Device(torch::kCPU);
    TrainRequest whole = request_on(first);
    whole.validation.reset();
    whole.out = folder_ / "whole";
    train(whole);
    TrainRequest moved = whole;
    moved.out = folder_ / "moved";
    state_after(moved, 48);
    moved.resume = true;
    moved.device = second;
    train(moved);
    const TrainingState expected = load_state(state_path(whole.out));
    const TrainingState found = load_state(state_path(moved.out));
    EXPECT_EQ(found.progress.step, expected.progress.step);
    EXPECT_EQ(found.progress.device, second.is_cpu() ? "cpu" : "cuda");
    ASSERT_EQ(found.tensors.size(), expected.tensors.size());
    for (std::size_t i = 0; i < found.tensors.size(); ++i) {
      const auto& [name, tensor] = found.tensors[i];
      if (!name.starts_with("model.")) continue;
      EXPECT_TRUE(torch::allclose(tensor.to(torch::kFloat), expected.tensors[i].second, 0.02, 0.02))
          << name;
    }
  }
}

TEST_F(DeviceTraining, BatchesAreCopiedAheadWhole) {
  Begun begun(request_on(kGpu));
  std::vector<std::vector<int64_t>> batches;
  for (int64_t first = 0; first + 16 <= 96; first += 16) {
    batches.emplace_back();
    for (int64_t i = 0; i < 16; ++i) batches.back().push_back(first + i);
  }
  for (const int64_t workers : {0, 1, 3}) {
    DataOptions options;
    options.workers = workers;
    BatchLoader loader(begun.source.inputs, options, nullptr, kGpu);
    loader.start(batches);
    std::size_t number = 0;
    while (const std::optional<Batch> batch = loader.next()) {
      const Batch expected = make_batch(begun.source.inputs, batches[number++], nullptr);
      ASSERT_TRUE(batch->copy);
      EXPECT_TRUE(batch->tokens.is_pinned());
      const Batch& found = placed(*batch);
      EXPECT_TRUE(found.tokens.is_cuda());
      EXPECT_TRUE(torch::equal(found.tokens.cpu(), expected.tokens));
      EXPECT_TRUE(torch::equal(found.targets.cpu(), expected.targets));
      EXPECT_TRUE(torch::equal(found.pictures.pixels.cpu(), expected.pictures.pixels));
      EXPECT_TRUE(torch::equal(batch->pictures.pixels, expected.pictures.pixels));
    }
    EXPECT_EQ(number, batches.size());
  }
}

TEST_F(DeviceTraining, ABatchThatDoesNotFitIsToldWithOneThatDoes) {
  BatchMemory memory(kGpu, "--batch-size ");
  const auto floats = [](int64_t count) { return torch::empty({count}, kGpu); };
  memory.with(4, [&] { floats(int64_t{1} << 24); });
  try {
    memory.with(int64_t{1} << 20, [&] { floats(int64_t{1} << 42); });
    FAIL() << "16 TiB are on no GPU";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("a batch of 1048576 takes more memory"),
              std::string::npos);
    const std::string hint = error.hint();
    ASSERT_TRUE(hint.starts_with("--batch-size ")) << hint;
    // Four samples took 64 MiB.
    const double advised = std::stod(hint.substr(13));
    const auto total = static_cast<double>(at::accelerator::getMemoryInfo(0).second);
    EXPECT_LT(advised, total / (1 << 24));
    EXPECT_GT(advised, 1);
  }
}

}  // namespace
}  // namespace vqalign

#include "vqalign/inspect/answerer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>

#include "vqalign/core/error.h"
#include "vqalign/core/statistics.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/inspect/stochastic_passes.h"
#include "vqalign/language/tokenizer.h"
#include "vqalign/vision/domain.h"
#include "vqalign/vision/picture.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int64_t kMostPasses = 10000;
constexpr double kSignificance = 0.05;

double milliseconds_since(Clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

/// What tells a file from its later self.
struct FileStamp {
  fs::path path;
  std::uintmax_t bytes = 0;
  fs::file_time_type time;

  static std::optional<FileStamp> of(const fs::path& path) {
    std::error_code failed;
    FileStamp stamp{path, fs::file_size(path, failed), {}};
    if (!failed) stamp.time = fs::last_write_time(path, failed);
    if (failed) return std::nullopt;
    return stamp;
  }
  bool operator==(const FileStamp&) const = default;
};

struct EncodedPicture {
  std::optional<FileStamp> stamp;
  RegionBatch regions;
  int64_t width = 0;
  int64_t height = 0;
  std::optional<bool> in_domain;
};

void check(const AskOptions& options) {
  if (options.top < 1) throw UsageError(concat("top is ", options.top, ", allowed is 1 or more"));
  if (options.passes == 0) return;
  if (options.passes < 2 || options.passes > kMostPasses) {
    throw UsageError(concat("passes is ", options.passes, ", allowed is 0 or 2 to ", kMostPasses));
  }
}

std::string quoted_list(const std::vector<std::string>& words) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), kShown); ++i) {
    text += (i == 0 ? "\"" : ", \"") + words[i] + "\"";
  }
  return words.size() > kShown ? text + concat(" and ", words.size() - kShown, " more") : text;
}

void warn_about_words(AnswerEvidence& evidence, int64_t max_tokens) {
  std::vector<std::string> unknown;
  for (const QuestionWord& word : evidence.words) {
    const bool told = std::find(unknown.begin(), unknown.end(), word.text) != unknown.end();
    if (!word.known && !told) unknown.push_back(word.text);
  }
  if (!unknown.empty()) {
    evidence.warnings.push_back(concat("The model does not know the word",
                                       unknown.size() > 1 ? "s " : " ", quoted_list(unknown), "."));
  }
  if (evidence.words.back().cut) {
    evidence.warnings.push_back(concat("The question has ", evidence.words.size(),
                                       " words; the model read the first ", max_tokens, "."));
  }
}

/// [1, n, G] weights of one question to n means over the glimpses.
std::vector<double> mean_over_glimpses(const torch::Tensor& weights) {
  const torch::Tensor mean = weights[0].to(torch::kCPU, torch::kFloat64).mean(1).contiguous();
  return {mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel()};
}

}  // namespace

struct Answerer::State {
  fs::path file;
  ModelBundle bundle;
  DomainModel domain;
  torch::Device device;
  EncodedPicture last;

  const EncodedPicture& encode(const fs::path& path);
  torch::Tensor read_question(AnswerEvidence& evidence);
  void look(AnswerEvidence& evidence, const ModelOutput& output) const;
  void rank(AnswerEvidence& evidence, const torch::Tensor& passes, int64_t top) const;
};

const EncodedPicture& Answerer::State::encode(const fs::path& path) {
  const std::optional<FileStamp> stamp = FileStamp::of(path);
  if (stamp && last.stamp == stamp) return last;
  last = {};
  const Picture picture = read_picture(path);
  const PictureScale scale = GridCnnImpl::picture_scale(bundle.config.vision);
  ModelInput input;
  input.pictures =
      to_device(collate_pictures({scale_picture(picture, scale)}, scale.multiple), device);
  EncodedPicture encoded{stamp, bundle.model->encode_pictures(input), picture.width, picture.height,
                         std::nullopt};
  if (domain.fitted()) encoded.in_domain = domain.covers(picture);
  last = std::move(encoded);
  return last;
}

/// Fills in the words; returns the tokens [1, T].
torch::Tensor Answerer::State::read_question(AnswerEvidence& evidence) {
  const int64_t max_tokens = bundle.config.language.max_tokens;
  std::vector<int64_t> ids;
  for (std::string& word : tokenize(evidence.question)) {
    const int64_t id = bundle.vocabulary.id(word);
    const bool cut = static_cast<int64_t>(ids.size()) == max_tokens;
    if (!cut) ids.push_back(id);
    evidence.words.push_back({std::move(word), id != Vocabulary::kUnknown, cut, 0});
  }
  if (ids.empty()) throw UsageError(concat("question \"", evidence.question, "\" has no word"));
  warn_about_words(evidence, max_tokens);
  return torch::tensor(ids, torch::kInt64).unsqueeze(0).to(device);
}

/// Fills in what pooling looked at.
void Answerer::State::look(AnswerEvidence& evidence, const ModelOutput& output) const {
  const std::vector<double> words = mean_over_glimpses(output.word_weights);
  for (std::size_t i = 0; i < words.size(); ++i) evidence.words[i].weight = words[i];
  const std::vector<double> regions = mean_over_glimpses(output.region_weights);
  const torch::Tensor boxes = output.boxes[0].to(torch::kCPU, torch::kFloat64).contiguous();
  const torch::Tensor padded = output.region_mask[0].cpu().contiguous();
  for (std::size_t i = 0; i < regions.size(); ++i) {
    if (padded.data_ptr<bool>()[i]) continue;
    const double* box = boxes.data_ptr<double>() + 4 * i;
    evidence.regions.push_back({box[0], box[1], box[2], box[3], regions[i]});
  }
}

/// Fills in the answers from probabilities [N, A] of one or more passes.
void Answerer::State::rank(AnswerEvidence& evidence, const torch::Tensor& passes,
                           int64_t top) const {
  if (!torch::isfinite(passes).all().item<bool>()) {
    fail(file.string(), ": gives probabilities that are no numbers for this question");
  }
  const torch::Tensor samples = passes.to(torch::kCPU, torch::kFloat64).contiguous();
  const torch::Tensor mean = samples.mean(0);
  const double* means = mean.data_ptr<double>();
  std::vector<std::size_t> order(bundle.answers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [means](std::size_t a, std::size_t b) { return means[a] > means[b]; });
  const auto column = [&](std::size_t answer) {
    return samples.select(1, static_cast<int64_t>(answer)).contiguous();
  };
  const bool several = samples.size(0) > 1;
  const std::size_t shown = std::min(order.size(), static_cast<std::size_t>(top));
  for (std::size_t i = 0; i < shown; ++i) {
    const double spread = several ? column(order[i]).std(/*unbiased=*/true).item<double>() : 0.0;
    evidence.answers.push_back(
        {bundle.answers[order[i]], means[order[i]], bundle.priors[order[i]], spread});
  }
  if (!several || order.size() < 2) return;
  const auto values = [&](std::size_t answer) {
    const torch::Tensor one = column(answer);
    return std::vector<double>(one.data_ptr<double>(), one.data_ptr<double>() + one.numel());
  };
  const double p_value = welch_t_test(values(order[0]), values(order[1])).p_value;
  evidence.certainty = Certainty{p_value < kSignificance, p_value};
}

Answerer::Answerer(const fs::path& model, const std::string& device)
    : state_(new State{model, load_model(model), {}, torch::Device(device), {}}) {
  const ModelConfig& config = state_->bundle.config;
  if (config.vision.encoder != "grid") {
    throw Error(model.string() + ": takes stored features, which a picture is not",
                "ask a model whose vision.encoder is grid");
  }
  state_->domain =
      DomainModel::from_json(state_->bundle.domain, model.string() + ": metadata \"domain\"");
  state_->bundle.model->to(state_->device);
}

Answerer::~Answerer() = default;
Answerer::Answerer(Answerer&&) noexcept = default;
Answerer& Answerer::operator=(Answerer&&) noexcept = default;

AnswerEvidence Answerer::ask(const fs::path& picture, const std::string& question,
                             const AskOptions& options) {
  check(options);
  const torch::InferenceMode no_gradients;
  AnswerEvidence evidence;
  evidence.question = valid_utf8(question);
  evidence.picture = valid_utf8(picture.string());
  evidence.model = valid_utf8(state_->file.filename().string());
  ModelInput input;
  input.tokens = state_->read_question(evidence);

  const Clock::time_point begun = Clock::now();
  const EncodedPicture& encoded = state_->encode(picture);
  evidence.encode_milliseconds = milliseconds_since(begun);
  evidence.picture_width = encoded.width;
  evidence.picture_height = encoded.height;
  evidence.in_domain = encoded.in_domain;
  if (encoded.in_domain == false) {
    evidence.warnings.emplace_back(
        "The picture is of another kind than those the model was trained on; "
        "its answers may mean little.");
  }

  const Clock::time_point encoded_at = Clock::now();
  input.regions = encoded.regions;
  const ModelOutput output = state_->bundle.model(input);
  state_->look(evidence, output);
  torch::Tensor probabilities = output.logits.sigmoid();
  if (options.passes > 0) {
    evidence.passes = options.passes;
    if (state_->bundle.config.model.dropout == 0) {
      evidence.warnings.emplace_back(
          "The model has no dropout, so its passes cannot tell how certain it is.");
    }
    probabilities = stochastic_passes(state_->bundle.model, input, options);
  }
  state_->rank(evidence, probabilities, options.top);
  evidence.answer_milliseconds = milliseconds_since(encoded_at);
  return evidence;
}

int64_t Answerer::answers() const {
  return static_cast<int64_t>(state_->bundle.answers.size());
}

}  // namespace vqalign

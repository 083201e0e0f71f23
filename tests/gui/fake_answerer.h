#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/inspect/sample_inspection.h"
#include "vqalign/inspect/answerer.h"

namespace vqalign::test {

/// How large a fake's maps are, and how it behaves.
struct FakeShape {
  int64_t layers = 2;
  int64_t heads = 2;
  int64_t words = 4;
  int64_t regions = 9;
  FamilyShape pretrained = {};
  int milliseconds = 0;        ///< of every answer
  std::string fails_for = {};  ///< a question that throws Error
};

/// An AnswerSource without a model: made-up maps, answers that tell the question and edits. Notes
/// on which thread it is asked.
class FakeAnswerer : public AnswerSource {
 public:
  explicit FakeAnswerer(FakeShape shape = {})
      : shape_(std::move(shape)), milliseconds_(shape_.milliseconds) {}

  /// Answers take so long from now on.
  void slow_down(int milliseconds) { milliseconds_ = milliseconds; }

  AnswerEvidence ask(const std::filesystem::path& picture, const std::string& question,
                     const AskOptions& options) override {
    return inspect(picture, question, {}, options).evidence;
  }

  Inspection inspect(const std::filesystem::path& picture, const std::string& question,
                     const Edits& edits, const AskOptions& options) override {
    note(question);
    for (int waited = 0; waited < milliseconds_; ++waited) {
      if (options.cancel) options.cancel->check();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (question == shape_.fails_for) throw Error("model: cannot answer this", "ask another");
    Inspection inspection = sample_inspection(shape_.layers, shape_.heads, shape_.words,
                                              shape_.regions, false, shape_.pretrained);
    inspection.edits = edits;
    AnswerEvidence& evidence = inspection.evidence;
    evidence.question = question;
    evidence.picture = picture.string();
    evidence.model = "fake.safetensors";
    evidence.picture_width = 8 * int64_t(evidence.regions.size());
    evidence.picture_height = 8;
    const double off = 0.01 * double(edits.silenced.size() + edits.dropped_regions.size());
    evidence.answers = {{"to " + question, 0.75 - off, 0.1, 0}, {"no", 0.25 + off, 0.4, 0}};
    evidence.passes = options.passes;
    if (options.passes > 0) {
      evidence.certainty = Certainty{true, 0.01, "to " + question, "no"};
      for (RankedAnswer& answer : evidence.answers) answer.spread = 0.125;
      evidence.over_passes = halved(evidence);
    }
    return inspection;
  }

  TokenScores relevance(const std::filesystem::path&, const std::string&, const Edits&,
                        const std::string&) override {
    note("relevance");
    const Inspection sample =
        sample_inspection(shape_.layers, shape_.heads, shape_.words, shape_.regions);
    TokenScores scores{std::vector<double>(sample.evidence.words.size(), 0.0),
                       std::vector<double>(sample.evidence.regions.size(), 0.0)};
    scores.words.front() = 0.25;
    scores.regions.front() = 0.75;
    return scores;
  }

  PassWeights weights_over_passes(const std::filesystem::path&, const std::string&, const Edits&,
                                  const WeightChoice& choice, const AskOptions&) override {
    note("over passes");
    const Inspection sample =
        sample_inspection(shape_.layers, shape_.heads, shape_.words, shape_.regions);
    const TokenScores scores{std::vector<double>(sample.evidence.words.size(), 0.25),
                             std::vector<double>(sample.evidence.regions.size(), 0.25)};
    return halved(weighed(sample, choice, &scores));
  }
  std::vector<double> head_effects(const std::filesystem::path&, const std::string&, const Edits&,
                                   const std::string&, const CancelToken*) override {
    note("effects");
    std::vector<double> effects(all_sites(shape_.layers, shape_.heads, shape_.pretrained).size());
    for (std::size_t i = 0; i < effects.size(); ++i) effects[i] = 0.01 * double(i);
    return effects;
  }

  ModelCard card() const override {
    ModelCard card;
    card.file = "fake.safetensors";
    card.layers = shape_.layers;
    card.heads = shape_.heads;
    card.pretrained = shape_.pretrained;
    card.answers = 2;
    return card;
  }

  /// What was asked, in order.
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  /// Whether any call came from `thread`.
  bool ran_on(std::thread::id thread) const {
    const std::lock_guard lock(mutex_);
    return std::find(threads_.begin(), threads_.end(), thread) != threads_.end();
  }

 private:
  /// Weights that spread by half of what they are.
  static PassWeights halved(const AnswerEvidence& evidence) {
    PassWeights made;
    for (const QuestionWord& word : evidence.words) {
      made.mean.words.push_back(word.weight);
      made.spread.words.push_back(word.weight / 2);
    }
    for (const PictureRegion& region : evidence.regions) {
      made.mean.regions.push_back(region.weight);
      made.spread.regions.push_back(region.weight / 2);
    }
    return made;
  }

  void note(const std::string& what) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(what);
    threads_.push_back(std::this_thread::get_id());
  }

  FakeShape shape_;
  std::atomic<int> milliseconds_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::vector<std::thread::id> threads_;
};

}  // namespace vqalign::test

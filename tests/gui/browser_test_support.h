#pragma once

#include <gtest/gtest.h>

#include <QTest>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/data/data_test_support.h"
#include "vqalign/data/vqa_files.h"
#include "vqalign/gui/browser/record_query.h"
#include "vqalign/inspect/answerer.h"
#include "vqalign/vision/picture.h"

namespace vqalign::test {

inline constexpr int kBrowserRows = 60;
inline constexpr int kBrowserImages = 20;

inline Annotation browser_annotation(const Question& question, const std::string& type,
                                     const std::vector<std::string>& answers) {
  Annotation annotation{question.question_id, question.image_id, "what", type, answers[0], {}};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    annotation.answers.push_back({static_cast<int64_t>(i) + 1, answers[i], "yes"});
  }
  return annotation;
}

/// A dataset on disk with kBrowserRows questions on kBrowserImages pictures in the split val2014:
/// question 100 + i about image i % kBrowserImages. Every third is a yes/no question, true answer
/// "yes"; the others' ten answers are seven "red" and three "dark red".
class BrowserData {
 public:
  BrowserData() {
    for (int i = 0; i < kBrowserRows; ++i) {
      const bool yes_no = i % 3 == 0;
      const Question question{
          100 + i, i % kBrowserImages,
          yes_no ? concat("Is shape ", i, " a circle?") : concat("What colour has shape ", i, "?")};
      std::vector<std::string> answers(10, yes_no ? "yes" : "red");
      if (!yes_no) answers[7] = answers[8] = answers[9] = "dark red";
      questions.push_back(question);
      annotations.push_back(browser_annotation(question, yes_no ? "yes/no" : "other", answers));
    }
    write_questions(folder / "v2_OpenEnded_mscoco_val2014_questions.json", questions, "val2014");
    write_annotations(folder / "v2_mscoco_val2014_annotations.json", annotations, "val2014");
    for (int i = 0; i < kBrowserImages; ++i) write_picture(i);
  }

  std::string picture_name(int image) const {
    return concat("COCO_val2014_", std::string(12, '0'), image, ".png");
  }
  void write_picture(int image) const {
    std::filesystem::create_directories(folder / "val2014");
    const auto grey = static_cast<uint8_t>(10 * image);
    write_png(folder / ("val2014/" + picture_name(image)),
              Picture{32, 24, std::vector<uint8_t>(32 * 24 * 3, grey)});
  }

  /// Question 100 + i is answered "yes", "red" or "dark red" as i % 3 says.
  std::vector<Result> results() const {
    const std::string texts[] = {"yes", "red", "dark red"};
    std::vector<Result> results;
    for (int i = 0; i < kBrowserRows; ++i) results.push_back({100 + i, texts[i % 3]});
    return results;
  }
  std::filesystem::path results_file() const {
    write_results(folder / "r.json", results());
    return folder / "r.json";
  }
  DataSource source() const {
    DataSource source;
    source.directory = folder.path();
    source.split = "val2014";
    return source;
  }

  TestFolder folder;
  std::vector<Question> questions;
  std::vector<Annotation> annotations;
};

/// Answers every question with "red" at 0.75; fails on pictures that are named.
class FakeAnswers : public AnswerSource {
 public:
  AnswerEvidence ask(const std::filesystem::path& picture, const std::string& question,
                     const AskOptions& options) override {
    if (options.cancel) options.cancel->check();
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    ++asked;
    const std::lock_guard lock(mutex_);
    order.push_back(picture.filename().string());
    if (fails_for_.contains(picture.filename().string())) {
      fail(picture.string(), ": is no picture");
    }
    AnswerEvidence evidence;
    evidence.question = question;
    evidence.answers.push_back({.text = "red", .probability = 0.75});
    return evidence;
  }
  Inspection inspect(const std::filesystem::path&, const std::string&, const Edits&,
                     const AskOptions&) override {
    return {};
  }
  TokenScores relevance(const std::filesystem::path&, const std::string&, const Edits&,
                        const std::string&) override {
    return {};
  }
  PassWeights weights_over_passes(const std::filesystem::path&, const std::string&, const Edits&,
                                  const WeightChoice&, const AskOptions&) override {
    return {};
  }
  std::vector<double> head_effects(const std::filesystem::path&, const std::string&, const Edits&,
                                   const std::string&, const CancelToken*) override {
    return {};
  }
  ModelCard card() const override { return {}; }

  /// Also while something runs.
  void fail_for(const std::string& picture) {
    const std::lock_guard lock(mutex_);
    fails_for_.insert(picture);
  }

  std::atomic<int> milliseconds = 0;
  std::atomic<int> asked = 0;
  std::vector<std::string> order;  // to be read when nothing runs

 private:
  std::mutex mutex_;
  std::set<std::string> fails_for_;
};

}  // namespace vqalign::test

#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vqalign/data/dataset.h"
#include "vqalign/data/health.h"

namespace vqalign::detail {

/// How often something was found, and some of the places.
struct Finding {
  int64_t count = 0;
  std::vector<std::string> examples;

  void add(const std::string& example) {
    constexpr std::size_t kMostExamples = 5;
    ++count;
    if (examples.size() < kMostExamples) examples.push_back(example);
  }
};

/// Collects what is wrong with one split (or, without a name, the whole dataset).
class Findings {
 public:
  Findings(std::vector<HealthProblem>& problems, std::string split)
      : problems_(&problems), split_(std::move(split)) {}

  void error(const std::string& what, const Finding& finding) { add(true, what, finding); }
  void warning(const std::string& what, const Finding& finding) { add(false, what, finding); }
  /// Problems of all splits so far.
  std::size_t size() const { return problems_->size(); }

 private:
  void add(bool is_error, const std::string& what, const Finding& finding) {
    if (finding.count == 0) return;
    problems_->push_back({is_error, split_, what, finding.count, finding.examples});
  }

  std::vector<HealthProblem>* problems_;
  std::string split_;
};

// The lenient readers: what cannot be read is told to `findings` and left out, of a file that ends
// early the part before its end is kept. Records of an id seen before are told and left out.
std::vector<Question> read_questions_leniently(const std::filesystem::path& path,
                                               Findings& findings);
/// Annotations without usable answers are kept, with none.
std::vector<Annotation> read_annotations_leniently(const std::filesystem::path& path,
                                                   Findings& findings);

/// Counts the questions' words.
void check_words(const std::vector<Question>& questions, const HealthOptions& options,
                 SplitHealth& health, Findings& findings);

/// What the questions and annotations of a split say of themselves and of one another.
void check_records(const std::vector<Question>& questions,
                   const std::vector<Annotation>& annotations, const HealthOptions& options,
                   SplitHealth& health, Findings& findings);

/// The pictures that a split asks about, by image id; `first_question` names a question of each id.
using FirstQuestions = std::unordered_map<int64_t, int64_t>;
void check_pictures(const SplitPaths& split, const std::vector<SplitPaths>& all,
                    const FirstQuestions& first_question, const HealthOptions& options,
                    ImageIndex& images, SplitHealth& health, Findings& findings, Progress& progress,
                    const CancelToken& cancel);

/// Tells whether stored features hold a picture's. Error when they cannot be opened.
std::function<bool(int64_t image_id)> open_feature_index(const std::filesystem::path& path);

}  // namespace vqalign::detail

#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vqalign/data/per_question.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign {

class SoftTargets;

/// The answers a model can give, with each one's prior (the mean soft target over the training
/// questions). The order is the classifier's.
class AnswerList {
 public:
  AnswerList() = default;
  /// `priors` parallel to `answers`, or empty for zeros. Error when an answer stands there twice.
  AnswerList(std::vector<std::string> answers, std::vector<float> priors);

  /// From training annotations, by normalised multiple_choice_answer: those seen at least
  /// `minimum_count` times, at most `most` of them (0: all; the most frequent win, ties by first
  /// appearance), in order of first appearance. An answer is spelled as most of them spell it, for
  /// the official metric compares spellings where all ten answers of a question agree. Sets the
  /// priors.
  static AnswerList from_annotations(const std::vector<Annotation>& annotations,
                                     int64_t minimum_count, int64_t most);

  /// A JSON list of strings, or the reference's answer_dict.json ([answer -> index, index ->
  /// answer]). Priors are zero until set_priors. Error naming the file and the entry.
  static AnswerList from_file(const std::filesystem::path& path);

  /// Writes the reference's answer_dict.json. Atomic.
  void write_dictionary(const std::filesystem::path& path) const;

  void set_priors(const std::vector<Annotation>& annotations);
  /// The same of the annotations' soft targets on this list.
  void set_priors(const SoftTargets& targets);

  std::size_t size() const { return answers_.size(); }
  const std::vector<std::string>& answers() const { return answers_; }
  const std::vector<float>& priors() const { return priors_; }
  /// The index of an answer spelled as in the list or as normalise_answer() spells it; -1 when the
  /// list lacks it. A list's own "Yes" is found as "yes" too, unless "yes" is another entry.
  int64_t find(const std::string& answer) const;

 private:
  std::vector<std::string> answers_;
  std::vector<float> priors_;
  std::unordered_map<std::string, int64_t> index_;
};

/// The soft target of one question as (answer index, score) pairs: every answer normalised, equal
/// ones counted, score min(1, 0.3 * count) for ten answers (0.3, 0.6, 0.9, 1). With another number
/// of answers n the count is scaled: min(1, 0.3 * count * 10 / n). By index; empty when none is in
/// the list.
std::vector<std::pair<int64_t, float>> soft_target(const Annotation& annotation,
                                                   const AnswerList& list);

/// The soft targets of many questions, in a fraction of the memory that their annotations take.
class SoftTargets {
 public:
  struct Entry {
    int32_t answer = 0;
    float score = 0;
  };

  SoftTargets() = default;
  SoftTargets(const std::vector<Annotation>& annotations, const AnswerList& list);

  std::size_t size() const { return entries_.size(); }
  /// soft_target() of one question.
  std::span<const Entry> operator[](std::size_t question) const { return entries_[question]; }

 private:
  detail::PerQuestion<Entry> entries_;
};

}  // namespace vqalign

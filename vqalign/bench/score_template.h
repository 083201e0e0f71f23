#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vqalign/data/vqa_files.h"

namespace vqalign {

/// Questions with their answers, to be repeated until a dataset is large.
struct ScoreTemplate {
  std::vector<Question> questions;
  std::vector<Annotation> annotations;  ///< parallel to `questions`
};

/// A thousand made-up questions with answers as people type them: ten each, most of them equal,
/// some with articles, number words, punctuation, lacking apostrophes.
ScoreTemplate made_up_template();

/// The questions and annotations of one split of a dataset folder; Error when it has none.
ScoreTemplate dataset_template(const std::filesystem::path& directory, const std::string& split);

/// The three files that scoring reads.
struct ScoreInput {
  std::filesystem::path questions;
  std::filesystem::path annotations;
  std::filesystem::path results;

  /// As they are called in a folder.
  static ScoreInput in(const std::filesystem::path& folder);
};

/// Writes `count` questions, the template's over and over under ids of their own, their annotations
/// and a results file that gives the most common answer to four of five.
void write_score_input(const ScoreTemplate& repeated, int64_t count, const ScoreInput& files);

}  // namespace vqalign

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/json.h"
#include "vqalign/core/progress.h"

namespace vqalign {

/// How far pictures are looked at: not at all, whether each is there, its header makes sense and
/// its file is not cut off, or whether all of it decodes.
enum class PictureCheck { kNone, kHeaders, kDecode };

/// What a health check is told.
struct HealthOptions {
  std::filesystem::path directory;  ///< in VQA v2 layout
  std::string split;                ///< as of DataSource; empty: every split of the folder
  std::filesystem::path features;   ///< stored features in place of pictures
  std::filesystem::path answers;    ///< a fixed answer list; empty: what training would list
  int64_t answer_minimum = 9;       ///< as of TrainOptions
  int64_t answer_most = 0;
  int64_t max_tokens = 14;  ///< words of a question that a model reads
  PictureCheck pictures = PictureCheck::kHeaders;
  int threads = 0;  ///< 0: all
};

/// What is wrong with a dataset. An error stops a verb that loads the split; a warning is worth
/// knowing before hours of work.
struct HealthProblem {
  bool is_error = false;
  std::string split;  ///< empty: the dataset's as a whole
  std::string what;   ///< "questions without an annotation"
  int64_t count = 0;
  std::vector<std::string> examples;  ///< some of them, in the files' order
};

/// One split in numbers.
struct SplitHealth {
  std::string subset;
  int64_t questions = 0;
  int64_t images = 0;  ///< different image ids that are asked about
  int64_t annotations = 0;
  int64_t answers = 0;  ///< records of all annotations
  int64_t missing_images = 0;
  int64_t broken_images = 0;
  int64_t missing_features = 0;
  int64_t longest_question = 0;  ///< in words
  int64_t cut_questions = 0;     ///< longer than HealthOptions::max_tokens
  std::map<std::string, int64_t> answer_types;
  /// Percent of questions with an answer in the list, and of answers that are; none without both.
  std::optional<double> covered_questions;
  std::optional<double> covered_answers;
};

/// The state of a dataset folder.
struct DatasetHealth {
  std::vector<SplitHealth> splits;
  int64_t listed_answers = 0;
  std::vector<HealthProblem> problems;  ///< errors first
  /// Whether `train` has what it needs: a training split, a validation split that is whole or none
  /// at all, no error in either. With HealthOptions::split: no error in the splits named.
  bool trainable = false;

  /// {"kind": "check", "splits": {..}, "listed_answers": N, "problems": [{"severity": "error" or
  /// "warning", "split": .. or null, "what": "..", "count": N, "examples": [..]}], "trainable": ..}
  Json to_json() const;
};

/// Looks through a dataset and goes on past what load_dataset() would stop at: records that are
/// malformed, twice there, without their counterpart or with another's picture; missing and broken
/// pictures or features; answers that no list holds; what the splits share. Error only when
/// there is nothing to look at: no such folder, no questions file, no such split.
DatasetHealth check_dataset(const HealthOptions& options, Progress& progress,
                            const CancelToken& cancel);

}  // namespace vqalign

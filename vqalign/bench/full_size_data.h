#pragma once

#include <cstdint>
#include <filesystem>

#include "vqalign/core/cancel.h"

namespace vqalign {

/// A made-up dataset with as many questions, answers and pictures as VQA v2 has in train and val
/// (443,757 and 214,354 questions with ten answers each about 82,783 and 40,504 pictures).
struct FullSizeData {
  std::filesystem::path folder;  ///< questions and annotations, train2014 and val2014
  std::filesystem::path
      features;  ///< a folder of .npz: hard links to 500 files of 10 to 100 regions
  std::filesystem::path results;  ///< an answer to every question of val
  int64_t train_questions = 0;
  int64_t val_questions = 0;

  /// As they are called in a folder.
  static FullSizeData in(const std::filesystem::path& folder, int64_t part);

  std::filesystem::path annotations(const char* split) const;
  std::filesystem::path questions(const char* split) const;
};

/// Writes it: some 600 MB. `part` divides every count, for a quick look.
FullSizeData write_full_size(const std::filesystem::path& folder, int64_t part,
                             const CancelToken& cancel);

}  // namespace vqalign

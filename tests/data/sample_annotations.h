#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "vqalign/data/vqa_files.h"

namespace vqalign {

inline Annotation answered_by(const std::vector<std::string>& answers, bool with_ids = true) {
  Annotation annotation;
  annotation.question_id = 1;
  annotation.question_type = "what";
  annotation.answer_type = "other";
  for (std::size_t i = 0; i < answers.size(); ++i) {
    annotation.answers.push_back({with_ids ? static_cast<int64_t>(i + 1) : 0, answers[i], "yes"});
  }
  return annotation;
}

/// `matching` times "yes" among ten answers, the others "no".
inline Annotation ten_answers(int matching) {
  std::vector<std::string> answers(10, "no");
  std::fill(answers.begin(), answers.begin() + matching, "yes");
  return answered_by(answers);
}

}  // namespace vqalign

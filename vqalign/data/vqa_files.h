#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace vqalign {

/// One question of a VQA v2 questions file.
struct Question {
  int64_t question_id = 0;
  int64_t image_id = 0;
  std::string question;
};

/// One person's answer. `answer_id` is 1..10 in VQA v2; 0 when the file has none.
struct AnswerRecord {
  int64_t answer_id = 0;
  std::string answer;
  std::string confidence;
};

/// The answers to one question of a VQA v2 annotations file.
struct Annotation {
  int64_t question_id = 0;
  int64_t image_id = 0;
  std::string question_type;
  std::string answer_type;  ///< "yes/no", "number" or "other"
  std::string multiple_choice_answer;
  std::vector<AnswerRecord> answers;
};

/// One row of a results file as EvalAI takes it.
struct Result {
  int64_t question_id = 0;
  std::string answer;
};

/// The readers stream (bounded memory besides what they return), tolerate unknown keys and a
/// missing header, and throw Error naming the file and the place: missing, empty, truncated, a
/// field missing or of another type, a duplicate question_id in questions or annotations. A file is
/// read by up to `threads` threads at once (0: as many as it is worth); nothing else depends on it.
std::vector<Question> read_questions(const std::filesystem::path& path, int threads = 0);
std::vector<Annotation> read_annotations(const std::filesystem::path& path, int threads = 0);
/// Duplicate ids are kept: the official evaluator lets the last one win.
std::vector<Result> read_results(const std::filesystem::path& path, int threads = 0);

/// The writers are atomic and give VQA v2's own layout; `data_subtype` is e.g. "val2014".
void write_questions(const std::filesystem::path& path, const std::vector<Question>& questions,
                     const std::string& data_subtype);
void write_annotations(const std::filesystem::path& path,
                       const std::vector<Annotation>& annotations, const std::string& data_subtype);
void write_results(const std::filesystem::path& path, const std::vector<Result>& results);

}  // namespace vqalign

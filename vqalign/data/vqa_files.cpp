#include "vqalign/data/vqa_files.h"

#include <algorithm>
#include <charconv>

#include "vqalign/data/id_index.h"
#include "vqalign/data/record_reader.h"
#include "vqalign/data/record_stretches.h"

namespace vqalign {
namespace detail {

std::string describe(std::string_view text) {
  constexpr std::size_t kMost = 40;
  std::size_t end = std::min(text.size(), kMost);
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  std::string shown(text.substr(0, end));
  // A message is one line.
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return concat("the string \"", shown, end < text.size() ? "...\"" : "\"");
}

std::string describe(int64_t value) {
  return concat("the number ", value);
}

std::string describe(double value) {
  char buffer[32];
  const auto written = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return concat("the number ", std::string_view(buffer, written.ptr));
}

}  // namespace detail

namespace {

using detail::RecordField;
using detail::RecordFiller;
using detail::RecordListReader;

constexpr const char* kQuestions = "questions";
constexpr const char* kAnnotations = "annotations";
constexpr std::size_t kAnswersPerQuestion = 10;

RecordField<Annotation> annotation_text(std::string_view name, std::string Annotation::*member) {
  return {name, nullptr, member};
}

class AnnotationReader : public RecordListReader<Annotation> {
 public:
  explicit AnnotationReader(std::string file)
      : RecordListReader(
            std::move(file), kAnnotations,
            {{"question_id", &Annotation::question_id},
             {"image_id", &Annotation::image_id},
             annotation_text("question_type", &Annotation::question_type),
             annotation_text("answer_type", &Annotation::answer_type),
             annotation_text("multiple_choice_answer", &Annotation::multiple_choice_answer)}),
        answer_({{"answer", nullptr, &AnswerRecord::answer},
                 {"answer_confidence", nullptr, &AnswerRecord::confidence, false},
                 {"answer_id", &AnswerRecord::answer_id, nullptr, false}}) {}

 private:
  bool nested_list(std::string_view key) override {
    if (key != "answers") return false;
    record().answers.clear();
    record().answers.reserve(kAnswersPerQuestion);
    return true;
  }
  bool nested_key(std::string_view key) override { return answer_.select(key); }
  void nested_begin() override {
    record().answers.emplace_back();
    answer_.begin();
  }
  void nested_end() override { require(answer_.missing()); }
  bool nested_set(int64_t value) override { return answer_.set(record().answers.back(), value); }
  bool nested_set(std::string_view value) override {
    return answer_.set(record().answers.back(), value);
  }
  std::string nested_name() const override { return ".answers"; }
  std::size_t nested_count() const override { return record().answers.size(); }
  std::string nested_expected() const override {
    return concat('.', answer_.selected(), ": expected ", answer_.expected());
  }
  void finish(Annotation& annotation) override {
    if (annotation.answers.empty()) fail(place(), ": \"answers\" is missing or empty");
  }

  RecordFiller<AnswerRecord> answer_;
};

/// Two records of one question: which of them would count?
template <typename Record>
void refuse_duplicates(const std::vector<Record>& records, const std::string& file,
                       const char* list_key) {
  detail::IdIndex index(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::size_t first = index.add(records[i].question_id, i);
    if (first == detail::IdIndex::kNone) continue;
    fail(file, ": ", list_key, "[", i, "]: question_id ", records[i].question_id,
         " occurs twice, first in ", list_key, "[", first, "]");
  }
}

}  // namespace

std::vector<Question> read_questions(const std::filesystem::path& path, int threads) {
  std::vector<Question> questions = detail::read_records(path, kQuestions, threads, [&] {
    return RecordListReader<Question>(path.string(), kQuestions,
                                      {{"question_id", &Question::question_id},
                                       {"image_id", &Question::image_id},
                                       {"question", nullptr, &Question::question}});
  });
  refuse_duplicates(questions, path.string(), kQuestions);
  return questions;
}

std::vector<Annotation> read_annotations(const std::filesystem::path& path, int threads) {
  std::vector<Annotation> annotations = detail::read_records(
      path, kAnnotations, threads, [&] { return AnnotationReader(path.string()); });
  refuse_duplicates(annotations, path.string(), kAnnotations);
  return annotations;
}

std::vector<Result> read_results(const std::filesystem::path& path, int threads) {
  return detail::read_records(path, "", threads, [&] {
    return RecordListReader<Result>(
        path.string(), "",
        {{"question_id", &Result::question_id}, {"answer", nullptr, &Result::answer}});
  });
}

}  // namespace vqalign

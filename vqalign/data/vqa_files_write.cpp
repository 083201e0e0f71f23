#include "vqalign/core/atomic_file.h"
#include "vqalign/core/json.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign {
namespace {

/// The header that VQA v2's files carry: an open object, to which the list is still to be added.
std::string header(const std::string& data_subtype, bool with_task) {
  Json info = Json::object();
  info.set("description", "VQA v2 layout").set("version", "2.0");
  Json head = Json::object();
  head.set("info", info);
  if (with_task) head.set("task_type", "Open-Ended");
  head.set("data_type", "mscoco").set("data_subtype", data_subtype);
  head.set("license", Json::object().set("name", "").set("url", ""));
  std::string text = head.dump();
  text.pop_back();
  return text;
}

Json to_json(const Question& question) {
  return Json::object()
      .set("image_id", question.image_id)
      .set("question", question.question)
      .set("question_id", question.question_id);
}

Json to_json(const Annotation& annotation) {
  Json answers = Json::array();
  for (const AnswerRecord& record : annotation.answers) {
    Json answer = Json::object();
    answer.set("answer", record.answer).set("answer_confidence", record.confidence);
    if (record.answer_id != 0) answer.set("answer_id", record.answer_id);
    answers.push(std::move(answer));
  }
  return Json::object()
      .set("question_type", annotation.question_type)
      .set("multiple_choice_answer", annotation.multiple_choice_answer)
      .set("answers", std::move(answers))
      .set("image_id", annotation.image_id)
      .set("answer_type", annotation.answer_type)
      .set("question_id", annotation.question_id);
}

Json to_json(const Result& result) {
  return Json::object().set("question_id", result.question_id).set("answer", result.answer);
}

/// Writes the elements of a JSON array one by one, so that the document is never held whole.
template <typename Record>
void write_array(AtomicFile& file, const std::vector<Record>& records) {
  file.write("[");
  bool first = true;
  for (const Record& record : records) {
    if (!first) file.write(", ");
    first = false;
    file.write(to_json(record).dump());
  }
  file.write("]");
}

}  // namespace

void write_questions(const std::filesystem::path& path, const std::vector<Question>& questions,
                     const std::string& data_subtype) {
  AtomicFile file(path);
  file.write(header(data_subtype, true));
  file.write(", \"questions\": ");
  write_array(file, questions);
  file.write("}\n");
  file.commit();
}

void write_annotations(const std::filesystem::path& path,
                       const std::vector<Annotation>& annotations,
                       const std::string& data_subtype) {
  AtomicFile file(path);
  file.write(header(data_subtype, false));
  file.write(", \"annotations\": ");
  write_array(file, annotations);
  file.write("}\n");
  file.commit();
}

void write_results(const std::filesystem::path& path, const std::vector<Result>& results) {
  AtomicFile file(path);
  write_array(file, results);
  file.write("\n");
  file.commit();
}

}  // namespace vqalign

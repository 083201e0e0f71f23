// What questions and annotations say of themselves and of one another.
#include <algorithm>
#include <unordered_map>

#include "vqalign/core/error.h"
#include "vqalign/data/health_findings.h"
#include "vqalign/language/tokenizer.h"

namespace vqalign::detail {
namespace {

void check_annotation(const Annotation& annotation, SplitHealth& health, Finding& types,
                      Finding& single, Finding& other_counts) {
  const std::string name = concat("question ", annotation.question_id);
  const std::string& type = annotation.answer_type;
  ++health.answer_types[type];
  if (type != "yes/no" && type != "number" && type != "other") {
    types.add(concat(name, ": \"", type, "\""));
  }
  const std::size_t answers = annotation.answers.size();
  health.answers += static_cast<int64_t>(answers);
  if (answers == 1) single.add(name);
  if (answers > 1 && answers != 10) other_counts.add(concat(name, " has ", answers));
}

void check_pairs(const std::vector<Question>& questions, const std::vector<Annotation>& annotations,
                 Findings& findings) {
  std::unordered_map<int64_t, const Annotation*> by_id;
  by_id.reserve(annotations.size());
  for (const Annotation& annotation : annotations) by_id[annotation.question_id] = &annotation;
  Finding unanswered, other_picture;
  std::size_t matched = 0;
  for (const Question& question : questions) {
    const auto place = by_id.find(question.question_id);
    if (place == by_id.end()) {
      unanswered.add(concat("question ", question.question_id));
      continue;
    }
    ++matched;
    const int64_t image = place->second->image_id;
    if (image != question.image_id) {
      other_picture.add(concat("question ", question.question_id, ": image_id ", question.image_id,
                               ", its annotation ", image));
    }
    by_id.erase(place);
  }
  if (matched == 0 && !questions.empty() && !annotations.empty()) {
    findings.error("annotations of other questions: no id of one file is in the other",
                   {1,
                    {concat("question ", questions.front().question_id, ", annotation of question ",
                            annotations.front().question_id)}});
    return;
  }
  findings.error("questions without an annotation", unanswered);
  findings.error("questions whose annotation is of another picture", other_picture);
  Finding unasked;
  for (const Annotation& annotation : annotations) {
    if (by_id.contains(annotation.question_id)) {
      unasked.add(concat("question ", annotation.question_id));
    }
  }
  findings.error("annotations without a question", unasked);
}

}  // namespace

void check_words(const std::vector<Question>& questions, const HealthOptions& options,
                 SplitHealth& health, Findings& findings) {
  Finding wordless, cut;
  for (const Question& question : questions) {
    const auto words = static_cast<int64_t>(tokenize(question.question).size());
    health.longest_question = std::max(health.longest_question, words);
    if (words == 0) wordless.add(concat("question ", question.question_id));
    if (words > options.max_tokens) {
      cut.add(concat("question ", question.question_id, " has ", words, " words"));
    }
  }
  health.cut_questions = cut.count;
  findings.warning("questions without a word", wordless);
  findings.warning(concat("questions of more than ", options.max_tokens, " words, cut to these"),
                   cut);
}

void check_records(const std::vector<Question>& questions,
                   const std::vector<Annotation>& annotations, const HealthOptions& options,
                   SplitHealth& health, Findings& findings) {
  health.questions = static_cast<int64_t>(questions.size());
  health.annotations = static_cast<int64_t>(annotations.size());
  check_words(questions, options, health, findings);
  Finding types, single, other_counts;
  for (const Annotation& annotation : annotations) {
    check_annotation(annotation, health, types, single, other_counts);
  }
  findings.warning("annotations of an answer_type other than yes/no, number and other", types);
  findings.warning(
      "questions with a single answer: their official accuracy is always 0, look at "
      "the exact match",
      single);
  findings.warning("questions with other than ten answers", other_counts);
  check_pairs(questions, annotations, findings);
}

}  // namespace vqalign::detail

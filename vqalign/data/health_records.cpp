// Questions and annotations read past their faults.
#include <optional>
#include <unordered_set>

#include "vqalign/core/error.h"
#include "vqalign/core/json_elements.h"
#include "vqalign/data/health_findings.h"
#include "vqalign/data/record_reader.h"

namespace vqalign::detail {
namespace {

std::string short_json(const Json& value) {
  constexpr std::size_t kMost = 50;
  if (value.is_string()) return describe(value.as_string());
  std::string text = value.dump();
  if (text.size() <= kMost) return text;
  std::size_t end = kMost;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

/// Reads one element's members; what is wrong with the first bad one is kept.
class ElementFields {
 public:
  ElementFields(const Json& element, std::string place)
      : element_(element), place_(std::move(place)) {
    if (!element.is_object()) refuse(concat(" is ", short_json(element), ", not an object"));
  }

  int64_t number(const char* key) {
    const Json* value = member(key);
    if (value && value->is_int()) return value->as_int();
    if (value) refuse(concat(".", key, " is ", short_json(*value), ", not a whole number"));
    return 0;
  }
  std::string text(const char* key) {
    const Json* value = member(key);
    if (value && value->is_string()) return value->as_string();
    if (value) refuse(concat(".", key, " is ", short_json(*value), ", not a string"));
    return {};
  }
  const Json* member(const char* key) {
    const Json* value = element_.find(key);
    if (!value && element_.is_object()) refuse(concat(": \"", key, "\" is missing"));
    return value;
  }
  void refuse(const std::string& why) {
    if (!fault_) fault_ = place_ + why;
  }
  /// "questions[3].image_id is null, not a whole number", or none.
  const std::optional<std::string>& fault() const { return fault_; }

 private:
  const Json& element_;
  std::string place_;
  std::optional<std::string> fault_;
};

std::vector<AnswerRecord> answers_of(ElementFields& fields, int64_t question_id) {
  const Json* list = fields.member("answers");
  std::vector<AnswerRecord> answers;
  if (!list) return answers;
  if (!list->is_array()) {
    fields.refuse(concat(".answers is ", short_json(*list), ", not an array"));
    return answers;
  }
  for (std::size_t i = 0; i < list->as_array().size(); ++i) {
    ElementFields record(list->as_array()[i],
                         concat("question ", question_id, ": answers[", i, "]"));
    AnswerRecord answer;
    answer.answer = record.text("answer");
    if (record.fault()) {
      fields.refuse(concat(" (", *record.fault(), ")"));
    } else {
      answers.push_back(std::move(answer));
    }
  }
  return answers;
}

/// Streams the elements of one list; `visit` is called for each until the file turns bad.
void visit_elements(const std::filesystem::path& path, const std::string& key, Findings& findings,
                    const std::function<void(const Json&, const std::string& place)>& visit) {
  try {
    for_each_element(path, {{key, [&](const Json& element, int64_t index) {
                               visit(element, concat(key, "[", index, "]"));
                             }}});
  } catch (const Error& error) {
    findings.error("unreadable file", {1, {error.what()}});
  }
}

const char* const kMalformed = "malformed records";

std::vector<Question> slowly_read_questions(const std::filesystem::path& path, Findings& findings) {
  std::vector<Question> questions;
  std::unordered_set<int64_t> seen;
  Finding malformed, repeated;
  visit_elements(path, "questions", findings, [&](const Json& element, const std::string& place) {
    ElementFields fields(element, place);
    Question question{fields.number("question_id"), fields.number("image_id"),
                      fields.text("question")};
    if (fields.fault()) {
      malformed.add(*fields.fault());
    } else if (!seen.insert(question.question_id).second) {
      repeated.add(concat(place, ": question_id ", question.question_id));
    } else {
      questions.push_back(std::move(question));
    }
  });
  findings.error(concat(kMalformed, " in ", path.filename().string()), malformed);
  findings.error(concat("question ids more than once in ", path.filename().string()), repeated);
  return questions;
}

std::vector<Annotation> slowly_read_annotations(const std::filesystem::path& path,
                                                Findings& findings) {
  std::vector<Annotation> annotations;
  std::unordered_set<int64_t> seen;
  Finding malformed, repeated, unanswered;
  visit_elements(path, "annotations", findings, [&](const Json& element, const std::string& place) {
    ElementFields fields(element, place);
    Annotation annotation;
    annotation.question_id = fields.number("question_id");
    if (fields.fault()) return malformed.add(*fields.fault());
    annotation.image_id = fields.number("image_id");
    annotation.question_type = fields.text("question_type");
    annotation.answer_type = fields.text("answer_type");
    annotation.multiple_choice_answer = fields.text("multiple_choice_answer");
    annotation.answers = answers_of(fields, annotation.question_id);
    if (fields.fault()) malformed.add(*fields.fault());
    if (annotation.answers.empty()) {
      unanswered.add(concat("question ", annotation.question_id));
    }
    if (!seen.insert(annotation.question_id).second) {
      return repeated.add(concat(place, ": question_id ", annotation.question_id));
    }
    annotations.push_back(std::move(annotation));
  });
  findings.error(concat(kMalformed, " in ", path.filename().string()), malformed);
  findings.error(concat("question ids more than once in ", path.filename().string()), repeated);
  findings.error("annotations without answers", unanswered);
  return annotations;
}

/// Most files are sound, and the strict reader is several times faster. What it alone objects to is
/// a fault all the same.
template <typename Records>
Records strictly_or(Findings& findings, const std::function<Records()>& strict,
                    const std::function<Records()>& slow) {
  try {
    return strict();
  } catch (const Error& error) {
    const std::size_t found = findings.size();
    Records records = slow();
    if (findings.size() == found) findings.error("unreadable file", {1, {error.what()}});
    return records;
  }
}

}  // namespace

std::vector<Question> read_questions_leniently(const std::filesystem::path& path,
                                               Findings& findings) {
  return strictly_or<std::vector<Question>>(
      findings, [&] { return read_questions(path); },
      [&] { return slowly_read_questions(path, findings); });
}

std::vector<Annotation> read_annotations_leniently(const std::filesystem::path& path,
                                                   Findings& findings) {
  return strictly_or<std::vector<Annotation>>(
      findings, [&] { return read_annotations(path); },
      [&] { return slowly_read_annotations(path, findings); });
}

}  // namespace vqalign::detail

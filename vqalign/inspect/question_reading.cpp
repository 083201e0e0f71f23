#include "vqalign/inspect/question_reading.h"

#include <algorithm>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

std::string quoted_list(const std::vector<std::string>& words) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), kShown); ++i) {
    text += (i == 0 ? "\"" : ", \"") + words[i] + "\"";
  }
  return words.size() > kShown ? text + concat(" and ", words.size() - kShown, " more") : text;
}

void warn_about_words(AnswerEvidence& evidence, int64_t max_tokens) {
  std::vector<std::string> unknown;
  for (const QuestionWord& word : evidence.words) {
    const bool told = std::find(unknown.begin(), unknown.end(), word.text) != unknown.end();
    if (!word.known && !told) unknown.push_back(word.text);
  }
  if (!unknown.empty()) {
    evidence.warnings.push_back(concat("The model does not know the word",
                                       unknown.size() > 1 ? "s " : " ", quoted_list(unknown), "."));
  }
  const auto cut = [](const QuestionWord& word) { return word.cut; };
  if (std::any_of(evidence.words.begin(), evidence.words.end(), cut)) {
    evidence.warnings.push_back(concat("The question has ", evidence.words.size(),
                                       " words; the model read the first ", max_tokens, "."));
  }
}

void drop_words(AnswerEvidence& evidence, const std::vector<std::size_t>& dropped) {
  for (const std::size_t place : dropped) {
    if (place >= evidence.words.size()) {
      throw UsageError(concat("word ", place,
                              " (counted from 0) is to be dropped, the question has ",
                              evidence.words.size()));
    }
    evidence.words[place].dropped = true;
  }
}

}  // namespace

std::vector<int64_t> read_question(Inspection& inspection, const Vocabulary& vocabulary,
                                   int64_t max_tokens) {
  AnswerEvidence& evidence = inspection.evidence;
  std::vector<int64_t> all;
  for (QuestionToken& token : vocabulary.read(evidence.question)) {
    evidence.words.push_back({std::move(token.text), token.id != vocabulary.unknown()});
    all.push_back(token.id);
  }
  if (evidence.words.empty()) {
    throw UsageError(concat("question \"", evidence.question, "\" has no word"));
  }
  drop_words(evidence, inspection.edits.dropped_words);
  std::vector<int64_t> ids;
  for (std::size_t place = 0; place < evidence.words.size(); ++place) {
    QuestionWord& word = evidence.words[place];
    if (word.dropped) continue;
    word.cut = static_cast<int64_t>(ids.size()) == max_tokens;
    if (word.cut) continue;
    ids.push_back(all[place]);
    inspection.read_words.push_back(place);
  }
  if (ids.empty()) throw UsageError("every word of the question is dropped, one must be left");
  warn_about_words(evidence, max_tokens);
  return ids;
}

}  // namespace vqalign

#include "vqalign/bench/score_template.h"

#include <array>

#include "vqalign/core/error.h"
#include "vqalign/core/philox.h"
#include "vqalign/data/dataset.h"

namespace vqalign {
namespace {

constexpr int64_t kMadeUpQuestions = 1000;
constexpr double kDisagreement = 0.25;
constexpr double kAccurate = 0.8;

/// A kind of question with the answers that people give to it.
struct QuestionKind {
  const char* type;
  const char* answer_type;
  const char* rest;
  std::array<const char*, 6> answers;
};

constexpr std::array<QuestionKind, 8> kKinds = {{
    {"is the", "yes/no", "dog looking at the camera?", {"yes", "no", "Yes.", "no", "yes", "maybe"}},
    {"are there",
     "yes/no",
     "any people on the bench?",
     {"no", "yes", "No", "yes", "no", "cant tell"}},
    {"how many", "number", "boats are in the harbour?", {"2", "three", "4", "none", "10", "1,000"}},
    {"what color is",
     "other",
     "the umbrella?",
     {"red", "blue", "black/white", "dark blue", "Red", "grey"}},
    {"what is the",
     "other",
     "man holding?",
     {"a frisbee", "cell phone", "an umbrella", "the leash", "bat", "kite"}},
    {"where is the",
     "other",
     "cat?",
     {"on the couch", "couch", "in a box", "window sill", "on bed", "dont know"}},
    {"why",
     "other",
     "is the street wet?",
     {"rain", "its raining", "it rained", "a storm", "flood", "cleaning"}},
    {"what time is it",
     "other",
     "on the tower's clock?",
     {"10:20", "3:45", "noon", "10:20 am", "12 o'clock", "night"}},
}};

std::vector<AnswerRecord> ten_answers(const QuestionKind& kind, std::size_t agreed,
                                      Random& random) {
  std::vector<AnswerRecord> answers;
  for (int64_t id = 1; id <= 10; ++id) {
    const std::size_t given =
        random.chance(kDisagreement) ? random.below(uint32_t(kind.answers.size())) : agreed;
    answers.push_back({id, kind.answers[given], random.chance(0.8) ? "yes" : "maybe"});
  }
  return answers;
}

}  // namespace

ScoreTemplate made_up_template() {
  Random random(1);
  ScoreTemplate made;
  for (int64_t i = 0; i < kMadeUpQuestions; ++i) {
    const QuestionKind& kind = kKinds[random.below(uint32_t(kKinds.size()))];
    const std::size_t agreed = random.below(uint32_t(kind.answers.size()));
    made.questions.push_back({i, i, concat(kind.type, " ", kind.rest)});
    made.annotations.push_back({i, i, kind.type, kind.answer_type, kind.answers[agreed],
                                ten_answers(kind, agreed, random)});
  }
  return made;
}

ScoreTemplate dataset_template(const std::filesystem::path& directory, const std::string& split) {
  DataSource source;
  source.directory = directory;
  source.split = split;
  const SplitPaths paths = resolve_splits(source).front();
  if (paths.annotations.empty()) fail(paths.questions.string(), ": has no annotations beside it");
  ScoreTemplate read;
  read.questions = read_questions(paths.questions);
  if (read.questions.empty()) fail(paths.questions.string(), ": has no questions");
  read.annotations = match_annotations(read.questions, read_annotations(paths.annotations),
                                       paths.questions, paths.annotations);
  return read;
}

ScoreInput ScoreInput::in(const std::filesystem::path& folder) {
  return {folder / "questions.json", folder / "annotations.json", folder / "results.json"};
}

void write_score_input(const ScoreTemplate& repeated, int64_t count, const ScoreInput& files) {
  Random random(1);
  std::vector<Question> questions;
  std::vector<Annotation> annotations;
  std::vector<Result> results;
  for (int64_t i = 0; i < count; ++i) {
    const std::size_t from = static_cast<std::size_t>(i) % repeated.questions.size();
    // VQA v2 numbers the questions of a picture by its id and three digits.
    const int64_t image_id = 1 + i / 3;
    const int64_t question_id = image_id * 1000 + i % 3;
    questions.push_back({question_id, image_id, repeated.questions[from].question});
    annotations.push_back(repeated.annotations[from]);
    annotations.back().question_id = question_id;
    annotations.back().image_id = image_id;
    results.push_back(
        {question_id, random.chance(kAccurate) ? annotations.back().multiple_choice_answer : "no"});
  }
  write_questions(files.questions, questions, "val2014");
  write_annotations(files.annotations, annotations, "val2014");
  write_results(files.results, results);
}

}  // namespace vqalign

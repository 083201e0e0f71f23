#include "vqalign/data/vqa_files.h"

#include "tests/data/data_test_support.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

constexpr const char* kQuestion = R"({"image_id": 7, "question": "Why?", "question_id": 7001})";
constexpr const char* kAnnotation =
    R"({"question_type": "why", "multiple_choice_answer": "rain", "answers": [)"
    R"({"answer": "rain", "answer_confidence": "maybe", "answer_id": 1},)"
    R"({"answer": "it\nrains", "answer_confidence": "yes", "answer_id": 2}],)"
    R"( "image_id": 7, "answer_type": "other", "question_id": 7001})";

std::string questions(const std::string& records) {
  return "{\"questions\": [" + records + "]}";
}
std::string annotations(const std::string& records) {
  return "{\"annotations\": [" + records + "]}";
}
/// kAnnotation with `from` replaced by `to`.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = kAnnotation;
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return annotations(text.replace(place, from.size(), to));
}

TEST(VqaFiles, ReadsQuestionsWithAnyHeader) {
  const TestFolder folder;
  for (const std::string& text :
       {questions(kQuestion),
        std::string(
            R"({"info": {"questions": [1], "deep": [[{"question_id": 3}]]}, "license": null,)"
            R"( "questions": [{"extra": {"question_id": 5}, "question_id": 7001,)"
            R"( "list": [1, [2]], "image_id": 7, "question": "Why?"}], "year": 2014})")}) {
    const std::vector<Question> read = read_questions(folder.write("q.json", text));
    ASSERT_EQ(read.size(), 1u);
    EXPECT_EQ(read[0].question_id, 7001);
    EXPECT_EQ(read[0].image_id, 7);
    EXPECT_EQ(read[0].question, "Why?");
  }
}

TEST(VqaFiles, ReadsAnnotations) {
  const TestFolder folder;
  const std::vector<Annotation> read =
      read_annotations(folder.write("a.json", annotations(kAnnotation)));
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].question_id, 7001);
  EXPECT_EQ(read[0].image_id, 7);
  EXPECT_EQ(read[0].question_type, "why");
  EXPECT_EQ(read[0].answer_type, "other");
  EXPECT_EQ(read[0].multiple_choice_answer, "rain");
  ASSERT_EQ(read[0].answers.size(), 2u);
  EXPECT_EQ(read[0].answers[0].answer_id, 1);
  EXPECT_EQ(read[0].answers[0].confidence, "maybe");
  EXPECT_EQ(read[0].answers[1].answer, "it\nrains");
}

TEST(VqaFiles, DoesWithoutAnswerIdsAndConfidence) {
  const TestFolder folder;
  const std::vector<Annotation> read = read_annotations(folder.write(
      "a.json", changed(R"("rain", "answer_confidence": "maybe", "answer_id": 1)", R"("rain")")));
  EXPECT_EQ(read[0].answers[0].answer_id, 0);
  EXPECT_EQ(read[0].answers[0].confidence, "");
  EXPECT_EQ(read[0].answers[1].answer_id, 2);
}

TEST(VqaFiles, ReadsResultsAndKeepsDuplicates) {
  const TestFolder folder;
  const std::vector<Result> read = read_results(folder.write(
      "r.json",
      R"([{"question_id": 1, "answer": "a", "score": 0.5}, {"answer": "b", "question_id": 1}])"));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].answer, "a");
  EXPECT_EQ(read[1].answer, "b");
  EXPECT_TRUE(read_results(folder.write("none.json", "[]")).empty());
}

TEST(VqaFiles, WritesWhatItReads) {
  const TestFolder folder;
  const std::vector<Question> asked = {{1, 2, "What \"is\" it?\n"}, {-3, 4, "\u00e9\u4e16"}};
  write_questions(folder / "q.json", asked, "val2014");
  const std::vector<Question> read = read_questions(folder / "q.json");
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].question, asked[0].question);
  EXPECT_EQ(read[1].question, asked[1].question);
  EXPECT_EQ(read[1].question_id, -3);
  const Json header = read_json(folder / "q.json");
  EXPECT_EQ(header.at("data_subtype").as_string(), "val2014");
  EXPECT_EQ(header.at("task_type").as_string(), "Open-Ended");

  const std::vector<Annotation> annotated = {
      {1, 2, "what", "other", "tea", {{1, "tea", "yes"}, {0, "the, tea", ""}}}};
  write_annotations(folder / "a.json", annotated, "val2014");
  const std::vector<Annotation> again = read_annotations(folder / "a.json");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].question_id, 1);
  EXPECT_EQ(again[0].image_id, 2);
  EXPECT_EQ(again[0].question_type, "what");
  EXPECT_EQ(again[0].answer_type, "other");
  EXPECT_EQ(again[0].multiple_choice_answer, "tea");
  ASSERT_EQ(again[0].answers.size(), 2u);
  EXPECT_EQ(again[0].answers[0].confidence, "yes");
  EXPECT_EQ(again[0].answers[1].answer, "the, tea");
  EXPECT_EQ(again[0].answers[1].answer_id, 0);

  write_results(folder / "r.json", {{1, "x"}, {2, ""}});
  const Json results = read_json(folder / "r.json");
  EXPECT_EQ(results.dump(), R"([{"question_id":1,"answer":"x"},{"question_id":2,"answer":""}])");
}

TEST(VqaFiles, LeavesNothingBehindWhenWritingFails) {
  const TestFolder folder;
  EXPECT_THROW(write_results(folder / "no_such_folder/r.json", {}), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "no_such_folder"));
}

enum class Kind { kQuestions, kAnnotations, kResults };

struct BadFile {
  Kind kind;
  std::string text;
  std::string message;
};

class VqaFilesRefuse : public testing::TestWithParam<BadFile> {};

TEST_P(VqaFilesRefuse, NamingFileAndPlace) {
  const TestFolder folder;
  const auto path = folder.write("bad.json", GetParam().text);
  for (const int threads : {0, 1, 5}) {
    const auto read = [&] {
      if (GetParam().kind == Kind::kQuestions) read_questions(path, threads);
      if (GetParam().kind == Kind::kAnnotations) read_annotations(path, threads);
      if (GetParam().kind == Kind::kResults) read_results(path, threads);
    };
    EXPECT_EQ(error_of(read, path), GetParam().message);
  }
}

const std::string kHuge(1000, 'x');

INSTANTIATE_TEST_SUITE_P(
    Questions, VqaFilesRefuse,
    testing::Values(
        BadFile{Kind::kQuestions, "[]", ": expected an object with \"questions\", found an array"},
        BadFile{Kind::kQuestions, "3",
                ": expected an object with \"questions\", found the number 3"},
        BadFile{Kind::kQuestions, "{}", ": \"questions\" is missing"},
        BadFile{Kind::kQuestions, R"({"annotations": []})", ": \"questions\" is missing"},
        BadFile{Kind::kQuestions, R"({"questions": {}})",
                ": questions: expected an array, found an object"},
        BadFile{Kind::kQuestions, R"({"questions": null})",
                ": questions: expected an array, found null"},
        BadFile{Kind::kQuestions, questions(std::string(kQuestion) + ", 5"),
                ": questions[1]: expected an object, found the number 5"},
        BadFile{Kind::kQuestions, questions("[]"),
                ": questions[0]: expected an object, found an array"},
        BadFile{Kind::kQuestions, questions(R"({"question_id": "12"})"),
                ": questions[0].question_id: expected a whole number, found the string \"12\""},
        BadFile{Kind::kQuestions, questions(R"({"question_id": 1.5})"),
                ": questions[0].question_id: expected a whole number, found the number 1.5"},
        BadFile{Kind::kQuestions, questions(R"({"question_id": 10000000000000000000})"),
                ": questions[0].question_id: expected a whole number, found the number 1e+19"},
        BadFile{Kind::kQuestions, questions(R"({"question_id": 12, "question": 13})"),
                ": questions[0] (question 12).question: expected a string, found the number 13"},
        BadFile{Kind::kQuestions, questions(R"({"question_id": 12, "question": ["a"]})"),
                ": questions[0] (question 12).question: expected a string, found an array"},
        BadFile{Kind::kQuestions, questions(R"({"question_id": 12, "question": "a"})"),
                ": questions[0] (question 12): \"image_id\" is missing"},
        BadFile{Kind::kQuestions, questions(R"({"image_id": ")" + kHuge + R"("})"),
                ": questions[0].image_id: expected a whole number, found the string \"" +
                    kHuge.substr(0, 40) + "...\""},
        BadFile{Kind::kQuestions, questions(R"({"image_id": "1\n2"})"),
                ": questions[0].image_id: expected a whole number, found the string \"1 2\""},
        BadFile{Kind::kQuestions, questions(std::string(kQuestion) + "," + kQuestion),
                ": questions[1]: question_id 7001 occurs twice, first in questions[0]"}));

INSTANTIATE_TEST_SUITE_P(
    Annotations, VqaFilesRefuse,
    testing::Values(
        BadFile{Kind::kAnnotations, questions(kQuestion), ": \"annotations\" is missing"},
        BadFile{Kind::kAnnotations, changed(R"("answer_type": "other", )", ""),
                ": annotations[0] (question 7001): \"answer_type\" is missing"},
        BadFile{Kind::kAnnotations, changed("\"answers\"", "\"replies\""),
                ": annotations[0] (question 7001): \"answers\" is missing or empty"},
        BadFile{Kind::kAnnotations, annotations(R"({"question_id": 9, "answers": {}})"),
                ": annotations[0] (question 9).answers: expected an array, found an object"},
        BadFile{
            Kind::kAnnotations, annotations(R"({"question_id": 9, "answers": "yes"})"),
            ": annotations[0] (question 9).answers: expected an array, found the string \"yes\""},
        BadFile{Kind::kAnnotations, annotations(R"({"question_id": 9, "answers": ["yes"]})"),
                ": annotations[0] (question 9).answers[0]: expected an object, "
                "found the string \"yes\""},
        BadFile{Kind::kAnnotations, changed("\"it\\nrains\"", "2"),
                ": annotations[0].answers[1].answer: expected a string, found the number 2"},
        BadFile{Kind::kAnnotations, changed("\"answer_id\": 2", "\"answer_id\": []"),
                ": annotations[0].answers[1].answer_id: expected a whole number, found an array"},
        BadFile{Kind::kAnnotations, changed("\"answer\": \"it", "\"reply\": \"it"),
                ": annotations[0].answers[1]: \"answer\" is missing"},
        BadFile{Kind::kAnnotations, changed("\"rain\"", "false"),
                ": annotations[0].multiple_choice_answer: expected a string, found false"},
        BadFile{Kind::kAnnotations, annotations(std::string(kAnnotation) + "," + kAnnotation),
                ": annotations[1]: question_id 7001 occurs twice, first in annotations[0]"}));

INSTANTIATE_TEST_SUITE_P(
    Results, VqaFilesRefuse,
    testing::Values(
        BadFile{Kind::kResults, "{}", ": expected an array of objects, found an object"},
        BadFile{Kind::kResults, "\"x\"", ": expected an array of objects, found the string \"x\""},
        BadFile{Kind::kResults, "[[]]", ": element 0: expected an object, found an array"},
        BadFile{Kind::kResults, R"([{"question_id": 4}])",
                ": element 0 (question 4): \"answer\" is missing"},
        BadFile{Kind::kResults, R"([{"question_id": 4, "answer": 2}])",
                ": element 0 (question 4).answer: expected a string, found the number 2"},
        BadFile{Kind::kResults, R"([{"question_id": 4, "answer": null}])",
                ": element 0 (question 4).answer: expected a string, found null"},
        BadFile{Kind::kResults, R"([{"question_id": 4, "answer": "yes"})",
                ": byte 36: the file ends within the document (truncated?): "
                "Missing a comma or ']' after an array element"}));

TEST(VqaFiles, EveryTruncationIsToldFromTheWhole) {
  const TestFolder folder;
  const std::string whole = annotations(kAnnotation);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto path = folder.write("cut.json", whole.substr(0, length));
    EXPECT_FALSE(error_of([&] { read_annotations(path); }, path).empty());
  }
}

}  // namespace
}  // namespace vqalign

#include "vqalign/data/record_stretches.h"

#include <fstream>

#include "tests/data/data_test_support.h"
#include "tests/data/sample_annotations.h"
#include "vqalign/data/vqa_files.h"

namespace vqalign {
namespace {

const std::vector<int> kThreads = {2, 3, 7, 64, 1000};

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Questions `first` .. `last` - 1, with text that looks like the file around it.
std::string records(int first, int last) {
  std::string text;
  for (int i = first; i < last; ++i) {
    const std::string id = std::to_string(i);
    text += (i == first   ? ""
             : i % 2 == 0 ? ",\n  "
                          : ",") +
            (R"({"image_id": 7, "question": "a}, {\"image_id\": 7", "question_id": )" + id + "}");
  }
  return text;
}

/// What reading gives, or how it fails.
std::string told(const std::filesystem::path& path, int threads) {
  std::string text;
  try {
    for (const Question& question : read_questions(path, threads)) {
      text += std::to_string(question.question_id) + question.question + ' ';
    }
  } catch (const Error& error) {
    text = error.what();
  }
  return text;
}

TEST(RecordStretches, GiveTheWholeFilesRecords) {
  const TestFolder folder;
  std::vector<Annotation> annotations;
  std::vector<Result> results;
  for (int i = 0; i < 500; ++i) {
    annotations.push_back(ten_answers(i % 11));
    annotations.back().question_id = i;
    annotations.back().multiple_choice_answer = R"(}, {"question_id": )" + std::string(i % 50, '"');
    results.push_back({i, R"([{"question_id": 3}])"});
  }
  write_annotations(folder / "a.json", annotations, "val2014");
  write_results(folder / "r.json", results);
  for (const int threads : kThreads) {
    EXPECT_GT(detail::guess_stretches(folder / "a.json", "annotations", threads).size(), 1u);
    EXPECT_GT(detail::guess_stretches(folder / "r.json", "", threads).size(), 1u);
    write_annotations(folder / "a2.json", read_annotations(folder / "a.json", threads), "val2014");
    write_results(folder / "r2.json", read_results(folder / "r.json", threads));
    EXPECT_EQ(text_of(folder / "a2.json"), text_of(folder / "a.json"));
    EXPECT_EQ(text_of(folder / "r2.json"), text_of(folder / "r.json"));
  }
}

TEST(RecordStretches, AreOneWhereNothingIsGained) {
  const TestFolder folder;
  const auto path = folder.write("q.json", "{\"questions\": [" + records(0, 50) + "]}");
  EXPECT_EQ(detail::guess_stretches(path, "questions", 0).size(), 1u);
  EXPECT_EQ(detail::guess_stretches(path, "questions", 1).size(), 1u);
  EXPECT_EQ(detail::guess_stretches(path, "answers", 3).size(), 1u);
  EXPECT_EQ(detail::guess_stretches(path, "", 3).size(), 1u);
  EXPECT_EQ(detail::guess_stretches(folder / "none.json", "questions", 3).size(), 1u);
}

TEST(RecordStretches, DoNotChangeWhatIsReadOrRefused) {
  const TestFolder folder;
  const std::string list = "\"questions\": [" + records(0, 60) + "]";
  const std::string other = "\"others\": [" + records(100, 160) + "]";
  const std::string again = "\"questions\": [" + records(200, 260) + "]";
  std::vector<std::string> texts = {
      "{" + list + "}",
      "\xEF\xBB\xBF{" + list + "}",
      "{" + other + ", " + list + "}",
      "{" + list + ", " + other + "}",
      "{" + list + ", " + again + "}",
      "{\"info\": {" + again + "}, " + list + "}",
      "{" + list + ", \"info\": {" + again + "}}",
      "{\"info\": [[" + records(300, 360) + "]], " + list + "}",
      "[" + records(0, 60) + "]",
      "{\"questions\": [" + records(0, 30) + "], [" + records(30, 60) + "]}",
      "{\"questions\": [" + records(0, 30) + "]}, " + records(30, 60) + "]}",
      "{\"questions\": [" + records(0, 30) + ",, " + records(30, 60) + "]}",
      "{\"questions\": [" + records(0, 30) + ", 5, " + records(30, 60) + "]}",
      "{\"questions\": [" + records(0, 30) + ", " + records(20, 60) + "]}",
      "{" + list + "} {" + again + "}"};
  const std::string whole = texts.front();
  for (std::size_t end = 0; end < whole.size(); end += 97) texts.push_back(whole.substr(0, end));
  for (const std::string& text : texts) {
    const auto path = folder.write("q.json", text);
    const std::string expected = told(path, 1);
    for (const int threads : kThreads) EXPECT_EQ(told(path, threads), expected) << text;
  }
}

}  // namespace
}  // namespace vqalign

#include "vqalign/data/accuracy.h"

#include <cmath>

#include "tests/data/data_test_support.h"
#include "tests/data/sample_annotations.h"
#include "vqalign/core/unicode.h"
#include "vqalign/data/contractions.h"

namespace vqalign {
namespace {

/// What tests/oracle/vqa_accuracy.py printed.
const Json& golden() {
  static const Json document =
      read_json(std::filesystem::path(VQALIGN_TEST_DATA) / "golden" / "accuracy.json");
  return document;
}

TEST(AnswerText, AgreesWithTheOracle) {
  const Json::Array& strings = golden().at("strings").as_array();
  ASSERT_GT(strings.size(), 1900u);
  for (const Json& entry : strings) {
    const Json::Array& row = entry.as_array();
    const std::string& text = row[0].as_string();
    EXPECT_EQ(process_punctuation(text), row[1].as_string()) << entry.dump();
    EXPECT_EQ(process_digit_article(text), row[2].as_string()) << entry.dump();
    EXPECT_EQ(normalise_answer(text), row[3].as_string()) << entry.dump();
  }
}

TEST(AnswerText, HoldsTheReferencesGoldenPairs) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"Yes.", "yes"},
      {"9:30 a.m.", "9:30 am"},
      {"3.5", "3.5"},
      {"black & white", "black & white"},
      {"coca - cola co-op", "coca cola coop"},
      {"None", "0"},
      {"DONT", "don't"},
      {"it's", "it's"},
      {"$5.00", "$5.00"},
      {"yes/no", "yes no"},
      {"red (dark)", "red dark"},
      {"...", ""},
      {"a", ""},
      {"10%", "10%"},
      {"one hundred", "1 hundred"},
      {"xx" + std::string(40, '.'), "xx" + std::string(8, '.')},
      {"1,000 - 2", "1000 2"},
      {"black, white", "black white"},
      {"black,white", "black white"},
      {"t-shirt", "t shirt"},
      {"The Dog", "dog"},
      {"two dogs", "2 dogs"},
      {"Im", "im"},
      {"its", "its"},
      {"5.5 ft.", "5.5 ft"},
      {"(red)", "red"},
      {"U.S.A.", "usa"},
      {"<=5.", "5"},
      {"A-B c", "b c"},
      {"2,5", "25"},
      {"somebody'd", "somebodyd"},
      {"12:00 p.m", "12:00 pm"}};
  for (const auto& [text, expected] : pairs) EXPECT_EQ(normalise_answer(text), expected) << text;
}

TEST(AnswerText, DecidesAboutPunctuationOnTheOriginal) {
  EXPECT_EQ(process_punctuation("co - op a-b"), "co  op ab");
  EXPECT_EQ(process_punctuation("a-b/c"), "a b c");
  // The slash made a space beside the hyphen, but only in the text being worked on.
  EXPECT_EQ(process_punctuation("a/-b"), "a  b");
  EXPECT_EQ(process_punctuation("a-b 1,0"), "ab 10");
}

TEST(AnswerText, MapsEveryContraction) {
  EXPECT_EQ(process_digit_article("couldnt've"), "couldn't've");
  EXPECT_EQ(process_digit_article("'ow'sat"), "'ow's'at");
  for (const auto& [word, contraction] : detail::kContractions) {
    const bool reachable = word[0] != 'I';
    EXPECT_EQ(process_digit_article(word), reachable ? std::string(contraction) : lower_case(word));
  }
}

TEST(AnswerText, SurvivesBytesThatAreNoText) {
  EXPECT_EQ(normalise_answer("\xFF\xC3 A\xE0"), "\xFF\xC3 a\xE0");
  EXPECT_EQ(normalise_answer(std::string(1 << 20, '(')), "");
}

TEST(QuestionAccuracy, AgreesWithTheOracle) {
  std::vector<std::string> predictions;
  std::vector<Annotation> annotations;
  for (const Json& entry : golden().at("questions").as_array()) {
    Annotation annotation;
    annotation.question_type = entry.at("question_type").as_string();
    annotation.answer_type = entry.at("answer_type").as_string();
    for (const Json& record : entry.at("records").as_array()) {
      const Json::Array& fields = record.as_array();
      annotation.answers.push_back(
          {fields[2].as_int(), fields[0].as_string(), fields[1].as_string()});
    }
    const std::string& prediction = entry.at("prediction").as_string();
    EXPECT_DOUBLE_EQ(question_accuracy(prediction, annotation, Metric::kOfficial),
                     entry.at("official").as_double())
        << entry.dump();
    EXPECT_DOUBLE_EQ(question_accuracy(prediction, annotation, Metric::kLegacy),
                     entry.at("legacy").as_double())
        << entry.dump();
    predictions.push_back(prediction);
    annotations.push_back(std::move(annotation));
  }
  ASSERT_GT(annotations.size(), 200u);
  EXPECT_EQ(score_predictions(predictions, annotations, Metric::kOfficial).to_json().dump(),
            golden().at("official").dump());
  EXPECT_EQ(score_predictions(predictions, annotations, Metric::kLegacy).to_json().dump(),
            golden().at("legacy").dump());
}

TEST(QuestionAccuracy, CountsThreeOfTheOthersAsRight) {
  const std::vector<double> expected = {0, 0.3, 0.6, 0.9, 1, 1, 1, 1, 1, 1};
  for (std::size_t matching = 0; matching < expected.size(); ++matching) {
    EXPECT_EQ(question_accuracy("yes", ten_answers(static_cast<int>(matching)), Metric::kOfficial),
              expected[matching]);
  }
}

TEST(QuestionAccuracy, LeavesIdenticalAnswersAsTheyAre) {
  EXPECT_EQ(question_accuracy("Yes", ten_answers(10), Metric::kOfficial), 0);
  EXPECT_EQ(question_accuracy(" yes\n", ten_answers(10), Metric::kOfficial), 1);
  EXPECT_EQ(question_accuracy("Yes", ten_answers(9), Metric::kOfficial), 1);
  EXPECT_EQ(question_accuracy("The STOP", answered_by(std::vector<std::string>(10, "The STOP")),
                              Metric::kOfficial),
            1);
}

TEST(QuestionAccuracy, KeepsTheOlderRevisionsHabits) {
  // Always normalises the prediction, of the truth the punctuation alone.
  EXPECT_EQ(question_accuracy("Yes", ten_answers(10), Metric::kLegacy), 1);
  const Annotation nones =
      answered_by({"none", "none", "none", "none", "0", "0", "0", "0", "0", "0"});
  EXPECT_EQ(question_accuracy("none", nones, Metric::kOfficial), 1);
  EXPECT_EQ(question_accuracy("none", nones, Metric::kLegacy), 1);
  const Annotation only_nones = answered_by({"none", "none", "none", "none", "zero"});
  EXPECT_EQ(question_accuracy("none", only_nones, Metric::kOfficial), 1);
  EXPECT_EQ(question_accuracy("none", only_nones, Metric::kLegacy), 0);
}

TEST(QuestionAccuracy, ComparesWholeRecords) {
  EXPECT_EQ(question_accuracy("yes", answered_by(std::vector<std::string>(10, "yes"), false),
                              Metric::kOfficial),
            0);
  EXPECT_EQ(question_accuracy("yes", answered_by({"yes"}), Metric::kOfficial), 0);
  // Without ids the confidence tells two groups of five apart: each sees the other's five.
  Annotation halves = answered_by(std::vector<std::string>(10, "yes"), false);
  for (std::size_t i = 0; i < 5; ++i) halves.answers[i].confidence = "maybe";
  EXPECT_EQ(question_accuracy("yes", halves, Metric::kOfficial), 1);
  halves.answers.resize(7);
  EXPECT_DOUBLE_EQ(question_accuracy("yes", halves, Metric::kOfficial), (5 * 2.0 / 3 + 2) / 7);
}

TEST(QuestionAccuracy, CopesWithVeryManyAnswers) {
  EXPECT_EQ(question_accuracy("yes", answered_by(std::vector<std::string>(200000, "yes")),
                              Metric::kOfficial),
            1);
  std::vector<std::string> different;
  for (int i = 0; i < 200000; ++i) different.push_back(std::to_string(i));
  for (int i = 0; i < 4; ++i) different.push_back("199999");
  EXPECT_EQ(question_accuracy("199999", answered_by(different), Metric::kOfficial), 1);
  EXPECT_EQ(question_accuracy("x", answered_by(different), Metric::kOfficial), 0);
}

TEST(Score, RoundsAsPython3Does) {
  // One question of 240 scores 0.3: exactly 0.125 percent, a tie, which goes to the even digit.
  std::vector<Annotation> annotations(240, ten_answers(0));
  std::vector<std::string> predictions(240, "yes");
  annotations[17] = ten_answers(1);
  EXPECT_EQ(score_predictions(predictions, annotations, Metric::kOfficial).overall, 0.12);
  annotations[17] = ten_answers(3);
  EXPECT_EQ(score_predictions(predictions, annotations, Metric::kOfficial).overall, 0.38);
  // 3.3 of 48: a tie at 6.875, unless the division comes before the factor of 100.
  annotations.assign(48, ten_answers(0));
  annotations[0] = ten_answers(1);
  for (std::size_t i = 1; i <= 3; ++i) annotations[i] = ten_answers(9);
  predictions.resize(48);
  EXPECT_EQ(score_predictions(predictions, annotations, Metric::kOfficial).overall, 6.88);
}

TEST(Score, DoesNotDependOnThreads) {
  std::vector<Annotation> annotations;
  std::vector<std::string> predictions;
  for (int i = 0; i < 9000; ++i) {
    annotations.push_back(ten_answers(i % 11));
    annotations.back().question_type = "type " + std::to_string(i % 13);
    predictions.push_back(i % 3 == 0 ? "Yes." : "no");
  }
  const Score one = score_predictions(predictions, annotations, Metric::kOfficial, 1);
  for (const int threads : {0, 2, 7, 2000000000}) {
    const Score many = score_predictions(predictions, annotations, Metric::kOfficial, threads);
    EXPECT_EQ(many.to_json(), one.to_json());
    EXPECT_EQ(many.accuracies, one.accuracies);
  }
}

TEST(Score, LetsTheLastOfDuplicateResultsWin) {
  const std::vector<Annotation> annotations = {ten_answers(9)};
  const Score score =
      score_results({{1, "yes"}, {1, "maybe"}}, annotations, Metric::kOfficial, "r.json", "a.json");
  EXPECT_EQ(score.overall, 0);
  EXPECT_EQ(
      score_results({{1, "maybe"}, {1, "yes"}}, annotations, Metric::kOfficial, "r.json", "a.json")
          .overall,
      100);
}

TEST(Score, RefusesOtherSetsOfQuestions) {
  std::vector<Annotation> annotations(3, ten_answers(9));
  annotations[1].question_id = 2;
  annotations[2].question_id = 3;
  const auto score = [&](const std::vector<Result>& results) {
    return error_of(
        [&] { score_results(results, annotations, Metric::kOfficial, "r.json", "a.json"); });
  };
  EXPECT_EQ(score({{1, "x"}, {77, "x"}, {88, "x"}}),
            "r.json: question_id 77 is not in a.json (2 of 3 results are not)");
  EXPECT_EQ(score({{1, "x"}}),
            "r.json: no answer to question 2 of a.json (2 of 3 questions have none)");
  annotations.clear();
  EXPECT_EQ(score({}), "a.json: holds no annotations");
}

TEST(Score, WritesTheEvaluatorsNames) {
  const Score score = score_predictions({"yes"}, {ten_answers(3)}, Metric::kOfficial);
  EXPECT_EQ(score.to_json().dump(), R"({"overall":90.0,"perAnswerType":{"other":90.0},)"
                                    R"("perQuestionType":{"what":90.0},"questions":1})");
}

TEST(AnswerText, LowersSigmaAsPythonDoes) {
  // What Python 3 gives for str.lower().
  const std::vector<std::pair<std::string, std::string>> pairs = {{"ΟΔΟΣ", "οδος"},
                                                                  {"ΣΑΣ ΣΑΣ.", "σας σας."},
                                                                  {"Σ", "σ"},
                                                                  {"1Σ", "1σ"},
                                                                  {"ΑΣ'", "ας'"},
                                                                  {"ΑΣ'Α", "ασ'α"},
                                                                  {"Α\xCC\x81Σ", "α\xCC\x81ς"},
                                                                  {"ΑΣΣ", "ασς"},
                                                                  {"'Σ", "'σ"},
                                                                  {"\xFFΣ", "\xFFσ"},
                                                                  {"Α\xFFΣ", "α\xFFσ"}};
  for (const auto& [text, expected] : pairs) EXPECT_EQ(lower_case(text), expected) << text;
}

TEST(Score, OfNothingIsZero) {
  const Score score = score_predictions({}, {}, Metric::kOfficial);
  EXPECT_EQ(score.questions, 0);
  EXPECT_EQ(score.overall, 0);
}

}  // namespace
}  // namespace vqalign

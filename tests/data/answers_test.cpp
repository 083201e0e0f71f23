#include "vqalign/data/answers.h"

#include "tests/data/data_test_support.h"
#include "vqalign/core/json.h"

namespace vqalign {
namespace {

Annotation annotation_of(const std::string& best, const std::vector<std::string>& answers) {
  Annotation annotation;
  annotation.multiple_choice_answer = best;
  for (const std::string& answer : answers) {
    annotation.answers.push_back(
        {static_cast<int64_t>(annotation.answers.size() + 1), answer, "yes"});
  }
  return annotation;
}

std::vector<Annotation> with_best(const std::vector<std::string>& best) {
  std::vector<Annotation> annotations;
  for (const std::string& answer : best) {
    annotations.push_back(annotation_of(answer, std::vector<std::string>(10, answer)));
  }
  return annotations;
}

using Words = std::vector<std::string>;

TEST(AnswerList, KeepsFrequentAnswersInOrderOfAppearance) {
  const std::vector<Annotation> annotations =
      with_best({"net", "Yes.", "no", "yes", "two", "no", "2", "the no", "cat"});
  EXPECT_EQ(AnswerList::from_annotations(annotations, 1, 0).answers(),
            (Words{"net", "yes", "no", "2", "cat"}));
  EXPECT_EQ(AnswerList::from_annotations(annotations, 2, 0).answers(), (Words{"yes", "no", "2"}));
  EXPECT_EQ(AnswerList::from_annotations(annotations, 1, 2).answers(), (Words{"yes", "no"}));
  EXPECT_EQ(AnswerList::from_annotations(annotations, 3, 2).answers(), (Words{"no"}));
  EXPECT_EQ(AnswerList::from_annotations(annotations, 1, 4).answers(),
            (Words{"net", "yes", "no", "2"}));
  EXPECT_EQ(AnswerList::from_annotations({}, 1, 0).size(), 0u);
}

TEST(AnswerList, SpellsAnAnswerAsMostQuestionsDo) {
  const AnswerList list =
      AnswerList::from_annotations(with_best({"pillow, blanket", "a bed", "pillow, blanket",
                                              "pillow blanket", "bed", "The bed."}),
                                   1, 0);
  EXPECT_EQ(list.answers(), (Words{"pillow, blanket", "bed"}));
  EXPECT_EQ(list.find("pillow blanket"), 0);
}

TEST(AnswerList, BreaksTiesByFirstAppearance) {
  Words best;
  for (int i = 0; i < 200; ++i) best.push_back("answer " + std::to_string(100 + i));
  best.push_back(best.back());
  Words expected(best.begin(), best.begin() + 49);
  expected.push_back(best.back());
  EXPECT_EQ(AnswerList::from_annotations(with_best(best), 1, 50).answers(), expected);
}

TEST(AnswerList, FindsAnswers) {
  const AnswerList list({"yes", "No", "", "a cat"}, {});
  EXPECT_EQ(list.find("yes"), 0);
  EXPECT_EQ(list.find("No"), 1);
  EXPECT_EQ(list.find("no"), 1);
  EXPECT_EQ(list.find(""), 2);
  EXPECT_EQ(list.find("cat"), 3);
  EXPECT_EQ(list.find("dog"), -1);
  EXPECT_THROW(AnswerList({"yes", "yes"}, {}), Error);
}

TEST(SoftTarget, CountsNormalisedAnswers) {
  const AnswerList list({"no", "yes", "2"}, {});
  const Annotation annotation = annotation_of(
      "yes", {"yes", "Yes.", "the yes", "no", "two", "2", "maybe", "maybe", "maybe", "maybe"});
  const auto target = soft_target(annotation, list);
  ASSERT_EQ(target.size(), 3u);
  EXPECT_EQ(target[0], (std::pair<int64_t, float>(0, 0.3F)));
  EXPECT_EQ(target[1], (std::pair<int64_t, float>(1, 0.9F)));
  EXPECT_EQ(target[2], (std::pair<int64_t, float>(2, 0.6F)));
}

TEST(SoftTarget, SaturatesAtFourOfTen) {
  const AnswerList list({"yes"}, {});
  const std::vector<float> expected = {0.3F, 0.6F, 0.9F, 1, 1, 1, 1, 1, 1, 1};
  for (std::size_t count = 1; count <= expected.size(); ++count) {
    Words answers(10, "x");
    std::fill(answers.begin(), answers.begin() + static_cast<std::ptrdiff_t>(count), "yes");
    EXPECT_EQ(soft_target(annotation_of("yes", answers), list).at(0).second, expected[count - 1]);
  }
}

TEST(SoftTarget, ScalesOtherNumbersOfAnswers) {
  const AnswerList list({"yes"}, {});
  EXPECT_EQ(soft_target(annotation_of("yes", {"yes"}), list).at(0).second, 1.0F);
  EXPECT_FLOAT_EQ(soft_target(annotation_of("yes", {"yes", "b", "c", "d", "e"}), list).at(0).second,
                  0.6F);
  Words twenty(20, "x");
  twenty[3] = "yes";
  EXPECT_FLOAT_EQ(soft_target(annotation_of("yes", twenty), list).at(0).second, 0.15F);
  EXPECT_TRUE(soft_target(annotation_of("x", {"x"}), list).empty());
  EXPECT_TRUE(soft_target(annotation_of("x", {}), list).empty());
}

TEST(SoftTargets, AreThoseOfEachQuestion) {
  // More than one thread's share.
  std::vector<Annotation> annotations;
  for (int i = 0; i < 5000; ++i) {
    Words answers(10, "x");
    for (int k = 0; k < i % 11; ++k) answers[std::size_t(k)] = k % 3 == 0 ? "yes" : "no";
    annotations.push_back(annotation_of("yes", answers));
  }
  const AnswerList list({"yes", "2", "no"}, {});
  const SoftTargets targets(annotations, list);
  ASSERT_EQ(targets.size(), annotations.size());
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    std::vector<std::pair<int64_t, float>> target;
    for (const auto& [answer, score] : targets[i]) target.emplace_back(answer, score);
    EXPECT_EQ(target, soft_target(annotations[i], list)) << i;
  }
  EXPECT_EQ(SoftTargets({}, list).size(), 0u);
}

TEST(AnswerList, PriorsAreMeanSoftTargets) {
  std::vector<Annotation> annotations = with_best({"yes", "yes", "no", "rare"});
  annotations[1].answers =
      annotation_of("yes", {"yes", "yes", "x", "x", "x", "x", "x", "x", "x", "x"}).answers;
  const AnswerList list = AnswerList::from_annotations(annotations, 1, 0);
  EXPECT_EQ(list.answers(), (Words{"yes", "no", "rare"}));
  EXPECT_FLOAT_EQ(list.priors().at(0), 1.6F / 4);
  EXPECT_FLOAT_EQ(list.priors().at(1), 1.0F / 4);
  AnswerList given({"rare", "absent"}, {});
  EXPECT_EQ(given.priors(), (std::vector<float>{0, 0}));
  given.set_priors(annotations);
  EXPECT_EQ(given.priors(), (std::vector<float>{0.25F, 0}));
}

TEST(AnswerList, ReadsBothKindsOfFile) {
  const TestFolder folder;
  EXPECT_EQ(AnswerList::from_file(folder.write("l.json", R"(["net", "", "don't know"])")).answers(),
            (Words{"net", "", "don't know"}));
  const AnswerList reference = AnswerList::from_file(folder.write(
      "d.json", R"([{"yes": 2, "net": 0, "": 1}, {"0": "net", "1": "", "2": "yes"}])"));
  EXPECT_EQ(reference.answers(), (Words{"net", "", "yes"}));
  EXPECT_EQ(reference.find("yes"), 2);
}

struct BadAnswerFile {
  std::string text;
  std::string message;
};

class AnswerFileRefused : public testing::TestWithParam<BadAnswerFile> {};

TEST_P(AnswerFileRefused, NamingFileAndPlace) {
  const TestFolder folder;
  const auto path = folder.write("answers.json", GetParam().text);
  EXPECT_EQ(error_of([&] { AnswerList::from_file(path); }, path), GetParam().message);
}

const std::string kExpected = "expected a list of strings or a pair of dictionaries, found ";

INSTANTIATE_TEST_SUITE_P(
    BadInput, AnswerFileRefused,
    testing::Values(
        BadAnswerFile{"[]", ": holds no answers"}, BadAnswerFile{"[{}, {}]", ": holds no answers"},
        BadAnswerFile{"{}", ": expected a list of answers, found an object"},
        BadAnswerFile{"7", ": expected a list of answers, found a number"},
        BadAnswerFile{R"(["a", 1])", ": after 1 answers: " + kExpected + "a number"},
        BadAnswerFile{R"(["a", null])", ": after 1 answers: " + kExpected + "null"},
        BadAnswerFile{R"(["a", ["b"]])", ": after 1 answers: " + kExpected + "an array"},
        BadAnswerFile{R"(["a", {"b": 1}])", ": after 1 answers: " + kExpected + "an object"},
        BadAnswerFile{R"([{"a": 0}, {"0": "a"}, {}])",
                      ": after 1 answers: " + kExpected + "an object"},
        BadAnswerFile{R"([{"a": "0"}])", ": after 0 answers: " + kExpected + "a string"},
        BadAnswerFile{R"([{"a": {}}])", ": after 0 answers: " + kExpected + "an object"},
        BadAnswerFile{R"(["a", "b", "a"])", ": the string \"a\" is both answer 0 and 2"},
        BadAnswerFile{R"([{"a": 0, "b": 0}])",
                      ": the string \"a\" and the string \"b\" share index 0"},
        BadAnswerFile{R"([{"a": 0, "b": 5}])", ": the string \"b\" has index 5, beyond 2 answers"},
        BadAnswerFile{R"([{"a": -1}])", ": the string \"a\" has index -1, beyond 1 answers"}));

TEST(AnswerList, WritesTheReferencesDictionary) {
  const TestFolder folder;
  const auto path = folder.path() / "answer_dict.json";
  const Words answers = {"net", "", "don't know", "2"};
  AnswerList(answers, {}).write_dictionary(path);
  EXPECT_EQ(AnswerList::from_file(path).answers(), answers);
  const Json written = read_json(path);
  EXPECT_EQ(written.as_array().at(0).at("2").as_int(), 3);
  EXPECT_EQ(written.as_array().at(1).at("1").as_string(), "");
}

}  // namespace
}  // namespace vqalign

#include "vqalign/data/object_labels.h"

#include "tests/data/data_test_support.h"

namespace vqalign {
namespace {

constexpr const char* kScenes =
    R"({"images": [{"image_id": 4, "width": 90, "height": 60, "objects": [)"
    R"({"shape": "star", "colour": "red", "size": "small", "box": [1, 2, 11, 14]},)"
    R"({"shape": "ring", "colour": "red", "size": "large", "box": [40, 5, 80.5, 45]}]},)"
    R"({"image_id": 7, "objects": []}], "questions": [)"
    R"({"question_id": 40, "family": "exist", "about": [1, 0]}]})";

std::vector<SplitPaths> split_in(const TestFolder& folder) {
  return {{"train2014", folder / "questions.json", {}, {}}};
}

TEST(ObjectLabelsTest, NamesAreNumberedAsTheyAppear) {
  const TestFolder folder;
  folder.write("scenes_train2014.json", kScenes);
  const ObjectLabels labels = read_object_labels(split_in(folder));
  EXPECT_EQ(labels.names[0], (std::vector<std::string>{"star", "ring"}));
  EXPECT_EQ(labels.names[1], (std::vector<std::string>{"red"}));
  EXPECT_EQ(labels.names[2], (std::vector<std::string>{"small", "large"}));
  ASSERT_EQ(labels.of(4).size(), 2u);
  EXPECT_EQ(labels.of(4)[1].classes, (std::array<int64_t, 3>{1, 0, 1}));
  EXPECT_EQ(labels.of(4)[1].box, (std::array<float, 4>{40, 5, 80.5, 45}));
  EXPECT_TRUE(labels.of(7).empty());
  EXPECT_TRUE(labels.of(99).empty());
  ASSERT_EQ(labels.about.size(), 1u);
  EXPECT_EQ(labels.about.at(40), (std::vector<int64_t>{1, 0}));
}

TEST(ObjectLabelsTest, ADatasetWithoutThemHasNone) {
  const TestFolder folder;
  EXPECT_TRUE(read_object_labels(split_in(folder)).empty());
}

TEST(ObjectLabelsTest, WhatIsMalformedIsNamed) {
  const TestFolder folder;
  const auto refusal = [&folder](const std::string& from, const std::string& to) {
    std::string text = kScenes;
    text.replace(text.find(from), from.size(), to);
    const auto file = folder.write("scenes_train2014.json", text);
    return error_of([&folder] { read_object_labels(split_in(folder)); }, file);
  };
  EXPECT_NE(refusal("[40, 5, 80.5, 45]", "[40, 5, 80.5]").find("images[0]: objects[1]: box has 3"),
            std::string::npos);
  EXPECT_NE(refusal("[40, 5, 80.5, 45]", "[80, 5, 40, 45]").find("no rectangle"),
            std::string::npos);
  EXPECT_NE(refusal("\"ring\"", "3").find("expected a string"), std::string::npos);
  EXPECT_NE(refusal("\"image_id\": 7, ", "").find("image_id"), std::string::npos);
  EXPECT_NE(refusal("[1, 0]", "[1, \"0\"]").find("questions[0]: about"), std::string::npos);
  EXPECT_NE(refusal("\"question_id\": 40, ", "").find("question_id"), std::string::npos);
}

TEST(ObjectLabelsTest, AQuestionSpeaksOfObjectsThatItsPictureHas) {
  const TestFolder folder;
  const auto file = folder.write("scenes_train2014.json", kScenes);
  const ObjectLabels labels = read_object_labels(split_in(folder));
  Dataset dataset;
  dataset.name = "a set";
  dataset.questions = {{.question_id = 40, .image_id = 4, .question = "?"}};
  EXPECT_NO_THROW(labels.check(dataset));
  dataset.questions[0].image_id = 7;
  const std::string said = error_of([&] { labels.check(dataset); }, file);
  EXPECT_NE(said.find("question 40 is about object 1, image 7 has 0"), std::string::npos) << said;
}

}  // namespace
}  // namespace vqalign

#include "vqalign/data/health.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "tests/data/data_test_support.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/core/formats/npz.h"
#include "vqalign/data/vqa_files.h"
#include "vqalign/vision/picture.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

/// A sound folder: eight training questions on four pictures, four validation ones on two others.
class Health : public testing::Test {
 protected:
  void SetUp() override {
    write_split("train2014", 1, 8);
    write_split("val2014", 11, 4);
    for (const int64_t id : {1, 2, 3, 4}) draw("train2014", id, id);
    for (const int64_t id : {11, 12}) draw("val2014", id, id);
  }

  static std::vector<Annotation> annotations_of(int64_t first_image, int64_t count) {
    std::vector<Annotation> annotations;
    for (int64_t i = 0; i < count; ++i) {
      const std::string answer = i % 2 == 0 ? "red" : "blue";
      std::vector<AnswerRecord> answers;
      for (int64_t id = 1; id <= 10; ++id)
        answers.push_back({id, id == 10 ? "pink" : answer, "yes"});
      const int64_t image = first_image + i / 2;
      annotations.push_back({10 * image + i % 2, image, "what", "other", answer, answers});
    }
    return annotations;
  }

  void write_split(const std::string& subset, int64_t first_image, int64_t count) {
    const std::vector<Annotation> annotations = annotations_of(first_image, count);
    std::vector<Question> questions;
    for (const Annotation& annotation : annotations) {
      questions.push_back({annotation.question_id, annotation.image_id, "What colour is it now?"});
    }
    write_questions(questions_file(subset), questions, subset);
    write_annotations(annotations_file(subset), annotations, subset);
  }

  fs::path questions_file(const std::string& subset) const {
    return folder_ / ("v2_OpenEnded_mscoco_" + subset + "_questions.json");
  }
  fs::path annotations_file(const std::string& subset) const {
    return folder_ / ("v2_mscoco_" + subset + "_annotations.json");
  }
  fs::path picture(const std::string& subset, int64_t id) const {
    return folder_ / (subset + "/" + std::to_string(id) + ".png");
  }
  void draw(const std::string& subset, int64_t id, int64_t shade) const {
    fs::create_directories(folder_ / subset);
    const auto value = static_cast<uint8_t>(20 * shade);
    write_png(picture(subset, id), {8, 8, std::vector<uint8_t>(8 * 8 * 3, value)});
  }
  static void replace(const fs::path& path, const std::string& what, const std::string& by) {
    std::string text = read_file(path, 1 << 20);
    const std::size_t at = text.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    write_file_atomic(path, text.replace(at, what.size(), by));
  }

  DatasetHealth check(HealthOptions options = {}, const CancelToken& cancel = {}) const {
    options.directory = folder_.path();
    options.answer_minimum = 2;
    SilentProgress progress;
    return check_dataset(options, progress, cancel);
  }

  /// "error train2014 3 missing pictures", one a problem.
  static std::vector<std::string> told(const DatasetHealth& health) {
    std::vector<std::string> lines;
    for (const HealthProblem& problem : health.problems) {
      lines.push_back(concat(problem.is_error ? "error " : "warning ", problem.split, " ",
                             problem.count, " ", problem.what));
    }
    return lines;
  }

  const TestFolder folder_;
};

using Lines = std::vector<std::string>;

TEST_F(Health, HasNothingToSayOfASoundFolder) {
  for (const PictureCheck pictures :
       {PictureCheck::kNone, PictureCheck::kHeaders, PictureCheck::kDecode}) {
    HealthOptions options;
    options.pictures = pictures;
    const DatasetHealth health = check(options);
    EXPECT_EQ(told(health), Lines{});
    EXPECT_TRUE(health.trainable);
    ASSERT_EQ(health.splits.size(), 2u);
    const SplitHealth& train = health.splits[0];
    EXPECT_EQ(train.subset, "train2014");
    EXPECT_EQ(train.questions, 8);
    EXPECT_EQ(train.images, 4);
    EXPECT_EQ(train.annotations, 8);
    EXPECT_EQ(train.answers, 80);
    EXPECT_EQ(train.longest_question, 5);
    EXPECT_EQ(train.answer_types, (std::map<std::string, int64_t>{{"other", 8}}));
    EXPECT_EQ(health.listed_answers, 2);
    EXPECT_EQ(train.covered_questions, 100);
    EXPECT_EQ(train.covered_answers, 90);  // all but one "pink" in ten
  }
}

TEST_F(Health, GoesOnPastEveryFault) {
  const fs::path questions = questions_file("train2014");
  replace(questions, "\"image_id\":1,", "\"image_id\":null,");
  replace(questions, "\"question_id\":21}", "\"question_id\":20}");
  const fs::path annotations = annotations_file("train2014");
  replace(annotations, "\"question_id\":41}", "\"question_id\":99}");
  replace(annotations, "\"image_id\":3,\"answer_type\":\"other\",\"question_id\":31",
          "\"image_id\":4,\"answer_type\":\"other\",\"question_id\":31");
  fs::remove(picture("train2014", 3));
  write_file_atomic(picture("train2014", 4), "no picture");
  const DatasetHealth health = check();
  const std::string name = questions.filename().string();
  EXPECT_EQ(told(health),
            (Lines{"error train2014 1 malformed records in " + name,
                   "error train2014 1 question ids more than once in " + name,
                   "error train2014 1 questions without an annotation",
                   "error train2014 1 questions whose annotation is of another picture",
                   "error train2014 3 annotations without a question",
                   "error train2014 1 missing pictures", "error train2014 1 broken pictures"}));
  EXPECT_FALSE(health.trainable);
  EXPECT_EQ(health.problems[0].examples,
            Lines{"questions[0].image_id is null, not a whole number"});
  EXPECT_EQ(health.problems[5].examples, Lines{"image 3 of question 30"});
  EXPECT_EQ(health.splits[0].missing_images, 1);
  EXPECT_EQ(health.splits[0].broken_images, 1);
}

TEST_F(Health, KeepsWhatStandsBeforeTheEndOfACutFile) {
  const std::string whole = read_file(annotations_file("train2014"), 1 << 20);
  write_file_atomic(annotations_file("train2014"), whole.substr(0, whole.size() * 5 / 8));
  const DatasetHealth health = check();
  EXPECT_EQ(health.splits[0].annotations, 4);
  const Lines lines = told(health);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "error train2014 1 unreadable file");
  EXPECT_EQ(lines[1], "error train2014 4 questions without an annotation");
}

TEST_F(Health, ReadsAnnotationsWithBadAnswers) {
  const fs::path annotations = annotations_file("val2014");
  const std::string text = read_file(annotations, 1 << 20);
  const std::size_t list = text.find("\"answers\":[") + 10;
  write_file_atomic(annotations,
                    text.substr(0, list) + "[]" + text.substr(text.find(']', list) + 1));
  EXPECT_EQ(told(check())[0], "error val2014 1 annotations without answers");
}

TEST_F(Health, TellsWhatOnlyTheStrictReaderMinds) {
  replace(annotations_file("val2014"), "\"answer_confidence\":\"yes\"", "\"answer_confidence\":7");
  const DatasetHealth health = check();
  EXPECT_EQ(told(health), Lines{"error val2014 1 unreadable file"});
  EXPECT_FALSE(health.trainable);  // validation is a part of training
  HealthOptions train;
  train.split = "train";
  EXPECT_TRUE(check(train).trainable);
}

TEST_F(Health, KnowsAnnotationsOfAnotherSplit) {
  fs::copy_file(annotations_file("val2014"), annotations_file("train2014"),
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(told(check())[0],
            "error train2014 1 annotations of other questions: no id of one file is in the other");
}

TEST_F(Health, WarnsOfWhatTrainAndValShare) {
  write_split("val2014", 4, 4);  // pictures 4 and 5
  draw("val2014", 4, 4);
  draw("val2014", 5, 5);
  EXPECT_EQ(told(check()),
            (Lines{"warning val2014 2 question ids that train2014 has too: what is scored on them "
                   "was trained on",
                   "warning val2014 1 pictures that train2014 has too, of 2"}));
  // Another picture of the same number is no leak.
  draw("val2014", 4, 9);
  EXPECT_EQ(told(check()).size(), 1u);
  HealthOptions joined;
  joined.split = "train+val";
  const DatasetHealth health = check(joined);
  EXPECT_EQ(told(health)[0], "error val2014 2 question ids that train2014 has too");
  EXPECT_FALSE(health.trainable);
}

TEST_F(Health, HoldsAnswersAgainstTheList) {
  HealthOptions options;
  options.answers = folder_.write("answers.json", R"(["blue"])");
  const DatasetHealth health = check(options);
  EXPECT_EQ(told(health),
            (Lines{"warning train2014 4 questions none of whose answers is in the list",
                   "warning val2014 2 questions none of whose answers is in the list"}));
  EXPECT_EQ(health.splits[0].covered_questions, 50);
  EXPECT_EQ(health.splits[0].covered_answers, 45);
  options.answers = folder_.write("answers.json", R"(["green"])");
  EXPECT_FALSE(check(options).trainable);
  options.answers = folder_ / "missing.json";
  EXPECT_EQ(told(check(options)), Lines{"error  1 answer list that cannot be read"});
}

TEST_F(Health, CountsLongQuestionsOddTypesAndFewAnswers) {
  replace(annotations_file("train2014"), "\"answer_type\":\"other\"", "\"answer_type\":\"colour\"");
  std::vector<Annotation> annotations = annotations_of(11, 4);
  annotations[0].answers.resize(1);
  annotations[1].answers.resize(3);
  write_annotations(annotations_file("val2014"), annotations, "val2014");
  replace(questions_file("train2014"), "What colour is it now?", "?!");
  HealthOptions options;
  options.max_tokens = 4;
  EXPECT_EQ(
      told(check(options)),
      (Lines{
          "warning train2014 1 questions without a word",
          "warning train2014 7 questions of more than 4 words, cut to these",
          "warning train2014 1 annotations of an answer_type other than yes/no, number and other",
          "warning val2014 4 questions of more than 4 words, cut to these",
          "warning val2014 1 questions with a single answer: their official accuracy is always "
          "0, look at the exact match",
          "warning val2014 1 questions with other than ten answers"}));
}

TEST_F(Health, NeedsASplitWithAnnotationsToTrainOn) {
  fs::remove(annotations_file("train2014"));
  EXPECT_EQ(told(check()), Lines{"error train2014 1 no annotations"});
  fs::remove(questions_file("train2014"));
  EXPECT_EQ(told(check()), Lines{"error  1 no split to train on"});
  fs::remove(questions_file("val2014"));
  EXPECT_NE(error_of([&] { check(); }, folder_.path()).find("holds no questions"),
            std::string::npos);
}

TEST_F(Health, LooksForStoredFeaturesInPlaceOfPictures) {
  // As load_dataset() does, a split without a folder looks in the others'.
  fs::remove_all(folder_ / "train2014");
  EXPECT_EQ(told(check()), Lines{"error train2014 4 missing pictures"});
  fs::remove_all(folder_ / "val2014");
  EXPECT_EQ(told(check()), (Lines{"error train2014 1 no folder of pictures",
                                  "error val2014 1 no folder of pictures"}));
  HealthOptions options;
  options.features = folder_ / "features";
  EXPECT_EQ(told(check(options)), Lines{"error  1 region features that cannot be opened"});
  for (const int64_t id : {1, 2, 3, 11, 12}) {
    fs::create_directories(options.features);
    write_npz(options.features / (std::to_string(id) + ".npz"),
              {{"x", torch::ones({4, 3}), {}},
               {"bbox", torch::ones({3, 4}), {}},
               {"image_w", torch::full({}, 8, torch::kLong), {}},
               {"image_h", torch::full({}, 8, torch::kLong), {}}});
  }
  const DatasetHealth health = check(options);
  EXPECT_EQ(told(health), Lines{"error train2014 1 pictures without region features"});
  EXPECT_EQ(health.problems[0].examples, Lines{"image 4 of question 40"});
  EXPECT_EQ(health.splits[0].missing_features, 1);
}

TEST_F(Health, DecodesWhatItsHeaderDoesNotTell) {
  std::string bytes = read_file(picture("val2014", 11), 1 << 20);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
  write_file_atomic(picture("val2014", 11), bytes);
  EXPECT_EQ(told(check()), Lines{});
  HealthOptions options;
  options.pictures = PictureCheck::kDecode;
  const DatasetHealth health = check(options);
  EXPECT_EQ(told(health), Lines{"error val2014 1 broken pictures"});
  EXPECT_NE(health.problems[0].examples[0].find("11.png"), std::string::npos);
}

TEST_F(Health, StopsWhenAsked) {
  CancelToken cancel;
  cancel.request();
  EXPECT_THROW(check({}, cancel), Cancelled);
}

TEST_F(Health, TellsItAllAsJson) {
  fs::remove(picture("val2014", 12));
  const Json json = check().to_json();
  EXPECT_EQ(json.at("kind").as_string(), "check");
  EXPECT_FALSE(json.at("trainable").as_bool());
  EXPECT_EQ(json.at("splits").at("val2014").at("missing_images").as_int(), 1);
  EXPECT_EQ(json.at("problems").dump(),
            R"([{"severity":"error","split":"val2014","what":"missing pictures","count":1,)"
            R"("examples":["image 12 of question 120"]}])");
}

}  // namespace
}  // namespace vqalign

#include "vqalign/inspect/answerer.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/vision/picture_files.h"
#include "tiny_model.h"
#include "vqalign/core/error.h"
#include "vqalign/inspect/photo_models.h"
#include "vqalign/vision/domain.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

double sum_of_weights(const std::vector<QuestionWord>& words) {
  double sum = 0;
  for (const QuestionWord& word : words) sum += word.weight;
  return sum;
}

double sum_of_weights(const std::vector<PictureRegion>& regions) {
  double sum = 0;
  for (const PictureRegion& region : regions) sum += region.weight;
  return sum;
}

void expect_same(const AnswerEvidence& a, const AnswerEvidence& b) {
  EXPECT_EQ(evidence_json(a, 1000).set("image", "").dump(),
            evidence_json(b, 1000).set("image", "").dump());
  for (std::size_t i = 0; i < a.answers.size(); ++i) {
    EXPECT_EQ(a.answers[i].probability, b.answers[i].probability);  // to the last bit
  }
}

template <typename Kind>
std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Kind& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(Answerer, RanksAnswersAndSharesWeights) {
  Answerer answerer(saved(tiny_model()));
  const AnswerEvidence evidence =
      answerer.ask(random_png("p.png", 70, 40, 1), "What colour is the circle?", {});
  EXPECT_EQ(evidence.question, "What colour is the circle?");
  EXPECT_EQ(evidence.model, "m.safetensors");
  EXPECT_EQ(evidence.picture_width, 70);
  EXPECT_EQ(evidence.picture_height, 40);
  EXPECT_TRUE(evidence.warnings.empty());
  ASSERT_EQ(evidence.answers.size(), 4u);  // four are known, five were asked for
  for (std::size_t i = 0; i + 1 < 4; ++i) {
    EXPECT_GE(evidence.answers[i].probability, evidence.answers[i + 1].probability);
  }
  ASSERT_EQ(evidence.words.size(), 5u);
  EXPECT_EQ(evidence.words[1].text, "colour");
  EXPECT_NEAR(sum_of_weights(evidence.words), 1, 1e-6);
  EXPECT_NEAR(sum_of_weights(evidence.regions), 1, 1e-6);
  EXPECT_FALSE(evidence.certainty.has_value());
  EXPECT_EQ(answerer.answers(), 4);
}

/// The same question asked of the model itself, in a batch with a longer question about a larger
/// picture, so that both words and regions are padded.
TEST(Answerer, AgreesWithTheModelInAPaddedBatch) {
  ModelBundle bundle = tiny_model();
  bundle.model->eval();
  Answerer answerer(saved(bundle));
  const AnswerEvidence evidence =
      answerer.ask(random_png("p.png", 50, 30, 1), "is the circle blue", {.top = 2});

  const torch::NoGradGuard no_gradients;
  const ModelOutput output = bundle.model(padded_batch());

  const torch::Tensor probabilities = output.logits[0].sigmoid();
  const auto [values, order] = probabilities.topk(2);
  for (int64_t i = 0; i < 2; ++i) {
    const auto at = static_cast<std::size_t>(order[i].item<int64_t>());
    EXPECT_EQ(evidence.answers[std::size_t(i)].text, bundle.answers[at]);
    EXPECT_NEAR(evidence.answers[std::size_t(i)].probability, values[i].item<double>(), 1e-5);
    EXPECT_FLOAT_EQ(float(evidence.answers[std::size_t(i)].prior), bundle.priors[at]);
  }
  ASSERT_EQ(evidence.words.size(), 4u);
  for (int64_t t = 0; t < 4; ++t) {
    const double mean = (output.word_weights[0][t][0].item<double>() +
                         output.word_weights[0][t][1].item<double>()) /
                        2;
    EXPECT_NEAR(evidence.words[std::size_t(t)].weight, mean, 1e-5);
  }
  // 50 x 30 pixels are four cells by two; the batch's grid is four by four.
  ASSERT_EQ(evidence.regions.size(), 8u);
  ASSERT_EQ(output.region_mask[0].logical_not().sum().item<int64_t>(), 8);
  std::size_t region = 0;
  for (int64_t m = 0; m < output.region_mask.size(1); ++m) {
    if (output.region_mask[0][m].item<bool>()) continue;
    const torch::Tensor mean = output.region_weights[0][m].mean();
    EXPECT_NEAR(evidence.regions[region].weight, mean.item<double>(), 1e-5);
    EXPECT_EQ(evidence.regions[region].x1, output.boxes[0][m][0].item<double>());
    EXPECT_EQ(evidence.regions[region].y2, output.boxes[0][m][3].item<double>());
    ++region;
  }
}

TEST(Answerer, MarksUnknownAndCutWords) {
  Answerer answerer(saved(tiny_model()));
  const fs::path picture = random_png("p.png", 32, 32, 1);
  const AnswerEvidence unknown = answerer.ask(picture, "Is the zorp blue, zorp?", {});
  ASSERT_EQ(unknown.words.size(), 5u);
  EXPECT_TRUE(unknown.words[1].known);
  EXPECT_FALSE(unknown.words[2].known);
  ASSERT_EQ(unknown.warnings.size(), 1u);
  EXPECT_EQ(unknown.warnings[0], "The model does not know the words \"zorp\", \"blue\".");

  const AnswerEvidence longer = answerer.ask(picture, "what colour is the circle the square", {});
  ASSERT_EQ(longer.words.size(), 7u);
  EXPECT_FALSE(longer.words[5].cut);
  EXPECT_TRUE(longer.words[6].cut);
  EXPECT_EQ(longer.words[6].weight, 0);
  EXPECT_NEAR(sum_of_weights(longer.words), 1, 1e-6);
  ASSERT_EQ(longer.warnings.size(), 1u);
  EXPECT_EQ(longer.warnings[0], "The question has 7 words; the model read the first 6.");
  const AnswerEvidence read = answerer.ask(picture, "what colour is the circle the", {});
  EXPECT_EQ(longer.answers[0].probability, read.answers[0].probability);
}

TEST(Answerer, BoxesAreThoseOfTheUprightPicture) {
  Answerer answerer(saved(tiny_model()));
  cv::Mat lying(40, 70, CV_8UC3);
  cv::randu(lying, 0, 256);
  const fs::path turned = test_file("turned.tif");  // orientation 6: to be turned clockwise
  std::ofstream(turned, std::ios::binary) << testing_pictures::tiff(lying, 6, true);
  cv::Mat standing;
  cv::rotate(lying, standing, cv::ROTATE_90_CLOCKWISE);
  const fs::path upright = test_file("upright.png");
  cv::imwrite(upright.string(), standing);

  const AnswerEvidence evidence = answerer.ask(turned, "what", {});
  EXPECT_EQ(evidence.picture_width, 40);
  EXPECT_EQ(evidence.picture_height, 70);
  ASSERT_EQ(evidence.regions.size(), 15u);  // three cells by five
  EXPECT_EQ(evidence.regions.back().x2, 40);
  EXPECT_EQ(evidence.regions.back().y2, 70);
  expect_same(evidence, answerer.ask(upright, "what", {}));
}

TEST(Answerer, RepeatsWhateverWasAskedBefore) {
  Answerer answerer(saved(tiny_model()));
  const fs::path first = random_png("a.png", 60, 40, 1), second = random_png("b.png", 40, 60, 2);
  const AskOptions passes{.passes = 20};
  const AnswerEvidence fresh = answerer.ask(first, "is the circle red", passes);
  const AnswerEvidence kept = answerer.ask(first, "is the circle red", passes);
  answerer.ask(second, "what", {});
  const AnswerEvidence again = answerer.ask(first, "is the circle red", passes);
  expect_same(fresh, kept);
  expect_same(fresh, again);
}

TEST(Answerer, NoticesThatTheFileChanged) {
  Answerer answerer(saved(tiny_model()));
  const fs::path picture = random_png("p.png", 48, 48, 1);
  const AnswerEvidence before = answerer.ask(picture, "what", {});
  random_png("p.png", 48, 64, 2);
  const AnswerEvidence after = answerer.ask(picture, "what", {});
  EXPECT_EQ(after.picture_height, 64);
  EXPECT_NE(before.answers[0].probability, after.answers[0].probability);
}

TEST(Answerer, WarnsOfPicturesUnlikeTheTrainings) {
  ModelBundle bundle = tiny_model();
  std::vector<PictureStatistics> plain;
  for (int i = 0; i < 200; ++i) {
    Picture picture = random_picture(32, 32, uint64_t(i));
    for (uint8_t& value : picture.rgb) value = uint8_t(100 + value % 8 + i % 20);
    plain.push_back(picture_statistics(picture));
  }
  bundle.domain = DomainModel::fit(plain).to_json();
  Answerer answerer(saved(bundle));
  const AnswerEvidence noise = answerer.ask(random_png("noise.png", 64, 64, 1), "what", {});
  EXPECT_EQ(noise.in_domain, false);
  ASSERT_EQ(noise.warnings.size(), 1u);
  EXPECT_NE(noise.warnings[0].find("another kind"), std::string::npos);
  EXPECT_NE(noise.warnings[0].find("; " + photo_model_hint(model_folders()) + "."),
            std::string::npos)
      << noise.warnings[0];
  Picture alike = random_picture(32, 32, 999);
  for (uint8_t& value : alike.rgb) value = uint8_t(105 + value % 8);
  const fs::path file = test_file("alike.png");
  write_png(file, alike);
  const AnswerEvidence covered = answerer.ask(file, "what", {});
  EXPECT_EQ(covered.in_domain, true);
  EXPECT_TRUE(covered.warnings.empty());

  bundle.domain = {};
  Answerer silent(saved(bundle, "silent.safetensors"));
  EXPECT_FALSE(silent.ask(file, "what", {}).in_domain.has_value());
}

TEST(Answerer, RefusesWhatCannotBeAsked) {
  Answerer answerer(saved(tiny_model()));
  const fs::path picture = random_png("p.png", 32, 32, 1);
  for (const char* question : {"", "  ", "?!", "..."}) {
    const std::string message =
        message_of<UsageError>([&] { answerer.ask(picture, question, {}); });
    EXPECT_NE(message.find("no word"), std::string::npos) << message;
  }
  const auto with = [&](AskOptions options) {
    return message_of<UsageError>([&] { answerer.ask(picture, "what", options); });
  };
  EXPECT_EQ(with({.top = 0}), "top is 0, allowed is 1 or more");
  EXPECT_EQ(with({.passes = 1}), "passes is 1, allowed is 0 or 2 to 10000");
  EXPECT_EQ(with({.passes = -3}), "passes is -3, allowed is 0 or 2 to 10000");
  EXPECT_EQ(with({.passes = 10001}), "passes is 10001, allowed is 0 or 2 to 10000");

  const fs::path missing = test_file("missing.png");
  const std::string message = message_of<Error>([&] { answerer.ask(missing, "what", {}); });
  EXPECT_NE(message.find("missing.png"), std::string::npos);
  EXPECT_EQ(answerer.ask(picture, "what", {}).answers.size(), 4u);  // still works
}

TEST(Answerer, RefusesModelsOfStoredFeatures) {
  ModelConfig config = tiny_model().config;
  config.vision.encoder = "features";
  config.vision.feature_width = 8;
  const fs::path file = saved(ModelBundle::create(config, Vocabulary({"what"}), {"yes"}, {1.0F}));
  const std::string message = message_of<Error>([&] { Answerer answerer(file); });
  EXPECT_NE(message.find("m.safetensors: takes stored features"), std::string::npos) << message;
}

TEST(Answerer, AnswersQuestionsThatAreNoUtf8) {
  Answerer answerer(saved(tiny_model()));
  const AnswerEvidence evidence =
      answerer.ask(random_png("p.png", 1, 1, 1), "what \xFF\xC3 is", {});
  EXPECT_EQ(evidence.question, "what \xEF\xBF\xBD\xEF\xBF\xBD is");
  ASSERT_EQ(evidence.regions.size(), 1u);  // a picture of one pixel has one region
  EXPECT_NEAR(evidence.regions[0].weight, 1, 1e-6);
  EXPECT_EQ(Json::parse(evidence_json(evidence, 3).dump()).at("words").as_array().size(), 3u);
}

}  // namespace
}  // namespace vqalign::test

// Inspections of a model whose questions are read by a pretrained encoder with heads of its own.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tiny_model.h"
#include "vqalign/core/error.h"
#include "vqalign/inspect/answerer.h"
#include "vqalign/inspect/weighing.h"
#include "vqalign/language/word_piece.h"

namespace vqalign::test {
namespace {

constexpr AttentionFamily kOwn = AttentionFamily::kQuestionPretrained;

/// tiny_model() with three layers of four heads before it.
ModelBundle model_of_pieces() {
  ModelConfig config = tiny_model().config;
  config.language.encoder = "minilm";
  config.language.layers = 3;
  config.language.width = 16;
  config.language.heads = 4;
  config.language.feed_forward = 8;
  config.language.positions = 10;
  torch::manual_seed(11);
  ModelBundle bundle = ModelBundle::create(
      config,
      word_piece_vocabulary(
          {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "is", "the", "circle", "##s", "blue", "?"},
          "pieces"),
      {"yes", "no", "red", "blue"}, {0.4F, 0.3F, 0.2F, 0.1F});
  const torch::NoGradGuard no_gradients;  // Of small weights every head looks everywhere alike.
  for (auto& item : bundle.model->named_parameters()) {
    if (item.key().starts_with("language.encoder.") && item.value().dim() == 2)
      item.value().mul_(4);
  }
  bundle.model->eval();
  return bundle;
}

class PretrainedHeads : public testing::Test {
 protected:
  const std::filesystem::path picture_ = random_png("p.png", 50, 30, 1);
  Answerer answerer_{saved(model_of_pieces())};
  const std::string question_ = "Is the circles blue?";

  Inspection inspect(const Edits& edits = {}) {
    return answerer_.inspect(picture_, question_, edits, {});
  }
  std::string refused(const Edits& edits) {
    try {
      inspect(edits);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "taken";
  }
};

TEST_F(PretrainedHeads, PiecesAreTheWords) {
  const AnswerEvidence evidence = answerer_.ask(picture_, "The circles, zebra?", {});
  ASSERT_EQ(evidence.words.size(), 6u);
  const std::vector<std::pair<std::string, bool>> read = {
      {"the", true}, {"circle", true}, {"-s", true}, {",", false}, {"zebra", false}, {"?", true}};
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(std::pair(evidence.words[i].text, evidence.words[i].known), read[i]);
  }
  ASSERT_EQ(evidence.warnings.size(), 1u);
  EXPECT_EQ(evidence.warnings[0], "The model does not know the words \",\", \"zebra\".");
  EXPECT_EQ(answerer_.card().words, 10);
  EXPECT_EQ(answerer_.card().pretrained, (FamilyShape{3, 4}));
}

TEST_F(PretrainedHeads, MapsAreTheModelsWithoutTheMarks) {
  const Inspection inspection = inspect();
  EXPECT_EQ(inspection.pretrained, (FamilyShape{3, 4}));
  EXPECT_EQ(inspection.families().size(), 4u);
  ASSERT_EQ(inspection.maps.size(), 12u + 12u);
  const std::vector<HeadSite> sites = all_sites(2, 2, {3, 4});
  ASSERT_EQ(sites.size(), inspection.maps.size());
  for (std::size_t i = 0; i < sites.size(); ++i) {
    EXPECT_EQ(inspection.index(sites[i]), i);
    EXPECT_EQ(inspection.maps[i].site, sites[i]);
  }

  ModelBundle bundle = model_of_pieces();
  ModelInput input;
  input.pictures = tiny_pictures({random_picture(50, 30, 1)});
  input.tokens = torch::tensor({{4, 5, 6, 7, 8, 9}});
  PassOptions pass;
  pass.taps.weights = true;
  const torch::NoGradGuard no_gradients;
  int compared = 0;
  for (const AttentionTap& tap : bundle.model(input, pass).taps) {
    if (tap.family != kOwn) continue;
    for (int64_t head = 0; head < 4; ++head) {
      const AttentionMap& map = inspection.map({kOwn, tap.layer, head});
      ASSERT_EQ(map.queries, 6);
      ASSERT_EQ(map.keys, 6);
      EXPECT_FALSE(map.rows_are_shares);
      for (int64_t query = 0; query < 6; ++query) {
        for (int64_t key = 0; key < 6; ++key, ++compared) {
          EXPECT_NEAR(map.at(query, key), tap.weights[0][head][query + 1][key + 1].item<float>(),
                      1e-5);
        }
      }
    }
  }
  EXPECT_EQ(compared, 12 * 36);
}

TEST_F(PretrainedHeads, StatisticsAreOfTheWholeSentence) {
  const Inspection inspection = inspect();
  for (int64_t head = 0; head < 4; ++head) {
    const HeadStatistics& statistics = inspection.statistics_of({kOwn, 1, head});
    EXPECT_GT(statistics.entropy, 0);
    EXPECT_LT(statistics.entropy, 1);
    // What the words have of a row is less than all of it.
    EXPECT_NE(statistics.entropy, map_statistics(inspection.map({kOwn, 1, head})).entropy);
    EXPECT_GT(statistics.alignment, 0);
  }
}

TEST_F(PretrainedHeads, AMeanOfThemSumsToNoMoreThanOne) {
  const AttentionMap mean = chosen_map(inspect(), kOwn, {2, MapChoice::kMean});
  EXPECT_FALSE(mean.rows_are_shares);
  for (int64_t query = 0; query < mean.queries; ++query) {
    double sum = 0;
    for (const double share : given(mean, query)) sum += share;
    EXPECT_LT(sum, 1);
    EXPECT_GT(sum, 0);
  }
  EXPECT_EQ(choice_text(inspect(), kOwn, {}), "layer 2, mean over 4 heads");
  EXPECT_THROW(chosen_map(inspect(), kOwn, {3, 0}), UsageError);
  EXPECT_THROW(chosen_map(inspect(), kOwn, {0, 4}), UsageError);
  EXPECT_THROW(chosen_map(inspect(), AttentionFamily::kGuided, {2, 0}), UsageError);
}

TEST_F(PretrainedHeads, OneCanBeSwitchedOff) {
  const Inspection without = inspect({.silenced = {{kOwn, 2, 3}}});
  EXPECT_NE(without.evidence.answers.front().probability,
            inspect().evidence.answers.front().probability);
  const std::vector<double> effects =
      answerer_.head_effects(picture_, question_, {}, "red", nullptr);
  ASSERT_EQ(effects.size(), 24u);
  EXPECT_NE(effects.back(), 0);
  EXPECT_NE(refused({.silenced = {{kOwn, 3, 0}}}).find("3 layers of 4 heads"), std::string::npos);
}

TEST_F(PretrainedHeads, RelevanceEndsAtTheWords) {
  const TokenScores scores = answerer_.relevance(picture_, question_, {}, "red");
  ASSERT_EQ(scores.words.size(), 6u);
  double sum = 0;
  for (const double score : scores.words) sum += score;
  for (const double score : scores.regions) sum += score;
  EXPECT_NEAR(sum, 1, 1e-9);
}

TEST(PretrainedHeadsOfNone, AreRefused) {
  Answerer answerer(saved(tiny_model()));
  const auto picture = random_png("p.png", 50, 30, 1);
  EXPECT_EQ(answerer.card().pretrained, FamilyShape{});
  const Inspection inspection = answerer.inspect(picture, "is the circle", {}, {});
  EXPECT_EQ(inspection.families().size(), 3u);
  EXPECT_THROW(chosen_map(inspection, kOwn, {}), UsageError);
  EXPECT_THROW(answerer.inspect(picture, "is the circle", {.silenced = {{kOwn, 0, 0}}}, {}),
               UsageError);
}

}  // namespace
}  // namespace vqalign::test

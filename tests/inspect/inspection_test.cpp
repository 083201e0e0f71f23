#include "vqalign/inspect/inspection.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tiny_model.h"
#include "vqalign/core/error.h"
#include "vqalign/inspect/answerer.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

constexpr AttentionFamily kFamilies[] = {AttentionFamily::kQuestionSelf,
                                         AttentionFamily::kImageSelf, AttentionFamily::kGuided};

class InspectionTest : public testing::Test {
 protected:
  const fs::path picture_ = random_png("p.png", 50, 30, 1);  // four cells by two
  const fs::path model_ = saved(tiny_model());
  Answerer answerer_{model_};

  Inspection inspect(const std::string& question, const Edits& edits = {}) {
    return answerer_.inspect(picture_, question, edits, {});
  }
};

void expect_same_answers(const AnswerEvidence& a, const AnswerEvidence& b, double tolerance) {
  ASSERT_EQ(a.answers.size(), b.answers.size());
  for (std::size_t i = 0; i < a.answers.size(); ++i) {
    EXPECT_EQ(a.answers[i].text, b.answers[i].text);
    EXPECT_NEAR(a.answers[i].probability, b.answers[i].probability, tolerance);
  }
}

double largest_change(const AnswerEvidence& a, const AnswerEvidence& b) {
  double most = 0;
  for (const RankedAnswer& answer : a.answers) {
    for (const RankedAnswer& other : b.answers) {
      if (answer.text != other.text) continue;
      most = std::max(most, std::abs(answer.probability - other.probability));
    }
  }
  return most;
}

TEST_F(InspectionTest, AnswersAsAskDoes) {
  const Inspection inspection = inspect("what colour is the circle");
  expect_same_answers(inspection.evidence, answerer_.ask(picture_, "what colour is the circle", {}),
                      1e-6);
}

/// The same question asked of the model in a batch with a longer one about a larger picture.
TEST_F(InspectionTest, MapsAreTheModelsWithoutPadding) {
  const Inspection inspection = inspect("is the circle blue");
  EXPECT_EQ(inspection.layers, 2);
  EXPECT_EQ(inspection.heads, 2);
  ASSERT_EQ(inspection.maps.size(), 12u);
  ASSERT_EQ(inspection.seen_regions.size(), 8u);
  ModelBundle bundle = tiny_model();
  bundle.model->eval();
  const torch::NoGradGuard no_gradients;
  PassOptions pass;
  pass.taps.weights = true;
  const ModelOutput output = bundle.model(padded_batch(), pass);
  const torch::Tensor regions = output.region_mask[0].logical_not().nonzero().flatten();
  for (const AttentionTap& tap : output.taps) {
    const torch::Tensor words = torch::arange(4, torch::kInt64);
    const torch::Tensor queries = queries_are_words(tap.family) ? words : regions;
    const torch::Tensor keys = keys_are_words(tap.family) ? words : regions;
    for (int64_t head = 0; head < 2; ++head) {
      const AttentionMap& map = inspection.map({tap.family, tap.layer, head});
      ASSERT_EQ(map.queries, queries.numel());
      ASSERT_EQ(map.keys, keys.numel());
      const torch::Tensor expected =
          tap.weights[0][head].index_select(0, queries).index_select(1, keys).contiguous();
      for (std::size_t i = 0; i < map.weights.size(); ++i) {
        EXPECT_NEAR(map.weights[i], expected.const_data_ptr<float>()[i], 1e-5);
      }
    }
  }
}

TEST_F(InspectionTest, RowsAreSharesAndStatisticsAreTheMaps) {
  const Inspection inspection = inspect("is the circle blue");
  for (const AttentionFamily family : kFamilies) {
    for (int64_t layer = 0; layer < 2; ++layer) {
      for (int64_t head = 0; head < 2; ++head) {
        const HeadSite site{family, layer, head};
        const AttentionMap& map = inspection.map(site);
        EXPECT_EQ(map.site, site);
        for (int64_t query = 0; query < map.queries; ++query) {
          double sum = 0;
          for (const double share : given(map, query)) sum += share;
          EXPECT_NEAR(sum, 1, 1e-5);
        }
        const HeadStatistics& statistics = inspection.statistics_of(site);
        EXPECT_EQ(statistics.entropy, map_statistics(map).entropy);
        EXPECT_GT(statistics.alignment, 0);
      }
    }
  }
}

TEST_F(InspectionTest, ADroppedWordWasNeverAsked) {
  const Inspection shorter = inspect("what is the circle");
  const Inspection dropped = inspect("what colour is the circle", {.dropped_words = {1}});
  expect_same_answers(dropped.evidence, shorter.evidence, 1e-6);
  EXPECT_EQ(dropped.read_words, (std::vector<std::size_t>{0, 2, 3, 4}));
  ASSERT_EQ(dropped.evidence.words.size(), 5u);
  EXPECT_TRUE(dropped.evidence.words[1].dropped);
  EXPECT_EQ(dropped.evidence.words[1].weight, 0);
  EXPECT_NEAR(dropped.evidence.words[2].weight, shorter.evidence.words[1].weight, 1e-6);
  EXPECT_EQ(dropped.map({AttentionFamily::kGuided, 0, 0}).weights,
            shorter.map({AttentionFamily::kGuided, 0, 0}).weights);
}

/// Dropping makes room for a word that was cut before.
TEST_F(InspectionTest, WordsAreCutAfterOthersWereDropped) {
  const std::string question = "what colour is the circle the square";
  EXPECT_TRUE(inspect(question).evidence.words[6].cut);
  const Inspection dropped = inspect(question, {.dropped_words = {0}});
  EXPECT_FALSE(dropped.evidence.words[6].cut);
  EXPECT_EQ(dropped.read_words, (std::vector<std::size_t>{1, 2, 3, 4, 5, 6}));
}

TEST_F(InspectionTest, ADroppedRegionIsNotThere) {
  const Inspection dropped = inspect("is the circle blue", {.dropped_regions = {2, 5}});
  ASSERT_EQ(dropped.evidence.regions.size(), 8u);
  EXPECT_EQ(dropped.seen_regions, (std::vector<std::size_t>{0, 1, 3, 4, 6, 7}));
  EXPECT_EQ(dropped.evidence.regions[5].weight, 0);
  EXPECT_TRUE(dropped.evidence.regions[5].dropped);
  double sum = 0;
  for (const PictureRegion& region : dropped.evidence.regions) sum += region.weight;
  EXPECT_NEAR(sum, 1, 1e-6);
  // The model itself, with these two regions called padding.
  ModelBundle bundle = tiny_model();
  bundle.model->eval();
  const torch::NoGradGuard no_gradients;
  ModelInput input;
  input.pictures = tiny_pictures({random_picture(50, 30, 1)});
  input.tokens = torch::tensor({{4, 5, 6, 1}});
  RegionBatch regions = bundle.model->encode_pictures(input);
  regions.mask = regions.mask.clone();
  regions.mask[0][2] = true;
  regions.mask[0][5] = true;
  input.pictures.reset();
  input.regions = regions;
  const torch::Tensor probabilities = bundle.model(input).logits[0].sigmoid();
  for (const RankedAnswer& answer : dropped.evidence.answers) {
    const auto at = std::find(bundle.answers.begin(), bundle.answers.end(), answer.text);
    EXPECT_NEAR(answer.probability, probabilities[at - bundle.answers.begin()].item<double>(),
                1e-5);
  }
}

/// Heads whose columns of the merging map are zero add nothing.
TEST_F(InspectionTest, ASilencedHeadAddsNothing) {
  const std::string question = "is the circle blue";
  const Edits edits{.silenced = {{AttentionFamily::kGuided, 1, 0},
                                 {AttentionFamily::kImageSelf, 0, 1},
                                 {AttentionFamily::kQuestionSelf, 1, 1}}};
  const Inspection silenced = inspect(question, edits);
  ModelBundle bundle = tiny_model();
  {
    const torch::NoGradGuard no_gradients;
    auto parameters = bundle.model->named_parameters();
    const auto columns = [&](const std::string& block, int64_t head) {
      parameters[block + ".linear_merge.weight"].slice(1, head * 8, head * 8 + 8).zero_();
    };
    columns("backbone.dec_list.1.mhatt2", 0);
    columns("backbone.dec_list.0.mhatt1", 1);
    columns("backbone.enc_list.1.mhatt", 1);
  }
  Answerer without(saved(bundle, "without.safetensors"));
  expect_same_answers(silenced.evidence, without.ask(picture_, question, {}), 1e-6);
  EXPECT_GT(largest_change(silenced.evidence, inspect(question).evidence), 1e-4);
  EXPECT_EQ(silenced.edits, edits);
}

TEST_F(InspectionTest, EditsChangeNothingForLater) {
  const Inspection before = inspect("is the circle blue");
  inspect("is the circle blue", {.silenced = {{AttentionFamily::kGuided, 1, 0}},
                                 .dropped_words = {0},
                                 .dropped_regions = {1, 2, 3}});
  const Inspection after = inspect("is the circle blue");
  expect_same_answers(before.evidence, after.evidence, 0);
}

TEST_F(InspectionTest, RefusesEditsThatFitNothing) {
  const std::string question = "is the circle";
  const auto refused = [&](const Edits& edits) {
    try {
      inspect(question, edits);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  EXPECT_EQ(refused({.silenced = {{AttentionFamily::kGuided, 2, 0}}}),
            "layer 2 head 0 is to be silenced, the model has 2 layers of 2 heads, counted from 0");
  EXPECT_EQ(refused({.silenced = {{AttentionFamily::kGuided, 0, -1}}}),
            "layer 0 head -1 is to be silenced, the model has 2 layers of 2 heads, counted from 0");
  EXPECT_EQ(refused({.dropped_words = {3}}),
            "word 3 (counted from 0) is to be dropped, the question has 3");
  EXPECT_EQ(refused({.dropped_regions = {8}}),
            "region 8 (counted from 0) is to be dropped, the picture has 8");
  EXPECT_EQ(refused({.dropped_words = {0, 1, 2}}),
            "every word of the question is dropped, one must be left");
  EXPECT_EQ(refused({.dropped_regions = {0, 1, 2, 3, 4, 5, 6, 7}}),
            "every region is dropped, one must be left");
}

TEST_F(InspectionTest, RelevanceIsSharesOfWordsAndRegions) {
  const std::string question = "is the circle blue";
  const TokenScores scores = answerer_.relevance(picture_, question, {.dropped_words = {1}}, "red");
  ASSERT_EQ(scores.words.size(), 4u);
  ASSERT_EQ(scores.regions.size(), 8u);
  EXPECT_EQ(scores.words[1], 0);
  double sum = 0;
  for (const double score : scores.words) sum += score;
  for (const double score : scores.regions) sum += score;
  EXPECT_NEAR(sum, 1, 1e-9);
  const TokenScores other = answerer_.relevance(picture_, question, {.dropped_words = {1}}, "yes");
  EXPECT_NE(scores.words, other.words);
  EXPECT_THROW(answerer_.relevance(picture_, question, {}, "purple"), UsageError);
}

double probability_of(const AnswerEvidence& evidence, const std::string& text) {
  for (const RankedAnswer& answer : evidence.answers) {
    if (answer.text == text) return answer.probability;
  }
  ADD_FAILURE() << "no answer " << text;
  return -1;
}

TEST_F(InspectionTest, HeadEffectsAreWhatSilencingEachDoes) {
  const std::string question = "what colour is the circle";
  const HeadSite off{AttentionFamily::kGuided, 1, 0};
  const Edits edits{.silenced = {off}, .dropped_words = {1}};
  const Inspection before = inspect(question, edits);
  const std::string answer = before.evidence.answers[1].text;
  const std::vector<double> effects =
      answerer_.head_effects(picture_, question, edits, answer, nullptr);
  const std::vector<HeadSite> sites = all_sites(2, 2);
  ASSERT_EQ(effects.size(), 12u);
  ASSERT_EQ(sites.size(), 12u);
  for (std::size_t i = 0; i < sites.size(); ++i) {
    EXPECT_EQ(before.index(sites[i]), i);
    Edits more = edits;
    more.silenced.push_back(sites[i]);
    const double expected = probability_of(before.evidence, answer) -
                            probability_of(inspect(question, more).evidence, answer);
    EXPECT_NEAR(effects[i], sites[i] == off ? 0 : expected, 1e-6) << site_text(sites[i]);
  }
  CancelToken cancel;
  cancel.request();
  EXPECT_THROW(answerer_.head_effects(picture_, question, edits, answer, &cancel), Cancelled);
  EXPECT_THROW(answerer_.head_effects(picture_, question, {}, "zorp", nullptr), UsageError);
}

TEST_F(InspectionTest, TheCardTellsTheModel) {
  const ModelCard card = answerer_.card();
  EXPECT_EQ(card.file, model_.string());
  EXPECT_EQ(card.layers, 2);
  EXPECT_EQ(card.heads, 2);
  EXPECT_EQ(card.answers, 4);
  EXPECT_EQ(card.longest_question, 6);
  EXPECT_EQ(card.words, 6);
  EXPECT_EQ(card.parameters, summarise_model(model_).parameters);
}

}  // namespace
}  // namespace vqalign::test

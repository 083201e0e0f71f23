// Weights over passes against passes asked one by one, means and spreads by the two-pass formulas.
#include "vqalign/inspect/pass_weights.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "tiny_model.h"
#include "vqalign/core/error.h"
#include "vqalign/inspect/answerer.h"
#include "vqalign/inspect/relevance.h"
#include "vqalign/inspect/tap_maps.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPasses = 6;
constexpr uint64_t kSeed = 11;
constexpr const char* kAsked = "is the square red";

/// The weights of words and regions in every pass.
struct Rows {
  std::vector<std::vector<double>> words, regions;
};

class PassWeightsTest : public testing::Test {
 protected:
  PassWeightsTest() {
    bundle_.model->eval();
    answerer_ = std::make_unique<Answerer>(saved(bundle_));
    picture_ = random_png("p.png", 40, 40, 1);
    asked_ = answerer_->inspect(picture_, kAsked, {}, {.passes = kPasses, .seed = kSeed});
  }

  /// The model's output in pass `number`, all of the network in one pass; gradients for relevance.
  ModelOutput output_of(int64_t number) {
    ModelInput input;
    input.pictures = tiny_pictures({random_picture(40, 40, 1)});
    input.tokens = torch::tensor({{4, 5, 7, 1}});
    DropoutStreams streams(kSeed, uint64_t(number) * DropoutStreams::kPassStride);
    PassOptions pass;
    pass.streams = &streams;
    pass.taps.weights = true;
    return bundle_.model(input, pass);
  }

  Rows rows_of(const std::function<void(const ModelOutput&, Rows&)>& told) {
    Rows rows;
    for (int64_t number = 0; number < kPasses; ++number) told(output_of(number), rows);
    return rows;
  }

  PassWeights over_passes(const WeightChoice& choice) {
    return answerer_->weights_over_passes(picture_, kAsked, {}, choice,
                                          {.passes = kPasses, .seed = kSeed});
  }

  ModelBundle bundle_ = tiny_model();
  std::unique_ptr<Answerer> answerer_;
  fs::path picture_;
  Inspection asked_;
};

void expect_list(const std::vector<std::vector<double>>& rows, const std::vector<double>& mean,
                 const std::vector<double>& spread, double least_spread) {
  ASSERT_EQ(mean.size(), rows.front().size());
  ASSERT_EQ(spread.size(), rows.front().size());
  double most = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    double sum = 0, squares = 0;
    for (const auto& row : rows) sum += row[i];
    for (const auto& row : rows) squares += std::pow(row[i] - sum / double(rows.size()), 2);
    EXPECT_NEAR(mean[i], sum / double(rows.size()), 1e-5) << i;
    EXPECT_NEAR(spread[i], std::sqrt(squares / double(rows.size() - 1)), 1e-5) << i;
    most = std::max(most, spread[i]);
  }
  EXPECT_GT(most, least_spread);
}

void expect_weights(const Rows& rows, const PassWeights& found, double least_spread = 1e-4) {
  expect_list(rows.words, found.mean.words, found.spread.words, least_spread);
  expect_list(rows.regions, found.mean.regions, found.spread.regions, least_spread);
}

std::vector<double> over_glimpses(const torch::Tensor& weights) {
  std::vector<double> means;
  for (int64_t i = 0; i < weights.size(1); ++i) {
    double sum = 0;
    for (int64_t glimpse = 0; glimpse < weights.size(2); ++glimpse) {
      sum += weights[0][i][glimpse].item<double>();
    }
    means.push_back(sum / double(weights.size(2)));
  }
  return means;
}

TEST_F(PassWeightsTest, PoolingIsThatOfThePassesThatAnswer) {
  const Rows rows = rows_of([](const ModelOutput& output, Rows& all) {
    all.words.push_back(over_glimpses(output.word_weights));
    all.regions.push_back(over_glimpses(output.region_weights));
  });
  ASSERT_TRUE(asked_.evidence.over_passes);
  expect_weights(rows, *asked_.evidence.over_passes);
  expect_weights(rows, over_passes({WeightSource::kPooling}));
  const AnswerEvidence plain = answerer_->ask(picture_, kAsked, {.passes = kPasses, .seed = kSeed});
  EXPECT_EQ(plain.over_passes->spread.regions, asked_.evidence.over_passes->spread.regions);
}

/// [n, m]: the mean over heads of the last layer's weights of a family.
std::vector<std::vector<double>> last_layer(const ModelOutput& output, AttentionFamily family) {
  std::vector<std::vector<double>> rows;
  for (const AttentionTap& tap : output.taps) {
    if (tap.family != family) continue;
    const torch::Tensor mean = tap.weights[0].detach().to(torch::kFloat64).mean(0);
    rows.assign(std::size_t(mean.size(0)), {});
    for (int64_t q = 0; q < mean.size(0); ++q) {
      for (int64_t k = 0; k < mean.size(1); ++k) {
        rows[std::size_t(q)].push_back(mean[q][k].item<double>());
      }
    }
  }
  return rows;
}

std::vector<double> column_share(const std::vector<std::vector<double>>& rows, std::size_t key) {
  double sum = 0;
  for (const auto& row : rows) sum += row[key];
  std::vector<double> shares;
  for (const auto& row : rows) shares.push_back(row[key] / sum);
  return shares;
}

TEST_F(PassWeightsTest, AttentionOfAWordIsThatOfTheSameWordInEveryPass) {
  for (const std::optional<Token> subject :
       {std::optional<Token>(), std::optional<Token>({true, 2})}) {
    const std::size_t word = subject.value_or(default_subject(asked_)).place;
    const Rows rows = rows_of([&](const ModelOutput& output, Rows& all) {
      all.words.push_back(column_share(last_layer(output, AttentionFamily::kQuestionSelf), word));
      all.regions.push_back(column_share(last_layer(output, AttentionFamily::kGuided), word));
    });
    WeightChoice choice{WeightSource::kAttention};
    choice.subject = subject;
    expect_weights(rows, over_passes(choice));
  }
}

TEST_F(PassWeightsTest, RolloutAndRelevanceAreThoseOfEachPass) {
  const std::string answer = asked_.evidence.answers[1].text;
  int64_t place = 0;
  while (bundle_.answers[std::size_t(place)] != answer) ++place;
  for (const WeightSource source : {WeightSource::kRollout, WeightSource::kRelevance}) {
    const Rows rows = rows_of([&](const ModelOutput& output, Rows& all) {
      Inspection one = asked_;
      const std::vector<double> words = over_glimpses(output.word_weights);
      const std::vector<double> regions = over_glimpses(output.region_weights);
      for (std::size_t i = 0; i < words.size(); ++i) one.evidence.words[i].weight = words[i];
      for (std::size_t i = 0; i < regions.size(); ++i) one.evidence.regions[i].weight = regions[i];
      take_maps(one, output.taps);
      const TokenScores scores =
          source == WeightSource::kRollout ? attention_rollout(one) : relevance(output, place, one);
      all.words.push_back(scores.words);
      all.regions.push_back(scores.regions);
    });
    WeightChoice choice{source};
    choice.answer = answer;
    expect_weights(rows, over_passes(choice), 1e-5);
  }
}

TEST_F(PassWeightsTest, WhatIsNotLookedAtHasNoWeightAndNoSpread) {
  Edits edits;
  edits.dropped_regions = {1};
  edits.dropped_words = {0};
  const AskOptions options{.passes = 4};
  for (const WeightSource source : {WeightSource::kPooling, WeightSource::kRelevance}) {
    WeightChoice choice{source};
    choice.answer = bundle_.answers.front();
    const PassWeights found =
        answerer_->weights_over_passes(picture_, kAsked, edits, choice, options);
    EXPECT_EQ(found.mean.regions[1], 0);
    EXPECT_EQ(found.spread.regions[1], 0);
    EXPECT_EQ(found.spread.words[0], 0);
    EXPECT_EQ(found.mean.regions.size(), asked_.evidence.regions.size());
  }
}

TEST_F(PassWeightsTest, RefusesWhatIsNotThereAndStops) {
  const auto with = [&](const WeightChoice& choice, const AskOptions& options) {
    return answerer_->weights_over_passes(picture_, kAsked, {}, choice, options);
  };
  EXPECT_THROW(with({}, {}), UsageError);
  EXPECT_THROW(with({}, {.passes = 1}), UsageError);
  WeightChoice choice{WeightSource::kRelevance};
  choice.answer = "no such answer";
  EXPECT_THROW(with(choice, {.passes = 2}), UsageError);
  choice = {WeightSource::kAttention, {99, 0}};
  EXPECT_THROW(with(choice, {.passes = 2}), UsageError);
  CancelToken cancel;
  cancel.request();
  EXPECT_THROW(with({}, {.passes = 2, .cancel = &cancel}), Cancelled);
}

TEST(PassTally, OneAndNoPass) {
  PassTally tally;
  EXPECT_TRUE(tally.result().mean.words.empty());
  tally.add({{"a", true, false, 0.25}}, {{0, 0, 1, 1, 0.5}});
  EXPECT_EQ(tally.result().mean.words, std::vector<double>{0.25});
  EXPECT_EQ(tally.result().spread.regions, std::vector<double>{0});
  // Large weights that hardly differ: squares of means would cancel.
  PassTally large;
  for (const double weight : {1e9, 1e9 + 1, 1e9 + 2}) large.add({}, {{0, 0, 1, 1, weight}});
  EXPECT_DOUBLE_EQ(large.result().spread.regions[0], 1);
}

}  // namespace
}  // namespace vqalign::test

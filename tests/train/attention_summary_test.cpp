#include "vqalign/train/attention_summary.h"

#include <gtest/gtest.h>

#include "attention_samples.h"

namespace vqalign {
namespace {

TEST(AttentionMeans, LeaveOutWhatIsMissing) {
  const AttentionMeans means = attention_means(sample_attention());
  const MeanInterval& mass = means.mean(0, AttentionFigure::kMass);
  EXPECT_EQ(mass.count, 3u);
  EXPECT_DOUBLE_EQ(mass.mean, 0.5);
  EXPECT_DOUBLE_EQ(*means.pointing_ratio(0), 2);
  EXPECT_EQ(means.mean(0, AttentionFigure::kAgreement).count, 1u);
  EXPECT_FALSE(means.mean(0, AttentionFigure::kAgreement).half_width);
  EXPECT_EQ(means.names,
            (std::vector<std::string>{"pooling", "rollout", "relevance", "question_self:0:0",
                                      "image_self:0:0", "image_self:0:1", "guided:0:0"}));
}

TEST(AttentionMeans, TotalIsOfSelfAttention) {
  // 0.1 a head of the two self-attention families, three of them, and guided's left out.
  EXPECT_NEAR(attention_means(sample_attention()).mmd_total, 0.3, 1e-12);
}

TEST(AttentionMeans, BestHeadsAreThoseThatPoint) {
  const AttentionMeans means = attention_means(sample_attention());
  EXPECT_EQ(means.best_heads(5), (std::vector<std::size_t>{5, 4}));
  EXPECT_EQ(means.best_heads(1), (std::vector<std::size_t>{5}));
}

TEST(AttentionMeans, OfNoQuestionAreNone) {
  AttentionQuality none;
  none.subjects.resize(kRegionSources);
  const AttentionMeans means = attention_means(none);
  EXPECT_EQ(means.mean(0, AttentionFigure::kMass).count, 0u);
  EXPECT_FALSE(means.pointing_ratio(0));
}

TEST(AttentionDifferences, AreOfQuestionsThatBothHave) {
  const AttentionQuality against = sample_attention();
  AttentionQuality model = against;
  std::vector<double>& mass = model.subjects[0][0];
  for (double& value : mass) value += 0.25;
  mass[0] = kNoValue;
  const BootstrapOptions options{.replicates = 500, .seed = 3};
  const AttentionDifferences found = attention_differences(model, against, options);
  const PairedDifference& shifted = *found[0][std::size_t(AttentionFigure::kMass)];
  EXPECT_NEAR(shifted.difference, 0.25, 1e-12);
  EXPECT_NEAR(shifted.low, 0.25, 1e-12);
  EXPECT_NEAR(shifted.high, 0.25, 1e-12);
  EXPECT_EQ(found[0][std::size_t(AttentionFigure::kEntropy)]->difference, 0);
  EXPECT_FALSE(found[0][std::size_t(AttentionFigure::kMassByChance)]);
  EXPECT_FALSE(found[3][std::size_t(AttentionFigure::kMass)]);
}

TEST(AttentionDifferences, AreThePairedBootstrapOfTheValues) {
  const AttentionQuality against = sample_attention();
  AttentionQuality model = against;
  std::vector<double>& entropy = model.subjects[1][std::size_t(AttentionFigure::kEntropy)];
  entropy = {0.1, 0.9, 0.4, 0.7};
  const BootstrapOptions options{.replicates = 500, .seed = 3};
  const PairedRuns runs[] = {
      {{{against.values(1, AttentionFigure::kEntropy), {}}}, {{entropy, {}}}}};
  const PairedDifference expected = paired_bootstrap(runs, options)[0];
  const auto found =
      attention_differences(model, against, options)[1][std::size_t(AttentionFigure::kEntropy)];
  EXPECT_EQ(found->low, expected.low);
  EXPECT_EQ(found->high, expected.high);
  EXPECT_LT(found->low, found->high);
}

}  // namespace
}  // namespace vqalign

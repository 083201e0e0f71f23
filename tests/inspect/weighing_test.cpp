#include "vqalign/inspect/weighing.h"

#include <gtest/gtest.h>

#include "sample_inspection.h"
#include "vqalign/core/error.h"

namespace vqalign::test {
namespace {

constexpr AttentionFamily kWords = AttentionFamily::kQuestionSelf;
constexpr AttentionFamily kRegions = AttentionFamily::kImageSelf;
constexpr AttentionFamily kGuided = AttentionFamily::kGuided;

/// Two layers of three heads, four words read of six, five regions seen of six.
class WeighingTest : public testing::Test {
 protected:
  const Inspection sample_ = sample_inspection(2, 3, 4, 5);

  double weight(AttentionFamily family, int64_t layer, int64_t head, int64_t query,
                int64_t key) const {
    return sample_.map({family, layer, head}).at(query, key);
  }
  double mean(AttentionFamily family, int64_t layer, int64_t query, int64_t key) const {
    double sum = 0;
    for (int64_t head = 0; head < 3; ++head) sum += weight(family, layer, head, query, key);
    return sum / 3;
  }
};

AnswerEvidence attention(const Inspection& inspection, MapChoice map, Reading reading,
                         Token subject) {
  return weighed(inspection, {WeightSource::kAttention, map, reading, subject});
}

TEST_F(WeighingTest, PoolingIsTheEvidenceItself) {
  const AnswerEvidence evidence = weighed(sample_, {});
  for (std::size_t i = 0; i < evidence.regions.size(); ++i) {
    EXPECT_EQ(evidence.regions[i].weight, sample_.evidence.regions[i].weight);
  }
  EXPECT_EQ(evidence.region_legend.of, "region pooling");
  EXPECT_FALSE(evidence.subject);
}

TEST_F(WeighingTest, AWordReceivesFromRegionsAndWords) {
  const int64_t word = 2;  // third that was read
  const Token subject{true, sample_.read_words[2]};
  const AnswerEvidence evidence = attention(sample_, {}, Reading::kReceived, subject);
  double of_regions = 0, of_words = 0;
  for (int64_t region = 0; region < 5; ++region) of_regions += mean(kGuided, 1, region, word);
  for (int64_t other = 0; other < 4; ++other) of_words += mean(kWords, 1, other, word);
  for (int64_t region = 0; region < 5; ++region) {
    EXPECT_NEAR(evidence.regions[sample_.seen_regions[std::size_t(region)]].weight,
                mean(kGuided, 1, region, word) / of_regions, 1e-6);
  }
  for (int64_t other = 0; other < 4; ++other) {
    EXPECT_NEAR(evidence.words[sample_.read_words[std::size_t(other)]].weight,
                mean(kWords, 1, other, word) / of_words, 1e-6);
  }
  EXPECT_EQ(evidence.subject, subject);
  EXPECT_EQ(evidence.region_legend.of, "what \"word\" receives");
  EXPECT_EQ(evidence.region_legend.detail,
            "guided attention, layer 1, mean over 3 heads; column made to sum to 1");
}

TEST_F(WeighingTest, AWordGivesToWordsAndIsGivenByRegions) {
  const Token subject{true, sample_.read_words[1]};
  const AnswerEvidence evidence = attention(sample_, {0, 2}, Reading::kGiven, subject);
  for (int64_t other = 0; other < 4; ++other) {
    EXPECT_NEAR(evidence.words[sample_.read_words[std::size_t(other)]].weight,
                weight(kWords, 0, 2, 1, other), 1e-6);
  }
  for (int64_t region = 0; region < 5; ++region) {
    EXPECT_NEAR(evidence.regions[sample_.seen_regions[std::size_t(region)]].weight,
                weight(kGuided, 0, 2, region, 1), 1e-6);
  }
  EXPECT_EQ(evidence.word_legend.detail, "question self-attention, layer 0, head 2");
  EXPECT_EQ(evidence.region_legend.detail, "guided attention, layer 0, head 2; a column as it is");
}

TEST_F(WeighingTest, ARegionGivesToWordsAndSharesWithRegions) {
  const Token subject{false, sample_.seen_regions[3]};
  const AnswerEvidence received = attention(sample_, {1, 0}, Reading::kReceived, subject);
  const AnswerEvidence given = attention(sample_, {1, 0}, Reading::kGiven, subject);
  double sum = 0;
  for (int64_t other = 0; other < 5; ++other) sum += weight(kRegions, 1, 0, other, 3);
  for (int64_t other = 0; other < 5; ++other) {
    const std::size_t place = sample_.seen_regions[std::size_t(other)];
    EXPECT_NEAR(received.regions[place].weight, weight(kRegions, 1, 0, other, 3) / sum, 1e-6);
    EXPECT_NEAR(given.regions[place].weight, weight(kRegions, 1, 0, 3, other), 1e-6);
  }
  for (int64_t word = 0; word < 4; ++word) {
    const std::size_t place = sample_.read_words[std::size_t(word)];
    EXPECT_NEAR(received.words[place].weight, weight(kGuided, 1, 0, 3, word), 1e-6);
    EXPECT_NEAR(given.words[place].weight, weight(kGuided, 1, 0, 3, word), 1e-6);
  }
}

TEST_F(WeighingTest, MaximumOverHeads) {
  const AnswerEvidence evidence =
      attention(sample_, {0, MapChoice::kMax}, Reading::kGiven, {false, sample_.seen_regions[0]});
  for (int64_t word = 0; word < 4; ++word) {
    const double most = std::max({weight(kGuided, 0, 0, 0, word), weight(kGuided, 0, 1, 0, word),
                                  weight(kGuided, 0, 2, 0, word)});
    EXPECT_NEAR(evidence.words[sample_.read_words[std::size_t(word)]].weight, most, 1e-6);
  }
  EXPECT_NE(evidence.word_legend.detail.find("maximum over 3 heads"), std::string::npos);
}

TEST_F(WeighingTest, WhatWasNotReadOrSeenWeighsNothing) {
  for (const WeightSource source : {WeightSource::kAttention, WeightSource::kRollout}) {
    const AnswerEvidence evidence = weighed(sample_, {source});
    for (const QuestionWord& word : evidence.words) {
      EXPECT_TRUE(!word.dropped || word.weight == 0);
    }
    for (const PictureRegion& region : evidence.regions) {
      EXPECT_TRUE(!region.dropped || region.weight == 0);
    }
  }
}

TEST_F(WeighingTest, WithoutASubjectTheWordThatPoolingLooksAtMost) {
  Inspection inspection = sample_;
  for (QuestionWord& word : inspection.evidence.words) word.weight = 0.1;
  inspection.evidence.words[inspection.read_words[3]].weight = 0.7;
  const AnswerEvidence evidence = weighed(inspection, {WeightSource::kAttention});
  EXPECT_EQ(evidence.subject, (Token{true, inspection.read_words[3]}));
}

TEST_F(WeighingTest, ScoresOfRolloutAndRelevance) {
  const TokenScores rollout = attention_rollout(sample_);
  const AnswerEvidence flows = weighed(sample_, {WeightSource::kRollout});
  for (std::size_t i = 0; i < rollout.regions.size(); ++i) {
    EXPECT_EQ(flows.regions[i].weight, rollout.regions[i]);
  }
  TokenScores scores{std::vector<double>(sample_.evidence.words.size(), 0.25),
                     std::vector<double>(sample_.evidence.regions.size(), 0.5)};
  WeightChoice choice{WeightSource::kRelevance};
  choice.answer = "red";
  const AnswerEvidence relevant = weighed(sample_, choice, &scores);
  EXPECT_EQ(relevant.words[0].weight, 0.25);
  EXPECT_EQ(relevant.regions[0].weight, 0.5);
  EXPECT_EQ(relevant.region_legend.of, "relevance for \"red\"");
}

TEST_F(WeighingTest, RefusesWhatIsNotThere) {
  EXPECT_THROW(attention(sample_, {2, 0}, Reading::kGiven, {true, 0}), UsageError);
  EXPECT_THROW(attention(sample_, {-2, 0}, Reading::kGiven, {true, 0}), UsageError);
  EXPECT_THROW(attention(sample_, {0, 3}, Reading::kGiven, {true, 0}), UsageError);
  EXPECT_THROW(attention(sample_, {0, -3}, Reading::kGiven, {true, 0}), UsageError);
  EXPECT_THROW(attention(sample_, {}, Reading::kGiven, {true, 99}), UsageError);
  EXPECT_THROW(attention(sample_, {}, Reading::kGiven, {true, 1}), UsageError);   // dropped
  EXPECT_THROW(attention(sample_, {}, Reading::kGiven, {false, 2}), UsageError);  // dropped
}

TEST(Sites, AreTextAndBack) {
  const std::vector<HeadSite> sites = {{kGuided, 2, 1}, {kRegions, 0, 3}};
  EXPECT_EQ(sites_text(sites), "guided:2:1,image_self:0:3");
  EXPECT_EQ(parse_sites(sites_text(sites), "o"), sites);
  EXPECT_TRUE(parse_sites("", "o").empty());
  for (const char* text :
       {"guided", "guided:1", "guided:1:", "guided::1", "guided:1:2:3", "zorp:1:2", "guided:-1:0",
        "guided:1:2,,", "guided:9999999999999999999:0"}) {
    try {
      parse_sites(text, "figure.silence");
      ADD_FAILURE() << text;
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find("figure.silence"), std::string::npos) << text;
    }
  }
}

TEST(Sources, HaveNames) {
  for (const WeightSource source : {WeightSource::kPooling, WeightSource::kAttention,
                                    WeightSource::kRollout, WeightSource::kRelevance}) {
    EXPECT_EQ(source_of(source_name(source)), source);
  }
  EXPECT_FALSE(source_of("zorp"));
}

}  // namespace
}  // namespace vqalign::test

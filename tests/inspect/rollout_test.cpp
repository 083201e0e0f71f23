#include <gtest/gtest.h>

#include <numeric>

#include "sample_inspection.h"

namespace vqalign::test {
namespace {

using Square = std::vector<std::vector<double>>;

/// Another way to the same numbers: words and regions are one set of tokens, a block is a square
/// matrix over all of them, and a row vector of shares is carried backwards through the blocks.
class Oracle {
 public:
  explicit Oracle(const Inspection& inspection)
      : of_(inspection),
        words_(inspection.read_words.size()),
        size_(words_ + inspection.seen_regions.size()) {}

  std::vector<double> shares_of_inputs() {
    std::vector<double> shares(size_, 0.0);
    for (std::size_t t = 0; t < words_; ++t) {
      shares[t] = of_.evidence.words[of_.read_words[t]].weight / 2;
    }
    for (std::size_t r = words_; r < size_; ++r) {
      shares[r] = of_.evidence.regions[of_.seen_regions[r - words_]].weight / 2;
    }
    // From the last block to the first. In an encoder-decoder the words are finished before the
    // regions begin; in a stack both go on layer by layer.
    if (of_.stacking) {
      for (int64_t layer = of_.layers - 1; layer >= 0; --layer) {
        shares =
            before(before_guided_and_self(shares, layer), AttentionFamily::kQuestionSelf, layer);
      }
      return shares;
    }
    for (int64_t layer = of_.layers - 1; layer >= 0; --layer) {
      shares = before_guided_and_self(shares, layer);
    }
    for (int64_t layer = of_.layers - 1; layer >= 0; --layer) {
      shares = before(shares, AttentionFamily::kQuestionSelf, layer);
    }
    return shares;
  }

 private:
  std::vector<double> before_guided_and_self(const std::vector<double>& shares, int64_t layer) {
    return before(before(shares, AttentionFamily::kGuided, layer), AttentionFamily::kImageSelf,
                  layer);
  }

  std::vector<double> before(const std::vector<double>& shares, AttentionFamily family,
                             int64_t layer) {
    Square block(size_, std::vector<double>(size_, 0.0));
    const std::size_t queries = queries_are_words(family) ? 0 : words_;
    const std::size_t keys = keys_are_words(family) ? 0 : words_;
    for (std::size_t i = 0; i < size_; ++i) {
      const bool looks = queries_are_words(family) ? i < words_ : i >= words_;
      block[i][i] = looks ? 0.5 : 1;
    }
    for (int64_t head = 0; head < of_.heads; ++head) {
      const AttentionMap& map = of_.map({family, layer, head});
      for (int64_t q = 0; q < map.queries; ++q) {
        for (int64_t k = 0; k < map.keys; ++k) {
          block[queries + std::size_t(q)][keys + std::size_t(k)] +=
              0.5 * map.at(q, k) / double(of_.heads);
        }
      }
    }
    std::vector<double> result(size_, 0.0);
    for (std::size_t i = 0; i < size_; ++i) {
      for (std::size_t j = 0; j < size_; ++j) result[j] += shares[i] * block[i][j];
    }
    return result;
  }

  const Inspection& of_;
  std::size_t words_, size_;
};

struct RolloutCase {
  int64_t layers, heads, words, regions;
  bool stacking;
};

class Rollout : public testing::TestWithParam<RolloutCase> {};

TEST_P(Rollout, EqualsMultiplyingBlocksOverAllTokens) {
  const auto [layers, heads, words, regions, stacking] = GetParam();
  const Inspection sample = sample_inspection(layers, heads, words, regions, stacking);
  const TokenScores scores = attention_rollout(sample);
  const std::vector<double> expected = Oracle(sample).shares_of_inputs();
  ASSERT_EQ(scores.words.size(), sample.evidence.words.size());
  ASSERT_EQ(scores.regions.size(), sample.evidence.regions.size());
  for (std::size_t t = 0; t < sample.read_words.size(); ++t) {
    EXPECT_NEAR(scores.words[sample.read_words[t]], expected[t], 1e-6);
  }
  for (std::size_t r = 0; r < sample.seen_regions.size(); ++r) {
    EXPECT_NEAR(scores.regions[sample.seen_regions[r]], expected[sample.read_words.size() + r],
                1e-6);
  }
  const double sum = std::accumulate(scores.words.begin(), scores.words.end(), 0.0) +
                     std::accumulate(scores.regions.begin(), scores.regions.end(), 0.0);
  EXPECT_NEAR(sum, 1, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Rollout,
                         testing::Values(RolloutCase{1, 1, 1, 1, false},
                                         RolloutCase{2, 2, 3, 5, false},
                                         RolloutCase{3, 1, 4, 2, true},
                                         RolloutCase{4, 8, 6, 30, false},
                                         RolloutCase{3, 2, 5, 7, true}));

TEST(Rollout, WordsThatWereNotReadGetNothing) {
  const Inspection sample = sample_inspection(2, 2, 4, 6);
  const TokenScores scores = attention_rollout(sample);
  EXPECT_TRUE(sample.evidence.words[1].dropped);
  EXPECT_EQ(scores.words[1], 0);
  EXPECT_EQ(scores.regions[2], 0);
}

}  // namespace
}  // namespace vqalign::test

#include "vqalign/inspect/relevance.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "sample_inspection.h"

namespace vqalign::test {
namespace {

using Rows = std::vector<std::vector<double>>;

/// A model's output whose logit is a linear function of every attention weight, so that the
/// gradient is its coefficients, and the rules computed from these by plain loops.
class LinearLogit {
 public:
  explicit LinearLogit(const Inspection& inspection) : of_(inspection) {
    torch::manual_seed(3);
    const auto tokens = int64_t(of_.read_words.size()), regions = int64_t(of_.seen_regions.size());
    logit_ = torch::zeros({}, torch::kFloat64);
    // A padded column of the regions, to be left out.
    output.region_mask = torch::zeros({1, regions + 1}, torch::kBool);
    output.region_mask[0][1] = true;
    output.word_weights = attention({1, tokens, 2}, word_coefficients_);
    output.region_weights = attention({1, regions + 1, 2}, region_coefficients_);
    for (const AttentionMap& map : of_.maps) {
      if (map.site.head != 0) continue;
      const AttentionFamily family = map.site.family;
      AttentionTap tap{family, map.site.layer, {}, {}, {}, {}, {}};
      tap.query_mask = queries_are_words(family) ? torch::Tensor() : output.region_mask;
      tap.key_mask = keys_are_words(family) ? torch::Tensor() : output.region_mask;
      torch::Tensor coefficients;
      tap.weights = attention({1, of_.heads, queries_are_words(family) ? tokens : regions + 1,
                               keys_are_words(family) ? tokens : regions + 1},
                              coefficients);
      coefficients_.push_back(coefficients);
      output.taps.push_back(tap);
    }
    output.logits = torch::stack({torch::zeros({}, torch::kFloat64), logit_}).unsqueeze(0);
  }

  /// mean over heads of the positive part of weight times coefficient, without padding.
  Rows weighted(AttentionFamily family, int64_t layer) const {
    for (std::size_t i = 0; i < output.taps.size(); ++i) {
      const AttentionTap& tap = output.taps[i];
      if (tap.family != family || tap.layer != layer) continue;
      Rows rows;
      for (const int64_t q : places(tap.query_mask, tap.weights.size(2))) {
        rows.emplace_back();
        for (const int64_t k : places(tap.key_mask, tap.weights.size(3))) {
          double sum = 0;
          for (int64_t h = 0; h < of_.heads; ++h) {
            sum += std::max(
                0.0, (tap.weights[0][h][q][k] * coefficients_[i][0][h][q][k]).item<double>());
          }
          rows.back().push_back(sum / double(of_.heads));
        }
      }
      return rows;
    }
    return {};
  }

  std::vector<double> pooled(bool words) const {
    const torch::Tensor& weights = words ? output.word_weights : output.region_weights;
    const torch::Tensor& coefficients = words ? word_coefficients_ : region_coefficients_;
    std::vector<double> result;
    const torch::Tensor mask = words ? torch::Tensor() : output.region_mask;
    for (const int64_t i : places(mask, weights.size(1))) {
      double sum = 0;
      for (int64_t g = 0; g < 2; ++g) {
        sum += std::max(0.0, (weights[0][i][g] * coefficients[0][i][g]).item<double>());
      }
      result.push_back(sum / 2);
    }
    return result;
  }

  ModelOutput output;

 private:
  static std::vector<int64_t> places(const torch::Tensor& mask, int64_t n) {
    std::vector<int64_t> kept;
    for (int64_t i = 0; i < n; ++i) {
      if (!mask.defined() || !mask[0][i].item<bool>()) kept.push_back(i);
    }
    return kept;
  }

  torch::Tensor attention(at::IntArrayRef shape, torch::Tensor& coefficients) {
    const torch::Tensor weights =
        torch::rand(shape, torch::TensorOptions(torch::kFloat64)).requires_grad_();
    coefficients = torch::randn(shape, torch::kFloat64);
    logit_ = logit_ + (weights * coefficients).sum();
    return weights;
  }

  const Inspection& of_;
  torch::Tensor logit_, word_coefficients_, region_coefficients_;
  std::vector<torch::Tensor> coefficients_;
};

Rows identity(std::size_t n) {
  Rows one(n, std::vector<double>(n, 0.0));
  for (std::size_t i = 0; i < n; ++i) one[i][i] = 1;
  return one;
}

/// sum_k a[i][k] b[k][j]
Rows product(const Rows& a, const Rows& b) {
  Rows c(a.size(), std::vector<double>(b[0].size(), 0.0));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < b.size(); ++k) {
      for (std::size_t j = 0; j < b[0].size(); ++j) c[i][j] += a[i][k] * b[k][j];
    }
  }
  return c;
}

void add(Rows& to, const Rows& more) {
  for (std::size_t i = 0; i < to.size(); ++i) {
    for (std::size_t j = 0; j < to[i].size(); ++j) to[i][j] += more[i][j];
  }
}

Rows transposed(const Rows& a) {
  Rows t(a[0].size(), std::vector<double>(a.size()));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[0].size(); ++j) t[j][i] = a[i][j];
  }
  return t;
}

/// (R - I) with rows that sum to 1, plus I.
Rows normalised_rows(Rows r) {
  for (std::size_t i = 0; i < r.size(); ++i) {
    r[i][i] -= 1;
    double sum = 0;
    for (const double value : r[i]) sum += value;
    for (double& value : r[i]) value = sum > 0 ? value / sum : 0;
    r[i][i] += 1;
  }
  return r;
}

class RelevanceTest : public testing::TestWithParam<bool> {};

TEST_P(RelevanceTest, EqualsTheRulesByLoops) {
  const Inspection sample = sample_inspection(3, 2, 4, 5, GetParam());
  const LinearLogit logit(sample);
  const TokenScores scores = relevance(logit.output, 1, sample);

  std::vector<Rows> tt = {identity(4)};
  for (int64_t layer = 0; layer < 3; ++layer) {
    Rows next = tt.back();
    add(next, product(logit.weighted(AttentionFamily::kQuestionSelf, layer), tt.back()));
    tt.push_back(next);
  }
  Rows ii = identity(5), it(5, std::vector<double>(4, 0.0));
  for (int64_t layer = 0; layer < 3; ++layer) {
    const Rows self = logit.weighted(AttentionFamily::kImageSelf, layer);
    add(it, product(self, it));
    add(ii, product(self, ii));
    const Rows& words = GetParam() ? tt[std::size_t(layer) + 1] : tt.back();
    add(it, product(product(transposed(normalised_rows(ii)),
                            logit.weighted(AttentionFamily::kGuided, layer)),
                    normalised_rows(words)));
  }
  Rows of_words = product({logit.pooled(true)}, tt.back());
  add(of_words, product({logit.pooled(false)}, it));
  const Rows of_regions = product({logit.pooled(false)}, ii);
  double total = 0;
  for (const double value : of_words[0]) total += value;
  for (const double value : of_regions[0]) total += value;
  for (std::size_t t = 0; t < 4; ++t) {
    EXPECT_NEAR(scores.words[sample.read_words[t]], of_words[0][t] / total, 1e-9);
  }
  for (std::size_t r = 0; r < 5; ++r) {
    EXPECT_NEAR(scores.regions[sample.seen_regions[r]], of_regions[0][r] / total, 1e-9);
  }
  EXPECT_TRUE(sample.evidence.words[1].dropped);
  EXPECT_EQ(scores.words[1], 0);
}

INSTANTIATE_TEST_SUITE_P(Structures, RelevanceTest, testing::Bool());

TEST(RelevanceTest, OfAnAnswerThatNothingSpeaksForIsNought) {
  const Inspection sample = sample_inspection(1, 1, 2, 2);
  LinearLogit logit(sample);
  torch::Tensor nothing = torch::zeros({}, torch::kFloat64);
  for (const AttentionTap& tap : logit.output.taps) nothing = nothing - tap.weights.sum();
  nothing = nothing - logit.output.word_weights.sum() - logit.output.region_weights.sum();
  logit.output.logits = nothing.view({1, 1});
  const TokenScores scores = relevance(logit.output, 0, sample);
  for (const double score : scores.words) EXPECT_EQ(score, 0);
  for (const double score : scores.regions) EXPECT_EQ(score, 0);
}

}  // namespace
}  // namespace vqalign::test

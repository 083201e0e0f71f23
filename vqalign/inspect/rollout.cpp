#include <cassert>
#include <span>

#include "vqalign/inspect/inspection.h"

namespace vqalign {
namespace {

/// A small dense matrix, row-major.
struct Matrix {
  int64_t rows = 0, columns = 0;
  std::vector<double> values;

  Matrix(int64_t r, int64_t c) : rows(r), columns(c), values(std::size_t(r * c), 0.0) {}
  static Matrix identity(int64_t n) {
    Matrix one(n, n);
    for (int64_t i = 0; i < n; ++i) one.at(i, i) = 1;
    return one;
  }
  double& at(int64_t row, int64_t column) { return values[std::size_t(row * columns + column)]; }
  double at(int64_t row, int64_t column) const {
    return values[std::size_t(row * columns + column)];
  }
};

/// half of `kept` and half of attention * `source`: what a block with a residual passes on.
Matrix passed_on(const Matrix& kept, const AttentionMap& attention, const Matrix& source) {
  assert(attention.queries == kept.rows && attention.keys == source.rows);
  Matrix next(kept.rows, kept.columns);
  for (int64_t row = 0; row < kept.rows; ++row) {
    for (int64_t column = 0; column < kept.columns; ++column) {
      next.at(row, column) = 0.5 * kept.at(row, column);
    }
    for (int64_t key = 0; key < attention.keys; ++key) {
      const double weight = 0.5 * attention.at(row, key);
      for (int64_t column = 0; column < source.columns; ++column) {
        next.at(row, column) += weight * source.at(key, column);
      }
    }
  }
  return next;
}

/// shares * flow, scaled.
void add_pooled(std::vector<double>& scores, std::span<const double> shares, const Matrix& flow,
                std::span<const std::size_t> places) {
  for (int64_t column = 0; column < flow.columns; ++column) {
    double sum = 0;
    for (int64_t row = 0; row < flow.rows; ++row) sum += shares[size_t(row)] * flow.at(row, column);
    scores[places[std::size_t(column)]] += 0.5 * sum;
  }
}

}  // namespace

TokenScores attention_rollout(const Inspection& inspection) {
  const AnswerEvidence& evidence = inspection.evidence;
  const auto tokens = static_cast<int64_t>(inspection.read_words.size());
  const auto regions = static_cast<int64_t>(inspection.seen_regions.size());
  const auto mean = [&](AttentionFamily family, int64_t layer) {
    return inspection.aggregated(family, layer, HeadAggregate::kMean);
  };
  // Where the states come from: words from words, regions from regions and from words.
  std::vector<Matrix> words = {Matrix::identity(tokens)};
  for (int64_t layer = 0; layer < inspection.layers; ++layer) {
    const AttentionMap self = mean(AttentionFamily::kQuestionSelf, layer);
    words.push_back(passed_on(words.back(), self, words.back()));
  }
  Matrix from_regions = Matrix::identity(regions), from_words(regions, tokens);
  const Matrix nothing(tokens, regions);
  for (int64_t layer = 0; layer < inspection.layers; ++layer) {
    const AttentionMap self = mean(AttentionFamily::kImageSelf, layer);
    from_regions = passed_on(from_regions, self, from_regions);
    from_words = passed_on(from_words, self, from_words);
    const AttentionMap guided = mean(AttentionFamily::kGuided, layer);
    const Matrix& guide =
        inspection.stacking ? words[static_cast<std::size_t>(layer) + 1] : words.back();
    from_regions = passed_on(from_regions, guided, nothing);
    from_words = passed_on(from_words, guided, guide);
  }
  std::vector<double> word_shares, region_shares;
  for (const std::size_t word : inspection.read_words) {
    word_shares.push_back(evidence.words[word].weight);
  }
  for (const std::size_t region : inspection.seen_regions) {
    region_shares.push_back(evidence.regions[region].weight);
  }
  TokenScores scores{std::vector<double>(evidence.words.size(), 0.0),
                     std::vector<double>(evidence.regions.size(), 0.0)};
  add_pooled(scores.words, word_shares, words.back(), inspection.read_words);
  add_pooled(scores.words, region_shares, from_words, inspection.read_words);
  add_pooled(scores.regions, region_shares, from_regions, inspection.seen_regions);
  return scores;
}

}  // namespace vqalign

#include <cassert>
#include <vector>

#include "vqalign/inspect/inspection.h"

namespace vqalign {
namespace {

/// A small dense matrix, row-major.
struct Matrix {
  int64_t rows = 0, columns = 0;
  std::vector<double> values;

  Matrix(int64_t r, int64_t c) : rows(r), columns(c), values(std::size_t(r * c), 0.0) {}
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

/// States that are the inputs from `first` on, of so many inputs.
Matrix inputs(int64_t states, int64_t first, int64_t all) {
  Matrix one(states, all);
  for (int64_t i = 0; i < states; ++i) one.at(i, first + i) = 1;
  return one;
}

/// Adds what a pooled state comes from; each of the two poolings counts half.
void add_pooled(std::vector<double>& shares, const Matrix& states, int64_t state, double pooled) {
  for (int64_t input = 0; input < states.columns; ++input) {
    shares[static_cast<std::size_t>(input)] += 0.5 * pooled * states.at(state, input);
  }
}

}  // namespace

TokenScores attention_rollout(const Inspection& inspection) {
  const AnswerEvidence& evidence = inspection.evidence;
  const auto tokens = static_cast<int64_t>(inspection.read_words.size());
  const auto seen = static_cast<int64_t>(inspection.seen_regions.size());
  const auto mean = [&](AttentionFamily family, int64_t layer) {
    return inspection.aggregated(family, layer, HeadAggregate::kMean);
  };
  // A state's row says how much of it comes from each input: the words, then the regions.
  std::vector<Matrix> words = {inputs(tokens, 0, tokens + seen)};
  for (int64_t layer = 0; layer < inspection.layers; ++layer) {
    const AttentionMap self = mean(AttentionFamily::kQuestionSelf, layer);
    words.push_back(passed_on(words.back(), self, words.back()));
  }
  Matrix regions = inputs(seen, tokens, tokens + seen);
  for (int64_t layer = 0; layer < inspection.layers; ++layer) {
    regions = passed_on(regions, mean(AttentionFamily::kImageSelf, layer), regions);
    const Matrix& guide =
        inspection.stacking ? words[static_cast<std::size_t>(layer) + 1] : words.back();
    regions = passed_on(regions, mean(AttentionFamily::kGuided, layer), guide);
  }
  std::vector<double> shares(static_cast<std::size_t>(tokens + seen), 0.0);
  for (int64_t t = 0; t < tokens; ++t) {
    const std::size_t word = inspection.read_words[static_cast<std::size_t>(t)];
    add_pooled(shares, words.back(), t, evidence.words[word].weight);
  }
  for (int64_t r = 0; r < seen; ++r) {
    const std::size_t region = inspection.seen_regions[static_cast<std::size_t>(r)];
    add_pooled(shares, regions, r, evidence.regions[region].weight);
  }
  TokenScores scores{std::vector<double>(evidence.words.size(), 0.0),
                     std::vector<double>(evidence.regions.size(), 0.0)};
  auto share = shares.begin();
  for (const std::size_t word : inspection.read_words) scores.words[word] = *share++;
  for (const std::size_t region : inspection.seen_regions) scores.regions[region] = *share++;
  return scores;
}

}  // namespace vqalign

#pragma once

#include "vqalign/core/philox.h"
#include "vqalign/inspect/inspection.h"

namespace vqalign::test {

/// An inspection of made-up numbers, as a fake Answerer of a window's tests would give it: every
/// row of every map is a share, words and regions have pooling weights, `unread` words more stand
/// between those that were read. Of a pretrained encoder's rows a fifth went elsewhere.
inline Inspection sample_inspection(int64_t layers, int64_t heads, int64_t words, int64_t regions,
                                    bool stacking = false, FamilyShape pretrained = {}) {
  Random random(5);
  const auto shares = [&](std::size_t count) {
    std::vector<double> values;
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      values.push_back(0.1 + random.uniform());
      sum += values.back();
    }
    for (double& value : values) value /= sum;
    return values;
  };
  Inspection sample;
  sample.layers = layers;
  sample.heads = heads;
  sample.stacking = stacking;
  sample.pretrained = pretrained;
  const std::vector<double> of_words = shares(std::size_t(words)),
                            of_regions = shares(std::size_t(regions));
  for (std::size_t word = 0; word < std::size_t(words); ++word) {
    if (word % 2 == 1) sample.evidence.words.push_back({"dropped", true, false, 0, true});
    sample.read_words.push_back(sample.evidence.words.size());
    sample.evidence.words.push_back({"word", true, false, of_words[word]});
  }
  for (std::size_t region = 0; region < std::size_t(regions); ++region) {
    if (region % 3 == 2) sample.evidence.regions.push_back({0, 0, 8, 8, 0, true});
    sample.seen_regions.push_back(sample.evidence.regions.size());
    const double x = 8.0 * double(region);
    sample.evidence.regions.push_back({x, 0, x + 8, 8, of_regions[region]});
  }
  for (const AttentionFamily family : sample.families()) {
    const FamilyShape shape = sample.shape(family);
    const bool whole = family != AttentionFamily::kQuestionPretrained;
    for (int64_t layer = 0; layer < shape.layers; ++layer) {
      for (int64_t head = 0; head < shape.heads; ++head) {
        AttentionMap map{{family, layer, head},
                         queries_are_words(family) ? words : regions,
                         keys_are_words(family) ? words : regions,
                         {},
                         whole};
        for (int64_t query = 0; query < map.queries; ++query) {
          for (const double share : shares(std::size_t(map.keys))) {
            map.weights.push_back(float(whole ? share : 0.8 * share));
          }
        }
        sample.statistics.push_back(map_statistics(map));
        sample.maps.push_back(std::move(map));
      }
    }
  }
  return sample;
}

}  // namespace vqalign::test

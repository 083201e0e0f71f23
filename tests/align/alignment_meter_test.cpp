#include "vqalign/align/alignment_meter.h"

#include "brute_force.h"
#include "helpers.h"

namespace vqalign {
namespace {

TEST(AlignmentMeter, OfNothingIsEmpty) {
  const AlignmentReport report = AlignmentMeter().report();
  EXPECT_TRUE(report.heads.empty());
  EXPECT_EQ(report.mmd_total, 0.0);
}

TEST(AlignmentMeter, AveragesOverSamplesAndSumsOverSelfAttention) {
  AlignmentMeter meter;
  std::map<std::string, double> expected;  // "family layer head"
  std::map<std::string, int> samples;
  for (int batch = 0; batch < 2; ++batch) {
    std::vector<AttentionTap> taps;
    for (const AttentionFamily family : kAllFamilies) {
      for (int64_t layer = 0; layer < 2; ++layer) {
        // The second batch is unmasked and of another size.
        const SetCase shape{"", 3 - batch, 2, 6 + batch, 5, 4, batch == 0};
        const HeadSets sets =
            random_sets(shape, 100 * batch + 10 * layer + static_cast<int>(family));
        taps.push_back(tap_of(family, layer, leaves(sets)));
        brute::sum_over_heads(sets, {}, [&](const brute::Head& head, int64_t, int64_t h) {
          const std::string name =
              std::string(family_name(family)) + std::to_string(layer) + std::to_string(h);
          expected[name] += brute::mmd(head, brute::median_distance(head));
          ++samples[name];
          return 0.0;
        });
      }
    }
    meter.add(taps);
  }
  const AlignmentReport report = meter.report();
  ASSERT_EQ(report.heads.size(), 16u);
  EXPECT_EQ(report.heads.front().family, "question_self");
  EXPECT_EQ(report.heads.back().family, "question_pretrained");
  double total = 0.0;
  for (const HeadMmd& head : report.heads) {
    const std::string name = head.family + std::to_string(head.layer) + std::to_string(head.head);
    ASSERT_EQ(samples.at(name), 4) << "two of three samples of the first batch, both of the second";
    EXPECT_NEAR(head.value, expected.at(name) / 4, 1e-6) << name;
    if (head.family.ends_with("_self")) total += head.value;
  }
  EXPECT_NEAR(report.mmd_total, total, 1e-12);
}

TEST(AlignmentMeter, TakesNoPartInAutograd) {
  const HeadSets sets = leaves(random_sets({"", 2, 2, 4, 4, 4}));
  AlignmentMeter meter;
  meter.add({tap_of(AttentionFamily::kImageSelf, 0, sets)});
  EXPECT_FALSE(sets.queries.grad().defined());
}

}  // namespace
}  // namespace vqalign

#include "vqalign/data/id_index.h"

#include <gtest/gtest.h>

#include <limits>
#include <unordered_map>

#include "vqalign/core/philox.h"

namespace vqalign::detail {
namespace {

TEST(IdIndex, KnowsWhatAMapKnows) {
  constexpr std::size_t kIds = 5000;
  IdIndex index(kIds);
  std::unordered_map<int64_t, std::size_t> map;
  Random random(1, 0);
  for (std::size_t i = 0; i < kIds; ++i) {
    // Ids as VQA v2 has them, many of them twice.
    const int64_t id = int64_t{random.below(1500)} * 1000 + random.below(3) - 1;
    const auto [known, fresh] = map.emplace(id, i);
    EXPECT_EQ(index.add(id, i), fresh ? IdIndex::kNone : known->second);
  }
  for (int64_t id = -5; id < 1'600'000; id += 1) {
    const auto known = map.find(id);
    ASSERT_EQ(index.find(id), known == map.end() ? IdIndex::kNone : known->second) << id;
  }
}

TEST(IdIndex, TakesAnyId) {
  using Limits = std::numeric_limits<int64_t>;
  IdIndex index(3);
  EXPECT_EQ(index.find(0), IdIndex::kNone);
  EXPECT_EQ(index.add(Limits::min(), 7), IdIndex::kNone);
  EXPECT_EQ(index.add(Limits::max(), 8), IdIndex::kNone);
  EXPECT_EQ(index.add(0, 9), IdIndex::kNone);
  EXPECT_EQ(index.find(Limits::min()), 7u);
  EXPECT_EQ(index.find(Limits::max()), 8u);
  EXPECT_EQ(index.find(0), 9u);
  EXPECT_EQ(IdIndex(0).find(1), IdIndex::kNone);
}

}  // namespace
}  // namespace vqalign::detail

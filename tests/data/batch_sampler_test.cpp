#include "vqalign/data/batch_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace vqalign {
namespace {

using Batches = std::vector<std::vector<int64_t>>;

// `pictures` pictures of two shapes, `each` questions about each, of 3 to 12 words.
std::vector<QuestionShape> make_questions(int64_t pictures, int64_t each) {
  std::vector<QuestionShape> questions;
  for (int64_t k = 0; k < each; ++k) {
    for (int64_t p = 0; p < pictures; ++p) {
      const bool wide = p % 2 == 0;
      questions.push_back({1000 + p, 3 + (p * 7 + k * 5) % 10, wide ? 200 : 100, wide ? 100 : 200});
    }
  }
  return questions;
}

std::vector<int64_t> flat(const Batches& batches) {
  std::vector<int64_t> rows;
  for (const auto& batch : batches) rows.insert(rows.end(), batch.begin(), batch.end());
  return rows;
}

std::vector<int64_t> sorted(std::vector<int64_t> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<int64_t> first_numbers(std::size_t count) {
  std::vector<int64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(BatchSampler, EveryQuestionOnceAnEpoch) {
  for (const int64_t per_picture : {1, 3}) {
    for (const int64_t bucket : {1, 4}) {
      const BatchSampler sampler(make_questions(37, 5), {per_picture, bucket, 0, 0}, 16, 1, false);
      EXPECT_EQ(sampler.batches(), 12);
      for (int64_t epoch = 0; epoch < 3; ++epoch) {
        const Batches batches = sampler.epoch(epoch);
        EXPECT_EQ(sorted(flat(batches)), first_numbers(185));
        ASSERT_EQ(batches.size(), 12u);
        EXPECT_EQ(std::count_if(batches.begin(), batches.end(),
                                [](const auto& batch) { return batch.size() == 16; }),
                  11);
      }
    }
  }
}

TEST(BatchSampler, SameArgumentsSameOrder) {
  const auto epoch = [](uint64_t seed, int64_t number) {
    return BatchSampler(make_questions(30, 4), {2, 4, 0, 0}, 8, seed, false).epoch(number);
  };
  EXPECT_EQ(epoch(1, 3), epoch(1, 3));
  EXPECT_NE(epoch(1, 3), epoch(1, 4));
  EXPECT_NE(epoch(1, 3), epoch(2, 3));
}

TEST(BatchSampler, ShuffledEvenWithoutSorting) {
  const std::vector<int64_t> rows =
      flat(BatchSampler(make_questions(50, 1), {1, 1, 0, 0}, 10, 1, false).epoch(0));
  EXPECT_NE(rows, first_numbers(50));
}

TEST(BatchSampler, DropLastLeavesOutOthersEachEpoch) {
  const BatchSampler sampler(make_questions(33, 1), {1, 4, 0, 0}, 10, 1, true);
  EXPECT_EQ(sampler.batches(), 3);
  std::set<int64_t> seen;
  for (int64_t epoch = 0; epoch < 10; ++epoch) {
    const Batches batches = sampler.epoch(epoch);
    ASSERT_EQ(batches.size(), 3u);
    const std::vector<int64_t> rows = flat(batches);
    ASSERT_EQ(std::set<int64_t>(rows.begin(), rows.end()).size(), 30u);
    seen.insert(rows.begin(), rows.end());
  }
  EXPECT_EQ(seen.size(), 33u);
}

TEST(BatchSampler, DropLastCutsWithinAGroup) {
  const BatchSampler sampler(make_questions(7, 3), {3, 4, 0, 0}, 10, 1, true);
  const Batches batches = sampler.epoch(0);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].size(), 10u);
  EXPECT_EQ(batches[1].size(), 10u);
}

TEST(BatchSampler, FewerQuestionsThanABatchAreKept) {
  const BatchSampler sampler(make_questions(3, 1), {1, 4, 0, 0}, 10, 1, true);
  EXPECT_EQ(sampler.batches(), 1);
  ASSERT_EQ(sampler.epoch(0).size(), 1u);
  EXPECT_EQ(sampler.epoch(0)[0].size(), 3u);
}

TEST(BatchSampler, NoQuestionsNoBatches) {
  EXPECT_EQ(BatchSampler({}, {1, 4, 0, 0}, 10, 1, true).batches(), 0);
  EXPECT_TRUE(BatchSampler({}, {1, 4, 0, 0}, 10, 1, false).epoch(0).empty());
  EXPECT_TRUE(evaluation_batches({}, 10).empty());
}

int64_t distinct_pictures(const Batches& batches, const std::vector<QuestionShape>& questions) {
  int64_t count = 0;
  for (const auto& batch : batches) {
    std::set<int64_t> pictures;
    for (const int64_t row : batch)
      pictures.insert(questions[static_cast<std::size_t>(row)].image_id);
    count += static_cast<int64_t>(pictures.size());
  }
  return count;
}

TEST(BatchSampler, QuestionsOfAPictureStandTogether) {
  const auto questions = make_questions(64, 4);
  const auto pictures = [&](int64_t per_picture, int64_t bucket) {
    const BatchSampler sampler(questions, {per_picture, bucket, 0, 0}, 16, 1, false);
    return distinct_pictures(sampler.epoch(0), questions);
  };
  EXPECT_EQ(pictures(4, 1), 64);
  EXPECT_EQ(pictures(4, 8), 64);
  // Two pairs of one picture may meet in a batch by chance.
  EXPECT_LE(pictures(2, 8), 128);
  EXPECT_GT(pictures(2, 8), 100);
  EXPECT_GT(pictures(1, 8), 200);
}

// Cells of the padded word and picture tensors, summed over an epoch.
std::pair<int64_t, int64_t> padded_work(const Batches& batches,
                                        const std::vector<QuestionShape>& questions) {
  int64_t words = 0, pixels = 0;
  for (const auto& batch : batches) {
    int64_t length = 0, width = 0, height = 0;
    for (const int64_t row : batch) {
      const QuestionShape& shape = questions[static_cast<std::size_t>(row)];
      length = std::max(length, shape.tokens);
      width = std::max(width, shape.width);
      height = std::max(height, shape.height);
    }
    words += length * static_cast<int64_t>(batch.size());
    pixels += width * height * static_cast<int64_t>(batch.size());
  }
  return {words, pixels};
}

TEST(BatchSampler, WindowsSavePadding) {
  const auto questions = make_questions(512, 1);
  const auto work = [&](int64_t bucket) {
    return padded_work(BatchSampler(questions, {1, bucket, 0, 0}, 16, 1, false).epoch(0),
                       questions);
  };
  const auto [words, pixels] = work(1);
  const auto [sorted_words, sorted_pixels] = work(16);
  // 512 questions have 3840 words and 10.24 million pixels.
  EXPECT_GT(words, 5500);
  EXPECT_LT(sorted_words, 4600);
  EXPECT_GT(pixels, 18'000'000);
  EXPECT_LT(sorted_pixels, 12'500'000);
}

// 10 to 100 regions a picture, all numbers alike often, and nothing else known of pictures.
std::vector<QuestionShape> stored_questions(int64_t count) {
  std::vector<QuestionShape> questions;
  for (int64_t i = 0; i < count; ++i) {
    questions.push_back({i, 3 + i * 5 % 11, 0, 0, 10 + i * 37 % 91});
  }
  return questions;
}

// Regions with padding over regions.
double padded_share(const Batches& batches, const std::vector<QuestionShape>& questions) {
  int64_t padded = 0, all = 0;
  for (const auto& batch : batches) {
    int64_t most = 0;
    for (const int64_t row : batch) {
      most = std::max(most, questions[static_cast<std::size_t>(row)].regions);
      all += questions[static_cast<std::size_t>(row)].regions;
    }
    padded += most * static_cast<int64_t>(batch.size());
  }
  return static_cast<double>(padded) / static_cast<double>(all);
}

TEST(BatchSampler, StoredRegionsAreHardlyPadded) {
  const auto questions = stored_questions(64 * 64);
  const auto share = [&](int64_t bucket) {
    return padded_share(BatchSampler(questions, {1, bucket, 0, 0}, 64, 1, true).epoch(0),
                        questions);
  };
  EXPECT_GT(share(1), 1.7);  // nearly 100 of 55
  EXPECT_LT(share(64), 1.04);
  EXPECT_LT(padded_share(evaluation_batches(questions, 64), questions), 1.02);
}

TEST(BatchSampler, BatchesAreNotShownFromShortToLong) {
  const auto questions = make_questions(320, 1);
  const Batches batches = BatchSampler(questions, {1, 1000, 0, 0}, 16, 1, false).epoch(0);
  std::vector<int64_t> lengths;
  for (const auto& batch : batches) {
    lengths.push_back(questions[static_cast<std::size_t>(batch.front())].tokens);
  }
  EXPECT_FALSE(std::is_sorted(lengths.begin(), lengths.end()));
}

TEST(EvaluationBatches, EveryQuestionOncePicturesTogetherShapesApart) {
  const auto questions = make_questions(32, 4);
  const Batches batches = evaluation_batches(questions, 16);
  EXPECT_EQ(sorted(flat(batches)), first_numbers(128));
  ASSERT_EQ(batches.size(), 8u);
  EXPECT_EQ(distinct_pictures(batches, questions), 32);
  EXPECT_EQ(padded_work(batches, questions).second, 128 * 200 * 100);
}

TEST(BatchSampler, AsksOfOneViewAnEpoch) {
  constexpr int64_t kViews = 3, kOwn = 185;
  std::vector<QuestionShape> questions;
  for (int64_t view = 0; view < kViews; ++view) {
    for (QuestionShape shape : make_questions(37, 5)) {
      shape.image_id += view * 1000;
      questions.push_back(shape);
    }
  }
  const BatchSampler sampler(questions, {2, 4, 0, 0}, 16, 1, false, kViews);
  EXPECT_EQ(sampler.batches(), 12);
  std::vector<std::set<int64_t>> seen(kOwn);
  for (int64_t epoch = 0; epoch < 12; ++epoch) {
    std::vector<int64_t> own;
    std::set<int64_t> views;
    for (const int64_t row : flat(sampler.epoch(epoch))) {
      own.push_back(row % kOwn);
      views.insert(row / kOwn);
      seen[std::size_t(row % kOwn)].insert(row / kOwn);
    }
    EXPECT_EQ(sorted(own), first_numbers(kOwn));
    EXPECT_EQ(views.size(), std::size_t(kViews));
  }
  const auto all = std::count_if(seen.begin(), seen.end(),
                                 [](const auto& views) { return views.size() == kViews; });
  EXPECT_GT(all, 160);  // 12 epochs miss one of three views of a question once in 43 questions
  EXPECT_EQ(sampler.epoch(3), sampler.epoch(3));
}

}  // namespace
}  // namespace vqalign

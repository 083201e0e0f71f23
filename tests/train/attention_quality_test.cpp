#include "vqalign/train/attention_quality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/train/training_fixture.h"
#include "vqalign/data/object_labels.h"

namespace vqalign {
namespace {

/// Drawn scenes and a model of random weights that looks at them.
class AttentionQualityTest : public TrainingTest {
 protected:
  void SetUp() override {
    TrainingTest::SetUp();
    DataSource source;
    source.directory = data_;
    source.split = "val";
    dataset_ = load_dataset(source, false);
    labels_ = read_object_labels(resolve_splits(source));
    torch::manual_seed(7);
    ModelConfig config;
    config.vision.channels = {"4", "4", "8", "8"};
    config.vision.pixels = 4096;
    config.language.word_width = 8;
    config.model = {.layers = 2,
                    .hidden = 16,
                    .heads = 2,
                    .feed_forward = 16,
                    .pooling_hidden = 8,
                    .pooled = 16};
    bundle_ = ModelBundle::create(config, Vocabulary({"what", "shape", "is", "the"}),
                                  {"red", "yes", "no", "2"}, {});
  }

  AttentionQuality measure(const Dataset& dataset, const AttentionOptions& options) {
    SilentProgress progress;
    CancelToken cancel;
    return measure_attention(*bundle_, dataset, labels_, options, progress, cancel, "looking");
  }

  Dataset dataset_;
  ObjectLabels labels_;
  std::optional<ModelBundle> bundle_;
};

void expect_close(const AttentionQuality& a, const AttentionQuality& b) {
  ASSERT_EQ(a.subjects.size(), b.subjects.size());
  for (std::size_t subject = 0; subject < a.subjects.size(); ++subject) {
    for (std::size_t figure = 0; figure < kAttentionFigures; ++figure) {
      // A near tie may change places.
      const bool ranks = figure == std::size_t(AttentionFigure::kHit) ||
                         figure == std::size_t(AttentionFigure::kAgreement);
      for (std::size_t i = 0; i < a.questions.size(); ++i) {
        const double first = a.subjects[subject][figure][i];
        const double second = b.subjects[subject][figure][i];
        EXPECT_EQ(std::isnan(first), std::isnan(second));
        if (!std::isnan(first) && !ranks) {
          EXPECT_NEAR(first, second, 1e-4);
        }
      }
    }
  }
}

TEST_F(AttentionQualityTest, DrawsBySeedWithoutRepeating) {
  const auto ids = [&](int64_t count, uint64_t seed) {
    std::vector<int64_t> ids;
    for (const Question& question : drawn_questions(dataset_, count, seed).questions) {
      ids.push_back(question.question_id);
    }
    return ids;
  };
  EXPECT_EQ(ids(10, 1), ids(10, 1));
  EXPECT_NE(ids(10, 1), ids(10, 2));
  const std::vector<int64_t> all = ids(0, 1), ten = ids(10, 1);
  EXPECT_EQ(all.size(), 32u);
  EXPECT_EQ(ids(1000, 1), all);
  EXPECT_TRUE(std::equal(ten.begin(), ten.end(), all.begin()));
  EXPECT_EQ(std::set<int64_t>(all.begin(), all.end()).size(), 32u);
}

TEST_F(AttentionQualityTest, CountsAndRanges) {
  const AttentionQuality quality = measure(dataset_, {.occlusion = 5});
  int64_t about_nothing = 0;
  for (const Question& question : dataset_.questions) {
    about_nothing += labels_.about.at(question.question_id).empty();
  }
  EXPECT_EQ(quality.about_nothing, about_nothing);
  EXPECT_EQ(quality.pointed(), 32 - about_nothing);
  EXPECT_EQ(quality.occluded, 5);
  EXPECT_EQ(quality.subjects.size(), 3u + 12u);
  for (std::size_t subject = 0; subject < quality.subjects.size(); ++subject) {
    const bool of_words = quality.subject_name(subject).starts_with("question_self");
    for (std::size_t i = 0; i < 32; ++i) {
      const bool points =
          !of_words && !labels_.about.at(quality.questions[i]).empty() && subject != 2;
      const double mass = quality.values(subject, AttentionFigure::kMass)[i];
      if (subject != 2) {
        EXPECT_EQ(std::isnan(mass), !points) << subject << " " << i;
      }
      if (!std::isnan(mass)) {
        EXPECT_TRUE(mass >= 0 && mass <= 1);
      }
      const double agreement = quality.values(subject, AttentionFigure::kAgreement)[i];
      if (i >= 5 || of_words) {
        EXPECT_TRUE(std::isnan(agreement));
      }
      const double entropy = quality.values(subject, AttentionFigure::kEntropy)[i];
      if (subject != 2) {
        EXPECT_TRUE(entropy >= 0 && entropy <= 1 + 1e-6) << entropy;
      }
    }
  }
}

TEST_F(AttentionQualityTest, DoesNotDependOnTheBatchSize) {
  const Dataset some = drawn_questions(dataset_, 12, 4);
  expect_close(measure(some, {.occlusion = 3, .batch_size = 1}),
               measure(some, {.occlusion = 3, .batch_size = 64}));
}

TEST_F(AttentionQualityTest, WithoutLabelsOrWordsTheRestIsMeasured) {
  labels_ = {};
  dataset_.questions[0].question = "?";
  const AttentionQuality quality = measure(dataset_, {.occlusion = 2});
  EXPECT_EQ(quality.left_out, 1);
  EXPECT_EQ(quality.without_labels, 31);
  EXPECT_EQ(quality.pointed(), 0);
  EXPECT_EQ(quality.occluded, 1);
  EXPECT_TRUE(std::isnan(quality.values(0, AttentionFigure::kEntropy)[0]));
  EXPECT_FALSE(std::isnan(quality.values(0, AttentionFigure::kEntropy)[1]));
  EXPECT_TRUE(std::isnan(quality.values(0, AttentionFigure::kMass)[1]));
}

TEST_F(AttentionQualityTest, StopsWhenToldTo) {
  SilentProgress progress;
  CancelToken cancel;
  cancel.request();
  EXPECT_THROW(measure_attention(*bundle_, dataset_, labels_, {}, progress, cancel, "looking"),
               Cancelled);
}

}  // namespace
}  // namespace vqalign

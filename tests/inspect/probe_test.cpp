// Against Answerer, which goes the way of one picture's file and takes regions out of the batch.
#include "vqalign/inspect/probe.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tiny_model.h"
#include "vqalign/fusion/stochastic_passes.h"
#include "vqalign/inspect/answerer.h"

namespace vqalign::test {
namespace {

constexpr const char* kQuestion = "is the circle blue";

/// Question 0 of padded_batch(), kQuestion about random_picture(50, 30, 1).
ModelInput first_alone(ModelBundle& bundle) {
  const torch::NoGradGuard encoding;
  bundle.model->eval();
  ModelInput batch = padded_batch();
  batch.regions = bundle.model->encode_pictures(batch);
  batch.pictures.reset();
  return question_alone(batch, 0);
}

ModelBundle calibrated_model() {
  ModelBundle bundle = tiny_model();
  bundle.calibration.temperature = 0.5;
  bundle.calibration.questions = 10;
  return bundle;
}

TEST(Probe, IsWhatAnswererTells) {
  ModelBundle bundle = calibrated_model();
  const Probe probed = probe(bundle, first_alone(bundle));
  Answerer answerer(saved(bundle));
  const auto picture = random_png("p.png", 50, 30, 1);
  const Inspection expected = answerer.inspect(picture, kQuestion, {}, {});
  const std::string& answer = expected.evidence.answers[0].text;
  EXPECT_EQ(bundle.answers[std::size_t(probed.answer)], answer);
  const AnswerEvidence& evidence = probed.inspection.evidence;
  ASSERT_EQ(evidence.regions.size(), expected.evidence.regions.size());
  for (std::size_t i = 0; i < evidence.regions.size(); ++i) {
    EXPECT_EQ(evidence.regions[i].x1, expected.evidence.regions[i].x1);
    EXPECT_EQ(evidence.regions[i].y2, expected.evidence.regions[i].y2);
    EXPECT_NEAR(evidence.regions[i].weight, expected.evidence.regions[i].weight, 1e-5);
  }
  ASSERT_EQ(probed.inspection.maps.size(), expected.maps.size());
  for (std::size_t i = 0; i < expected.maps.size(); ++i) {
    ASSERT_EQ(probed.inspection.maps[i].weights.size(), expected.maps[i].weights.size());
    EXPECT_NEAR(probed.inspection.maps[i].weights.back(), expected.maps[i].weights.back(), 1e-5);
    EXPECT_NEAR(probed.inspection.statistics[i].entropy, expected.statistics[i].entropy, 1e-5);
    EXPECT_NEAR(probed.inspection.statistics[i].alignment, expected.statistics[i].alignment, 1e-4);
  }
  const TokenScores relevance = answerer.relevance(picture, kQuestion, {}, answer);
  const TokenScores rollout = attention_rollout(expected);
  for (std::size_t i = 0; i < relevance.regions.size(); ++i) {
    EXPECT_NEAR(probed.relevance.regions[i], relevance.regions[i], 1e-4);
    EXPECT_NEAR(attention_rollout(probed.inspection).regions[i], rollout.regions[i], 1e-5);
  }
}

TEST(OcclusionEffects, AreThoseOfRegionsTakenOut) {
  ModelBundle bundle = calibrated_model();
  const ModelInput question = first_alone(bundle);
  const int64_t place = 2;
  const std::vector<double> effects = occlusion_effects(bundle, question, place);
  Answerer answerer(saved(bundle));
  const auto picture = random_png("p.png", 50, 30, 1);
  const auto probability = [&](const Edits& edits) {
    const Inspection told = answerer.inspect(picture, kQuestion, edits, {});
    for (const RankedAnswer& answer : told.evidence.answers) {
      if (answer.text == bundle.answers[std::size_t(place)]) return answer.probability;
    }
    ADD_FAILURE() << "the answer is not told";
    return 0.0;
  };
  ASSERT_EQ(effects.size(), 8u);
  for (std::size_t region = 0; region < effects.size(); ++region) {
    Edits edits;
    edits.dropped_regions = {region};
    EXPECT_NEAR(effects[region], probability({}) - probability(edits), 1e-5) << region;
  }
}

TEST(OcclusionEffects, OfAPictureWithOneRegionAreNone) {
  ModelBundle bundle = tiny_model();
  ModelInput question = first_alone(bundle);
  RegionBatch& regions = *question.regions;
  for (torch::Tensor* rows : {&regions.features, &regions.boxes, &regions.mask}) {
    *rows = rows->slice(1, 0, 1);
  }
  EXPECT_TRUE(occlusion_effects(bundle, question, 0).empty());
  const Probe probed = probe(bundle, question);
  EXPECT_NEAR(probed.inspection.evidence.regions.at(0).weight, 1, 1e-6);
}

}  // namespace
}  // namespace vqalign::test

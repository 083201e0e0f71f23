#include "vqalign/train/robustness/robustness.h"

#include "tests/train/robustness/small_model.h"
#include "vqalign/train/robustness/attacked_questions.h"
#include "vqalign/train/robustness/kept_regions.h"
#include "vqalign/train/robustness/kinds.h"
#include "vqalign/train/uncertainty.h"

namespace vqalign {
namespace {

class Robustness : public SmallModelTest {
 protected:
  RobustnessResult measured(const RobustnessRequest& request) {
    return measure_robustness(bundle_, dataset_, options_, request, progress_, cancel_);
  }

  /// What evaluation says of a dataset, its pictures encoded one by one: passes are told by which
  /// place a region has, and regions of nearly the same saliency may change places by rounding.
  void expect_point(const RobustnessPoint& point, Dataset dataset, const EvaluationOptions& options,
                    int64_t passes) {
    dataset.encodings = kept_regions(bundle_, dataset, options_, progress_, cancel_);
    EXPECT_GT(point.overall, 10);
    const Predictions predictions = predict(bundle_, dataset, options, progress_, cancel_);
    EXPECT_EQ(point.overall,
              score_predictions(predictions.answers, dataset.annotations, Metric::kOfficial)
                  .shown_overall());
    const Uncertainty uncertainty =
        measure_uncertainty(bundle_, dataset, options, passes, progress_, cancel_);
    ASSERT_TRUE(point.pavpu);
    EXPECT_NEAR(*point.pavpu, uncertainty.measured.pavpu, 0.005 + 1e-9);
    EXPECT_NEAR(point.ece, uncertainty.figures.ece, 1e-4);
  }
};

TEST_F(Robustness, PointsAreWhatEvaluationSays) {
  RobustnessRequest request;
  request.kinds = {"noise", "features", "swap", "greedy_keyboard"};
  request.passes = 3;
  std::size_t told = 0;
  request.point_done = [&](const RobustnessResult& so_far) {
    std::size_t points = so_far.clean ? 1 : 0;
    for (const RobustnessCurve& curve : so_far.curves) points += curve.points.size();
    EXPECT_EQ(points, ++told);
    EXPECT_EQ(so_far.complete, told == 21);
  };
  const RobustnessResult result = measured(request);
  EXPECT_EQ(told, 21u);
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.questions, 32);
  ASSERT_EQ(result.curves.size(), 4u);
  expect_point(*result.clean, dataset_, options_, 3);

  Dataset corrupted = dataset_;
  corrupted.corruption = {"noise", 4};
  corrupted.corruption_seed = options_.seed;
  expect_point(result.curves[0].points[3], corrupted, options_, 3);
  EXPECT_EQ(result.curves[0].points[3].amount, 0.26);
  EXPECT_EQ(result.curves[0].points[3].changed, 0);

  EvaluationOptions noisy = options_;
  noisy.noise = 1.5;
  expect_point(result.curves[1].points[3], dataset_, noisy, 3);

  Dataset attacked = dataset_;
  attacked.questions = attacked_questions(dataset_.questions, {"swap", 2}, options_.seed);
  expect_point(result.curves[2].points[1], attacked, options_, 3);
  EXPECT_EQ(result.curves[2].points[1].changed, 1);

  const WordOrders orders = words_by_importance(bundle_, dataset_, options_, progress_, cancel_);
  attacked.questions =
      attacked_questions(dataset_.questions, {"greedy_keyboard", 1}, options_.seed, orders);
  expect_point(result.curves[3].points[0], attacked, options_, 3);
}

TEST_F(Robustness, PicturesThatDoNotFitInMemoryAreEncodedAnew) {
  RobustnessRequest request;
  request.kinds = {"blur", "drop_word"};
  request.passes = 0;
  const RobustnessResult kept = measured(request);
  options_.data.regions_mb = 0;
  EXPECT_FALSE(kept_regions(bundle_, dataset_, options_, progress_, cancel_));
  const RobustnessResult anew = measured(request);
  for (std::size_t curve = 0; curve < 2; ++curve) {
    for (std::size_t i = 0; i < 5; ++i) {
      const RobustnessPoint& a = kept.curves[curve].points[i];
      const RobustnessPoint& b = anew.curves[curve].points[i];
      EXPECT_EQ(a.overall, b.overall);
      EXPECT_NEAR(a.ece, b.ece, 1e-4);
      EXPECT_FALSE(a.pavpu);
    }
  }
}

TEST_F(Robustness, StopsBetweenPointsAndHasToldThem) {
  RobustnessRequest request;
  request.kinds = {"brightness", "swap"};
  request.passes = 0;
  int told = 0;
  request.point_done = [&](const RobustnessResult&) {
    if (++told == 4) cancel_.request();
  };
  EXPECT_THROW(measured(request), Cancelled);
  EXPECT_EQ(told, 4);
}

TEST_F(Robustness, TakesOneQuestionOfOneWordThatIsAnsweredWrongly) {
  dataset_.questions.resize(1);
  dataset_.annotations.resize(1);
  dataset_.questions[0].question = "circles?";
  for (AnswerRecord& answer : dataset_.annotations[0].answers) answer.answer = "frobnicate";
  RobustnessRequest request;
  request.kinds = {"drop_word", "greedy_drop_word", "greedy_synonym"};
  request.passes = 2;
  const RobustnessResult result = measured(request);
  EXPECT_EQ(result.clean->overall, 0);
  EXPECT_EQ(result.curves[0].points[4].changed, 0);
  EXPECT_EQ(result.curves[2].points[0].changed, 1);
  for (const RobustnessCurve& curve : result.curves) {
    for (const RobustnessPoint& point : curve.points) {
      EXPECT_EQ(point.overall, 0);
      EXPECT_TRUE(*point.pavpu == 0 || *point.pavpu == 100);
    }
  }
}

TEST_F(Robustness, SamplesAreDrawnInTheirOrder) {
  const Dataset whole = dataset_;
  keep_sample(dataset_, 0, 1);
  EXPECT_EQ(dataset_.questions.size(), 32u);
  keep_sample(dataset_, 1000, 1);
  EXPECT_EQ(dataset_.questions.size(), 32u);
  keep_sample(dataset_, 10, 1);
  ASSERT_EQ(dataset_.questions.size(), 10u);
  std::vector<int64_t> drawn;
  std::size_t row = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(dataset_.annotations[i].question_id, dataset_.questions[i].question_id);
    drawn.push_back(dataset_.questions[i].question_id);
    while (row < 32 && whole.questions[row].question_id != drawn.back()) ++row;
    EXPECT_LT(row, 32u);  // found behind the one before
  }
  Dataset other = whole;
  keep_sample(other, 10, 2);
  std::vector<int64_t> others;
  for (const Question& question : other.questions) others.push_back(question.question_id);
  EXPECT_NE(others, drawn);
}

TEST(HarmKinds, HaveTheirPartsAndAmounts) {
  EXPECT_EQ(harm_kinds().size(), 17u);
  EXPECT_EQ(usual_harm_kinds(true).size(), 13u);
  EXPECT_EQ(usual_harm_kinds(false).size(), 7u);
  EXPECT_EQ(harmed_part("blur"), HarmedPart::kPictures);
  EXPECT_EQ(harmed_part("features"), HarmedPart::kFeatures);
  EXPECT_EQ(harmed_part("greedy_swap"), HarmedPart::kQuestions);
  EXPECT_EQ(harm_amount({"rotation", 5}), 25);
  EXPECT_EQ(harm_amount({"features", 3}), 1);
  EXPECT_EQ(harm_amount({"greedy_swap", 2}), 2);
  EXPECT_EQ(plain_attack({"greedy_swap", 2}).text(), "swap:2");
  EXPECT_EQ(plain_attack({"swap", 2}).text(), "swap:2");
}

}  // namespace
}  // namespace vqalign

// "How well calibrated": the reliability diagram of an evaluation that is at hand.
#include "vqalign/core/digest.h"
#include "vqalign/gui/views/reliability_panel.h"
#include "vqalign/inspect/shipped_files.h"
#include "vqalign/train/question_verdicts.h"
#include "window_fixture.h"

namespace vqalign::test {
namespace {

class ReliabilityTest : public WindowTest {
 protected:
  void SetUp() override { ask_shipped(); }
  void open(const QuestionVerdicts& verdicts) {
    write_verdicts(test_file("v.npz"), verdicts);
    window_.open_evaluation(test_file_text("v.npz"));
    ASSERT_TRUE(settle());
  }
  QString told() {
    QString text;
    for (const QLabel* label : view<ReliabilityPanel>().findChildren<QLabel*>()) {
      if (!label->isHidden()) text += label->text();
    }
    return text;
  }
  static QuestionVerdicts verdicts(const std::string& hash) {
    return {{1, 2, 3}, {1, 0, 1}, {0.95, 0.95, 0.5}, {1, 0, 1}, {0, 0.5, 0}, hash};
  }
};

TEST_F(ReliabilityTest, AnEvaluationOfThisModelIsDrawn) {
  EXPECT_FALSE(view<ReliabilityView>().reliability());
  QuestionVerdicts certain = verdicts(file_sha256(shipped_model()));
  certain.confidences = certain.pass_accuracies = {1, 1, 1};
  open(certain);
  const QImage before = picture_of(view<ReliabilityView>());
  open(verdicts(certain.model_sha256));
  const auto& found = view<ReliabilityView>().reliability();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->answers, 3);
  EXPECT_NEAR(found->ece, (2 * 0.45 + 0.5) / 3, 1e-9);
  EXPECT_GT(changed_pixels(before, picture_of(view<ReliabilityView>())), 500);
  EXPECT_TRUE(told().startsWith(QString::fromUtf8("v.npz"))) << told().toStdString();
  EXPECT_FALSE(told().contains("It ")) << told().toStdString();
  QTest::keyClick(&view<ReliabilityView>(), Qt::Key_Right);
  EXPECT_TRUE(view<ReliabilityView>().accessibleDescription().startsWith("0.0 to 6.7 %"));
}

TEST_F(ReliabilityTest, OneOfAnotherModelIsToldApart) {
  open(verdicts(std::string(64, '0')));
  EXPECT_TRUE(told().contains("another model")) << told().toStdString();
  open(verdicts({}));
  EXPECT_TRUE(told().contains("does not say of which model")) << told().toStdString();
  open(verdicts(file_sha256(shipped_model())));
  EXPECT_EQ(told(), "v.npz, means over passes with dropout");
  load_fake();
  EXPECT_TRUE(told().contains("does not say of which model")) << told().toStdString();
  EXPECT_TRUE(view<ReliabilityView>().reliability());
}

TEST_F(ReliabilityTest, AnAnswerIsMarkedWhereTheModelsAreNotTwo) {
  const auto& diagram = view<ReliabilityView>();
  open(verdicts(file_sha256(shipped_model())));
  EXPECT_TRUE(diagram.marked());
  const QImage marked = picture_of(view<ReliabilityView>());
  open(verdicts(std::string(64, '0')));
  EXPECT_FALSE(diagram.marked());
  EXPECT_GT(changed_pixels(marked, picture_of(view<ReliabilityView>())), 5);
  open(verdicts({}));
  EXPECT_TRUE(diagram.marked());
}

TEST_F(ReliabilityTest, WhatIsNoneIsOneLine) {
  QuestionVerdicts plain = verdicts({});
  plain.confidences = plain.pass_accuracies = plain.p_values = {};
  open(plain);
  ASSERT_EQ(problems_.size(), 1);
  EXPECT_TRUE(problems_[0].contains("has no confidences")) << problems_[0].toStdString();
  window_.open_evaluation(example_text());
  ASSERT_TRUE(settle());
  ASSERT_EQ(problems_.size(), 2);
  EXPECT_FALSE(view<ReliabilityView>().reliability());
  window_.show_browsed_reliability();
  ASSERT_EQ(problems_.size(), 3);
  EXPECT_TRUE(problems_[2].contains("Browse has no answers")) << problems_[2].toStdString();
}

}  // namespace
}  // namespace vqalign::test

// Passes with dropout: how certain an answer is, and where its weights vary.
#include "vqalign/gui/models/view_state.h"
#include "vqalign/inspect/shipped_files.h"
#include "window_attention.h"

namespace vqalign::test {
namespace {

constexpr const char* kPasses = "Passes with dropout";

/// The shipped model, asked, with the control that chooses passes.
class PassesTest : public AttentionTest {
 protected:
  void ask_over_20_passes() { choose(kPasses, 2); }
  std::optional<PassWeights> found(WeightSource source, const std::string& answer = {}) {
    Answerer answerer(shipped_model());
    WeightChoice choice{source};
    choice.answer = answer;
    return answerer.weights_over_passes(example(), kQuestion, {}, choice, {.passes = 20});
  }
};

TEST_F(PassesTest, TellHowCertainAnAnswerIsAndUndoGoesBack) {
  EXPECT_EQ(shown().passes, 0);
  EXPECT_FALSE(shown().over_passes);
  choose(kPasses, 1);
  EXPECT_EQ(shown().passes, 10);
  const QImage answers = picture_of(view<AnswersView>());
  ask_over_20_passes();
  const AnswerEvidence own =
      Answerer(shipped_model()).ask(example(), kQuestion, {.top = 10, .passes = 20});
  ASSERT_EQ(shown().passes, 20);
  EXPECT_EQ(certainty_text(shown()), certainty_text(own));
  EXPECT_NEAR(shown().answers[1].spread, own.answers[1].spread, 1e-9);
  EXPECT_NEAR(shown().over_passes->spread.regions[3], own.over_passes->spread.regions[3], 1e-9);
  EXPECT_GT(changed_pixels(answers, picture_of(view<AnswersView>())), 20);
  hover(view<AnswersView>(), view<AnswersView>().answer_box(1).center());
  EXPECT_NE(QToolTip::text().indexOf("over 20 passes"), -1) << QToolTip::text().toStdString();
  for (int steps = 0; steps < 2; ++steps) {
    action("Undo passes").trigger();
    ASSERT_TRUE(settle());
  }
  EXPECT_EQ(combo(kPasses).currentText(), "none");
  EXPECT_EQ(shown().passes, 0);
  EXPECT_FALSE(shown().certainty);
}

TEST_F(PassesTest, OtherWeightsAreFollowedOverTheSamePasses) {
  ask_over_20_passes();
  const auto expect_spreads = [&](const PassWeights& own) {
    ASSERT_TRUE(shown().over_passes);
    for (std::size_t i = 0; i < own.spread.regions.size(); ++i) {
      EXPECT_NEAR(shown().over_passes->spread.regions[i], own.spread.regions[i], 1e-9);
    }
  };
  choose("Show", 2);
  expect_spreads(*found(WeightSource::kRollout));
  choose("Show", 3);
  expect_spreads(*found(WeightSource::kRelevance, best_answer()));
  // What is pointed at costs no passes, and has no hatching.
  choose("Show", 0);
  hover(view<PictureView>(), centre_of_region(top_region()));
  EXPECT_FALSE(shown().over_passes);
  hover(view<PictureView>(), QPointF(1, 1));
  EXPECT_TRUE(shown().over_passes);
}

TEST_F(PassesTest, GoIntoFiguresSessionsAndCommands) {
  ask_over_20_passes();
  choose("Show", 2);
  window_.save_figure(test_file_text("f.json"), "summary");
  ASSERT_TRUE(settle());
  const Json json = read_json(test_file("f.json"));
  EXPECT_EQ(json.at("passes").as_int(), 20);
  EXPECT_EQ(json.at("regions").as_array()[0].at("spread").as_double() > 0, true);
  window_.save_session(test_file_text("s.json"));
  ASSERT_TRUE(settle());
  EXPECT_EQ(read_session(test_file("s.json")).state, window_.inspector().state());
  const std::string command = figure_command(window_.inspector().drawn_state(), "summary", "light",
                                             window_.inspector().model().file);
  EXPECT_NE(command.find(" --passes 20 --out "), std::string::npos) << command;
}

TEST_F(PassesTest, StopWhenCancelled) {
  const auto fake = load_fake({.milliseconds = 20});
  ask("one");
  ASSERT_TRUE(settle());
  fake->slow_down(20'000);
  QComboBox& box = combo(kPasses);
  box.setCurrentIndex(3);
  Q_EMIT box.activated(3);
  window_.inspector().cancel();
  ASSERT_TRUE(settle());
  EXPECT_EQ(box.currentText(), "none");
  EXPECT_EQ(shown().passes, 0);
  EXPECT_TRUE(problems_.isEmpty()) << problems_.join(u';').toStdString();
}

TEST_F(PassesTest, ASessionsOwnNumberIsOffered) {
  ViewState state = window_.inspector().state();
  state.passes = 7;
  window_.inspector().restore(state);
  ASSERT_TRUE(settle());
  EXPECT_EQ(combo(kPasses).currentText(), "7");
  EXPECT_EQ(shown().passes, 7);
}

}  // namespace
}  // namespace vqalign::test

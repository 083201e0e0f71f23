// What happens between a question and its answer, step by step.
#include "vqalign/gui/models/inspector.h"

#include <gtest/gtest.h>

#include <QSignalSpy>
#include <QTest>
#include <filesystem>

#include "fake_answerer.h"
#include "vqalign/gui/models/edit_state.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

class InspectorTest : public testing::Test {
 protected:
  std::shared_ptr<FakeAnswerer> load(FakeShape shape = {}) {
    const auto fake = std::make_shared<FakeAnswerer>(std::move(shape));
    inspector_.load([fake] {
      return LoadedModel{fake, "/" + std::to_string(fake.use_count()), {}};
    });
    settle();
    return fake;
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor([this] { return !jobs_.busy(); }, 20'000));
    EXPECT_FALSE(inspector_.stale());
  }
  void ask(const std::string& question, const fs::path& picture = kFirst) {
    inspector_.ask(picture, question);
    settle();
  }
  std::string answered() {
    return inspector_.inspection() ? inspector_.inspection()->evidence.question : "";
  }
  void set_opacity(double opacity) {
    ViewState next = inspector_.state();
    next.opacity = opacity;
    inspector_.change(next, "opacity");
  }

  static fs::path example(const char* name) {
    return fs::path(VQALIGN_SOURCE_DIR) / "examples" / "scenes" / name;
  }
  static inline const fs::path kFirst = example("stars.png");
  static inline const fs::path kSecond = example("triangle.png");

  JobThread jobs_;
  Inspector inspector_{jobs_};
  QSignalSpy problems_{&inspector_, &Inspector::problem};
};

/// A slider moved while a changed picture is answered must not cost the answer.
TEST_F(InspectorTest, AChangeOfLooksCancelsNoAnswer) {
  const auto fake = load({.milliseconds = 30});
  ask("one");
  const auto before = inspector_.inspection();
  inspector_.picture_changed();
  set_opacity(0.1);
  settle();
  EXPECT_NE(inspector_.inspection(), before);
  EXPECT_GE(fake->asked().size(), 2u);
  const auto other = load({.layers = 1, .heads = 1, .milliseconds = 30});
  set_opacity(0.2);
  settle();
  EXPECT_EQ(inspector_.inspection()->layers, 1);
}

TEST_F(InspectorTest, AnotherModelsMapsAreGoneAtOnce) {
  load();
  ask("one");
  bool checked = false;
  QObject::connect(&inspector_, &Inspector::model_changed, &inspector_, [&] {
    checked = true;
    EXPECT_EQ(inspector_.inspection(), nullptr);
  });
  load({.layers = 1, .heads = 1, .regions = 1});
  EXPECT_TRUE(checked);
  EXPECT_EQ(answered(), "one");
}

TEST_F(InspectorTest, AStateWithoutAQuestionShowsThePictureAlone) {
  load();
  inspector_.ask(kFirst, "");
  settle();
  EXPECT_FALSE(inspector_.picture().isNull());
  ask("one");
  inspector_.undo_stack().undo();
  settle();
  EXPECT_EQ(inspector_.inspection(), nullptr);
  EXPECT_TRUE(inspector_.shown().words.empty());
  EXPECT_FALSE(inspector_.picture().isNull());
  inspector_.undo_stack().redo();
  settle();
  EXPECT_EQ(answered(), "one");
}

TEST_F(InspectorTest, AnotherPicturesPointerIsGone) {
  load();
  ask("one");
  inspector_.point_at(Token{true, inspector_.inspection()->read_words[2]});
  QSignalSpy gone(&inspector_, &Inspector::inspection_changed);
  inspector_.ask(kSecond, "");
  settle();
  EXPECT_FALSE(inspector_.pointed());
  EXPECT_EQ(gone.size(), 1);
}

TEST_F(InspectorTest, CancelGoesBackToWhatWasAnswered) {
  load({.milliseconds = 40});
  ask("one");
  const ViewState before = inspector_.state();
  inspector_.ask(kSecond, "two");
  inspector_.cancel();
  settle();
  EXPECT_EQ(inspector_.state(), before);
  EXPECT_EQ(answered(), "one");
  EXPECT_FALSE(inspector_.can_go(1));
  EXPECT_EQ(problems_.size(), 0);
}

TEST_F(InspectorTest, AFailureForgetsItsOwnStepsAlone) {
  load({.fails_for = "bad"});
  ask("one");
  ask("two");
  inspector_.ask(kFirst, "bad");
  settle();
  EXPECT_EQ(problems_.size(), 1);
  EXPECT_EQ(answered(), "two");
  EXPECT_EQ(inspector_.undo_stack().index(), 2);
  EXPECT_FALSE(inspector_.undo_stack().canRedo());
  inspector_.undo_stack().undo();
  settle();
  EXPECT_EQ(answered(), "one");
}

/// Undo comes to a picture that is gone.
TEST_F(InspectorTest, AFailingUndoKeepsTheHistory) {
  load();
  const fs::path copy = fs::path(testing::TempDir()) / "vqalign_inspector_copy.png";
  fs::copy_file(kFirst, copy, fs::copy_options::overwrite_existing);
  ask("one", copy);
  ask("two", kSecond);
  ask("three", kSecond);
  fs::remove(copy);
  inspector_.undo_stack().undo();
  settle();
  EXPECT_EQ(answered(), "two");
  inspector_.undo_stack().undo();
  settle();
  EXPECT_EQ(problems_.size(), 1);
  EXPECT_EQ(answered(), "two");
  EXPECT_EQ(inspector_.undo_stack().index(), 2);
  inspector_.undo_stack().redo();
  settle();
  EXPECT_EQ(answered(), "three");
}

TEST_F(InspectorTest, BackAfterAFailureIsWhereItWas) {
  load();
  const fs::path copy = fs::path(testing::TempDir()) / "vqalign_inspector_copy2.png";
  fs::copy_file(kFirst, copy, fs::copy_options::overwrite_existing);
  ask("a", kSecond);
  ask("b", copy);
  ask("c", kSecond);
  fs::remove(copy);
  inspector_.go(-1);
  settle();
  EXPECT_EQ(answered(), "c");
  EXPECT_FALSE(inspector_.can_go(1));
  inspector_.go(-1);
  settle();
  EXPECT_EQ(answered(), "a");
}

TEST_F(InspectorTest, RelevanceAndEffectsBelongToTheirAnswer) {
  const auto fake = load();
  ask("one");
  ViewState next = inspector_.state();
  next.statistic = HeadStatistic::kEffect;
  next.weights.source = WeightSource::kRelevance;
  inspector_.change(next, "explain");
  settle();
  EXPECT_FALSE(inspector_.effects().empty());
  EXPECT_TRUE(inspector_.relevance());
  next.weights.answer = "no";
  inspector_.change(next, "another answer");
  EXPECT_TRUE(inspector_.effects().empty());
  EXPECT_FALSE(inspector_.relevance());
  EXPECT_EQ(inspector_.drawn_state().weights.source, WeightSource::kPooling);
  settle();
  EXPECT_FALSE(inspector_.effects().empty());
  EXPECT_TRUE(inspector_.relevance());
  // A word dropped and put back before anything was answered.
  toggle_dropped_token(inspector_, {true, 0});
  inspector_.undo_stack().undo();
  settle();
  EXPECT_TRUE(inspector_.relevance());
}

TEST_F(InspectorTest, WhatWasTakenAwayCannotBeKept) {
  load({.words = 4, .regions = 9});
  ask("one");
  const Token dropped{false, 2};  // the sample drops every third
  ASSERT_TRUE(inspector_.inspection()->evidence.regions[2].dropped);
  keep_subject(inspector_, dropped);
  EXPECT_FALSE(inspector_.state().weights.subject);
  inspector_.point_at(dropped);
  EXPECT_EQ(inspector_.pointed(), dropped);
  EXPECT_EQ(inspector_.shown().region_legend.of, "region pooling");
}

}  // namespace
}  // namespace vqalign::test

// The window with a model whose questions are read by a pretrained encoder; made-up numbers.
#include "vqalign/gui/models/edit_state.h"
#include "vqalign/gui/views/heads_overview.h"
#include "window_fixture.h"

namespace vqalign::test {
namespace {

constexpr HeadSite kDeep{AttentionFamily::kQuestionPretrained, 4, 5};

class PretrainedWindow : public WindowTest {
 protected:
  void SetUp() override {
    load_fake({.layers = 2, .heads = 2, .pretrained = {5, 6}});
    window_.open_picture(example_text(), QString::fromUtf8(kQuestion));
    ASSERT_TRUE(settle());
    ASSERT_NE(window_.inspector().inspection(), nullptr);
  }
};

TEST_F(PretrainedWindow, ItsHeadsStandInTheOverview) {
  EXPECT_EQ(view<HeadsOverview>().order().size(), 12u + 30u);
  QComboBox& families = combo(QString::fromUtf8("Families of heads"));
  ASSERT_EQ(families.count(), 5);
  families.setCurrentIndex(4);
  Q_EMIT families.activated(4);
  EXPECT_EQ(view<HeadsOverview>().order().size(), 30u);
  EXPECT_EQ(combo(QString::fromUtf8("Matrix")).count(), 4);
}

TEST_F(PretrainedWindow, ADeepHeadIsShownInTheMatrixAndStaysSelected) {
  select_head(window_.inspector(), kDeep);
  ASSERT_TRUE(settle());
  EXPECT_EQ(window_.inspector().state().selected(), kDeep);
  EXPECT_EQ(combo(QString::fromUtf8("Matrix")).currentIndex(), 3);
  toggle_silenced(window_.inspector(), kDeep);
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().edits.silenced, std::vector<HeadSite>{kDeep});
  EXPECT_EQ(window_.inspector().state().selected(), kDeep);
  // Words and regions have weights of the co-attention, which has no such layer.
  EXPECT_EQ(window_.inspector().shown_weights().map, MapChoice());
  toggle_solo(window_.inspector(), kDeep);
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().edits.silenced.size(), 29u);
}

TEST_F(PretrainedWindow, AnotherModelWithoutThemIsShownWhole) {
  QComboBox& families = combo(QString::fromUtf8("Families of heads"));
  families.setCurrentIndex(4);
  Q_EMIT families.activated(4);
  select_head(window_.inspector(), kDeep);
  ASSERT_TRUE(settle());
  window_.show_panel(QString::fromUtf8("matrix"));
  window_.inspector().point_at_head(kDeep);
  load_fake({.layers = 2, .heads = 2});
  ask(QString::fromUtf8("is it red"));
  EXPECT_EQ(families.count(), 4);
  EXPECT_EQ(families.currentIndex(), 0);
  EXPECT_EQ(view<HeadsOverview>().order().size(), 12u);
  EXPECT_NE(window_.inspector().state().family, AttentionFamily::kQuestionPretrained);
  EXPECT_EQ(combo(QString::fromUtf8("Matrix")).count(), 3);
}

}  // namespace
}  // namespace vqalign::test

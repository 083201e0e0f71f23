// Maps and what the pointer shows of them, in the real window with the shipped model.
#include "window_attention.h"

namespace vqalign::test {
namespace {

TEST_F(AttentionTest, PoolingIsSeenFirst) {
  EXPECT_EQ(window_.inspector().state().weights.source, WeightSource::kPooling);
  EXPECT_EQ(shown().region_legend.of, "region pooling");
  EXPECT_EQ(view<LegendView>().accessibleDescription(), "region pooling");
}

TEST_F(AttentionTest, EveryHeadHasAThumbnailOfItsOwnMap) {
  HeadsOverview& overview = view<HeadsOverview>();
  const std::vector<HeadSite> sites = all_sites(3, 4);
  std::vector<HeadSite> shown = overview.order();
  std::sort(shown.begin(), shown.end());
  EXPECT_EQ(shown, sites);
  const QImage drawn = picture_of(overview);
  for (const HeadSite& site : sites) {
    QRectF box = overview.head_box(site);
    ASSERT_FALSE(box.isEmpty());
    box.setHeight(box.width() - 2);  // without bar and number
    // A thumbnail is no flat patch.
    const QImage cell = drawn.copy(box.toAlignedRect());
    EXPECT_GT(changed_pixels(cell, QImage(cell).mirrored(true, true)), 50) << site_text(site);
  }
}

TEST_F(AttentionTest, HoveringAWordLightsUpTheRegionsThatLookAtIt) {
  const QImage before = picture_of(view<PictureView>());
  hover(view<WordsView>(), view<WordsView>().word_box(6).center());
  const AttentionMap guided = inspection().aggregated(kGuided, 2, HeadAggregate::kMean);
  double sum = 0;
  for (int64_t region = 0; region < guided.queries; ++region) sum += guided.at(region, 6);
  for (std::size_t i = 0; i < shown().regions.size(); ++i) {
    EXPECT_NEAR(shown().regions[i].weight, guided.at(int64_t(i), 6) / sum, 1e-6);
  }
  EXPECT_EQ(shown().region_legend.of, "what \"red\" receives");
  EXPECT_GT(changed_pixels(before, picture_of(view<PictureView>())), 100);
  hover(view<WordsView>(), QPointF(view<WordsView>().width() - 3, 3));
  EXPECT_EQ(shown().region_legend.of, "region pooling");
}

TEST_F(AttentionTest, HoveringARegionLightsUpTheWordsItLooksAt) {
  const std::size_t region = top_region();
  hover(view<PictureView>(), centre_of_region(region));
  const AttentionMap guided = inspection().aggregated(kGuided, 2, HeadAggregate::kMean);
  for (std::size_t word = 0; word < shown().words.size(); ++word) {
    EXPECT_NEAR(shown().words[word].weight, guided.at(int64_t(region), int64_t(word)), 1e-6);
  }
  EXPECT_EQ(window_.inspector().state().weights.source, WeightSource::kPooling);
}

TEST_F(AttentionTest, HoveringAsksTheModelNothing) {
  const auto fake = load_fake({.words = 4, .regions = 9});
  const std::size_t asked = fake->asked().size();
  for (int word = 0; word < 4; ++word) {
    hover(view<WordsView>(), view<WordsView>().word_box(std::size_t(word)).center());
  }
  hover(view<HeadsOverview>(), reveal({kGuided, 0, 1}));
  ASSERT_TRUE(window_.inspector().pointed_head());
  EXPECT_EQ(fake->asked().size(), asked);
}

TEST_F(AttentionTest, RegionsHaveBoxesAndNumbers) {
  const QImage before = picture_of(view<PictureView>());
  check("Boxes").click();
  EXPECT_TRUE(window_.inspector().state().outlines);
  const QImage after = picture_of(view<PictureView>());
  const QRectF where = view<PictureView>().picture_rect();
  int64_t drawn = 0;
  for (const std::size_t region : top_regions(inspection().evidence, 20)) {
    const QRectF box = region_box(where, shown(), shown().regions[region]);
    const QPoint edge(int(box.right()) - 2, int(box.center().y()));
    drawn += before.pixel(edge) != after.pixel(edge) ||
             before.pixel(edge + QPoint(1, 0)) != after.pixel(edge + QPoint(1, 0));
  }
  EXPECT_GE(drawn, 17);  // all but the three that were outlined before
}

TEST_F(AttentionTest, TellsNumbersOnHover) {
  const std::size_t region = top_region();
  hover(view<PictureView>(), centre_of_region(region));
  EXPECT_TRUE(QToolTip::text().startsWith(QString("region %1").arg(region)))
      << QToolTip::text().toStdString();
  hover(view<WordsView>(), view<WordsView>().word_box(0).center());
  EXPECT_TRUE(QToolTip::text().contains("\"what\"")) << QToolTip::text().toStdString();
  EXPECT_TRUE(QToolTip::text().contains("%"));
  hover(view<AnswersView>(), view<AnswersView>().answer_box(0).center());
  EXPECT_TRUE(QToolTip::text().contains("square: probability")) << QToolTip::text().toStdString();
  hover(view<HeadsOverview>(), reveal({kGuided, 0, 1}));
  EXPECT_TRUE(QToolTip::text().contains("entropy")) << QToolTip::text().toStdString();
  window_.show_panel("matrix");
  QTest::qWait(50);
  hover(view<MatrixPanel>(), view<MatrixPanel>().cell_box(3, 6).center());
  EXPECT_TRUE(QToolTip::text().startsWith("region 3 to \"red\": "))
      << QToolTip::text().toStdString();
}

TEST_F(AttentionTest, ColoursCanBeChosen) {
  const QImage before = picture_of(view<PictureView>());
  choose("Colours", combo("Colours").findText("magma"));
  EXPECT_EQ(window_.inspector().state().colours, "magma");
  EXPECT_GT(changed_pixels(before, picture_of(view<PictureView>())), 100);
}

TEST_F(AttentionTest, TheLegendFollows) {
  const QImage before = picture_of(view<LegendView>());
  choose("Show", 1);
  EXPECT_GT(changed_pixels(before, picture_of(view<LegendView>())), 50);
  EXPECT_TRUE(view<LegendView>().accessibleDescription().contains("column made to sum to 1"));
  choose("Reading", 1);
  EXPECT_TRUE(view<LegendView>().accessibleDescription().contains("a column as it is"));
}

TEST_F(AttentionTest, OpacityIsALiveStep) {
  QSlider& slider = view<QSlider>();
  slider.setFocus();
  const double before = window_.inspector().state().opacity;
  const QImage drawn = picture_of(view<PictureView>());
  for (int i = 0; i < 5; ++i) QTest::keyClick(&slider, Qt::Key_Right);
  EXPECT_GT(window_.inspector().state().opacity, before);
  EXPECT_GT(changed_pixels(drawn, picture_of(view<PictureView>())), 100);
  window_.inspector().undo_stack().undo();
  EXPECT_EQ(window_.inspector().state().opacity, before);  // five presses, one step
}

TEST_F(AttentionTest, TheScaleCanBeLocked) {
  check("Lock scale").click();
  const double locked = window_.inspector().state().scale;
  EXPECT_GT(locked, 0);
  hover(view<WordsView>(), view<WordsView>().word_box(6).center());
  EXPECT_EQ(window_.inspector().state().scale, locked);
  const QImage at_locked = picture_of(view<PictureView>());
  ViewState own_scale = window_.inspector().state();
  own_scale.scale = 0;
  window_.inspector().change(own_scale, "scale");
  hover(view<WordsView>(), view<WordsView>().word_box(6).center());
  EXPECT_GT(changed_pixels(at_locked, picture_of(view<PictureView>())), 100);
  window_.inspector().undo_stack().undo();
  check("Lock scale").click();
  EXPECT_EQ(window_.inspector().state().scale, 0);
}

TEST_F(AttentionTest, MeanAndMaximumOverHeads) {
  choose("Layer", 2);  // layer 1
  choose("Head", 0);
  const std::size_t subject = shown().subject->place;
  const auto expect_map = [&](HeadAggregate kind) {
    const AttentionMap map = inspection().aggregated(kGuided, 1, kind);
    double sum = 0;
    for (int64_t r = 0; r < map.queries; ++r) sum += map.at(r, int64_t(subject));
    EXPECT_NEAR(shown().regions[7].weight, map.at(7, int64_t(subject)) / sum, 1e-6);
  };
  expect_map(HeadAggregate::kMean);
  choose("Head", 1);
  expect_map(HeadAggregate::kMax);
}

TEST_F(AttentionTest, RolloutIsAChoice) {
  choose("Show", 2);
  const TokenScores rollout = attention_rollout(inspection());
  for (std::size_t i = 0; i < shown().regions.size(); ++i) {
    EXPECT_EQ(shown().regions[i].weight, rollout.regions[i]);
  }
}

TEST_F(AttentionTest, AClickKeepsAWordAndEscLetsGo) {
  WordsView& words = view<WordsView>();
  click(words, words.word_box(6).center());
  EXPECT_EQ(window_.inspector().state().weights.subject, (Token{true, 6}));
  hover(view<LegendView>(), QPointF(5, 5));
  EXPECT_EQ(shown().region_legend.of, "what \"red\" receives");
  QTest::keyClick(&window_, Qt::Key_Escape);
  EXPECT_EQ(shown().region_legend.of, "region pooling");
}

}  // namespace
}  // namespace vqalign::test

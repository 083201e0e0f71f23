// Heads, and what can be taken away, in the real window with the shipped model.
#include "vqalign/inspect/weighing.h"
#include "window_attention.h"

namespace vqalign::test {
namespace {

TEST_F(AttentionTest, HeadsAreSortedByAStatistic) {
  choose("Statistic of heads", 1);
  check("Sort heads").click();
  const std::vector<HeadSite> order = view<HeadsOverview>().order();
  ASSERT_EQ(order.size(), 36u);
  for (std::size_t i = 1; i < order.size(); ++i) {
    EXPECT_GE(inspection().statistics_of(order[i - 1]).peak,
              inspection().statistics_of(order[i]).peak);
  }
}

TEST_F(AttentionTest, OneFamilyCanBeShownAlone) {
  choose("Families of heads", 3);  // guided
  const std::vector<HeadSite> order = view<HeadsOverview>().order();
  ASSERT_EQ(order.size(), 12u);
  for (const HeadSite& site : order) EXPECT_EQ(site.family, kGuided);
}

TEST_F(AttentionTest, TheEffectOfEveryHeadCanBeMeasured) {
  choose("Statistic of heads", 3);
  const std::vector<double> effects = window_.inspector().effects();
  ASSERT_EQ(effects.size(), 36u);
  const HeadSite site = all_sites(3, 4)[30];
  const Inspection without = window_.inspector().source()->inspect(
      example(), kQuestion, {.silenced = {site}}, {.top = 100});
  const auto& answers = without.evidence.answers;
  const auto same = std::find_if(answers.begin(), answers.end(), [&](const RankedAnswer& answer) {
    return answer.text == best_answer();
  });
  EXPECT_NEAR(effects[30], best_probability() - same->probability, 1e-6);
}

TEST_F(AttentionTest, ASilencedHeadChangesTheAnswerAndUndoBringsItBack) {
  const double before = best_probability();
  HeadsOverview& overview = view<HeadsOverview>();
  click(overview, reveal({kGuided, 2, 1}));
  EXPECT_EQ(window_.inspector().state().selected(), (HeadSite{kGuided, 2, 1}));
  QTest::keyClick(&overview, Qt::Key_Space);
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().edits.silenced, (std::vector<HeadSite>{{kGuided, 2, 1}}));
  const Inspection expected = window_.inspector().source()->inspect(
      example(), kQuestion, {.silenced = {{kGuided, 2, 1}}}, {});
  EXPECT_NEAR(best_probability(), expected.evidence.answers.front().probability, 1e-9);
  EXPECT_NE(best_probability(), before);
  action("Undo").trigger();
  ASSERT_TRUE(settle());
  EXPECT_NEAR(best_probability(), before, 1e-9);
}

TEST_F(AttentionTest, DoubleClickLeavesOneHeadOfItsFamily) {
  HeadsOverview& overview = view<HeadsOverview>();
  const HeadSite site{AttentionFamily::kImageSelf, 0, 2};
  QTest::mouseDClick(&overview, Qt::LeftButton, {}, overview.head_box(site).center().toPoint());
  ASSERT_TRUE(settle());
  EXPECT_EQ(inspection().edits.silenced.size(), 11u);
  for (const HeadSite& off : inspection().edits.silenced) {
    EXPECT_EQ(off.family, site.family);
    EXPECT_NE(off, site);
  }
  QTest::mouseDClick(&overview, Qt::LeftButton, {}, overview.head_box(site).center().toPoint());
  ASSERT_TRUE(settle());
  EXPECT_TRUE(inspection().edits.silenced.empty());
}

TEST_F(AttentionTest, ACoveredRegionIsNotLookedAt) {
  const double before = best_probability();
  const std::size_t region = top_region();
  PictureView& picture = view<PictureView>();
  picture.setFocus();
  hover(picture, centre_of_region(region));
  QTest::keyClick(&picture, Qt::Key_Delete);
  ASSERT_TRUE(settle());
  EXPECT_TRUE(inspection().evidence.regions[region].dropped);
  const Inspection expected = window_.inspector().source()->inspect(
      example(), kQuestion, {.dropped_regions = {region}}, {});
  EXPECT_NEAR(best_probability(), expected.evidence.answers.front().probability, 1e-9);
  EXPECT_LT(best_probability(), before - 0.01);  // it was the one that mattered most
  EXPECT_EQ(inspection().evidence.regions[region].weight, 0);
  QTest::keyClick(&window_, Qt::Key_Escape);
  ASSERT_TRUE(settle());
  EXPECT_FALSE(inspection().evidence.regions[region].dropped);
}

TEST_F(AttentionTest, AWordThatIsTakenOutWasNotAsked) {
  WordsView& words = view<WordsView>();
  words.setFocus();
  hover(words, words.word_box(6).center());
  QTest::keyClick(&words, Qt::Key_Delete);
  ASSERT_TRUE(settle());
  EXPECT_TRUE(inspection().evidence.words[6].dropped);
  const Inspection expected =
      window_.inspector().source()->inspect(example(), "What is the shape of the object?", {}, {});
  EXPECT_NEAR(best_probability(), expected.evidence.answers.front().probability, 1e-6);
}

TEST_F(AttentionTest, TheSelectedHeadIsToldInNumbers) {
  HeadsOverview& overview = view<HeadsOverview>();
  click(overview, reveal({kGuided, 1, 3}));
  window_.show_panel("head");
  const auto tables = panel("head").findChildren<CopyTable*>();
  ASSERT_EQ(tables.size(), 2);
  EXPECT_EQ(tables[0]->item(0, 1)->text(),
            QString::number(inspection().statistics_of({kGuided, 1, 3}).entropy, 'f', 4));
  const AttentionMap& map = inspection().map({kGuided, 1, 3});
  const float most = *std::max_element(map.weights.begin(), map.weights.end());
  EXPECT_EQ(tables[1]->item(0, 2)->text(), QString::number(most, 'f', 4));
}

}  // namespace
}  // namespace vqalign::test

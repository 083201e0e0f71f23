#include "vqalign/train/robustness/robustness_tables.h"

#include <gtest/gtest.h>

#include "vqalign/train/robustness/robustness_page.h"

namespace vqalign {
namespace {

RobustnessPoint point(int64_t severity, double overall, double pavpu, double ece) {
  return {severity, double(severity), overall, pavpu, ece, severity > 0 ? 0.25 : 0};
}

/// A whole curve of pictures, one of questions that was stopped after its first severity.
RobustnessResult some_result() {
  RobustnessResult result;
  result.questions = 50;
  result.passes = 4;
  result.clean = point(0, 90, 88, 0.02);
  RobustnessCurve blur{"blur", {}};
  for (int64_t i = 1; i <= 5; ++i) blur.points.push_back(point(i, 90 - 10.0 * i, 80, 0.02 * i));
  result.curves = {blur, {"swap", {point(1, 70, 75, 0.1)}}, {"synonym", {}}};
  return result;
}

TEST(RobustnessTables, Json) {
  const Json json = robustness_json({"m", "d", 3}, some_result());
  EXPECT_EQ(json.at("model").as_string(), "m");
  EXPECT_EQ(json.at("seed").as_int(), 3);
  EXPECT_FALSE(json.at("complete").as_bool());
  EXPECT_EQ(json.at("clean").at("overall").as_double(), 90);
  const Json::Array& kinds = json.at("kinds").as_array();
  ASSERT_EQ(kinds.size(), 3u);
  EXPECT_EQ(kinds[0].at("part").as_string(), "pictures");
  EXPECT_EQ(kinds[0].at("points").as_array()[4].at("overall").as_double(), 40);
  EXPECT_EQ(kinds[0].at("points").as_array()[4].find("changed"), nullptr);
  EXPECT_EQ(kinds[0].at("mean").at("overall").as_double(), 60);
  EXPECT_EQ(kinds[0].at("drop").at("overall").as_double(), 30);
  EXPECT_EQ(kinds[0].at("drop").at("pavpu").as_double(), 8);
  EXPECT_EQ(kinds[0].at("drop").at("ece").as_double(), -0.04);
  EXPECT_EQ(kinds[1].at("points").as_array()[0].at("changed").as_double(), 0.25);
  EXPECT_EQ(kinds[1].find("mean"), nullptr);
  EXPECT_EQ(robustness_json({"m", "d", 3}, {}).find("clean"), nullptr);
}

TEST(RobustnessTables, Csv) {
  const std::string csv = robustness_csv(some_result());
  EXPECT_TRUE(
      csv.starts_with("kind,part,severity,amount,overall,pavpu,ece,changed\n"
                      "clean,,0,0,90.00,88.00,0.020000,\n"
                      "blur,pictures,1,1,80.00,80.00,0.020000,\n"))
      << csv;
  EXPECT_TRUE(csv.ends_with("swap,questions,1,1,70.00,75.00,0.100000,0.250000\n")) << csv;
}

TEST(RobustnessTables, TextTables) {
  const RobustnessResult result = some_result();
  const std::vector<RobustnessFigure> figures = robustness_figures(result.passes);
  ASSERT_EQ(figures.size(), 3u);
  EXPECT_EQ(robustness_figures(0).size(), 2u);
  const TextTable accuracy = robustness_table(result, figures[0]);
  using Row = std::vector<std::string>;
  EXPECT_EQ(accuracy.head,
            (Row{"accuracy %", "0", "1", "2", "3", "4", "5", "mean", "drop", "changed %"}));
  ASSERT_EQ(accuracy.rows.size(), 2u);
  EXPECT_EQ(accuracy.rows[0], (Row{"blur", "90.00", "80.00", "70.00", "60.00", "50.00", "40.00",
                                   "60.00", "30.00", "-"}));
  EXPECT_EQ(accuracy.rows[1], (Row{"swap", "90.00", "70.00", "-", "-", "-", "-", "-", "-", "-"}));
  const TextTable ece = robustness_table(result, figures[2]);
  EXPECT_EQ(ece.head.back(), "rise");
  EXPECT_EQ(ece.rows[0].back(), "0.0400");
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(RobustnessPage, DrawsACurveForEachKind) {
  const std::string page = robustness_page({"<m>", "d&d", 3}, some_result());
  EXPECT_EQ(page.find("<m>"), std::string::npos);
  EXPECT_NE(page.find("d&amp;d"), std::string::npos);
  EXPECT_EQ(count_of(page, "<svg"), 6u);  // three figures, of pictures and of questions
  EXPECT_EQ(count_of(page, "<polyline"), 6u);
  EXPECT_EQ(count_of(page, "<circle"), 3u * 6 + 3u * 2);
  EXPECT_NE(page.find("blur 5: 40.00"), std::string::npos);
  EXPECT_EQ(count_of(page, "<table"), 3u);
  // Severity 0 at the left; the highest value is on the highest tick.
  const std::string chart =
      robustness_chart(some_result(), robustness_figures(4)[0], HarmedPart::kPictures);
  EXPECT_NE(chart.find("points=\"60.0,30.0 136.0,"), std::string::npos) << chart;
  EXPECT_EQ(robustness_chart(some_result(), robustness_figures(4)[0], HarmedPart::kFeatures), "");
}

TEST(RobustnessPage, DrawsWhatDoesNotChange) {
  RobustnessResult result = some_result();
  result.clean->ece = 0;
  for (RobustnessPoint& point : result.curves[0].points) point.ece = 0;
  result.curves.resize(1);
  const std::string chart =
      robustness_chart(result, robustness_figures(4)[2], HarmedPart::kPictures);
  EXPECT_EQ(chart.find("nan"), std::string::npos);
  EXPECT_EQ(chart.find("inf"), std::string::npos);
}

}  // namespace
}  // namespace vqalign

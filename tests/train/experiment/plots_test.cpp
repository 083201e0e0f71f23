#include "vqalign/train/experiment/plots.h"

#include <cmath>

#include "experiment_fixture.h"
#include "vqalign/train/report_svg.h"

namespace vqalign {
namespace {

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(AxisTicks, CoverTheRangeInRoundSteps) {
  const double ranges[][2] = {{96.1, 97.3},
                              {0, 1},
                              {-3, 5},
                              {0.0123, 0.0131},
                              {0, 2368788},
                              {50, 50},
                              {2368788, 2368788 + 5e-10},
                              {0, 0},
                              {2368788, 2386740},
                              {99.999, 100},
                              {-1e-9, 1e-9}};
  for (const auto& [low, high] : ranges) {
    const std::vector<double> ticks = detail::axis_ticks(low, high);
    ASSERT_GE(ticks.size(), 3u) << low << " " << high;
    EXPECT_LE(ticks.size(), 14u) << low << " " << high;
    const double step = ticks[1] - ticks[0];
    EXPECT_LE(ticks.front(), low + 1e-6 * step);
    EXPECT_GE(ticks.back(), high - 1e-6 * step);
    const double lead = step / std::pow(10, std::floor(std::log10(step) + 1e-9));
    const bool round =
        std::abs(lead - 1) < 1e-6 || std::abs(lead - 2) < 1e-6 || std::abs(lead - 5) < 1e-6;
    EXPECT_TRUE(round) << low << " " << high << " " << step;
  }
}

class PlotsTest : public ExperimentTest {};

TEST_F(PlotsTest, ADotASeedAMarkAndABarASetting) {
  const ExperimentSpec spec = three_settings(3);
  const auto plans = planned_runs(spec, folder_ / "out");
  const QuestionVerdicts one{{1}, {1}, {0.5}, {1}, {0.1}};
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].setting != "b") finish(plans[i], one, 50 + static_cast<double>(i));
  }
  const ExperimentSummary summary =
      summarise_experiment(spec, plans, {.replicates = 100, .check = {}});
  const std::string svg = figure_plot(experiment_figures()[0], summary);
  EXPECT_TRUE(svg.starts_with("<svg ")) << svg;
  EXPECT_EQ(occurrences(svg, "class=\"plot-dot\""), 6u);
  EXPECT_EQ(occurrences(svg, "class=\"plot-mean\""), 2u);
  EXPECT_EQ(occurrences(svg, "class=\"plot-interval\""), 2u);
  EXPECT_NE(svg.find("seed 3: 57.00"), std::string::npos) << svg;
  const std::string page = results_page({&spec, {.check = {}}}, summary);
  EXPECT_EQ(occurrences(page, "<svg "), 4u) << "accuracy, PAvPU, ECE, parameters";
  EXPECT_EQ(occurrences(page, "http"),
            occurrences(page, "http-equiv") + occurrences(page, "http://www.w3.org/2000/svg"))
      << "nothing is fetched";
  EXPECT_NE(page.find("href=\"runs/a-2/\""), std::string::npos);
}

TEST_F(PlotsTest, TheLongestNameHasRoom) {
  const std::string name(40, 'M');
  const ExperimentSpec spec = this->spec(R"({"data": {"scenes": {"train": 8, "val": 8}},
      "base": ")" + name + R"(", "settings": [{"name": ")" +
                                         name + R"("}], "seeds": [1]})");
  const auto plans = planned_runs(spec, folder_ / "out");
  finish(plans[0], {{1}, {1}, {0.5}, {1}, {0.1}}, 50);
  const ExperimentSummary summary =
      summarise_experiment(spec, plans, {.replicates = 100, .check = {}});
  const std::string svg = figure_plot(experiment_figures()[0], summary);
  // It ends twelve left of the axis, of which the title shows the place.
  EXPECT_NE(svg.find("x=\"312.0\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("x=\"300.0\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("viewBox=\"0 0 902 "), std::string::npos) << svg;
}

}  // namespace
}  // namespace vqalign

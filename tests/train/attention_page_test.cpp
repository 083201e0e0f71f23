// Tables, CSV, JSON and the page of what was measured.
#include "vqalign/train/attention_page.h"

#include <gtest/gtest.h>

#include "attention_samples.h"
#include "vqalign/core/atomic_file.h"
#include "vqalign/train/attention_tables.h"

namespace vqalign {
namespace {

using Row = std::vector<std::string>;

std::string page_of(const AttentionReport& report) {
  const auto file = std::filesystem::path(testing::TempDir()) / "attention.html";
  write_attention_page(file, report);
  return read_file(file, 1 << 20);
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(AttentionTable, TellsSourcesAndBestHeads) {
  const TextTable table = attention_table(sample_attention_report(false).model);
  EXPECT_EQ(table.head, (Row{"ct<1>", "mass %", "by chance", "ratio", "hits %", "by chance",
                             "occlusion", "entropy"}));
  ASSERT_EQ(table.rows.size(), 5u);
  EXPECT_EQ(table.rows[0],
            (Row{"pooling", "50.0", "25.0", "2.00", "66.7", "41.7", "0.750", "0.650"}));
  EXPECT_EQ(table.rows[3][0], "image_self:0:1");
  EXPECT_EQ(table.rows[3][3], "3.00");
}

TEST(AttentionTable, LeavesOutWhatWasNotMeasured) {
  AttentionReport report = sample_attention_report(true);
  for (MeasuredModel* model : {&report.model, &*report.against}) {
    for (AttentionQuality::Values& subject : model->quality.subjects) {
      for (std::size_t i = 0; i < 5; ++i) subject[i].assign(4, kNoValue);
    }
    model->quality.without_labels = 3;
    model->quality.occluded = 0;
    model->means = attention_means(model->quality);
  }
  report.differences =
      attention_differences(report.model.quality, report.against->quality, {.replicates = 100});
  EXPECT_EQ(attention_table(report.model).head, (Row{"ct<1>", "entropy"}));
  EXPECT_EQ(attention_table(report.model).rows.size(), 3u);
  EXPECT_EQ(attention_differences_table(report).head, (Row{"against base", "entropy", "MMD"}));
  EXPECT_NE(attention_notes(report)[1].find("pointing is left out"), std::string::npos);
  const std::string page = page_of(report);
  EXPECT_EQ(page.find("<h2>Pointing"), std::string::npos);
  EXPECT_NE(page.find("<h2>Heads: entropy"), std::string::npos);
}

TEST(AttentionTable, OfDifferencesHasIntervals) {
  const TextTable table = attention_differences_table(sample_attention_report(true));
  EXPECT_EQ(table.rows[0], (Row{"pooling", "+0.0 (+0.0 to +0.0)", "+0.0 (+0.0 to +0.0)",
                                "+0.000 (+0.000 to +0.000)", "+0.000 (+0.000 to +0.000)", "-"}));
  EXPECT_TRUE(attention_differences_table(sample_attention_report(false)).rows.empty());
}

TEST(AttentionHeads, AreToldByLayer) {
  const AttentionMeans means = sample_attention_report(false).model.means;
  const auto rows = head_rows(means, head_grids()[0]);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].layer, "image_self, layer 0");
  EXPECT_DOUBLE_EQ(rows[0].heads[1].second, 3);
  EXPECT_EQ(head_rows(means, head_grids()[2]).size(), 3u);
}

TEST(AttentionCsv, HasARowAQuestionAndModel) {
  const std::string text = attention_csv(sample_attention_report(true));
  EXPECT_EQ(count_of(text, "\n"), 9u);
  EXPECT_TRUE(text.starts_with("question_id,model,pooling_mass,pooling_mass_by_chance,"));
  EXPECT_NE(text.find("\n13,ct<1>,,,,,,0.700000,,"), std::string::npos) << text;
  EXPECT_NE(text.find("\n11,base,0.250000,0.250000,1.000000,0.500000,0.750000,0.500000,"),
            std::string::npos);
}

TEST(AttentionJson, HasEveryFigure) {
  const Json json = attention_json(sample_attention_report(true));
  EXPECT_EQ(json.at("model").at("pointed").as_int(), 3);
  const Json& best = json.at("model").at("subjects").as_array()[5];
  EXPECT_EQ(best.at("family").as_string(), "image_self");
  EXPECT_EQ(best.at("head").as_int(), 1);
  EXPECT_DOUBLE_EQ(best.at("ratio").as_double(), 3);
  EXPECT_EQ(best.at("mass").at("questions").as_int(), 3);
  EXPECT_TRUE(best.at("agreement").at("half_width").is_null());
  EXPECT_EQ(json.at("model").at("subjects").as_array()[3].find("mass"), nullptr);
  EXPECT_EQ(json.at("differences").as_array()[0].at("hit").at("low").as_double(), 0);
  EXPECT_EQ(attention_json(sample_attention_report(false)).find("against"), nullptr);
}

TEST(AttentionPage, ShowsBothModels) {
  const AttentionReport report = sample_attention_report(true);
  const std::string page = page_of(report);
  EXPECT_EQ(count_of(page, "<table>"), 3u);
  // Mass and hits, and three grids, of each.
  EXPECT_EQ(count_of(page, "<svg"), 10u);
  EXPECT_EQ(count_of(page, "</svg>"), 10u);
  EXPECT_EQ(page.find("ct<1>"), std::string::npos);
  EXPECT_NE(page.find("fill-opacity=\"0.600\""), std::string::npos);
  EXPECT_EQ(page, page_of(report));
  EXPECT_EQ(count_of(page_of(sample_attention_report(false)), "<svg"), 5u);
}

}  // namespace
}  // namespace vqalign

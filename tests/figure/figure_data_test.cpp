// The numbers behind each view, as JSON and CSV, and the model's hash.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sample_evidence.h"
#include "vqalign/core/error.h"
#include "vqalign/figure/write_figure.h"

namespace vqalign::test {
namespace {

std::vector<std::string> lines_of(const std::string& csv) {
  std::vector<std::string> lines;
  std::istringstream stream(csv);
  for (std::string line; std::getline(stream, line);) {
    EXPECT_TRUE(line.ends_with('\r'));
    line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

TEST(FigureJson, MatrixHoldsTheMap) {
  const FigureSubject subject = sample_subject();
  const Json json =
      figure_json(subject, {.view = "matrix", .family = "guided", .layer = 0, .head = "2"});
  const Json& map = json.at("map");
  EXPECT_EQ(map.at("family").as_string(), "guided");
  EXPECT_EQ(map.at("layer").as_int(), 0);
  EXPECT_EQ(map.at("head").as_int(), 2);
  EXPECT_TRUE(map.at("rows_are_shares").as_bool());
  EXPECT_EQ(map.at("queries").dump(), "[0,1,3,4,5,7]");
  EXPECT_EQ(map.at("keys").dump(), R"(["word","word","word","word"])");
  const AttentionMap& wanted = subject.inspection.map({AttentionFamily::kGuided, 0, 2});
  const auto& rows = map.at("weights").as_array();
  ASSERT_EQ(rows.size(), 6u);
  for (std::size_t row = 0; row < 6; ++row) {
    double sum = 0;
    ASSERT_EQ(rows[row].as_array().size(), 4u);
    for (std::size_t key = 0; key < 4; ++key) {
      const double weight = rows[row].as_array()[key].as_double();
      EXPECT_NEAR(weight, wanted.weights[row * 4 + key], 1e-6);
      sum += weight;
    }
    EXPECT_NEAR(sum, 1, 1e-5);
  }
  EXPECT_EQ(json.find("heads"), nullptr);
  const Json largest = figure_json(subject, {.view = "matrix", .head = "max"});
  EXPECT_EQ(largest.at("map").at("head").as_string(), "max");
  EXPECT_FALSE(largest.at("map").at("rows_are_shares").as_bool());
}

TEST(FigureJson, HeadsHoldEveryHeadInItsOrder) {
  FigureSubject subject = sample_subject();
  for (std::size_t i = 0; i < subject.inspection.statistics.size(); ++i) {
    subject.inspection.statistics[i].peak = i == 7 ? 0.9 : 0.1;
  }
  const Json json = figure_json(subject, {.view = "heads", .statistic = "peak", .sorted = true});
  const auto& heads = json.at("heads").as_array();
  ASSERT_EQ(heads.size(), 18u);
  const Json& first = heads[0];  // of three families of two layers of three heads, the eighth
  EXPECT_EQ(first.at("family").as_string(), "image_self");
  EXPECT_EQ(first.at("layer").as_int(), 0);
  EXPECT_EQ(first.at("head").as_int(), 1);
  EXPECT_DOUBLE_EQ(first.at("peak").as_double(), 0.9);
  EXPECT_EQ(first.at("weights").as_array().size(), 6u);
  EXPECT_EQ(json.find("map"), nullptr);
  const Json paper = figure_json(subject, {.view = "paper", .family = "guided"});
  EXPECT_EQ(paper.at("heads").as_array().size(), 6u);
  EXPECT_EQ(paper.at("map").at("family").as_string(), "guided");
}

TEST(FigureJson, TellsWhatTheWeightsAreAndWhatWasTakenAway) {
  FigureSubject subject = sample_subject();
  subject.inspection.edits = {{{AttentionFamily::kGuided, 1, 0}}, {1}, {2}};
  const Json json = figure_json(subject, {.weights = "attention", .reading = "given", .region = 3});
  EXPECT_EQ(json.at("subject").dump(), R"({"region":3})");
  EXPECT_EQ(json.at("weights_of").at("regions").at("of").as_string(), "what region 3 gives");
  EXPECT_NE(json.at("weights_of").at("words").at("detail").as_string().find("guided attention"),
            std::string::npos);
  EXPECT_EQ(json.at("edits").dump(),
            R"({"silence":["guided:1:0"],"drop_words":[1],"drop_regions":[2]})");
  EXPECT_EQ(json.at("model_sha256").as_string(), "0123abcd");
  EXPECT_EQ(json.at("figure").at("reading").as_string(), "given");
  const AttentionMap map =
      subject.inspection.aggregated(AttentionFamily::kGuided, 1, HeadAggregate::kMean);
  const auto& words = json.at("word_weights").as_array();
  for (std::size_t i = 0; i < 4; ++i) {  // region 3 is the third that was seen
    EXPECT_NEAR(words[subject.inspection.read_words[i]].as_double(), map.at(2, int64_t(i)), 1e-6);
  }
  EXPECT_TRUE(figure_json(subject, {}).at("subject").is_null());
}

TEST(FigureCsv, MatrixHasARowAWeight) {
  FigureSubject subject = sample_subject();
  subject.inspection.evidence.words[0].text = "a \"b\"";
  const auto lines = lines_of(figure_csv(subject, {.view = "matrix", .layer = 1, .head = "0"}));
  ASSERT_EQ(lines.size(), 1u + 6 * 4);
  EXPECT_EQ(lines[0], "query_index,query,key_index,key,weight");
  EXPECT_TRUE(lines[1].starts_with("0,0,0,\"a \"\"b\"\"\",0.")) << lines[1];
  const AttentionMap& map = subject.inspection.map({AttentionFamily::kGuided, 1, 0});
  const auto& read = subject.inspection.read_words;
  const auto& seen = subject.inspection.seen_regions;
  for (std::size_t i = 0; i < 24; ++i) {
    const auto cells = cells_of(lines[i + 1]);
    ASSERT_EQ(cells.size(), 5u);
    EXPECT_EQ(std::stoul(cells[0]), seen[i / 4]);
    EXPECT_EQ(std::stoul(cells[2]), read[i % 4]);
    EXPECT_NEAR(std::stod(cells[4]), map.weights[i], 1e-6);
  }
}

TEST(FigureCsv, HeadsHaveARowEach) {
  FigureSubject subject = sample_subject();
  subject.inspection.edits.silenced = {{AttentionFamily::kGuided, 1, 1}};
  const auto lines = lines_of(figure_csv(subject, {.view = "heads", .family = "guided"}));
  ASSERT_EQ(lines.size(), 1u + 6);
  EXPECT_EQ(lines[0], "family,layer,head,entropy,peak,alignment,silenced");
  const auto cells = cells_of(lines[5]);
  EXPECT_EQ(cells[0], "guided");
  EXPECT_EQ(cells[1], "1");
  EXPECT_EQ(cells[2], "1");
  const HeadStatistics& wanted = subject.inspection.statistics_of({AttentionFamily::kGuided, 1, 1});
  EXPECT_NEAR(std::stod(cells[3]), wanted.entropy, 1e-6);
  EXPECT_NEAR(std::stod(cells[4]), wanted.peak, 1e-6);
  EXPECT_EQ(cells[6], "1");
  EXPECT_EQ(cells_of(lines[4])[6], "0");
}

TEST(FigureCsv, TheOthersTellTheWeightsThatAreShown) {
  FigureSubject subject = sample_subject();
  subject.relevance = TokenScores{{}, {}};
  subject.relevance->words.assign(subject.inspection.evidence.words.size(), 0.0);
  subject.relevance->regions.assign(subject.inspection.evidence.regions.size(), 0.0);
  subject.relevance->words[2] = 0.25;
  subject.relevance->regions[4] = 0.75;
  const auto lines = lines_of(figure_csv(subject, {.weights = "relevance"}));
  EXPECT_EQ(lines[6 + 2], "word,3,\"word\",0.250000,,,,,,,");
  EXPECT_EQ(lines[6 + 1], "word,2,\"dropped\",0.000000,,,dropped,,,,");
  const std::string& first_region = lines[6 + subject.inspection.evidence.words.size()];
  EXPECT_TRUE(first_region.starts_with("region,1,4,0.750000,")) << first_region;
}

}  // namespace
}  // namespace vqalign::test

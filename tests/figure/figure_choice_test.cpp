#include "vqalign/figure/figure_choice.h"

#include <gtest/gtest.h>

#include "tests/inspect/sample_inspection.h"
#include "vqalign/core/error.h"

namespace vqalign::test {
namespace {

/// Words at places 0, 2, 3, 5 are read and 1, 4 are dropped; so it is with regions 2 and 6.
Inspection four_words() {
  Inspection inspection = sample_inspection(3, 4, 4, 6);
  const char* texts[] = {"is", "the", "Blue", "blue"};
  for (std::size_t i = 0; i < 4; ++i) {
    inspection.evidence.words[inspection.read_words[i]].text = texts[i];
  }
  inspection.evidence.answers = {{"yes", 0.9, 0, 0}, {"no", 0.1, 0, 0}};
  return inspection;
}

template <typename Call>
std::string complaint(Call call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no complaint";
}

std::string weights_complaint(FigureOptions options) {
  options.weights = "attention";
  return complaint([&] { weight_choice(options, four_words()); });
}

TEST(FigureChoice, EditsComeFromTheLists) {
  const Edits edits = figure_edits({.silence = {"guided:0:3", "image_self:1:2"},
                                    .drop_words = {"0", "4"},
                                    .drop_regions = {"7"}});
  EXPECT_EQ(edits.silenced, (std::vector<HeadSite>{{AttentionFamily::kGuided, 0, 3},
                                                   {AttentionFamily::kImageSelf, 1, 2}}));
  EXPECT_EQ(edits.dropped_words, (std::vector<std::size_t>{0, 4}));
  EXPECT_EQ(edits.dropped_regions, (std::vector<std::size_t>{7}));
  EXPECT_TRUE(figure_edits({}).empty());
}

TEST(FigureChoice, WordsBySpellingOrPlaceAndRegionsBeforeThem) {
  const Inspection inspection = four_words();
  const auto subject = [&](FigureOptions options) {
    options.weights = "attention";
    return weight_choice(options, inspection).subject;
  };
  EXPECT_EQ(subject({}), std::nullopt);
  EXPECT_EQ(subject({.word = "the"}), (Token{true, inspection.read_words[1]}));
  EXPECT_EQ(subject({.word = "BLUE"}), (Token{true, inspection.read_words[2]}));  // the first
  EXPECT_EQ(subject({.word = concat("#", inspection.read_words[3])}),
            (Token{true, inspection.read_words[3]}));
  EXPECT_EQ(subject({.word = "the", .region = 3}), (Token{false, 3}));
}

TEST(FigureChoice, LayerHeadReadingAndAnswer) {
  const Inspection inspection = four_words();
  EXPECT_EQ(map_choice({}, inspection), (MapChoice{-1, MapChoice::kMean}));
  EXPECT_EQ(map_choice({.layer = 2, .head = "3"}, inspection), (MapChoice{2, 3}));
  EXPECT_EQ(map_choice({.head = "max"}, inspection).head, MapChoice::kMax);
  EXPECT_THROW(map_choice({}, inspection, AttentionFamily::kQuestionPretrained), UsageError);
  EXPECT_EQ(weight_choice({.weights = "attention", .reading = "given"}, inspection).reading,
            Reading::kGiven);
  EXPECT_EQ(weight_choice({.weights = "relevance"}, inspection).answer, "yes");
  EXPECT_EQ(weight_choice({.weights = "relevance", .answer = "no"}, inspection).answer, "no");
  EXPECT_EQ(weight_choice({.weights = "rollout"}, inspection).source, WeightSource::kRollout);
  EXPECT_EQ(weight_choice({}, Inspection()).source, WeightSource::kPooling);
}

TEST(FigureChoice, LayersAndHeadsOfAPretrainedEncoderAreItsOwn) {
  const Inspection inspection = sample_inspection(3, 4, 4, 6, false, {5, 2});
  const auto own = AttentionFamily::kQuestionPretrained;
  const FigureOptions last{
      .weights = "attention", .family = "question_pretrained", .layer = 4, .head = "1"};
  EXPECT_EQ(map_choice(last, inspection, own), (MapChoice{4, 1}));
  EXPECT_EQ(weight_choice(last, inspection).map, MapChoice());  // regions have no such heads
  EXPECT_THROW(map_choice({.layer = 5}, inspection, own), UsageError);
  EXPECT_THROW(map_choice({.head = "2"}, inspection, own), UsageError);
  EXPECT_THROW(map_choice(last, inspection), UsageError);
}

TEST(FigureChoice, FamilyOfHeadsAndMatrix) {
  EXPECT_EQ(matrix_family({}), AttentionFamily::kGuided);
  EXPECT_EQ(matrix_family({.family = "image_self"}), AttentionFamily::kImageSelf);
  EXPECT_EQ(heads_view({}).families.size(), kAllFamilies.size());
  EXPECT_EQ(heads_view({.family = "guided"}).families,
            (std::vector<AttentionFamily>{AttentionFamily::kGuided}));
  EXPECT_EQ(heads_view({.statistic = "peak"}).statistic, HeadStatistic::kPeak);
  EXPECT_TRUE(heads_view({.sorted = true}).sorted);
}

TEST(FigureChoice, SaysWhatIsWrongAndWhatIsAllowed) {
  EXPECT_EQ(weights_complaint({.layer = 3}),
            "figure.layer is 3, allowed is -1 to 2: the model has 3 layers");
  EXPECT_EQ(weights_complaint({.head = "4"}),
            "figure.head is 4, allowed is mean, max or 0 to 3: a layer has 4 heads");
  for (const char* head : {"", "most", "-1", "1x", "99999999999999999999"}) {
    EXPECT_NE(weights_complaint({.head = head}).find("allowed is mean, max or a head's number"),
              std::string::npos)
        << head;
  }
  EXPECT_EQ(weights_complaint({.word = "red"}),
            "figure.word is \"red\", the words that were read are: is (#0), the (#2), Blue (#3), "
            "blue (#5)");
  for (const char* word : {"#1", "#99", "#", "#x", "dropped"}) {
    EXPECT_NE(weights_complaint({.word = word}).find("the words that were read are"),
              std::string::npos)
        << word;
  }
  EXPECT_EQ(weights_complaint({.region = 2}), "figure.region is 2, which is dropped");
  EXPECT_EQ(weights_complaint({.region = 8}),
            "figure.region is 8, allowed is -1 to 7: the picture has 8 regions");
}

TEST(FigureChoice, ListsAreCheckedBeforeAnyModelIsLoaded) {
  EXPECT_EQ(complaint([] { check_figure_options({}); }), "no complaint");
  for (const FigureOptions& options :
       {FigureOptions{.head = "x"}, FigureOptions{.silence = {"guided:0"}},
        FigureOptions{.silence = {"sideways:0:0"}}, FigureOptions{.drop_words = {"blue"}},
        FigureOptions{.drop_regions = {"-1"}}}) {
    EXPECT_NE(complaint([&] { check_figure_options(options); }).find("figure."), std::string::npos);
  }
}

}  // namespace
}  // namespace vqalign::test

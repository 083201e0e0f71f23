#include "vqalign/inspect/evidence.h"

#include <gtest/gtest.h>

#include "vqalign/inspect/answerer.h"

namespace vqalign::test {
namespace {

/// An AnswerSource as a window's tests would write it.
class FixedAnswer : public AnswerSource {
 public:
  AnswerEvidence ask(const std::filesystem::path& picture, const std::string& question,
                     const AskOptions& options) override {
    AnswerEvidence evidence;
    evidence.question = question;
    evidence.picture = picture.string();
    evidence.passes = options.passes;
    evidence.answers = {{"yes", 0.123456789, 0.5, 0.25}, {"no", 0.1, 0, 0}};
    evidence.words = {
        {"is", true, false, 0.75}, {"zorp", false, false, 0.25}, {"x", true, true, 0}};
    evidence.regions = {{0, 0, 4, 4, 0.2}, {4, 0, 8, 4, 0.5}, {0, 4, 4, 6, 0.2}, {4, 4, 8, 6, 0.1}};
    return evidence;
  }
  Inspection inspect(const std::filesystem::path& picture, const std::string& question,
                     const Edits& edits, const AskOptions& options) override {
    return {ask(picture, question, options), edits};
  }
  TokenScores relevance(const std::filesystem::path&, const std::string&, const Edits&,
                        const std::string&) override {
    return {};
  }
  PassWeights weights_over_passes(const std::filesystem::path&, const std::string&, const Edits&,
                                  const WeightChoice&, const AskOptions&) override {
    return {};
  }
  std::vector<double> head_effects(const std::filesystem::path&, const std::string&, const Edits&,
                                   const std::string&, const CancelToken*) override {
    return {};
  }
  ModelCard card() const override { return {}; }
};

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.as_object()) names.push_back(name);
  return names;
}

TEST(Evidence, TopRegionsAreTheLargestFirst) {
  const AnswerEvidence evidence = FixedAnswer().ask("p.png", "is zorp x", {});
  EXPECT_EQ(top_regions(evidence, 3), (std::vector<std::size_t>{1, 0, 2}));
  EXPECT_EQ(top_regions(evidence, 99).size(), 4u);
  EXPECT_TRUE(top_regions(evidence, 0).empty());
  EXPECT_TRUE(top_regions({}, 3).empty());
}

TEST(Evidence, LabelsStandWhereTheyAreKnown) {
  AnswerEvidence evidence = FixedAnswer().ask("p.png", "is zorp x", {});
  EXPECT_EQ(label_text(evidence.regions[1]), "");
  EXPECT_EQ(region_name(evidence, 1), "1");
  EXPECT_EQ(keys(evidence_json(evidence, 1).at("regions").as_array()[0]),
            (std::vector<std::string>{"region", "box", "weight"}));
  evidence.regions[1].label = "traffic light";
  evidence.regions[1].score = 0.87654321;
  EXPECT_EQ(label_text(evidence.regions[1]), "traffic light 0.88");
  EXPECT_EQ(region_name(evidence, 1), "1 traffic light 0.88");
  const Json json = evidence_json(evidence, 2);
  EXPECT_EQ(json.at("regions").as_array()[0].at("label"), "traffic light");
  EXPECT_EQ(json.at("regions").as_array()[0].at("score").as_double(), 0.876543);
  EXPECT_EQ(json.at("regions").as_array()[1].find("label"), nullptr);
}

TEST(Evidence, JsonHoldsTheContractsMembers) {
  const AnswerEvidence evidence = FixedAnswer().ask("p.png", "is zorp x", {});
  const Json json = evidence_json(evidence, 2);
  EXPECT_EQ(json.at("question"), "is zorp x");
  EXPECT_EQ(json.at("words").dump(), R"(["is","zorp","x"])");
  EXPECT_EQ(json.at("word_weights").dump(), "[0.75,0.25,0.0]");
  EXPECT_EQ(json.at("unknown_words").dump(), R"(["zorp"])");
  EXPECT_EQ(json.at("cut_words").dump(), R"(["x"])");
  EXPECT_EQ(json.at("answers").as_array()[0].dump(),
            R"({"answer":"yes","probability":0.123457,"prior":0.5})");
  EXPECT_EQ(
      json.at("regions").dump(),
      R"([{"region":1,"box":[4.0,0.0,8.0,4.0],"weight":0.5},{"region":0,"box":[0.0,0.0,4.0,4.0],)"
      R"("weight":0.2}])");
  EXPECT_TRUE(json.at("in_domain").is_null());
  EXPECT_EQ(json.find("certain"), nullptr);
  EXPECT_EQ(json.find("p_value"), nullptr);
}

TEST(Evidence, JsonOfPassesHasSpreadsAndCertainty) {
  AnswerEvidence evidence = FixedAnswer().ask("p.png", "is zorp x", {.passes = 9});
  evidence.certainty = Certainty{true, 0.01, "yes", "no"};
  evidence.in_domain = false;
  const Json json = evidence_json(evidence, 2);
  EXPECT_EQ(keys(json.at("answers").as_array()[0]),
            (std::vector<std::string>{"answer", "probability", "prior", "spread"}));
  EXPECT_EQ(json.at("answers").as_array()[0].at("spread").as_double(), 0.25);
  EXPECT_EQ(json.at("passes").as_int(), 9);
  EXPECT_TRUE(json.at("certain").as_bool());
  EXPECT_EQ(json.at("p_value").as_double(), 0.01);
  EXPECT_FALSE(json.at("in_domain").as_bool());
}

TEST(Evidence, CertaintyInPlainWords) {
  AnswerEvidence evidence = FixedAnswer().ask("p.png", "is zorp x", {.passes = 20});
  EXPECT_EQ(certainty_text(evidence), "");
  const auto text = [&](bool certain, double p_value) {
    evidence.certainty = Certainty{certain, p_value, "yes", "no"};
    return certainty_text(evidence);
  };
  EXPECT_EQ(text(true, 0), "certain: over 20 passes \"yes\" stays ahead of \"no\" (p < 0.001)");
  EXPECT_EQ(text(true, 0.001), "certain: over 20 passes \"yes\" stays ahead of \"no\" (p = 0.001)");
  EXPECT_EQ(text(false, 0.0512),
            "not certain: over 20 passes \"yes\" and \"no\" are not told apart (p = 0.051)");
  EXPECT_EQ(text(false, 0.31),
            "not certain: over 20 passes \"yes\" and \"no\" are not told apart (p = 0.31)");
  EXPECT_EQ(evidence_json(evidence, 1).at("certainty").as_string(), certainty_text(evidence));
  evidence.certainty->told = false;
  EXPECT_EQ(certainty_text(evidence),
            "certain or not: the model has no dropout, so its 20 passes are alike and cannot tell");
  evidence.certainty = Certainty{false, 1, "yes", std::nullopt, false};
  EXPECT_EQ(certainty_text(evidence),
            "certain or not: the model knows no answer but \"yes\", so its 20 passes have none to "
            "compare it with");
}

TEST(Evidence, JsonTellsWeightsOverPasses) {
  AnswerEvidence evidence = FixedAnswer().ask("p.png", "is zorp x", {.passes = 9});
  EXPECT_EQ(evidence_json(evidence, 1).find("word_means"), nullptr);
  evidence.over_passes =
      PassWeights{{{0.5, 0.5, 0}, {0.1, 0.4, 0.3, 0.2}}, {{0.1234567, 0, 0}, {0, 0.05, 0, 0}}};
  const Json json = evidence_json(evidence, 1);
  EXPECT_EQ(json.at("word_means").dump(), "[0.5,0.5,0.0]");
  EXPECT_EQ(json.at("word_spreads").dump(), "[0.123457,0.0,0.0]");
  const Json& region = json.at("regions").as_array()[0];
  EXPECT_EQ(region.at("mean").as_double(), 0.4);
  EXPECT_EQ(region.at("spread").as_double(), 0.05);
}

TEST(ValidUtf8, ReplacesWhatIsNone) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(valid_utf8(""), "");
  EXPECT_EQ(valid_utf8("colour \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "colour \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  EXPECT_EQ(valid_utf8("a\x80z"), "a" + mark + "z");                     // lone continuation
  EXPECT_EQ(valid_utf8("\xC3"), mark);                                   // cut short
  EXPECT_EQ(valid_utf8("\xC0\x80"), mark + mark);                        // overlong
  EXPECT_EQ(valid_utf8("\xE0\x80\x80"), mark + mark + mark);             // overlong
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), mark + mark + mark);             // surrogate
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), mark + mark + mark + mark);  // beyond Unicode
  EXPECT_EQ(valid_utf8("\xF0\x8F\xBF\xBF"), mark + mark + mark + mark);  // overlong
  EXPECT_EQ(valid_utf8("\xE2\x82"
                       "a"),
            mark + mark + "a");
}

}  // namespace
}  // namespace vqalign::test

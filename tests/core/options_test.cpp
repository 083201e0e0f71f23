#include "vqalign/core/options.h"

#include <gtest/gtest.h>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

struct Sample {
  bool flag = false;
  int64_t layers = 6;
  double rate = 0.1;
  std::string kind = "ct";
  std::vector<std::string> families = {"a"};

  OptionTree tree() {
    return {{"model",
             {{.name = "flag", .target = &flag, .help = "a flag"},
              {.name = "layers", .target = &layers, .help = "layers", .minimum = 1, .maximum = 64},
              {.name = "rate", .target = &rate, .help = "a rate", .minimum = 0}}},
            {"align",
             {{.name = "kind", .target = &kind, .help = "a kind", .choices = {"ct", "gan"}},
              {.name = "families",
               .target = &families,
               .help = "families",
               .choices = {"a", "b", "c"}}}}};
  }
};

std::string usage_error(const std::function<void()>& action, std::string* hint = nullptr) {
  try {
    action();
  } catch (const UsageError& error) {
    if (hint) *hint = error.hint();
    return error.what();
  }
  return {};
}

TEST(Options, AssignmentsReachTheStruct) {
  Sample sample;
  const OptionTree tree = sample.tree();
  set_option(tree, "model.flag=true");
  set_option(tree, "model.layers=4");
  set_option(tree, "model.rate=2.5e-4");
  set_option(tree, "align.kind=gan");
  set_option(tree, "align.families=b,c");
  EXPECT_TRUE(sample.flag);
  EXPECT_EQ(sample.layers, 4);
  EXPECT_DOUBLE_EQ(sample.rate, 2.5e-4);
  EXPECT_EQ(sample.kind, "gan");
  EXPECT_EQ(sample.families, (std::vector<std::string>{"b", "c"}));
  set_option(tree, "align.families=");
  EXPECT_TRUE(sample.families.empty());
}

TEST(Options, WhatIsThereTwiceContradictsItself) {
  Sample sample;
  for (const char* twice : {R"({"align": {"kind": "ct", "kind": "gan"}})",
                            R"({"align": {"kind": "ct"}, "align": {"kind": "gan"}})"}) {
    EXPECT_EQ(usage_error([&] { options_from_json(sample.tree(), Json::parse(twice), "F"); }),
              "F: align.kind is there twice");
  }
}

TEST(Options, UnknownKeysNameTheNearest) {
  Sample sample;
  std::string hint;
  const std::string error = usage_error([&] { set_option(sample.tree(), "model.layer=4"); }, &hint);
  EXPECT_NE(error.find("model.layer"), std::string::npos);
  EXPECT_NE(hint.find("model.layers"), std::string::npos);
}

TEST(Options, WrongValuesAreRefusedAndChangeNothing) {
  Sample sample;
  const OptionTree tree = sample.tree();
  for (const char* wrong :
       {"model.layers=0", "model.layers=65", "model.layers=4.5", "model.layers=", "model.layers",
        "model.rate=-1", "model.rate=many", "model.flag=maybe", "align.kind=ot",
        "align.families=a,d", "model.layers=99999999999999999999"}) {
    EXPECT_NE(usage_error([&] { set_option(tree, wrong); }), "") << wrong;
  }
  EXPECT_EQ(sample.layers, 6);
  EXPECT_EQ(sample.kind, "ct");
  EXPECT_EQ(usage_error([&] { set_option(tree, "model.layers=65"); }),
            "model.layers is 65, allowed is 1 to 64");
}

TEST(Options, JsonRoundTrip) {
  Sample sample, other;
  sample.layers = 3;
  sample.rate = 1.0 / 3.0;
  sample.families = {"c", "a"};
  options_from_json(other.tree(), Json::parse(options_to_json(sample.tree()).dump()), "test");
  EXPECT_EQ(other.layers, 3);
  EXPECT_EQ(other.rate, sample.rate);
  EXPECT_EQ(other.families, sample.families);
}

TEST(Options, JsonFaultsAreUsageErrorsThatNameTheFile) {
  Sample sample;
  for (const char* wrong :
       {R"({"model": {"layers": "6"}})", R"({"model": {"layers": 6.5}})", R"({"model": 3})",
        R"({"modle": {"layers": 6}})", R"({"align": {"families": "a"}})", R"([1])"}) {
    const std::string error =
        usage_error([&] { options_from_json(sample.tree(), Json::parse(wrong), "my.json"); });
    EXPECT_EQ(error.rfind("my.json", 0), 0u) << wrong << ": " << error;
  }
}

TEST(Options, HelpNamesDefaultsAndRanges) {
  Sample sample;
  const std::string help = options_help(sample.tree());
  EXPECT_NE(help.find("model.layers = 6"), std::string::npos);
  EXPECT_NE(help.find("(1 to 64)"), std::string::npos);
  EXPECT_NE(help.find("(ct, gan)"), std::string::npos);
}

TEST(Options, NearestName) {
  EXPECT_EQ(nearest_name("evla", {"eval", "train", "ask"}), "eval");
  EXPECT_EQ(nearest_name("x", {}), "");
}

}  // namespace
}  // namespace vqalign

#include "vqalign/core/json_difference.h"

#include <gtest/gtest.h>

namespace vqalign {
namespace {

/// "place: now, before" of the first difference, "-" for what is not there; empty for none.
std::string told(const char* now, const char* before) {
  const Json one = Json::parse(now), other = Json::parse(before);
  const auto found = first_difference(one, other);
  if (!found) return {};
  const auto shown = [](const Json* value) { return value ? value->dump() : std::string("-"); };
  return found->place + ": " + shown(found->now) + ", " + shown(found->before);
}

TEST(JsonDifference, IsTheFirstByTheOrderOfWhatIsNow) {
  EXPECT_EQ(told(R"({"a": 1, "b": {"c": [1, 2], "d": 3}})", R"({"a": 1, "b": {"c": [1], "d": 4}})"),
            "b.c: [1,2], [1]");
  EXPECT_EQ(told(R"({"x": {"b": 2}, "a": 3})", R"({"a": 4, "x": {"b": 1}})"), "x.b: 2, 1");
  EXPECT_EQ(told("3", "4"), ": 3, 4");
  EXPECT_EQ(told(R"({"a": {"b": 1}})", R"({"a": 7})"), "a: {\"b\":1}, 7");
}

TEST(JsonDifference, TellsWhatIsNewAndWhatIsGone) {
  EXPECT_EQ(told(R"({"a": {"b": 1, "c": null}})", R"({"a": {"b": 1}})"), "a.c: null, -");
  EXPECT_EQ(told(R"({"a": {"b": 1}})", R"({"a": {"c": 2, "b": 1}})"), "a.c: -, 2");
}

TEST(JsonDifference, IsNoneOfTheSameInAnotherOrder) {
  EXPECT_EQ(told(R"({"a": 1, "b": {"c": 2, "d": 3}})", R"({"b": {"d": 3, "c": 2}, "a": 1})"), "");
  EXPECT_EQ(told("{}", "{}"), "");
}

}  // namespace
}  // namespace vqalign

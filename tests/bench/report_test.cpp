#include "vqalign/bench/report.h"

#include <gtest/gtest.h>

namespace vqalign {
namespace {

Report example() {
  Report report("dropout", Json::object().set("threads", 2).set("rate", 0.1),
                {{"what", "what"}, {"seconds", "s", 3}, {"count", "numbers"}});
  report.add({"short", 0.12345678, 12});
  report.add({"a longer name", 12.0, 3456789});
  report.add({"nothing", nullptr, 0});
  return report;
}

TEST(Report, TextIsAlignedTextsLeftNumbersRight) {
  EXPECT_EQ(example().to_text(),
            "dropout: threads 2, rate 0.10\n"
            "what                s  numbers\n"
            "short           0.123       12\n"
            "a longer name  12.000  3456789\n"
            "nothing             -        0\n");
}

TEST(Report, JsonKeepsSixDigitsOfDoublesAndAllOfIntegers) {
  EXPECT_EQ(example().to_json().dump(),
            R"({"benchmark":"dropout","threads":2,"rate":0.1,"rows":[)"
            R"({"what":"short","seconds":0.123457,"count":12},)"
            R"({"what":"a longer name","seconds":12.0,"count":3456789},)"
            R"({"what":"nothing","seconds":null,"count":0}]})");
}

TEST(Report, WithoutSettingOrRows) {
  const Report report("norm", {}, {{"a", "heading"}});
  EXPECT_EQ(report.to_text(), "norm\nheading\n");
  EXPECT_EQ(report.to_json().dump(), R"({"benchmark":"norm","rows":[]})");
}

}  // namespace
}  // namespace vqalign

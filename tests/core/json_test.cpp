#include "vqalign/core/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

std::string parse_error(const std::string& text) {
  try {
    Json::parse(text, "file.json");
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(Json, ComesBackAsItWas) {
  const std::string text =
      R"({"a":[1,-2,2.5,true,false,null,"x"],"b":{"c":"é\n"},"big":9007199254740993})";
  EXPECT_EQ(Json::parse(text).dump(), text);
  EXPECT_EQ(Json::parse(Json::parse(text).dump(2)), Json::parse(text));
}

TEST(Json, DoublesAreExact) {
  double value = 0.1;
  for (int i = 0; i < 2000; ++i) {
    value = std::fmod(value * 1.37 + 1e-3 / (i + 1), 1e3);
    EXPECT_EQ(Json::parse(Json(value).dump()).as_double(), value);
  }
}

TEST(Json, NotANumberIsWrittenAsNull) {
  EXPECT_EQ(Json(std::nan("")).dump(), "null");
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).dump(), "null");
}

TEST(Json, ErrorsNameFileLineAndColumn) {
  EXPECT_NE(parse_error("{\n \"a\": [1,2}").find("file.json: line 2, column"), std::string::npos);
  EXPECT_FALSE(parse_error("").empty());
  EXPECT_FALSE(parse_error("{} {}").empty());
  EXPECT_FALSE(parse_error("{\"a\":").empty());
  EXPECT_FALSE(parse_error("\"\xff\"").empty());
  EXPECT_FALSE(parse_error("nul").empty());
}

TEST(Json, DeepNestingIsRefusedNotOverflowed) {
  EXPECT_NE(parse_error(std::string(100000, '[')).find("nested deeper"), std::string::npos);
  EXPECT_EQ(parse_error(std::string(150, '[') + std::string(150, ']')), "");
}

TEST(Json, TheLastOfTwoEqualKeysWins) {
  EXPECT_EQ(Json::parse(R"({"a":1,"a":2})").at("a").as_int(), 2);
}

TEST(Json, AccessorsNameThePlaceAndBothTypes) {
  const Json value = Json::parse(R"({"a":"text"})");
  try {
    value.at("a").as_int("f.json: a");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "f.json: a: expected a whole number, found a string");
  }
  EXPECT_THROW(value.at("b", "f.json"), Error);
  EXPECT_THROW(value.as_array(), Error);
  EXPECT_EQ(value.find("b"), nullptr);
}

TEST(Json, SetReplacesAndPushAppends) {
  Json object;
  object.set("a", 1).set("b", 2).set("a", 3);
  EXPECT_EQ(object.dump(), R"({"a":3,"b":2})");
  Json list;
  list.push(1).push("x");
  EXPECT_EQ(list.dump(), R"([1,"x"])");
}

TEST(Json, ReadJsonBoundsTheSize) {
  const auto path = std::filesystem::path(testing::TempDir()) / "json_test.json";
  write_json(path, Json::parse("[1,2,3]"));
  EXPECT_EQ(read_json(path).as_array().size(), 3u);
  EXPECT_THROW(read_json(path, 4), Error);
  std::filesystem::remove(path);
  EXPECT_THROW(read_json(path), Error);
  EXPECT_THROW(read_json(testing::TempDir()), Error);
}

}  // namespace
}  // namespace vqalign
